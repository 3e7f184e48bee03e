/// The node's loop: one thread owns the log's writer, the core and every socket.
///
/// Each turn gathers what waits (commands, messages), does all of it in one transaction, and only after the
/// commit answers and acknowledges: group commit falls out of the shape (`docs/decisions/0003-one-loop.md`).

package import Alarms
package import Events
import Foundation
package import Log
package import Node
package import Replication
import Synchronization
package import Tickets
package import ZeroMQ

package final class NodeLoop {
    /// What the loop tells other threads; a copy.
    package struct Status: Sendable {
        package var head = LogHead.empty
        package var isLinked = false
        /// Own events that the centre has not confirmed; at a street.
        package var outbox: Int64 = 0
        /// How far the centre has confirmed each own origin since the start; at a street.
        package var confirmed: [OriginMark] = []
        /// Rows known to be missing here; at a street.
        package var lag: Int64 = 0
        package var peers: [Peer] = []
        /// The log's end up to which `peers` counts rows, which may be a moment before `head`; nil elsewhere than at the centre.
        package var peersAt: Int64?
        /// The line to the centre; nil elsewhere than at a street.
        package var link: HubLink?
        /// Nodes that may connect, and whether their line is down, since when by the wall clock; at the centre.
        package var members: Set<NodeID> = []
        package var linesDown: [NodeID: Timestamp] = [:]
        /// Messages that sockets did not take, by the kind of socket.
        package var dropped: [String: Int64] = [:]
        /// How often an event made a ticket in memory fold from its beginning.
        package var refolds: Int64 = 0
        /// Rows of the log that are rotten, as far as anybody has looked, nil before the first turn; and that were healed since the
        /// start.
        package var rotten: Int64?
        package var healed: Int64 = 0
        /// Rows whose body was let go, of tickets that are this node's again.
        package var bodiesWanted: Int64 = 0
        /// The 99th percentile of the last commits in microseconds; nil while there are too few.
        package var commitP99: Int64?
        package var blobs = BlobStatus()
        /// The rules in force; nil before the start.
        package var rules: (any TicketRules)?
        /// What happened and what was raised or cleared, in words, newest last, at most 100.
        package var alarms: [Words] = []
        /// The alarms that are raised now, the most severe first, each with since when by the wall clock.
        package var raised: [RaisedAlarm] = []
        package var commits: Int64 = 0
        package var commands: Int64 = 0
        /// All alarms since the start.
        package var alarmCount: Int64 = 0
    }

    private let machine: NodeMachine
    private let centre: NodeID
    private let sealer: Sealer
    private var damages = DamageBook()
    private let log: SQLiteLog
    private let clock: any NodeClock
    private var transport: any Transport
    private let wakeUp: WakeUp
    package let queue: WorkQueue
    private let shared: SharedStatus
    private let onCommit: @Sendable (LogHead) -> Void

    /// Commands and frames that a turn takes at most.
    private static let commands = 1_000
    private static let frames = 256
    /// Milliseconds that a turn waits for something to do, at most; timers are as coarse.
    private static let patience = 50

    /// - Parameter onCommit: called on the loop's thread after each commit; must not block.
    package init(
        log: SQLiteLog, core: NodeCore, sealer: Sealer, desk: any Desk, timers: any TimerSource,
        transport: any Transport,
        clock: any NodeClock,
        wakeUp: WakeUp, status: SharedStatus, onCommit: @escaping @Sendable (LogHead) -> Void
    ) {
        centre = core.centre
        machine = NodeMachine(log: log, core: core, desk: desk, timers: timers)
        self.log = log
        self.sealer = sealer
        self.transport = transport
        self.clock = clock
        self.wakeUp = wakeUp
        shared = status
        self.onCommit = onCommit
        queue = WorkQueue(wakeUp: wakeUp)
    }

    /// Runs until the status is told to stop.
    ///
    /// - Throws: `LogFailure` when the disk can no longer be trusted: the process must end, nothing acknowledged is lost.
    package func run() throws {
        defer { queue.close() }
        if !isStarted { try start() }
        while !shared.isStopping {
            // Many lines bring little each: what comes in a few milliseconds is one commit. A command ends the rest, and its
            // signal with it.
            let rest = machine.hasMore ? 0 : machine.rest
            if rest > 0 { try Poller.wait(for: [], authenticator: nil, wakeUp: wakeUp, milliseconds: rest) }
            let waits = queue.isEmpty && !machine.hasMore
            try transport.wait(wakeUp: wakeUp, milliseconds: waits ? NodeLoop.patience : 0)
            try turn()
        }
        machine.leave()
        try transport.send(machine.takeOutgoing())
        transport.stop()
    }

    /// Binds and connects, so that what cannot be is known before anything else begins; `run` does it when nobody has.
    ///
    /// Everything of the loop is then one thread's: whoever starts it hands it over.
    package func start() throws {
        isStarted = true
        try sealer.start(reader: log.reader, centre: centre, now: clock.moment().wall)
        try transport.start()
        try machine.start(ports: [:], now: clock.moment())
        shared.update { $0.rules = machine.rules }
        try admit()
    }

    /// One turn; `start` and it are exposed so that tests can step them.
    func turn() throws {
        try receive(clock.moment())
        for (ticket, answer) in queue.takeFetches() { answer(machine.wake(ticket)) }
        let taken = queue.take(NodeLoop.commands) { $0.wish.erases }
        // Behind them: nothing that a command says of its time is later than the turn that takes it, however long the lines took.
        let now = clock.moment()
        for damage in shared.takeDamage() { try machine.note(damage) }
        // What stands behind an erasure is sealed in another turn, when the key is gone: no call may lose its data to an
        // erasure that the log has before it.
        let (work, commands) = sealed(taken, now)
        let turn = try perform(commands, for: work, now)
        erase(turn.erased, now: now.wall)
        // Before the answers: what an event names is not at the centre for having just been named.
        tell(machine.blobs)
        // Before the answers: who hears that a node is revoked may rely on it. What fails here takes back no commit, and
        // leaves nobody without an answer.
        let admission = Result { try admit() }
        for (one, answer) in zip(work, turn.answers) { one.answer(answer) }
        try admission.get()
        if let failure = turn.failure {
            if case .storage(_, _, fatal: true)? = failure as? LogFailure { throw failure }
            shared.alarm(.alarm("a transaction was lost", failure))
        }
        try transport.send(machine.takeOutgoing())
        settle(commands, turn.answers, now)
        tell(turn, commands: work.count, now)
    }

    /// Takes what the lines brought.
    private func receive(_ now: Moment) throws {
        for received in try transport.receive(limit: NodeLoop.frames) {
            try machine.receive(received.frame, from: received.from, now: now)
        }
        for use in transport.takeKeyUses() { machine.note(use: use) }
        // What a frame brings about at once rests on earlier commits: a street's next pull is on its way while the rows
        // of the last one are being stored.
        try transport.send(machine.takeOutgoing())
    }

    /// Seals what identifies people.
    ///
    /// - Returns: the work that goes on, with its commands as they may be stored; the rest is answered.
    private func sealed(_ work: [Work], _ now: Moment) -> (work: [Work], commands: [NodeCommand]) {
        if work.isEmpty { return ([], []) }
        var taken: [Work] = []
        var commands: [NodeCommand] = []
        do {
            let sealed = try sealer.seal(
                work.map { ($0.command, $0.person) }, leaving: Set(toErase + machine.comingErasures),
                reader: log.reader, now: now.wall)
            for (one, result) in zip(work, sealed) {
                switch result {
                case .success(let command):
                    taken.append(one)
                    commands.append(command)
                case .failure(let error):
                    one.answer(.failure(error))
                    // Whoever sends it again and again is answered each time, and said once.
                    guard let damage = error as? LogFailure, damages.note(damage) else { continue }
                    shared.alarm(.alarm("a command could not be sealed", damage))
                }
            }
        } catch {
            // Nothing of them is stored without their seals; what the lines brought goes on.
            for one in work { one.answer(.failure(error)) }
            shared.alarm(.alarm("\(work.count) commands could not be sealed", error))
        }
        return (taken, commands)
    }

    /// Does everything that waits in one transaction; its answers are still to be given.
    private func perform(_ commands: [NodeCommand], for work: [Work], _ now: Moment) throws -> NodeMachine.Turn {
        do {
            return try machine.turn(commands, now: now)
        } catch {
            // Whoever waits hears of it; whether the commit came about is found by sending the same command again.
            for one in work { one.answer(.failure(error)) }
            throw error
        }
    }

    private func settle(_ commands: [NodeCommand], _ answers: [Result<CommandReply, any Error>], _ now: Moment) {
        do { try sealer.settle(commands, answers, reader: log.reader, now: now.wall) } catch {
            shared.alarm(.alarm("keys that were made for refused commands are not deleted", error))
        }
    }

    /// Tells other threads what came of a turn.
    private func tell(_ turn: NodeMachine.Turn, commands: Int, _ now: Moment) {
        let head = log.head
        if turn.isAdvanced { onCommit(head) }
        measure()
        for alarm in machine.takeAlarms() + transport.takeAlarms() { shared.alarm(alarm) }
        noteCheckpoint()
        let telling = peersTold.map { now.steady - $0 >= NodeLoop.peersPause } ?? true
        if telling { peersTold = now.steady }
        shared.update { status in
            status.head = head
            status.isLinked = machine.isUp
            // Nothing was confirmed that changed neither: the list is not made for every turn.
            if turn.isAdvanced || status.outbox != machine.outbox { status.confirmed = machine.confirmed }
            status.outbox = machine.outbox
            status.lag = machine.lag
            if telling {
                status.peers = machine.peers
                status.peersAt = machine.peersAt
            }
            status.link = machine.link
            status.rotten = machine.rotten.rows
            status.healed = machine.rotten.healed
            status.bodiesWanted = machine.bodiesWanted
            status.rules = machine.rules
            if turn.isAdvanced { status.commits += 1 }
            status.commands += Int64(commands)
        }
    }

    private func tell(_ blobs: BlobStatus) { if shared.current.blobs != blobs { shared.update { $0.blobs = blobs } } }

    /// Lets in who is a member since this turn, and nobody who is not any more.
    private func admit() throws {
        guard let members = machine.takeMembers(now: clock.moment().wall) else { return }
        let nodes = Set(members.filter { !$0.keys.isEmpty }.map(\.node))
        shared.update { $0.members = nodes }
        try machine.publish(at: try transport.admit(members))
        // Who is revoked is no peer any more from this turn on.
        peersTold = nil
    }

    /// Destroys keys before anybody hears that it is done; what fails is tried again at each turn, and at the next start.
    private func erase(_ persons: [PersonID], now: Timestamp) {
        toErase += persons
        guard !toErase.isEmpty else { return }
        do {
            try sealer.erase(toErase, now: now)
            machine.confirm(destroyed: toErase)
            toErase = []
        } catch {
            guard !persons.isEmpty else { return }
            shared.alarm(.alarm("keys of \(toErase.count) persons are not destroyed yet", error))
        }
    }

    /// What costs more to find than a turn may, once a second.
    private func measure() {
        let now = clock.moment().steady
        guard now - measuredAt >= NodeLoop.measuring else { return }
        measuredAt = now
        let (down, dropped, p99, refolds) = (
            machine.linesDown, transport.dropped, log.commitTimes.p99Microseconds(), machine.refolds
        )
        shared.update { status in
            status.linesDown = down
            status.dropped = dropped
            status.commitP99 = p99
            status.refolds = refolds
        }
    }

    /// Milliseconds.
    private static let measuring: Int64 = 1_000
    private var measuredAt = Int64.min / 2
    private var toErase: [PersonID] = []
    /// When other threads were last told of the peers, in steady milliseconds.
    private var peersTold: Int64?
    /// Milliseconds between two lists of the peers: one for every turn took a tenth of a centre's time with a hundred streets.
    private static let peersPause: Int64 = 100
    private var isStarted = false

    /// A checkpoint that fails is no commit that failed, and not silent: once for each cause.
    private func noteCheckpoint() {
        guard log.checkpointFailure != lastCheckpointFailure else { return }
        lastCheckpointFailure = log.checkpointFailure
        if let failure = lastCheckpointFailure { shared.alarm(.alarm(nil, failure)) }
    }

    private var lastCheckpointFailure: LogFailure?
}

/// An alarm that is raised, as other threads see it.
package struct RaisedAlarm: Sendable, Equatable {
    package let alarm: Alarm
    /// By the wall clock.
    package let since: Timestamp
}

/// The clocks of a node's machine.
package protocol NodeClock: Sendable {
    func moment() -> Moment
}

/// The loop's status, readable from any thread.
package final class SharedStatus: Sendable {
    private let value = Mutex(NodeLoop.Status())
    private let stopping = Atomic(false)
    private let damage = Mutex<[LogFailure]>([])
    private let onAlarm: @Sendable (Words) -> Void

    /// - Parameter onAlarm: told of each alarm as it comes, on the thread that raises it; must not block.
    package init(onAlarm: @escaping @Sendable (Words) -> Void = { _ in }) { self.onAlarm = onAlarm }
    package var current: NodeLoop.Status { value.withLock { $0 } }
    package var isStopping: Bool { stopping.load(ordering: .acquiring) }
    package func stop() { stopping.store(true, ordering: .releasing) }

    func update(_ body: (inout sending NodeLoop.Status) -> Void) {
        value.withLock { body(&$0) }
    }

    /// Damage of the log that a reader on another thread met; the loop hears of it in its next turn.
    package func note(_ failure: LogFailure) {
        damage.withLock { if $0.count < DamageBook.limit, !$0.contains(failure) { $0.append(failure) } }
    }

    func takeDamage() -> [LogFailure] {
        damage.withLock { failures in
            defer { failures = [] }
            return failures
        }
    }

    package func alarm(_ text: Words) {
        value.withLock { status in
            status.alarmCount += 1
            status.alarms.append(text)
            if status.alarms.count > 100 { status.alarms.removeFirst() }
        }
        onAlarm(text)
    }
}
