import ArgumentParser
import Events
import Log
import Projections

/// `gridline export`: the events as JSON lines, or a view as CSV, on stdout.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: said("Print events as JSON lines, or a view as CSV."))

    @Argument(help: said("The node's folder.")) var directory: String
    @Flag(help: said("All events, in the order of this log.")) var events = false
    @Option(help: said("A table of the views: tickets, conflicts, ticketCounts, poison.")) var view: String?
    @Option(help: said("Only positions above this one, with --events.")) var after: Int64 = 0

    func run() throws {
        switch (events, view) {
        case (true, nil): try exportEvents(SQLiteReader(path: NodeFolder(path: directory).log))
        case (false, let name?): try exportView(name, NodeFolder(path: directory))
        case (true, .some), (false, nil):
            throw CommandProblem(
                message: "name what to export", hint: "use either --events or --view NAME", isUsage: true)
        }
    }

    private func exportEvents(_ reader: SQLiteReader) throws {
        try reader.forEachPage(.all, above: after) { page in
            var lines: [UInt8] = []
            for stored in page { lines += stored.event.exportLine + [0x0A] }
            lines.removeLast()
            Output.line(lines)
        }
    }

    private func exportView(_ name: String, _ folder: NodeFolder) throws {
        let names = folder.viewSet.tableNames
        guard names.contains(name) else {
            throw CommandProblem(
                message: "there is no view \"\(name)\"", hint: "views are \(Words.list(names))", isUsage: true)
        }
        let views = try folder.openViews()
        try folder.runner(of: views).catchUp()
        try views.csv(of: name) { Output.line(Array($0.utf8)) }
    }
}
