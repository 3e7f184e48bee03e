// `gridline-bench`: measures the numbers that docs/bench.md lists, each beside its reference in the same run.
//
// Started by `tools/bench`, which builds it, `gridline` and the raw reference. Prints the table on stdout, progress on
// stderr. Exit 0 measured, 1 failed or a row below half of its goal (--quick: 0 whatever the verdicts), 2 usage.

import ArgumentParser
import Foundation

enum Part: String, CaseIterable, ExpressibleByArgument {
    case append, views, replication, http, streets
}

@main
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gridline-bench", abstract: "Measures what docs/bench.md lists.")

    @Option(help: "The built raw reference.") var raw: String
    @Option(help: "The log's schema as SQL, for the raw reference.") var schema: String
    @Option(help: "The built gridline.") var gridline: String
    @Option(help: "A folder on the disk that is measured.") var folder: String
    @Option(help: "Measures this part alone; may be given more than once.") var row: [Part] = []
    @Option(help: "Writes the rows as JSON to a file.") var json: String?
    @Option(help: "Tickets of the log that views are made from.") var tickets = 100_000
    @Option(help: "Streets of the row streets.") var streets = 100
    @Option(help: "Events a second of each of them, up.") var streetRate = 25
    @Option(help: "Events a second for each of them, down: commands over HTTP.") var commandRate = 25
    @Option(help: "Commands of one HTTP request; 1 sends each by itself.") var commandBatch = 100
    @Flag(help: "Shows that all works in about a minute; the numbers mean little.") var quick = false
    @Flag(help: "Adds what takes long.") var long = false

    func run() throws {
        let report = Report()
        let folder = folder + "/gridline-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { print("\(folder) stays: \(error)") }
        }
        let bench = Bench(
            folder: folder, raw: raw, schema: schema, gridline: gridline, isQuick: quick, isLong: long,
            tickets: tickets, report: report)
        for part in row.isEmpty ? Part.allCases : row {
            switch part {
            case .append: try AppendRows(bench: bench).run()
            case .views: try ViewRows(bench: bench).run()
            case .replication: try ReplicationRows(bench: bench).run()
            case .http: try HTTPRow(bench: bench).run()
            case .streets:
                try StreetsRow(
                    bench: bench, streets: streets, rate: streetRate, commandRate: commandRate, batch: commandBatch
                ).run()
            }
        }
        print(report.table)
        if let json { try report.write(to: json) }
        guard report.failed.isEmpty || quick else {
            FileHandle.standardError.write(
                Data("below half of the goal in force: \(report.failed.joined(separator: "; "))\n".utf8))
            throw ExitCode.failure
        }
    }
}
