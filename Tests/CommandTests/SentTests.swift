import ArgumentParser
import Events
import Foundation
import Projections
import Testing
import Tickets

@testable import Log
@testable import gridline

/// A centre's log with the real audience, logs of streets, and lines between them that bring what the protocol brings.
private final class Town {
    static let now = Timestamp(milliseconds: 1_795_000_000_000)
    let path: String
    let centre: NodeID
    private(set) var hub: SQLiteLog
    private var logs: [NodeID: SQLiteLog] = [:]
    private var count = 0

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        centre = try NodeID("centre")
        hub = try SQLiteLog(
            path: path + "/centre.sqlite", node: centre, incarnation: Incarnation(1),
            audience: TicketAudience(centre: centre))
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("could not remove \(path): \(error)") }
    }

    func street(_ name: String) throws -> SQLiteLog {
        let node = try NodeID(name)
        if let known = logs[node] { return known }
        return try emptied(name)
    }

    /// The street's log is lost, and it begins with an empty one.
    func emptied(_ name: String) throws -> SQLiteLog {
        count += 1
        let node = try NodeID(name)
        let log = try SQLiteLog(
            path: path + "/\(name)-\(count).sqlite", node: node, incarnation: Incarnation(UInt64(100 + count)),
            audience: NoAudience())
        logs[node] = log
        return log
    }

    @discardableResult
    func write(_ kind: TicketEventKind, of ticket: String, at log: SQLiteLog, _ body: JSONObject = [:]) throws -> Event
    {
        count += 1
        let stream = try StreamName("ticket/\(ticket)")
        let outcome = try log.write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "sent", log.origin.description, String(count)),
                    actor: Actor(system: "test", rule: "1"), now: Town.now,
                    drafts: [TicketDraft(kind, body, occurredAt: Town.now).draft(in: stream)]))
        }
        guard case .appended(let stored) = outcome else { throw Unwritten(outcome: "\(outcome)") }
        return try #require(stored.first).event
    }

    /// A ticket that goes to one street after another.
    func moved(_ ticket: String, _ streets: String...) throws {
        if try hub.reader.version(of: StreamName("ticket/\(ticket)")) == 0 {
            try write(.registered, of: ticket, at: hub, ["channel": .string("hotline"), "matter": .string("路灯不亮")])
        }
        for street in streets {
            let lead: JSONObject = ["lead": .string("320507001"), "leadNode": .string(street)]
            try write(.dispatched, of: ticket, at: hub, lead)
        }
    }

    /// What the street wrote goes up, and then the rows of its feeds come down.
    ///
    /// - Parameter row: the first row that a street without rows gets.
    func run(_ name: String, from row: Int64 = 1) throws {
        let log = try street(name)
        let own = try log.reader.page(.all, .forward, from: 0, limit: 10_000).map(\.event)
            .filter { $0.id.origin.node == log.origin.node }
        _ = try hub.write { try $0.ingest(own, dense: true, receivedAt: Town.now) }
        for feed in [FeedName.common, .node(log.origin.node)] {
            let above = try log.reader.cursor(of: feed)?.fseq ?? (feed == .common ? 0 : row - 1)
            let rows = try hub.reader.rows(of: feed, above: above, limit: 10_000)
            _ = try log.write { transaction in
                let events = rows.compactMap { if case .event(let event) = $0.operation { event } else { nil } }
                _ = try transaction.ingest(events, dense: false, receivedAt: Town.now)
                try transaction.keep(try rows.map { try Town.kept($0, transaction) }, of: feed)
            }
        }
    }

    private static func kept(_ row: FeedRow, _ transaction: any LogTransaction) throws -> ReceivedRow {
        let content: ReceivedRow.Content =
            switch row.operation {
            case .event(let event):
                .event(event.hash, position: try transaction.position(of: event.id, hash: event.hash))
            case .join(let history): .join(history: history)
            case .leave: .leave
            }
        return ReceivedRow(
            fseq: row.fseq, stream: row.stream, content: content, common: row.common, chain: row.chain)
    }

    /// The centre is restored from a copy that ends at a position.
    func restore(to position: Int64) throws {
        let events = try hub.reader.page(.all, .forward, from: 0, limit: Int(position)).map(\.event)
        count += 1
        hub = try SQLiteLog(
            path: path + "/centre-\(count).sqlite", node: centre, incarnation: Incarnation(UInt64(count)),
            audience: TicketAudience(centre: centre))
        _ = try hub.write { try $0.ingest(events, dense: true, receivedAt: Town.now) }
    }

    func unsent(_ name: String, pageSize: Int64 = 10_000) throws -> UnsentEvent? {
        let log = try street(name)
        return try SQLiteReader(path: log.path)
            .unsent(by: SQLiteReader(path: hub.path), to: log.origin.node, pageSize: pageSize)
    }

    struct Unwritten: Error { let outcome: String }
}

@Suite("What a street's log holds was sent to it") struct SentTests {
    @Test("another street's ticket is found, and an event that came behind LEAVE", arguments: [1, 2, 10_000])
    func found(pageSize: Int64) throws {
        let town = try Town()
        try town.moved("1", "street1", "street2")
        try town.moved("2", "street2")
        for name in ["street1", "street2"] { try town.run(name) }
        #expect(try town.unsent("street1", pageSize: pageSize) == nil)
        let street = try town.street("street1")
        let late = try town.write(.progressNoted, of: "1", at: town.street("street2"))
        let foreign = try town.write(.urged, of: "2", at: town.hub)
        for (name, event) in [("1", late), ("2", foreign)] {
            let position = try street.reader.head().position + 1
            let copy = try town.street("street1")
            _ = try copy.write { try $0.ingest([event], dense: false, receivedAt: Town.now) }
            let found = try town.unsent("street1", pageSize: pageSize)
            if name == "1" {
                #expect(found == UnsentEvent(position: position, id: late.id, stream: late.stream))
                // Back to the street, and it is there by right.
                try town.run("street2")
                try town.moved("1", "street1")
                try town.run("street1")
                #expect(try town.unsent("street1", pageSize: pageSize) == nil)
            } else {
                #expect(found == UnsentEvent(position: position, id: foreign.id, stream: foreign.stream))
            }
        }
    }

    @Test("what moves, late writers, helpers, and a street's own cases were sent", arguments: [1, 10_000])
    func moves(pageSize: Int64) throws {
        let town = try Town()
        let names = ["street1", "street2", "street3"]
        func look() throws {
            for name in names { #expect(try town.unsent(name, pageSize: pageSize) == nil, "\(name)") }
        }
        try town.write(
            .registered, of: "own", at: town.street("street3"),
            ["owner": .string("street"), "ownerNode": .string("street3"), "matter": .string("占道经营")])
        try town.moved("1", "street1")
        for name in names { try town.run(name) }
        try town.moved("1", "street2")
        try town.write(.progressNoted, of: "1", at: town.street("street1"))
        try look()
        for name in names { try town.run(name) }
        try look()
        let helper: JSONObject = ["unit": .string("320507003"), "node": .string("street3")]
        let lead: JSONObject = [
            "lead": .string("320507001"), "leadNode": .string("street1"), "helpers": .array([.object(helper)]),
        ]
        try town.write(.reassigned, of: "1", at: town.hub, lead)
        try town.write(.progressNoted, of: "1", at: town.street("street2"))
        for name in names + names { try town.run(name) }
        try look()
        try town.write(.progressNoted, of: "1", at: town.street("street3"))
        try town.moved("1", "street2", "street1", "street2")
        for name in names + names { try town.run(name) }
        try look()
        #expect(try town.street("street3").reader.head().position > 1)
    }

    @Test("rows that a rewind put aside were sent by the centre that is no more; before it they are a difference")
    func rewound() throws {
        let town = try Town()
        try town.moved("1", "street1")
        let backup = try town.hub.reader.head().position
        let feed = FeedName.node(try NodeID("street1"))
        try town.run("street1")
        let common = try town.hub.reader.feedHead(feed)
        try town.moved("2", "street1")
        try town.run("street1")
        let street = try town.street("street1")
        try town.restore(to: backup)
        #expect(try town.hub.reader.feedHead(feed) == common)
        try town.moved("3", "street1")
        let lost = try #require(try town.unsent("street1"))
        #expect(lost.stream.text == "ticket/2")
        _ = try street.write { try $0.rewind(feed, to: common, now: Town.now) }
        try town.run("street1")
        #expect(try town.unsent("street1") == nil)
        #expect(try town.unsent("street1", pageSize: 1) == nil)
    }

    @Test("what was let go, and what a new street has from a feed's base on, was sent")
    func purgedAndRebased() throws {
        let town = try Town()
        try town.moved("1", "street1", "street2")
        try town.moved("2", "street1")
        try town.run("street1")
        let street = try town.street("street1")
        let node = street.origin.node
        let left = try street.reader.left(.node(node), above: 0, rows: 100)
        let gone = try street.write { transaction in
            try left.streams.compactMap { try transaction.purge($0, of: .node(node), now: Town.now) }
        }
        #expect(gone.count == 1)
        #expect(try town.unsent("street1") == nil)
        let base = try #require(try town.hub.write { try $0.rebase(.node(node), of: node, now: Town.now) })
        let replaced = try town.emptied("street1")
        try town.run("street1", from: town.hub.reader.base(of: .node(node)))
        #expect(try replaced.reader.event(base.event.id) != nil)
        #expect(try town.unsent("street1") == nil)
        try town.moved("2", "street1")
        try town.run("street1")
        #expect(try replaced.reader.version(of: StreamName("ticket/2")) == 3)
        #expect(try town.unsent("street1") == nil)
    }

    @Test("a rotten row is not taken for an event that nobody sent; another event under the id of one is found")
    func rotten() throws {
        let town = try Town()
        try town.moved("1", "street1")
        try town.run("street1")
        let street = try town.street("street1")
        let connection = try Connection(path: street.path, mode: .readWrite)
        let hash = "SELECT hash FROM events WHERE position = 2"
        try connection.execute("CREATE TABLE kept AS \(hash)")
        for rot in ["hash = zeroblob(32)", "hash = x'07'", "sequence = 7000", "origin = 7000"] {
            try connection.execute("UPDATE events SET \(rot) WHERE position = 2")
            #expect(try town.unsent("street1") == nil, "\(rot)")
            try connection.execute(
                "UPDATE events SET hash = (SELECT hash FROM kept), sequence = 2, origin = 1 WHERE position = 2")
        }
        #expect(try town.unsent("street1") == nil)
        // The centre's own row has rotted: its events cannot be told from others, which its `verify` says.
        let there = try Connection(path: town.hub.path, mode: .readWrite)
        try there.execute("CREATE TABLE kept AS \(hash); UPDATE events SET hash = zeroblob(32) WHERE position = 2")
        #expect(try town.unsent("street1") == nil)
        try there.execute("UPDATE events SET hash = (SELECT hash FROM kept) WHERE position = 2")

        // A log of the same incarnation that wrote something else.
        let other = try Town()
        try other.moved("1", "street2")
        let id = EventID(origin: town.hub.origin, sequence: 2)
        let (fork, sent) = (try #require(try other.hub.reader.event(id)), try #require(try town.hub.reader.event(id)))
        #expect(fork.event.hash != sent.event.hash)
        let emptied = try town.emptied("street1")
        _ = try emptied.write { try $0.ingest([fork.event], dense: false, receivedAt: Town.now) }
        let found = try town.unsent("street1")
        #expect(found == UnsentEvent(position: 1, id: id, stream: fork.event.stream))
    }

    @Test("compare ends with exit 3, the position, the event, and what to do")
    func command() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) } }
        let centre = try NodeID("centre")
        let hub = try NodeFolder.create(
            at: path + "/centre", configuration: Configuration(node: centre, role: .central, area: "320507"))
        let edge = try NodeFolder.create(
            at: path + "/street",
            configuration: Configuration(node: NodeID("street1"), role: .street, area: "320507001", centre: centre))
        for folder in [hub, edge] { _ = try folder.openViews(unusable: .replace) }
        try Compare.parse([hub.path, edge.path]).run()
        let foreign = try hub.openLog().write {
            try $0.append(
                AppendRequest(
                    command: CommandID(derivedFrom: "foreign"), actor: Actor(system: "test", rule: "1"), now: Town.now,
                    drafts: [
                        TicketDraft(.registered, ["matter": .string("路灯不亮")], occurredAt: Town.now)
                            .draft(in: StreamName("ticket/1"))
                    ]))
        }
        guard case .appended(let stored) = foreign, let event = stored.first?.event else { return }
        let position = try edge.openLog().write { transaction in
            _ = try transaction.ingest([event], dense: false, receivedAt: Town.now)
            return try transaction.position(of: event.id, hash: event.hash)
        }
        let problem = #expect(throws: IntegrityProblem.self) { try Compare.parse([hub.path, edge.path]).run() }
        #expect(problem?.table == "events" && problem?.position == position)
        #expect(
            problem?.detail.description
                == "\(event.id) of ticket/1 is at street1, and is in no feed that centre sends there")
        #expect(problem?.hint.description.contains("compare again") == true)
        #expect(problem.map(Main.status) == 3)
    }
}
