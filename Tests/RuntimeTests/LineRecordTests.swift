import Events
import Log
import Node
import Replication
import Testing
import Tickets

/// What becomes of a line's change that the log does not take.
@Suite("Lines on record") struct LineRecordTests {
    @Test("a change that the log refuses is said, and the turn goes on")
    func refused() throws {
        let folder = try TemporaryFolder()
        let (centre, street) = (try NodeID("centre"), try NodeID("street1"))
        let now = Moment(wall: Timestamp(milliseconds: 1_795_000_000_000), steady: 1)
        let log = try SQLiteLog(
            path: folder.path + "/log.sqlite", node: centre, incarnation: Incarnation(1),
            audience: TicketAudience(centre: centre))
        // As many openings as wrote here, so many entries has the basis of what follows: one more than there may be.
        let stream = try StreamName(category: "link", key: street.text)
        var events: [Event] = []
        for opening in 0...UInt64(Event.Limit.basis) {
            let origin = Origin(node: try NodeID("street2"), incarnation: Incarnation(100 + opening))
            events.append(
                Event(
                    id: EventID(origin: origin, sequence: 1), hlc: .zero, stream: stream, type: EventType("link.noted"),
                    basis: .empty, actor: Actor(system: "link", rule: "1"), occurredAt: now.wall, recordedAt: now.wall,
                    command: CommandID(derivedFrom: "note", String(opening)), index: 0, causation: nil,
                    correlation: nil, body: Array("{}".utf8), sealed: nil, previous: .zero
                ).chained(to: .zero))
        }
        _ = try log.write { try $0.ingest(events, dense: true, receivedAt: now.wall) }
        let core = NodeCore(
            node: centre, centre: centre, rules: try BookRules(reader: log.reader, centre: centre), number: 1,
            utcOffsetMinutes: 480)
        let machine = NodeMachine(
            log: log, core: core, desk: HubDesk(random: SystemRandomNumberGenerator()), timers: NoTimers())
        try machine.start(ports: [:], now: now)
        let hello = Message.Hello(
            origin: Origin(node: street, incarnation: Incarnation(9)), clock: now.wall, origins: [], cursors: [])
        try machine.receive(Frame(number: 1, message: .hello(hello)).bytes, from: .node(street), now: now)
        let turn = try machine.turn([], now: now)
        #expect(turn.failure == nil)
        let alarms = machine.takeAlarms().map(\.description)
        #expect(alarms.contains { $0.contains("the line to street1 is not on record") }, "\(alarms)")
    }
}
