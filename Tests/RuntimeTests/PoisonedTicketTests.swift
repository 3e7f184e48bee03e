import Events
import Foundation
import Log
import Node
import Projections
import Replication
import Synchronization
import Testing
import Tickets
import ZeroMQ

@testable import Runtime

/// A ticket that no view can show stops neither the rows nor the events of its street.
@Suite("A poisoned ticket over CURVE", .timeLimit(.minutes(2))) struct PoisonedTicketTests {
    private let folder: TemporaryFolder
    private let centre: TestLoop
    private let street: TestLoop
    /// The street's, in which a ticket of more than three events is poison.
    private let views: ViewStore
    private let loop: ViewLoop
    private let alarms = Alarms()

    private final class Alarms: Sendable {
        let all = Mutex<[String]>([])
    }

    init() throws {
        let folder = try TemporaryFolder()
        self.folder = folder
        let (centreID, streetID) = (try NodeID("centre"), try NodeID("street1"))
        let (hubKeys, streetKeys) = (try CurveKeys.generate(), try CurveKeys.generate())
        let sockets = try HubSockets(
            HubSockets.Settings(listen: "127.0.0.1:*", publishFrom: 0, enrolPort: 0, keys: hubKeys))
        centre = try TestLoop(
            centreID, centre: centreID, in: folder.path, desk: HubDesk(random: SystemRandomNumberGenerator()),
            transport: sockets)
        let hash = Digest.sha256(Array("secret".utf8)).description
        let end = TestClock().moment().wall + 60_000
        _ = try centre.perform(.node(streetID, .invite(secretHash: hash, expiresAt: end)))?.get()
        let enrol = NodeCommand(
            id: CommandID(derivedFrom: "enrol"), .node(streetID, .enrol(key: streetKeys.publicKey, secret: "secret")),
            actor: Actor(system: "enrol", rule: "1"))
        try centre.loop.queue.add(Work(command: enrol) { _ in })
        try centre.loop.turn()
        let all = ViewSet.gridline(centre: centreID, zoneOffsetMinutes: 480)
        let views = try ViewStore(
            path: folder.path + "/views.sqlite",
            views: ViewSet(
                foldVersion: all.foldVersion, folds: all.folds, sums: all.sums, texts: all.texts, streamLimit: 3))
        let path = folder.path + "/street1.sqlite"
        let loop = ViewLoop(
            store: views, runner: { try ViewRunner(store: views) { try SQLiteReader(path: path) } },
            alarm: { [alarms] text in alarms.all.withLock { $0.append(text.description) } })
        street = try TestLoop(
            streetID, centre: centreID, in: folder.path, desk: StreetDesk(node: streetID, seed: 3),
            transport: try StreetSockets(
                StreetSockets.Settings(hub: try sockets.address(), hubKey: hubKeys.publicKey, keys: streetKeys)),
            onCommit: { _ in loop.wake() })
        self.views = views
        self.loop = loop
    }

    /// A step of a ticket in a turn of its own; nil for one that is made now.
    private func step(
        _ kind: TicketEventKind, at node: TestLoop, _ ticket: StreamName? = nil, _ body: JSONObject = [:]
    ) throws -> StreamName {
        let role = try #require(kind.who(streetOwned: node.id == street.id).people.first).rawValue
        let usual = node.id == street.id ? "clerk" : role
        try node.add(.ticket(ticket, TicketCommand(kind, body)), as: usual)
        try node.loop.turn()
        return try #require(try node.lastAnswer?.get().ticket)
    }

    /// Two events at the street, which has the ticket as its own.
    private func own() throws -> StreamName {
        let call: JSONObject = ["channel": .string("walkIn"), "matter": .string("路灯不亮"), "kind": .string("help")]
        let ticket = try step(.registered, at: street, nil, call)
        return try step(.progressNoted, at: street, ticket, ["text": .string("已到现场")])
    }

    /// Three events at the centre, the last of which gives the ticket to the street.
    private func dispatched() throws -> StreamName {
        let call: JSONObject = ["channel": .string("hotline"), "matter": .string("路灯不亮"), "kind": .string("help")]
        let ticket = try step(.registered, at: centre, nil, call)
        _ = try step(.queuedForDispatch, at: centre, ticket, ["category": .array([.string("市容环境")])])
        return try step(
            .dispatched, at: centre, ticket, ["lead": .string("320507001"), "leadNode": .string("street1")])
    }

    /// Turns both until the street has all that is for it, the centre has all of the street's, and the views hold the street's log.
    private func meets(_ streams: [StreamName]) throws {
        let isThere = try until([centre, street]) {
            try streams.allSatisfy { stream in
                let versions = try [centre, street].map { try $0.log.reader.version(of: stream) }
                return versions[0] > 0 && versions[0] == versions[1]
            } && views.tickets(TicketFilter()).position == street.log.reader.head().position
        }
        let state = try streams.map { stream in
            try "\(stream): \([centre, street].map { try $0.log.reader.version(of: stream) })"
        }
        #expect(isThere, "\(state), \(alarms.all.withLock { $0 })")
    }

    @Test("a street with tickets that are poison pulls and pushes on, those and others, and shows the others")
    func goesOn() throws {
        let ended = DispatchSemaphore(value: 0)
        Thread { [loop] in
            loop.run()
            ended.signal()
        }.start()
        defer {
            loop.stop()
            ended.wait()
        }
        #expect(try until([centre, street]) { street.status.current.isLinked })
        let (given, kept) = (try dispatched(), try own())
        try meets([given, kept])
        #expect(try views.poisonedCount() == 0)
        // One becomes poison by what comes, one by what is written here.
        _ = try step(.urged, at: centre, given, ["text": .string("请尽快办理")])
        for _ in 1...2 { _ = try step(.progressNoted, at: street, kept, ["text": .string("待料")]) }
        try meets([given, kept])
        #expect(try views.poisonedCount() == 2)
        let (next, other) = (try dispatched(), try own())
        _ = try step(.urged, at: centre, given, ["text": .string("请尽快办理")])
        _ = try step(.progressNoted, at: street, kept, ["text": .string("已修复")])
        try meets([given, kept, next, other])
        #expect(try Set(views.tickets(TicketFilter()).items.map(\.stream)) == [next, other])
        #expect(street.status.current.alarms.isEmpty && centre.status.current.alarms.isEmpty)
        #expect(alarms.all.withLock { $0 }.allSatisfy { $0.contains("shown in no list") })
    }
}
