import Events
import Log
import Node
import Replication
import Testing
import Tickets

@Suite("What a hub publishes") struct HintTests {
    @Test("rows go out before the hint of their end: who hears of an end first pulls what is on its way")
    func order() throws {
        let folder = try TemporaryFolder()
        let (centre, street) = (try NodeID("centre"), try NodeID("street1"))
        func moment(_ steady: Int64) -> Moment {
            Moment(wall: Timestamp(milliseconds: 1_795_000_000_000 + steady), steady: steady)
        }
        let log = try SQLiteLog(
            path: folder.path + "/log.sqlite", node: centre, incarnation: Incarnation(1),
            audience: TicketAudience(centre: centre))
        let core = NodeCore(
            node: centre, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        let machine = NodeMachine(
            log: log, core: core, desk: HubDesk(random: SystemRandomNumberGenerator()), timers: NoTimers())
        try machine.start(ports: [.common: "tcp://127.0.0.1:7410"], now: moment(0))
        _ = try machine.turn([], now: moment(1))
        _ = machine.takeOutgoing()
        let hash = Digest.sha256(Array("secret".utf8)).description
        let invite = NodeCommand(
            id: CommandID(derivedFrom: "invite"),
            .node(street, .invite(secretHash: hash, expiresAt: moment(60_000).wall)),
            actor: Actor(account: "zhao", role: "systemAdmin", unit: "centre"))
        _ = try machine.turn([invite], now: moment(10_000)).answers[0].get()
        let kinds = try machine.takeOutgoing().compactMap { outgoing -> String? in
            guard case .publish(.common, let frame) = outgoing else { return nil }
            switch try Frame(frame).message {
            case .live: return "rows"
            case .hint: return "hint"
            case _: return "other"
            }
        }
        #expect(kinds == ["rows", "hint"])
    }
}
