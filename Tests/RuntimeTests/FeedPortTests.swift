import Events
import Replication
import Testing
import ZeroMQ

@testable import Runtime

/// Each node's feed is published at a port of its own, which its slot names.
@Suite("Ports of feeds", .serialized) struct FeedPortTests {
    @Test("nodes whose slots turn out to be one have a port each; a port that somebody else has is waited for once")
    func slots() throws {
        let port = try freePorts(6)
        let hubKeys = try CurveKeys.generate()
        let streetID = try NodeID("street1")
        var sockets = try HubSockets(
            HubSockets.Settings(
                listen: "127.0.0.1:\(port)", publishFrom: port + 2, enrolPort: port + 1, keys: hubKeys))
        try sockets.start()
        let (earlier, third) = (try NodeID("street2"), try NodeID("street3"))
        let keys = try (0..<3).map { _ in try CurveKeys.generate().publicKey }
        func member(_ node: NodeID, slot: Int) -> Member {
            Member(node: node, slot: slot, keys: [node == streetID ? keys[0] : node == earlier ? keys[1] : keys[2]])
        }
        #expect(try sockets.admit([member(streetID, slot: 1)])[.node(streetID)] == String(port + 3))
        let two = [member(earlier, slot: 1), member(streetID, slot: 2)]
        let ports = try sockets.admit(two)
        #expect(ports[.node(earlier)] == String(port + 3) && ports[.node(streetID)] == String(port + 4))
        #expect(sockets.takeAlarms().isEmpty)
        let context = try ZeroMQContext()
        let stranger = try Socket(.router, in: context)
        try stranger.bind("tcp://127.0.0.1:\(port + 5)")
        let all = two + [member(third, slot: 3)]
        #expect(try sockets.admit(all)[.node(third)] == Member.noPort)
        #expect(!sockets.takeAlarms().isEmpty)
        let start = ContinuousClock.now
        #expect(try sockets.admit(all)[.node(third)] == Member.noPort)
        #expect(ContinuousClock.now - start < .milliseconds(500))
        sockets.stop()
        withExtendedLifetime((context, stranger)) {}
    }
}
