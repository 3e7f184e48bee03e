import ArgumentParser
import Events
import Foundation
import Log
import NIOHTTP1
import Projections
import Texts

/// `gridline status`: positions, feeds, lag, alarms, and SQLite's version with its known faults.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: said("Show positions, feeds, lag and what SQLite this is."))

    @Argument(help: said("The node's folder, or the URL of a running node (GRIDLINE_TOKEN holds its token)."))
    var directory: String
    @Flag(help: said("Print as JSON.")) var json = false

    /// A program reads the same in every shell.
    private var language: Language { json ? .english : Talk.language }

    func run() async throws {
        if directory.hasPrefix("http://") || directory.hasPrefix("https://") {
            return show(try await NodeClient.at(directory).call(.GET, "/api/v1/status", language: language))
        }
        let folder = try NodeFolder(path: directory)
        let reader = try SQLiteReader(path: folder.log)
        let head = try reader.head()
        let viewed =
            FileManager.default.fileExists(atPath: folder.views) ? try folder.openViews().checkpoint().position : 0
        let sqlite = SQLiteVersion.current
        let origins = try reader.originHeads()
        let feeds = try reader.feedHeads()
        let cursors = try reader.cursors()
        let live = try await folder.running()?.call(.GET, "/api/v1/status", language: language)
        if json {
            var object: JSONObject = [
                "cursors": Status.json(of: cursors), "feeds": Status.json(of: feeds),
                "node": .string(folder.configuration.node.text), "origins": .integer(Int64(origins.count)),
                "position": .integer(head.position), "role": .string(folder.configuration.role.rawValue),
                "root": .string(head.chain.description), "sqlite": .string(sqlite.text),
                "sqliteWarnings": .array(sqlite.warnings.map { .string($0.description) }),
                "viewLag": .integer(head.position - viewed),
                "viewPosition": .integer(viewed),
            ]
            object["live"] = live.map(JSON.object)
            Output.json(object)
            return
        }
        let role: Words = folder.configuration.role == .central ? "centre" : "street"
        Output.text("node      \(folder.configuration.node) (\(role))")
        Output.text("log       position \(head.position), root \(head.chain), \(origins.count) origins")
        Output.text("views     position \(viewed), lag \(head.position - viewed)")
        for feed in feeds {
            Output.text("feed      \(feed.feed) ends at \(feed.cursor.fseq), chain \(feed.cursor.chain)")
        }
        for feed in cursors {
            Output.text("cursor    \(feed.feed) is applied to \(feed.cursor.fseq), chain \(feed.cursor.chain)")
        }
        Output.text("SQLite    \(sqlite.text)")
        for warning in sqlite.warnings { Output.text("          note: \(warning)") }
        if let live { show(live) }
    }

    /// Feeds by their names, each with `fseq` and `chain`.
    static func json(of feeds: [NamedCursor]) -> JSON {
        var object = JSONObject()
        for one in feeds {
            object[one.feed.text] = .object([
                "chain": .string(one.cursor.chain.description), "fseq": .integer(one.cursor.fseq),
            ])
        }
        return .object(object)
    }

    /// What a running node says of itself.
    private func show(_ live: JSONObject) {
        guard !json else { return Output.json(live) }
        func number(_ name: String, of object: JSONObject? = nil) -> Int64 { (object ?? live)[name]?.integer ?? 0 }
        Output.text("running   \(number("commands")) commands in \(number("commits")) commits since its start")
        let line: Words = live["linked"]?.bool == true ? "up" : "down"
        Output.text("line      \(line), outbox \(number("outbox")), lag \(number("lag"))")
        if let link = live["link"]?.object { show(figures: link) }
        for peer in (live["peers"]?.array ?? []).compactMap(\.object) {
            Output.text(
                """
                peer      \(peer["node"]?.string ?? "") behind \(number("behind", of: peer)), outbox \
                \(number("outbox", of: peer)), heard \(number("silence", of: peer)) ms ago, clock \
                \(number("clockOffset", of: peer)) ms off, \(number("lost", of: peer)) frames lost
                """)
            show(figures: peer)
        }
        for (node, since) in live["linesDown"]?.object?.members ?? [] {
            Output.text("down      \(node) for \((since.integer ?? 0) / 1_000) s")
        }
        if let free = live["diskFree"]?.integer { Output.text("disk      \(free >> 20) MiB free") }
        if let p99 = live["commitP99"]?.integer { Output.text("commits   p99 \(p99) µs") }
        Output.text("conflicts \(number("conflicts")) open")
        let undelivered = number("undelivered")
        if undelivered > 0 {
            Output.text(
                "tickets   \(undelivered) are at the centre and not where their unit works; their pages say why")
        }
        let rotten = number("rotten")
        if rotten > 0 || number("healed") > 0 {
            Output.text("log       \(rotten) rows are rotten, \(number("healed")) were healed since the start")
        }
        let wanted = number("bodiesWanted")
        if wanted > 0 { Output.text("log       \(wanted) bodies that were let go are asked back") }
        let poisoned = number("poisoned")
        if poisoned > 0 {
            Output.text(
                "poisoned  \(poisoned) tickets that no view shows; `gridline export DIR --view poison` says why")
        }
        let later = number("needingUpgrade")
        if later > 0 {
            Output.text(
                "upgrade   \(later) tickets have events of a later version: upgrade this node to see all of them")
        }
        for alarm in (live["raised"]?.array ?? []).compactMap(\.object) {
            let severity = Words(name: alarm["severity"]?.string ?? "", of: "severity")
            let since = Timestamp(milliseconds: alarm["since"]?.integer ?? 0)
            Output.text("RAISED    \(severity), since \(since): \(alarm["text"]?.string ?? "")")
            Output.text("          try: \(alarm["advice"]?.string ?? "")")
            if let account = alarm["acknowledgedBy"]?.string {
                Output.text("          \(ShownText.cell(account)) sees to it")
            } else {
                let labels = (alarm["labels"]?.object ?? [:]).members.map { " --label \($0)=\($1.string ?? "")" }
                Output.text(
                    "          seen to: gridline acknowledge DIR \(alarm["rule"]?.string ?? "")\(labels.joined())")
            }
        }
        for alarm in (live["alarms"]?.array ?? []).compactMap(\.string).suffix(10) {
            Output.text("alarm     \(ShownText.cell(alarm))")
        }
    }

    /// What is known of a line, by the members' names, which `docs/http.md` explains.
    private func show(figures line: JSONObject) {
        let names = [
            "behindFor", "lagFor", "outboxFor", "sessionAge", "clockOffset", "credit", "live", "pulled", "gaps",
            "rewinds",
            "comparisons",
        ]
        let known = names.compactMap { name in line[name]?.integer.map { "\(name) \($0)" } }
        Output.text("          \(known.joined(separator: ", "))")
    }
}
