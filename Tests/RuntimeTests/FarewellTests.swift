import Events
import Foundation
import Node
import Replication
import Testing
import ZeroMQ

@testable import Runtime

/// A street that is stopped in order tells its hub.
@Suite("Farewell over CURVE") struct FarewellTests {
    @Test("the line of a street that stops is down at once, not when it has been silent for long")
    func bye() throws {
        let folder = try TemporaryFolder()
        let (centreID, streetID) = (try NodeID("centre"), try NodeID("street1"))
        let (hubKeys, streetKeys) = (try CurveKeys.generate(), try CurveKeys.generate())
        let sockets = try HubSockets(
            HubSockets.Settings(listen: "127.0.0.1:*", publishFrom: 0, enrolPort: 0, keys: hubKeys))
        let centre = try TestLoop(
            centreID, centre: centreID, in: folder.path, desk: HubDesk(random: SystemRandomNumberGenerator()),
            transport: sockets)
        let end = TestClock().moment().wall + 60_000
        let hash = Digest.sha256(Array("secret".utf8)).description
        _ = try centre.perform(.node(streetID, .invite(secretHash: hash, expiresAt: end)))?.get()
        let enrol = NodeCommand(
            id: CommandID(derivedFrom: "enrol"),
            .node(streetID, .enrol(key: streetKeys.publicKey, secret: "secret")),
            actor: Actor(system: "enrol", rule: "1"))
        try centre.loop.queue.add(Work(command: enrol) { _ in })
        try centre.loop.turn()
        let street = try TestLoop(
            streetID, centre: centreID, in: folder.path, desk: StreetDesk(node: streetID, seed: 3),
            transport: try StreetSockets(
                StreetSockets.Settings(
                    hub: try sockets.address(), hubKey: hubKeys.publicKey, keys: streetKeys)))
        #expect(try until([centre, street]) { street.status.current.isLinked })
        #expect(centre.status.current.linesDown[streetID] == nil)
        let silent = ContinuousClock.now
        street.status.stop()
        try street.loop.run()
        let limit = Duration.milliseconds(Hub.Limit.silence / 2)
        #expect(try until([centre], limit: limit) { centre.status.current.linesDown[streetID] != nil })
        print("the line is down \(ContinuousClock.now - silent) after the stop")
    }
}
