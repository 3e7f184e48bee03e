import ArgumentParser
import Events
import Foundation
import Log
import Projections
import Server

/// `gridline replay`: rebuilds every view from the log, as it is or as it was, and compares digests.
struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Rebuild every view from the log and compare digests."))

    @Argument(help: said("The node's folder, or a log file made by `gridline backup`.")) var directory: String
    @Option(
        help: said(
            "Only what had happened by this time: 2026-11-23, 2026-11-23T14:05, both in the node's zone, or with Z or +08:00."
        )) var asOf: String?
    @Option(help: said("Only what this log had learned by this time, in the order of arrival.")) var knownAt: String?
    @Option(help: said("Keep the rebuilt views in this file.")) var into: String?
    @Flag(help: said("Print the certificates as JSON.")) var json = false

    func run() throws {
        let folder = try NodeFolder.orLogFile(directory)
        func instant(_ text: String, option: String) throws -> Timestamp {
            try Instant.parse(text, option: option, offsetMinutes: folder.configuration.utcOffsetMinutes)
        }
        let cut: Cut
        switch (asOf, knownAt) {
        case (nil, nil): cut = .everything
        case (let text?, nil): cut = .occurred(by: try instant(text, option: "--as-of"))
        case (nil, let text?):
            cut = try .known(by: instant(text, option: "--known-at"), in: SQLiteReader(path: folder.log))
        case (.some, .some):
            throw CommandProblem(
                message: "--as-of and --known-at together", hint: "use one of them", isUsage: true)
        }
        let started = ContinuousClock.now
        let (rebuilt, live) = try Replay.certificates(of: folder, cut, into: into)
        let milliseconds = Int64(started.duration(to: .now) / .milliseconds(1))
        Talk.line("replayed to position \(rebuilt.position) in \(milliseconds) ms")
        report(rebuilt, live: live)
        if let live, live.content != rebuilt.content {
            throw IntegrityProblem(
                table: "views", position: live.position,
                detail: "live content \(live.content), replayed \(rebuilt.content)")
        }
    }

    /// What the log gives, and beside a replay of everything what the live views hold, both of one position: a serving node
    /// goes on meanwhile.
    static func certificates(
        of folder: NodeFolder, _ cut: Cut, into: String?
    ) throws -> (rebuilt: ViewCertificate, live: ViewCertificate?) {
        guard cut == .everything, FileManager.default.fileExists(atPath: folder.views) else {
            return (try folder.replay(cut: cut, into: into), nil)
        }
        let views = try folder.openViews()
        try folder.runner(of: views).catchUp()
        let live = try views.certificate()
        return (try folder.replay(cut: .known(at: live.position), into: into), live)
    }

    private func report(_ rebuilt: ViewCertificate, live: ViewCertificate?) {
        if json {
            var object: JSONObject = ["replayed": rebuilt.json]
            object["live"] = live?.json
            Output.json(object)
            return
        }
        Output.text("replayed  \(rebuilt.content)  position \(rebuilt.position)  root \(rebuilt.root)")
        if let live {
            let verdict: Words = live.content == rebuilt.content ? "equal" : "DIFFERENT"
            Output.text("live      \(live.content)  position \(live.position)  \(verdict)")
        }
        for table in rebuilt.tables { Output.text("  \(table.table): \(table.rows) rows") }
    }
}

extension Instant {
    /// A time as an option gives it; without a zone it is one of the node's.
    ///
    /// - Throws: `CommandProblem` naming the option and the forms that are read.
    static func parse(_ text: String, option: String, offsetMinutes: Int) throws -> Timestamp {
        guard let instant = Instant.parse(text, offsetMinutes: offsetMinutes, allowsLocal: true) else {
            throw noTime(text, option: option)
        }
        return instant
    }

    static func noTime(_ text: String, option: String) -> CommandProblem {
        CommandProblem(
            message: "\(option) \"\(text)\" is no time",
            hint: "write \(Instant.forms); without a zone it is the node's", isUsage: true)
    }
}
