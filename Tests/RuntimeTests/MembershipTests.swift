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
    private let folder: TemporaryFolder
    private let centreID: NodeID
    private let streetID: NodeID
    private let hubKeys: CurveKeys
    private static let secret = "0123456789abcdef"

    init() throws {
        folder = try TemporaryFolder()
        centreID = try NodeID("centre")
        streetID = try NodeID("street1")
        hubKeys = try CurveKeys.generate()
    }

    /// A centre, and the ports that it listens on: ROUTER, enrolment, and three for feeds.
    private func centre() throws -> (loop: TestLoop, port: Int) {
        let port = try freePorts(5)
        let sockets = try HubSockets(
            HubSockets.Settings(
                listen: "127.0.0.1:\(port)", publishFrom: port + 2, enrolPort: port + 1, keys: hubKeys))
        let loop = try TestLoop(
            centreID, centre: centreID, in: folder.path, desk: HubDesk(random: SystemRandomNumberGenerator()),
            transport: sockets)
        return (loop, port)
    }

    private func street(_ keys: CurveKeys, port: Int) throws -> TestLoop {
        let sockets = try StreetSockets(
            StreetSockets.Settings(hub: "127.0.0.1:\(port)", hubKey: hubKeys.publicKey, keys: keys))
        return try TestLoop(
            streetID, centre: centreID, in: folder.path, desk: StreetDesk(node: streetID, seed: 3), transport: sockets)
    }

    /// A row of ports that nobody listens on.
    private func freePorts(_ count: Int) throws -> Int {
        let context = try ZeroMQContext()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<100 {
            let first = Int.random(in: 20_000...60_000, using: &random)
            let isFree = (first..<first + count).allSatisfy { port in
                do {
                    try Socket(.router, in: context).bind("tcp://127.0.0.1:\(port)")
                    return true
                } catch { return false }
            }
            if isFree { return first }
        }
        throw NoFreePorts()
    }

    /// Invites the street at a centre.
    private func invite(_ centre: TestLoop, secret: String = MembershipTests.secret) throws {
        let hash = Digest.sha256(Array(secret.utf8)).description
        let expires = TestClock().moment().wall + 60_000
        _ = try #require(try centre.perform(.node(streetID, .invite(secretHash: hash, expiresAt: expires)))).get()
    }

    private func enrolment(_ secret: String, port: Int, expiresIn: Int64 = 60_000) -> Enrolment {
        Enrolment(
            node: streetID, secret: secret, address: "127.0.0.1:\(port + 1)", hub: "127.0.0.1:\(port)",
            hubKey: hubKeys.publicKey, expiresAt: TestClock().moment().wall + expiresIn)
    }

    /// Asks to be let in, on a thread of its own while the centre turns.
    private func ask(
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

    @Test("a street with an invitation gets in, has its feed, and is gone at once when it is revoked")
    func life() throws {
        let (centre, port) = try centre()
        try invite(centre)
        let keys = try CurveKeys.generate()
        #expect(try ask(keys, MembershipTests.secret, centre, port: port) == nil)

        let street = try street(keys, port: port)
        #expect(try until([centre, street]) { street.status.current.isLinked && street.status.current.lag == 0 })
        // The common feed says who belongs: the street knows it from the log.
        #expect(
            try until([centre, street]) {
                try NodeBook(reader: street.log.reader, centre: centreID).enrolled == [streetID]
            })

        _ = try #require(try centre.perform(.node(streetID, .revoke(reason: "设备遗失")))).get()
        #expect(centre.status.current.peers.isEmpty)
        let position = try centre.log.reader.head().position
        // What the centre publishes from now on does not reach it, and nothing of it reaches the centre.
        let note = Draft(
            stream: try StreamName("rule/note"), type: EventType("rule.noted"), body: [:],
            occurredAt: TestClock().moment().wall)
        _ = try #require(try centre.perform(.record([note]))).get()
        let before = try street.log.reader.head().position
        #expect(
            try until([centre, street], limit: .seconds(2)) { try street.log.reader.head().position > before } == false)
        let after = try centre.log.reader.page(.all, .forward, from: position, limit: 10).map(\.event.type.name)
        #expect(after == ["rule.noted", "link.lost"])
        #expect(centre.status.current.peers.isEmpty)
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
        let note = Draft(
            stream: try StreamName("rule/note"), type: EventType("rule.noted"), body: [:],
            occurredAt: TestClock().moment().wall)
        _ = try #require(try centre.perform(.record([note]))).get()
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

private struct NoFreePorts: Error {}
