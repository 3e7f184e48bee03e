/// A node as one synchronous machine: commands and frames in, one transaction a turn, answers and frames out.
///
/// Knows no socket, clock, disk or thread (`docs/architecture.md`, rule 10): the node's loop gives it the time and
/// what its sockets brought, the simulator gives it the same from a seed. What a turn answers and sends left its
/// transaction first.

package import Events
package import Replication
import Rules
package import Tickets

package final class NodeMachine {
    /// What came of a turn.
    package struct Turn {
        /// One answer a command, in their order.
        package var answers: [Result<CommandReply, any Error>]
        /// Why the turn's transaction was lost; everything in it is to be sent again.
        package var failure: (any Error)?
        /// Whether the log grew.
        package var isAdvanced: Bool
        /// Persons whose erasure is in the log since this turn.
        package var erased: [PersonID] = []
    }

    let log: any EventLog
    let core: NodeCore
    let source: any TimerSource
    var desk: any Desk
    var timers = TicketTimers()
    private var clock = ClockWatch()
    var links: LinkLog
    var admissions: Admissions
    /// Rules or members came with this turn's transaction.
    private var hasNewRules = false
    /// Changes of lines that are not in the log yet.
    private var linkChanges: [LinkChange] = []
    var linkNumber = 0
    /// Persons whose key is destroyed here, which this node has yet to say.
    private var destroyed: [PersonID] = []
    var alarms: [Words] = []
    /// Tickets that could not be read, told once, and when each is looked at again.
    private(set) var damaged: [StreamName: Timestamp] = [:]
    /// The row up to which the log was read through in this round, and when it goes on, in steady milliseconds.
    var readThroughFrom: Int64 = 0
    var readThroughAt = Int64.min
    /// Events that came while their ticket could not be read, until their receipts are given.
    var unreceipted: [StreamName: [EventID]] = [:]
    /// Damage, and refusals of own records, that an alarm has named.
    var told = DamageBook()
    var refusals = RefusalBook()

    /// - Parameter timers: finds the tickets from before the start whose clocks run.
    package init(log: any EventLog, core: NodeCore, desk: any Desk, timers: any TimerSource) {
        self.log = log
        self.core = core
        self.desk = desk
        source = timers
        links = LinkLog(centre: core.centre)
        admissions = Admissions(centre: core.centre)
    }

    package var reader: any EventReader { log.reader }
    package var isUp: Bool { desk.isUp }
    package var outbox: Int64 { desk.outbox }
    package var confirmed: [OriginMark] { desk.confirmed }
    package var lag: Int64 { desk.lag }
    package var peers: [Peer] { desk.peers }
    package var peersAt: Int64? { desk.peersAt }
    package var link: HubLink? { desk.link }
    /// Milliseconds that may pass before the next turn when no command waits.
    package var rest: Int { desk.rest }
    /// Lines to nodes that are down, each with since when by the wall clock; the centre's.
    package var linesDown: [NodeID: Timestamp] { links.down }
    /// How often a late event made a ticket in memory fold again, since the start.
    package var refolds: Int64 { core.refolds }
    package var blobs: BlobStatus { desk.blobs }

    /// Asks the centre for a ticket of which nothing is here (`Desk.wake`).
    package func wake(_ ticket: StreamName) -> TicketWake? { desk.wake(ticket) }
    package var rules: any TicketRules { core.rules }
    var isCentre: Bool { core.node == core.centre }

    /// The nodes that may connect, for the transport, when they are not what it was last told; then `publish` what it says.
    package func takeMembers(now: Timestamp) -> [Member]? { admissions.takeMembers(now: now) }

    /// Whether what has come waits for a further turn.
    package var hasMore: Bool { desk.hasMore }

    /// A node that has two keys used the newer one: the one before ends in the next turn.
    package func note(use: KeyUse) { admissions.note(use: use) }

    /// Feeds are published at these ports from now on; a node whose feed is not among them has no session any more.
    package func publish(at ports: [FeedName: String]) throws { try desk.publish(at: ports, reader: log.reader) }

    /// - Parameter ports: where each feed is published; a hub's.
    package func start(ports: [FeedName: String], now: Moment) throws {
        try desk.start(process: log.origin, ports: ports, reader: log.reader, now: now)
        _ = clock.take(now)
        startTimers()
        // The keys of all erasures in the log are gone: that was done before the start.
        try Erasure.all(in: log.reader, centre: core.centre) { persons in
            for person in persons
            where try log.reader.outcome(of: Erasure.confirmation(person, by: core.node)) == nil {
                destroyed.append(person)
            }
        }
        guard isCentre else { return }
        try admissions.load(log.reader, centre: core.centre)
        try loadLinks()
        var last = now.wall
        let damage = try damage {
            last = try log.reader.page(.all, .backward, from: .max, limit: 1).first?.receivedAt ?? last
        }
        if let damage, told.note(damage) { alarms.append(.alarm("the end of the log cannot be read", damage)) }
        linkChanges = links.up.map { LinkChange(node: $0, isUp: false, at: min(last, now.wall)) }
    }

    /// Takes a frame; what it asks for is done in the next turn.
    package func receive(_ frame: [UInt8], from sender: Sender, now: Moment) throws {
        try desk.receive(frame, from: sender, reader: log.reader, now: now)
    }

    /// Does what waits, in one transaction; when it throws nothing more can be done here, and nothing was acknowledged.
    package func turn(_ commands: [NodeCommand], now: Moment) throws -> Turn {
        try desk.tick(reader: log.reader, now: now)
        try readThrough(now)
        linkChanges += desk.takeLinkChanges()
        for (application, refusal) in admissions.sort(desk.takeApplications(), process: log.origin, now: now.wall) {
            desk.answer(application, refusal: refusal)
        }
        switch clock.take(now) {
        case .ahead(let alarm): alarms.append(alarm)
        case .settled: startTimers()
        case nil: break
        }
        let (seeded, passed) = try seedTimers(now)
        for ticket in seeded { try schedule(ticket, now.wall) }
        if let passed, told.note(passed) { alarms.append(.alarm("the timers of a ticket are passed over", passed)) }
        let ending = admissions.takeEnding(process: log.origin, now: now.wall, isHolding: clock.isHolding)
        let before = log.head.position
        var turn = Turn(answers: [], failure: nil, isAdvanced: false)
        let isDue = !clock.isHolding && timers.isDue(now.wall)
        if !commands.isEmpty || desk.hasStorageWork || isDue || !linkChanges.isEmpty || !admissions.waiting.isEmpty
            || !destroyed.isEmpty || !ending.isEmpty
        {
            let due = isDue ? timers.take(now.wall) : []
            do {
                let touched = try store(commands, ending: ending, due: due, into: &turn, now: now)
                linkChanges = []
                destroyed = []
                renewRules()
                for ticket in touched { try schedule(ticket, now.wall) }
            } catch {
                core.forget()
                hasNewRules = false
                try loadLinks()
                try loadMembers()
                for ticket in due { timers.set(ticket, at: now.wall + NodeMachine.retryAfter) }
                try desk.storageFailed(now: now, reader: log.reader)
                turn.answers = commands.map { _ in .failure(error) }
                turn.failure = error
                return turn
            }
        }
        for damage in log.takeDamage() { try note(damage) }
        sayUnrecorded()
        if !clock.isHolding {
            desk.expireKeys(reader: log.reader, now: now)
            try desk.lookForPurges(reader: log.reader, now: now)
        }
        try desk.committed(reader: log.reader, now: now)
        turn.isAdvanced = log.head.position > before
        return turn
    }

    /// The keys of these persons are gone here; the next turn says so in the log.
    package func confirm(destroyed persons: [PersonID]) { destroyed += persons }

    /// Persons whose erasure has come over the line, and is stored in the next turn or a later one.
    package var comingErasures: [PersonID] {
        desk.received(in: Erasure.category).compactMap { erasure($0.type, $0.stream, by: $0.id.origin.node) }
    }

    /// The process stops in order: whoever it talks with hears it, instead of finding out.
    package func leave() { desk.leave() }

    /// What is to be sent now: after `receive` it rests on what was committed before, after `turn` on that turn too.
    package func takeOutgoing() -> [Outgoing] { desk.takeOutgoing() }

    package func takeAlarms() -> [Words] {
        defer { alarms = [] }
        return desk.takeAlarms() + alarms
    }

    // MARK: - The transaction

    /// Milliseconds until timers whose transaction was lost are tried again.
    private static let retryAfter: Int64 = 1_000
    /// Milliseconds until a ticket that could not be read is looked at again.
    private static let damageAfter: Int64 = 3_600_000

    /// People's commands first, then what the lines brought, then what time made due.
    ///
    /// - Returns: the tickets whose timers may have moved.
    private func store(
        _ commands: [NodeCommand], ending: [NodeCommand], due: [StreamName], into turn: inout Turn, now: Moment
    ) throws -> [StreamName] {
        var answers: [Result<CommandReply, any Error>] = []
        answers.reserveCapacity(commands.count)
        var touched = due
        var stored: Set<StreamName> = []
        var erased: [PersonID] = []
        let applications = admissions.takeWaiting()
        var decided: [(Application, CommandRefusal?)] = []
        var receipts: [StreamName: Set<EventID>] = [:]
        var lacking: [Event] = []
        try log.write { transaction in
            for command in commands {
                let result = try contained {
                    try core.perform(command, in: transaction, reader: log.reader, now: now.wall)
                }
                if case .success(let reply) = result {
                    touched.append(reply.ticket)
                    // Also of a repeat: the core has seen that it is the same, and a key may still be left.
                    if case .record(let drafts) = command.wish {
                        erased += drafts.compactMap { erasure($0.type, $0.stream, by: core.node) }
                    }
                    try noteRules(reply)
                }
                answers.append(result)
            }
            for (application, command) in applications {
                let result = try core.perform(command, in: transaction, reader: log.reader, now: now.wall)
                switch result {
                case .success(let reply):
                    try noteRules(reply)
                    decided.append((application, nil))
                case .failure(let refusal): decided.append((application, refusal))
                }
            }
            try confirm(destroyed, in: transaction, now: now.wall)
            for command in ending {
                let what: Words = "the end of a key that was exchanged"
                if let reply = try record(what: what, command, in: transaction, now: now.wall) { try noteRules(reply) }
            }
            // Lines first: what arrives with the first frames of a line that is back was written in its outage.
            for change in linkChanges { try note(change, in: transaction, now: now.wall) }
            for event in try desk.store(transaction, now: now) {
                core.take([event], into: event.stream)
                // An own one was lost here and is back; others' move the timers of what the centre owns.
                if event.stream.category == "ticket", isCentre || event.id.origin.node == core.node {
                    stored.insert(event.stream)
                }
                if let person = erasure(event.type, event.stream, by: event.id.origin.node) { erased.append(person) }
                if NodeMachine.ruling.contains(event.stream.category) { hasNewRules = true }
                if event.id.origin == log.origin, let healed = Healed(event) {
                    let given = try renew(healed, in: transaction, now: now.wall)
                    receipts[healed.stream, default: []].formUnion(given)
                    touched.append(healed.stream)
                    if NodeMachine.ruling.contains(healed.stream.category) { hasNewRules = true }
                }
                if event.id.origin == log.origin, let change = BodyChange(event) {
                    core.forget(change.stream)
                    touched.append(change.stream)
                }
                // Of a centre that takes back what a restored copy of it has lost.
                if isCentre, event.stream.category == NodeBook.category { admissions.take(event) }
                if isCentre,
                    let damage = try damage({
                        try receipt(for: event, arrival: now.wall, in: transaction, now: now.wall)
                    })
                {
                    pass(over: event.stream, damage, now: now.wall)
                    lacking.append(event)
                }
            }
            for ticket in due {
                var done: Set<CommandID> = []
                var goesOn = true
                while goesOn {
                    goesOn = false
                    let damage = try damage {
                        goesOn = try fire(ticket, besides: &done, in: transaction, now: now.wall)
                    }
                    if let damage { pass(over: ticket, damage, now: now.wall) }
                }
            }
        }
        settle(receipts)
        for event in lacking { lacksReceipt(event) }
        for (application, refusal) in decided { desk.answer(application, refusal: refusal) }
        turn.answers = answers
        turn.erased = erased
        return touched + stored.sorted()
    }

    // MARK: - Damage

    /// What reading meets that is damaged in the log, as long as nothing was written: only who asked has to do without.
    ///
    /// - Throws: everything else, and damage behind something that was written; the transaction is lost then.
    func damage(_ body: () throws -> Void) throws -> LogFailure? {
        let before = log.head.position
        do {
            try body()
            return nil
        } catch let failure as LogFailure {
            guard case .corrupt = failure, log.head.position == before else { throw failure }
            try note(failure)
            return failure
        }
    }

    /// A command's answer, which is also the damage that it meets.
    private func contained(
        _ body: () throws -> Result<CommandReply, CommandRefusal>
    ) throws -> Result<CommandReply, any Error> {
        var answer: Result<CommandReply, any Error>?
        if let failure = try damage({ answer = try body().mapError { $0 } }) { return .failure(failure) }
        guard let answer else { preconditionFailure("a command without an answer") }
        return answer
    }

    /// Says once that a ticket cannot be read, and looks at it again in an hour: the damage may be another stream's, or be mended.
    func pass(over ticket: StreamName, _ damage: LogFailure, now: Timestamp) {
        let again = now + NodeMachine.damageAfter
        timers.set(ticket, at: again)
        guard damaged.updateValue(again, forKey: ticket) == nil else { return }
        told.note(damage)
        alarms.append(.alarm("\(ticket) is passed over", damage))
    }

    /// A ticket can be read again.
    func mended(_ ticket: StreamName) { damaged[ticket] = nil }

    private func erasure(_ type: EventType, _ stream: StreamName, by node: NodeID) -> PersonID? {
        Erasure.person(type, stream, by: node, centre: core.centre)
    }

    // MARK: - Rules and members

    /// Streams that decisions look at beside the ticket's own.
    private static let ruling: Set<Substring> = ["calendar", "catalogue", "node", "rule", "territory"]

    /// Marks what a command changed of rules and members; they take effect with the commit.
    private func noteRules(_ reply: CommandReply) throws {
        guard NodeMachine.ruling.contains(reply.ticket.category), !reply.isRepeat else { return }
        hasNewRules = true
        guard reply.ticket.category == NodeBook.category else { return }
        for stored in try log.reader.page(.stream(reply.ticket), .backward, from: .max, limit: 1) {
            admissions.take(stored.event)
        }
    }

    /// Takes the rules of the log as it is committed now; what cannot be read leaves the earlier ones in force, with an alarm.
    private func renewRules() {
        guard hasNewRules else { return }
        hasNewRules = false
        do {
            let rules = try BookRules(reader: log.reader, centre: core.centre)
            for problem in rules.problems { alarms.append(.alarm("a rule is not in force", problem)) }
            core.rules = rules
            // Timers count by the rules, so that every clock is looked at again.
            startTimers()
        } catch {
            alarms.append(.alarm("the rules in the log could not be read", error))
        }
    }
}
