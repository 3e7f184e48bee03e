import Events
import Node
import Replication
import Testing
import Tickets

@testable import Simulation

/// An enrolled node that sends what it may, without end: the others do not notice, and nothing that was acknowledged is lost.
@Suite("Nodes that flood the hub") struct FloodTests {
    /// Says what a street may say, over its own line, in place of its process.
    private final class Flooder {
        let node: NodeID
        private let cluster: Cluster
        private let origin: Origin
        private var session: UInt64?
        private(set) var packed: Int64 = 0
        private let events: [Event]
        private var rounds = 0
        /// Of the session, as they are sent again and again.
        private var pushes: [[UInt8]] = []

        init(_ node: NodeID, in cluster: Cluster) throws {
            self.node = node
            self.cluster = cluster
            cluster.crash(node)
            let log = MemoryLog(node: node, incarnation: Incarnation(77), audience: NoAudience())
            origin = log.origin
            let text = JSON.string(String(repeating: "x", count: 8_000))
            for number in 0..<120 {
                let draft = Draft(
                    stream: try StreamName("note/\(node)"), type: EventType("note.written"), body: ["text": text],
                    occurredAt: cluster.now)
                let request = AppendRequest(
                    command: CommandID(derivedFrom: "flood", node.text, String(number)),
                    actor: Actor(account: "li", role: "clerk", unit: "320507001"), now: cluster.now, drafts: [draft])
                _ = try log.write { try $0.append(request) }
            }
            events = try log.reader.events(of: origin, above: 0, limit: 1_000)
        }

        private func send(_ message: Message) { send(Frame(number: 1, message: message).bytes) }

        private func send(_ frame: [UInt8]) {
            cluster.network.send(frame, from: node, to: cluster.centre, street: node, way: .direct, now: cluster.now)
        }

        /// About three times what the hub takes of all nodes in a turn, or questions that make it read as much.
        func flood() throws {
            for (_, frame) in cluster.network.arrivals(at: node, now: cluster.now) {
                switch try Frame(frame).message {
                case .welcome(let welcome): begin(welcome.session)
                case .pack(_, origin, let sequence): packed = max(packed, sequence)
                case _: break
                }
            }
            if rounds.isMultiple(of: 10) {
                send(.hello(Message.Hello(origin: origin, clock: cluster.now, origins: [], cursors: [])))
            }
            rounds += 1
            guard let session else { return }
            send([1, 2, 3])
            guard rounds.isMultiple(of: 3) else { return (0..<3).forEach { _ in pushes.forEach { send($0) } } }
            let feed = FeedName.node(node)
            let cursors = (1...64).map { FeedCursor(fseq: $0, chain: .zero) }
            let box = Box(
                stream: try StreamName("ticket/none"),
                person: try PersonID("person/" + String(repeating: "0", count: 32)))
            for _ in 0..<20 {
                send(.pull(session: session, feed: feed, above: 0, credit: .max))
                send(.compare(session: session, feed: feed, cursors: cursors))
                send(.keys(session: session, .want(Array(repeating: box, count: 64))))
            }
        }

        private func begin(_ session: UInt64) {
            self.session = session
            pushes = stride(from: 0, to: events.count, by: 5).map {
                Frame(number: 1, message: .push(session: session, events: Array(events[$0..<$0 + 5]))).bytes
            }
        }
    }

    @Test("two streets that flood hold up neither the centre nor the others, and each is named once")
    func flood() throws {
        let cluster = try Cluster(streets: ["street1", "street2", "street3", "street4"], seed: 20_261_127)
        try cluster.run(milliseconds: 3_000)
        let centre = try #require(cluster.nodes[cluster.centre])
        let flooders = try cluster.streets.prefix(2).map { try Flooder($0, in: cluster) }
        var slowest: Int64 = 0
        for round in 0..<8 {
            let street = cluster.streets[2 + round % 2]
            let call = cluster.command(
                .registered, at: street, ["channel": .string("hotline"), "matter": .string("路灯不亮")])
            let begin = cluster.now
            while try cluster.ticket(madeBy: call, at: street).map({
                try centre.log.reader.page(.stream($0), .forward, from: 0, limit: 1).isEmpty
            }) ?? true {
                guard cluster.now - begin < 5_000 else { break }
                for flooder in flooders { try flooder.flood() }
                try cluster.run(milliseconds: 1)
            }
            slowest = max(slowest, cluster.now - begin)
        }
        // The street's turn, the line, and the centre's turn.
        #expect(slowest <= 250, "\(slowest) ms")
        for street in cluster.streets.suffix(2) { #expect(cluster.isUp(street)) }
        for flooder in flooders {
            #expect(flooder.packed > 0, "its events are taken all the same")
            let here = try centre.log.reader.denseEnd(
                of: Origin(node: flooder.node, incarnation: Incarnation(77)), from: 0)
            #expect(here >= flooder.packed, "what was acknowledged is here")
            let named = centre.alarms.filter { $0.contains("\(flooder.node) sends more") }
            #expect(named.count == 1, "\(centre.alarms.prefix(5))")
        }
        #expect(centre.alarms.count <= 2 * 101 + 2)
        // Back to their senses.
        #expect(try cluster.settle() != nil, "\(cluster.summary.prefix(300))")
        let findings = try cluster.disagreements().filter { !$0.hasPrefix("centre alarmed") }
        #expect(findings.isEmpty, "\(findings.prefix(3))")
    }
}
