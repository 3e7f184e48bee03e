/// A node of the simulated cluster: the production machine over a log in memory.

package import Events
package import Node
import Replication
import Rules
package import Tickets

package final class SimulatedNode {
    package let id: NodeID
    package private(set) var log: MemoryLog
    package let blobs = MemoryBlobStore()
    package private(set) var vault = MemoryVault()
    /// Outlives its disk: who restores a centre has its keys.
    private let signer: FeedSigner?
    /// nil while the process is down.
    package private(set) var machine: NodeMachine?
    /// Milliseconds by which its clock is wrong.
    package var clockError: Int64 = 0
    /// Versions of the protocol that its next process speaks.
    package var versions = Message.versions
    /// Rows from which on its next process lets a feed begin anew; a centre's.
    package var longPast = HubBases.Limit.longPast
    /// What goes on, by its events, for its next process as a hub; nil: what its fold says is open.
    package var isOpen: (@Sendable ([Event]) -> Bool)?
    /// How far the centre had confirmed its own origins when its process died; a street's.
    private(set) var confirmed: [OriginMark] = []
    /// Ports whose publications it gets; a street's.
    var subscriptions: [String] = []
    /// Milliseconds that it leaves between two messages with rows, or with acknowledgements, to one street; a hub's, as one of many
    /// streets would.
    package var pause: Int64 = 0
    /// Commands that wait for the next turn.
    var waiting: [NodeCommand] = []
    package private(set) var alarms: [String] = []
    private let centre: NodeID
    private let number: Int
    /// Days for which it keeps keys of callers whose tickets are over; a street's.
    package let keyDays: Int
    /// Milliseconds after which it lets go what others wrote in tickets that left; nil keeps it.
    ///
    /// A street's.
    package var purgeAfter: Int64?
    private var random: SeededRandom

    init(_ id: NodeID, centre: NodeID, number: Int, keyDays: Int, seed: UInt64) throws {
        self.id = id
        self.centre = centre
        self.number = number
        self.keyDays = keyDays
        random = SeededRandom(seed: seed)
        signer = FeedSigner(bytes: (0..<FeedSigner.size).map { UInt8(truncatingIfNeeded: seed >> UInt64($0 % 8 * 8)) })
        log = MemoryLog(
            node: id, incarnation: Incarnation(random.next()),
            audience: id == centre ? TicketAudience(centre: centre) : NoAudience())
    }

    var isHub: Bool { id == centre }

    /// Whether a stream is carried over behind a base; a hub's.
    func carriesOver(_ events: [Event]) -> Bool {
        isOpen?(events) ?? TicketFold(centre: centre, events: events).state.status.isOpen
    }

    /// Its photographs, as its loop would say; of one that is down nothing is known.
    package var status: BlobStatus { machine?.blobs ?? BlobStatus() }

    /// Starts the process, on what was committed.
    func start(ports: [FeedName: String], now: Timestamp) throws {
        log = MemoryLog(reopening: log, incarnation: Incarnation(random.next()))
        let rules = try BookRules(reader: log.reader, centre: centre)
        let core = NodeCore(node: id, centre: centre, rules: rules, number: number, utcOffsetMinutes: 480)
        let blobDesk = BlobDesk(node: id, isHub: isHub, store: blobs, naming: TicketBlobs())
        let desk: any Desk =
            isHub
            ? HubDesk(
                random: SeededRandom(seed: random.next()), versions: versions, vault: vault, signer: signer,
                blobs: blobDesk, pause: { [pause] _ in pause },
                bases: HubBases(longPast: longPast) { [centre, isOpen] in
                    isOpen?($0) ?? TicketFold(centre: centre, events: $0).state.status.isOpen
                })
            : StreetDesk(
                node: id, seed: random.next(), versions: versions, keys: (vault, centre),
                term: KeyTerm(days: keyDays, audience: TicketAudience(centre: centre)),
                purgeAfter: purgeAfter.map(PurgeTerm.init(milliseconds:)), blobs: blobDesk)
        try Erasure.all(in: log.reader, centre: centre) { vault.erase($0) }
        let timers = MemoryTimers(reader: log.reader, centre: centre)
        let machine = NodeMachine(log: log, core: core, desk: desk, timers: timers)
        try machine.start(ports: isHub ? ports : [:], now: moment(now))
        self.machine = machine
        subscriptions = []
    }

    private var copy: MemoryLog?
    private var keys: MemoryVault?

    /// A backup of its folder is made, and its keys are exported.
    func backUp() {
        copy = MemoryLog(reopening: log, incarnation: log.origin.incarnation)
        exportKeys()
    }

    func exportKeys() { keys = MemoryVault(copying: vault) }

    /// Its disk is lost, and what was copied last takes its place; for a process that is down.
    func restore(_ lost: LostDisk) {
        if lost.contains(.log), let copy { log = copy }
        if lost.contains(.keys), let keys { vault = keys }
        if lost.contains(.blobs) { blobs.lose() }
    }

    /// Its disk is lost, and there is no backup; for a process that is down.
    package func empty() {
        log = MemoryLog(
            node: id, incarnation: Incarnation(random.next()),
            audience: isHub ? TicketAudience(centre: centre) : NoAudience())
        vault = MemoryVault()
        blobs.lose()
    }

    /// What its clocks say at a moment of the simulation.
    func moment(_ now: Timestamp) -> Moment { Moment(wall: now + clockError, steady: now.milliseconds) }

    /// A registration with who calls sealed into it, under a key that is made for it; any other command as it is.
    func sealed(_ command: NodeCommand) throws -> NodeCommand {
        guard case .ticket(_, let wish) = command.wish, wish.kind == .registered else { return command }
        var command = command
        let one = VaultPerson(person: PersonID(random: &random), key: PersonKey(random: &random))
        vault.make(one.person, one.key)
        command.sealed = try Sealing.seal(
            ["name": .string("王")], of: one.person, key: one.key, command: command.id, random: &random)
        return command
    }

    /// The process dies: what was not committed is gone, and so is who waited.
    func crash() {
        confirmed = machine?.confirmed ?? confirmed
        machine = nil
        waiting = []
        // Of its own, so that the rest of a run is what it is without blobs.
        var chance = SeededRandom(seed: UInt64(bitPattern: log.head.position))
        blobs.losePower(&chance)
    }

    func takeAlarms() { alarms += (machine?.takeAlarms() ?? []).map(\.description) }

    /// The folded ticket as this node has it.
    package func fold(_ ticket: StreamName) throws -> TicketFold {
        try NodeCore.read(ticket, centre: centre, log.reader)
    }

    /// Whether all that a command stored here had been confirmed by the centre when the process died.
    func wasConfirmed(_ command: CommandID) throws -> Bool {
        guard let stored = try log.reader.outcome(of: command)?.stored else { return false }
        let own = stored.map(\.event.id).filter { $0.origin.node == id }
        return !own.isEmpty
            && own.allSatisfy { event in
                confirmed.contains { $0.origin == event.origin && $0.sequence >= event.sequence }
            }
    }

    /// Everything in the log, by id.
    package func events() throws -> [EventID: Digest] {
        var found: [EventID: Digest] = [:]
        for head in try log.reader.originHeads() {
            for stored in try log.reader.page(.origin(head.origin), .forward, from: 0, limit: 10_000) {
                found[stored.event.id] = stored.event.hash
            }
        }
        return found
    }
}

/// What of a node's folder is as old as its last copy, or gone.
package struct LostDisk: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let log = LostDisk(rawValue: 1)
    package static let keys = LostDisk(rawValue: 2)
    /// Of which there is no copy.
    package static let blobs = LostDisk(rawValue: 4)
}

/// Just the tickets that views would name, so that one they forget is forgotten here too.
private struct MemoryTimers: TimerSource {
    let reader: any EventReader
    let centre: NodeID

    func ticketsWithClocks(after ticket: StreamName?, limit: Int) throws -> [StreamName] {
        let all = Set(try reader.page(.category("ticket"), .forward, from: 0, limit: 10_000).map(\.event.stream))
        var found: [StreamName] = []
        for name in all.sorted() where found.count < limit && ticket.map({ $0 < name }) ?? true {
            if try NodeCore.read(name, centre: centre, reader).state.mayHaveClock { found.append(name) }
        }
        return found
    }

    func position() throws -> Int64 { try reader.head().position }
}
