import Events
import Foundation
import Log
import Node
import Replication
import Synchronization
import Testing
import ZeroMQ

@testable import Runtime

/// Enrolment and revocation over real sockets: a stranger gets in by an invitation alone, and out at once.
@Suite("Membership over CURVE", .serialized) struct MembershipTests {
    let folder: TemporaryFolder
    let centreID: NodeID
    let streetID: NodeID
    let hubKeys: CurveKeys
    static let secret = "0123456789abcdef"

    init() throws {
        folder = try TemporaryFolder()
        centreID = try NodeID("centre")
        streetID = try NodeID("street1")
        hubKeys = try CurveKeys.generate()
    }

    /// A centre, and the ports that it listens on: ROUTER, enrolment, and three for feeds.
    func centre() throws -> (loop: TestLoop, port: Int) {
        let port = try freePorts(5)
        let sockets = try HubSockets(
            HubSockets.Settings(
                listen: "127.0.0.1:\(port)", publishFrom: port + 2, enrolPort: port + 1, keys: hubKeys))
        let loop = try TestLoop(
            centreID, centre: centreID, in: folder.path, desk: HubDesk(random: SystemRandomNumberGenerator()),
            transport: sockets)
        return (loop, port)
    }

    /// - Parameter node: nil is the street of the tests.
    func street(_ keys: CurveKeys, port: Int, node: NodeID? = nil) throws -> TestLoop {
        try street(OneKey(keys), port: port, node: node)
    }

    private func street(
        _ keys: any KeyRing, port: Int, patience: Duration = .seconds(10), node: NodeID? = nil
    ) throws -> TestLoop {
        let node = node ?? streetID
        let sockets = try StreetSockets(
            StreetSockets.Settings(
                hub: "127.0.0.1:\(port)", hubKey: hubKeys.publicKey, keys: keys, patience: patience))
        return try TestLoop(
            node, centre: centreID, in: folder.path, desk: StreetDesk(node: node, seed: 3), transport: sockets)
    }

    /// Somebody with a street's key and nothing else of it.
    func thief(_ keys: CurveKeys, port: Int) throws -> TestLoop {
        let place = folder.path + "/thief"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        return try TestLoop(
            streetID, centre: centreID, in: place, desk: StreetDesk(node: streetID, seed: 9),
            transport: StreetSockets(
                StreetSockets.Settings(hub: "127.0.0.1:\(port)", hubKey: hubKeys.publicKey, keys: keys)))
    }

    /// Invites a street at a centre; nil is the street of the tests.
    func invite(_ centre: TestLoop, _ node: NodeID? = nil, secret: String = MembershipTests.secret) throws {
        let hash = Digest.sha256(Array(secret.utf8)).description
        let step = NodeStep.invite(secretHash: hash, expiresAt: TestClock().moment().wall + 60_000)
        _ = try #require(try centre.perform(.node(node ?? streetID, step))).get()
    }

    private func enrolment(_ secret: String, port: Int, expiresIn: Int64 = 60_000) -> Enrolment {
        Enrolment(
            node: streetID, secret: secret, address: "127.0.0.1:\(port + 1)", hub: "127.0.0.1:\(port)",
            hubKey: hubKeys.publicKey, expiresAt: TestClock().moment().wall + expiresIn)
    }

    /// Asks to be let in, on a thread of its own while the centre turns.
    func ask(
        _ keys: CurveKeys, _ secret: String, _ centre: TestLoop, port: Int, expiresIn: Int64 = 60_000
    ) throws -> (any Error)? {
        let outcome = Outcome()
        let enrolment = enrolment(secret, port: port, expiresIn: expiresIn)
        let thread = Thread {
            let result = Result { try enrolment.ask(keys: keys, clock: TestClock(), limit: 5_000) }
            outcome.value.withLock { $0 = result }
        }
        thread.start()
        #expect(try until([centre]) { outcome.value.withLock { $0 != nil } })
        if case .failure(let error)? = outcome.value.withLock({ $0 }) { return error }
        return nil
    }

    @Test(
        "a wrong secret, and a second key for a used invitation, are refused; another key of the centre is never answered"
    )
    func strangers() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let keys = try CurveKeys.generate()
        let refused = EnrolmentProblem.refused(streetID, address: "127.0.0.1:\(port + 1)")
        #expect(try ask(keys, "guess", centre, port: port) as? EnrolmentProblem == refused)
        // Who asks is told nothing of why; the centre is, but for the secret.
        func alarms() -> [String] { centre.status.current.alarms.map(\.description) }
        #expect(try until([centre]) { !alarms().isEmpty })
        let why = NodeRefusal.notInvited(streetID)
        let told = "turned down, the last for this reason: \(why.message); \(why.hint)"
        #expect(alarms().contains { $0.hasSuffix(told) }, "\(alarms())")
        #expect(!alarms().contains { $0.contains("guess") })
        #expect(try ask(keys, MembershipTests.secret, centre, port: port) == nil)
        // The answer may get lost: the same key asks again, as long as the door is open.
        #expect(try ask(keys, MembershipTests.secret, centre, port: port) == nil)
        let other = try CurveKeys.generate()
        #expect(try ask(other, MembershipTests.secret, centre, port: port) as? EnrolmentProblem == refused)
        #expect(try NodeBook(reader: centre.log.reader, centre: centreID)[streetID]?.key == keys.publicKey)
    }

    @Test("a street that speaks version 1 alone is served by a hub of version 2, over its PUBs too")
    func olderStreet() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let keys = try CurveKeys.generate()
        #expect(try ask(keys, MembershipTests.secret, centre, port: port) == nil)
        let old = try TestLoop(
            streetID, centre: centreID, in: folder.path, desk: StreetDesk(node: streetID, seed: 3, versions: 1...1),
            transport: StreetSockets(
                StreetSockets.Settings(hub: "127.0.0.1:\(port)", hubKey: hubKeys.publicKey, keys: keys)))
        #expect(try until([centre, old]) { old.status.current.isLinked && old.status.current.lag == 0 })
        #expect(try reaches(old, from: centre))
        #expect(old.status.current.alarms.map(\.description) == [])
    }

    // MARK: - Two keys

    /// Opens an exchange of the street's key at a centre.
    func rotate(_ centre: TestLoop, overlap: Int64 = 3_600_000) throws {
        let hash = Digest.sha256(Array("another".utf8)).description
        let step = NodeStep.rotate(
            secretHash: hash, expiresAt: TestClock().moment().wall + 60_000, overlap: overlap)
        _ = try #require(try centre.perform(.node(streetID, step))).get()
    }

    private func keys(_ centre: TestLoop) throws -> [String]? {
        try NodeBook(reader: centre.log.reader, centre: centreID)[streetID]?.keys
    }

    /// Records a rule at the centre: a row for everybody.
    func note(at centre: TestLoop) throws {
        let note = Draft(
            stream: try StreamName("rule/note"), type: EventType("rule.noted"), body: [:],
            occurredAt: TestClock().moment().wall)
        _ = try #require(try centre.perform(.record([note]))).get()
    }

    /// Records a rule at the centre, and waits until the street has it.
    func reaches(_ street: TestLoop, from centre: TestLoop, besides others: [TestLoop] = []) throws -> Bool {
        try note(at: centre)
        let head = try centre.log.reader.feedHead(.common).fseq
        return try until([centre, street] + others) {
            try street.log.reader.cursor(of: .common)?.fseq ?? 0 >= head
        }
    }

    @Test(
        "a running street exchanges its key within its session, and the old key ends with the first use of the new one")
    func rotation() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let old = try CurveKeys.generate()
        #expect(try ask(old, MembershipTests.secret, centre, port: port) == nil)
        let ring = TestRing([old])
        let street = try street(ring, port: port)
        #expect(try until([centre, street]) { street.status.current.isLinked && street.status.current.lag == 0 })

        try rotate(centre)
        let new = try CurveKeys.generate()
        #expect(try ask(new, "another", centre, port: port) == nil)
        #expect(try keys(centre) == [new.publicKey, old.publicKey])
        // Under the old key the street goes on, until its folder has the new one in front.
        #expect(try reaches(street, from: centre))
        let before = try centre.log.reader.page(.category("link"), .forward, from: 0, limit: 100).count
        ring.set([new, old])
        #expect(try until([centre, street]) { try keys(centre) == [new.publicKey] })
        #expect(try until([centre, street]) { ring.adopted == [old, new] })
        #expect(try reaches(street, from: centre))
        #expect(street.status.current.isLinked)
        // It was one session all along: no line came up or went down.
        #expect(try centre.log.reader.page(.category("link"), .forward, from: 0, limit: 100).count == before)
        #expect(street.status.current.alarms.map(\.description) == [])
        #expect(centre.status.current.alarms.map(\.description) == [])

        // Whoever has the old key is out: nothing of his is taken, and nothing reaches him.
        let thief = try thief(old, port: port)
        let head = try centre.log.reader.head().position
        #expect(try until([centre, street, thief], limit: .seconds(2)) { thief.status.current.isLinked } == false)
        #expect(try centre.log.reader.head().position == head)
        #expect(try thief.log.reader.head().position == 0)
    }

    @Test("a street that was killed before it knew the answer tries its old key, and the new one when that has ended")
    func killedBetween() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let old = try CurveKeys.generate()
        #expect(try ask(old, MembershipTests.secret, centre, port: port) == nil)
        try rotate(centre, overlap: 1)
        let new = try CurveKeys.generate()
        #expect(try ask(new, "another", centre, port: port) == nil)
        #expect(try until([centre]) { try keys(centre) == [new.publicKey] })
        let events = try centre.log.reader.page(.stream(StreamName("node/street1")), .backward, from: .max, limit: 1)
        #expect(
            try events.first.map { try JSONReader.readObject($0.event.body.bytes ?? []) }?["cause"]
                == .string("overlap"))
        let ring = TestRing([old, new])
        let street = try street(ring, port: port, patience: .seconds(1))
        #expect(try until([centre, street]) { street.status.current.isLinked })
        #expect(ring.adopted == [new])
        #expect(try reaches(street, from: centre))
    }

    @Test("a key that the centre never took costs a street nothing but a moment")
    func neverTaken() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let old = try CurveKeys.generate()
        #expect(try ask(old, MembershipTests.secret, centre, port: port) == nil)
        let ring = TestRing([try CurveKeys.generate(), old])
        let street = try street(ring, port: port, patience: .seconds(1))
        #expect(try until([centre, street]) { street.status.current.isLinked && street.status.current.lag == 0 })
        #expect(ring.adopted == [old])
        #expect(try keys(centre) == [old.publicKey])
    }

    @Test("a copy of a street's folder that starts beside it is told so, and the first goes on being served")
    func twins() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let keys = try CurveKeys.generate()
        #expect(try ask(keys, MembershipTests.secret, centre, port: port) == nil)
        let first = try street(keys, port: port)
        #expect(try until([centre, first]) { first.status.current.isLinked })
        try FileManager.default.createDirectory(atPath: folder.path + "/copy", withIntermediateDirectories: true)
        let second = try TestLoop(
            streetID, centre: centreID, in: folder.path + "/copy", desk: StreetDesk(node: streetID, seed: 4),
            transport: StreetSockets(
                StreetSockets.Settings(hub: "127.0.0.1:\(port)", hubKey: hubKeys.publicKey, keys: keys)))
        // The newest process has the session; the one before asks again, and is told that it runs twice.
        #expect(
            try until([centre, first, second]) {
                centre.status.current.alarms.contains { $0.description.contains("runs twice") }
            })
        #expect(try until([centre, first, second]) { second.status.current.isLinked })
        try note(at: centre)
        let head = try centre.log.reader.feedHead(.common).fseq
        #expect(
            try until([centre, first, second]) { try second.log.reader.cursor(of: .common)?.fseq ?? 0 >= head })
        #expect(first.status.current.alarms.contains { $0.description.contains("refuses this node") })
    }

    @Test("an invitation that has ended is told with its end")
    func expired() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let keys = try CurveKeys.generate()
        let problem = try #require(
            try ask(keys, "of an invitation before", centre, port: port, expiresIn: -1_000) as? EnrolmentProblem)
        guard case .expired(streetID, let end, let now) = problem else {
            Issue.record("\(problem)")
            return
        }
        #expect(end < now && problem.code == "GL-5018")
        #expect(problem.message.description.contains("expired at \(end.utcText)"))
        #expect(problem.hint.description.contains("`gridline nodes invite`"))
    }

    @Test("nobody is invited: the door is shut beside a centre that runs, so the invitation was used or revoked")
    func shut() throws {
        let (centre, port) = try centre()
        let keys = try CurveKeys.generate()
        let shut = EnrolmentProblem.shut(streetID, hub: "127.0.0.1:\(port)", address: "127.0.0.1:\(port + 1)")
        #expect(try ask(keys, MembershipTests.secret, centre, port: port) as? EnrolmentProblem == shut)
        #expect(shut.message.description.contains("was used already"))
        #expect(shut.hint.description.contains("`gridline nodes invite`"))
    }

    @Test("where no centre is, it is told what was asked, for how long, and what the network says")
    func noCentre() throws {
        let port = try freePorts(2)
        let address = "127.0.0.1:\(port + 1)"
        let problem = #expect(throws: EnrolmentProblem.self) {
            try enrolment(MembershipTests.secret, port: port).ask(
                keys: CurveKeys.generate(), clock: TestClock(), limit: 1_000)
        }
        #expect(problem == .silent(address: address, seconds: 1, .refused))
        let said = problem?.message.description ?? ""
        #expect(said.contains(address) && said.contains("for 1 s: the machine is there, and nothing listens"))
        #expect(problem?.hint.description.contains("firewall") == true)
    }

    @Test("a probe tells who listens, who does not, and what is no address")
    func probe() throws {
        let (centre, port) = try centre()
        #expect(TCPProbe.ask("127.0.0.1:\(port)") == .answers)
        #expect(TCPProbe.ask("127.0.0.1:\(port + 1)") == .refused)
        for address in ["no-such-name.invalid:1", "127.0.0.1"] {
            guard case .failed(let reason) = TCPProbe.ask(address) else {
                Issue.record("\(address)")
                continue
            }
            #expect(!reason.isEmpty)
        }
        #expect(centre.status.current.peers.isEmpty)
    }
}

/// What an application came to.
private final class Outcome: Sendable {
    let value = Mutex<Result<Void, any Error>?>(nil)
}

/// A street's keys, exchanged by the test.
private final class TestRing: KeyRing {
    private let state: Mutex<(pairs: [CurveKeys], adopted: [CurveKeys])>

    init(_ pairs: [CurveKeys]) { state = Mutex((pairs, [])) }
    func pairs() -> [CurveKeys] { state.withLock { $0.pairs } }
    func set(_ pairs: [CurveKeys]) { state.withLock { $0.pairs = pairs } }
    func adopt(_ pair: CurveKeys) { state.withLock { $0.adopted.append(pair) } }
    /// The pairs under which the centre answered, in order.
    var adopted: [CurveKeys] { state.withLock { $0.adopted } }
}
