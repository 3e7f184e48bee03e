import ArgumentParser
import Events
import Foundation
import Log
import Projections
import Testing
import Tickets

@testable import gridline

@Suite("Comparing two logs") struct CompareTests {
    @Test("a stream is read to its end, however many pages it takes", arguments: [1, 2, 3, 7, 10])
    func pages(size: Int) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) } }
        let log = try SQLiteLog(
            path: path + "/log.sqlite", node: NodeID("centre"), incarnation: Incarnation(1), audience: NoAudience())
        let stream = try StreamName("ticket/1")
        var hashes: [String] = []
        for number in 0..<7 {
            let now = Timestamp(milliseconds: Int64(number + 1))
            for (place, name) in [stream, try StreamName("ticket/other")].enumerated() {
                let request = AppendRequest(
                    command: CommandID(derivedFrom: "compare", "\(number) \(place)"),
                    actor: Actor(system: "test", rule: "1"), now: now,
                    drafts: [Draft(stream: name, type: EventType("ticket.noted"), body: [:], occurredAt: now)])
                guard case .appended(let stored) = try log.write({ try $0.append(request) }) else { continue }
                if place == 0 { hashes += stored.map(\.event.hash.description) }
            }
        }
        #expect(hashes.count == 7)
        #expect(try Compare.hashes(stream, log.reader, pageSize: size) == hashes.sorted())
    }

    @Test(
        "two folders are compared when they are a centre's and its street's, in this order",
        arguments: [
            ["centre", "street1"], ["street1", "centre"], ["centre", "centre"], ["street1", "street1"],
            ["centre", "other"],
        ])
    func roles(names: [String]) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) } }
        for (name, centre) in [("centre", nil), ("street1", "centre"), ("other", "elsewhere")] {
            let configuration = try Configuration(
                node: NodeID(name), role: centre == nil ? .central : .street, area: "320507",
                centre: centre.map { try NodeID($0) })
            let folder = try NodeFolder.create(at: path + "/" + name, configuration: configuration)
            _ = try folder.openViews(unusable: .replace)
        }
        let command = try Compare.parse(names.map { path + "/" + $0 })
        if names == ["centre", "street1"] {
            try command.run()
        } else {
            let problem = #expect(throws: CommandProblem.self) { try command.run() }
            #expect(problem?.isUsage == true)
        }
    }

    @Test("what the street has yet to send is no agreement, and no damage either")
    func behind() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) } }
        let (centre, street) = (try NodeID("centre"), try NodeID("street1"))
        let hub = try NodeFolder.create(
            at: path + "/centre", configuration: Configuration(node: centre, role: .central, area: "320507"))
        let edge = try NodeFolder.create(
            at: path + "/street",
            configuration: Configuration(node: street, role: .street, area: "320507001", centre: centre)
        )
        for folder in [hub, edge] { _ = try folder.openViews(unusable: .replace) }
        let now = Timestamp(milliseconds: 1_795_000_000_000)
        let body: JSONObject = [
            "channel": .string("hotline"), "matter": .string("路灯不亮"), "owner": .string("street"),
            "ownerNode": .string(street.text),
        ]
        let log = try edge.openLog()
        for number in 1...2 {
            let request = AppendRequest(
                command: CommandID(derivedFrom: "behind", String(number)), actor: Actor(system: "test", rule: "1"),
                now: now,
                drafts: [
                    TicketDraft(.registered, body, occurredAt: now).draft(in: try StreamName("ticket/\(number)"))
                ])
            _ = try log.write { try $0.append(request) }
        }
        let problem = #expect(throws: CommandProblem.self) { try Compare.parse([hub.path, edge.path]).run() }
        #expect(problem?.isUsage == false)
        #expect(problem?.message.description == "centre lacks 2 events of street1")

        let events = try log.reader.page(.all, .forward, from: 0, limit: 100).map(\.event)
        let centreLog = try hub.openLog()
        // The second alone, as an import leaves it, is none without the first.
        for (some, behind) in [(events.suffix(1), 2), (events.prefix(1), 0)] {
            _ = try centreLog.write { try $0.ingest(Array(some), dense: false, receivedAt: now) }
            #expect(try Compare.behind(centreLog.reader, log.reader, street: street) == Int64(behind))
        }
    }

    @Test(
        "a ticket that a street takes for its own, and the centre keeps to itself, is a difference",
        arguments: [1, 1_000], ["first", "last", "held", "gone"])
    func split(size: Int, which: String) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("gridline-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) } }
        let (centre, street) = (try NodeID("centre"), try NodeID("street1"))
        let hub = try SQLiteLog(
            path: path + "/centre.sqlite", node: centre, incarnation: Incarnation(1),
            audience: TicketAudience(centre: centre))
        let edge = try SQLiteLog(
            path: path + "/street.sqlite", node: street, incarnation: Incarnation(2), audience: NoAudience())
        let now = Timestamp(milliseconds: 1_795_000_000_000)
        func file(
            _ name: String, _ kind: TicketEventKind, at log: SQLiteLog, owner: String?, _ more: JSONObject = [:]
        ) throws -> StreamName {
            var body = more
            body["channel"] = .string("hotline")
            body["matter"] = .string("路灯不亮")
            if let owner { body["ownerNode"] = .string(owner) }
            body["owner"] = owner.map { _ in .string("street") }
            let stream = try StreamName("ticket/\(name)")
            let request = AppendRequest(
                command: CommandID(derivedFrom: name, kind.rawValue, log.origin.description),
                actor: Actor(system: "test", rule: "1"), now: now,
                drafts: [TicketDraft(kind, body, occurredAt: now).draft(in: stream)])
            _ = try log.write { try $0.append(request) }
            return stream
        }
        func deliver() throws {
            let events = try edge.reader.page(.all, .forward, from: 0, limit: 100).map(\.event)
            _ = try hub.write { try $0.ingest(events, dense: true, receivedAt: now) }
        }
        func found() throws -> StreamName? {
            let reader = try SQLiteReader(path: path + "/street.sqlite")
            return try Compare.split(hub.reader, reader, street: street, centre: centre, pageSize: size)
        }
        _ = try file("own", .registered, at: edge, owner: "street1")
        try deliver()
        _ = try file("own", .progressNoted, at: edge, owner: nil)
        #expect(try found() == nil, "the street's own, which comes back to it")
        let split: StreamName
        if which == "held" || which == "gone" {
            // A centre from a copy of before the dispatch: the street goes on with what the copy does not know. Gone is the
            // whole ticket.
            let lost = try SQLiteLog(
                path: path + "/lost.sqlite", node: centre, incarnation: Incarnation(3),
                audience: TicketAudience(centre: centre))
            split = try file("both", .registered, at: lost, owner: nil)
            _ = try file("both", .queuedForDispatch, at: lost, owner: nil)
            let lead: JSONObject = ["lead": .string("320507001"), "leadNode": .string("street1")]
            _ = try file("both", .dispatched, at: lost, owner: nil, lead)
            let events = try lost.reader.page(.all, .forward, from: 0, limit: 100).map(\.event)
            _ = try edge.write { try $0.ingest(events, dense: false, receivedAt: now) }
            _ = try hub.write {
                try $0.ingest(Array(events.prefix(which == "held" ? 1 : 0)), dense: false, receivedAt: now)
            }
        } else {
            _ = try file("both", .registered, at: hub, owner: nil)
            split = try file("both", .registered, at: edge, owner: "street1")
        }
        if which == "first" { _ = try file("later", .registered, at: edge, owner: "street1") }
        if which != "held", which != "gone" { try deliver() }
        #expect(try hub.reader.membership(of: split) == [])
        #expect(try found() == split)
    }
}
