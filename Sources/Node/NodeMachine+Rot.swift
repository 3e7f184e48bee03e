// Rotten rows: a node reads its log through for them, and makes anew what it made of a stream that was healed.

package import Events
import Replication
import Tickets

extension NodeMachine {
    /// Rows that are hashed at once, and milliseconds between: ten million rows take a day, and a thousandth of a core.
    private static let readThrough = 100
    private static let readThroughEach: Int64 = 1_000

    /// Rows of the log that are rotten, as far as anybody has looked, and that were healed since the start.
    package var rotten: (rows: Int64, healed: Int64) { (desk.rotten.count, desk.rotten.healed) }
    /// Rows whose body was let go, of tickets that are this node's again: they are asked back.
    package var bodiesWanted: Int64 { desk.rotten.wanted }

    /// Damage that another reader of the log met, such as the views'.
    package func note(_ damage: LogFailure) throws { try desk.rotten.note(damage, log.reader) }

    /// Hashes the next few rows of the log, round after round: rot that nobody reads is found while others have the event.
    func readThrough(_ now: Moment) throws {
        guard now.steady >= readThroughAt else { return }
        readThroughAt = now.steady + NodeMachine.readThroughEach
        var next = readThroughFrom + Int64(NodeMachine.readThrough)
        let damage = try damage {
            let page = try log.reader.readable(
                .all, .forward, from: readThroughFrom, limit: NodeMachine.readThrough)
            for rot in page.events.compactMap(\.rot) { try note(rot) }
            if let damage = page.damage { try note(damage) }
            next = page.next ?? page.events.last?.position ?? 0
        }
        // Where not even a row can be named it goes on behind these.
        if let damage, told.note(damage) { alarms.append(.alarm("a part of the log cannot be read", damage)) }
        readThroughFrom = next < log.head.position ? next : 0
    }

    /// Reads who belongs to the district; what cannot be read leaves the members as they are, with an alarm.
    func loadMembers() throws {
        guard isCentre, let damage = try damage({ try admissions.load(log.reader, centre: core.centre) }) else {
            return
        }
        try note(damage)
        if told.note(damage) { alarms.append(.alarm("the members are not read anew", damage)) }
    }

    /// Reads the outages that the log has, without those whose rows are damaged.
    func loadLinks() throws {
        var passed: [LogFailure] = []
        try links.load(log.reader) { passed.append($0) }
        for damage in passed {
            try note(damage)
            if told.note(damage) { alarms.append(.alarm("an outage may be missing", damage)) }
        }
    }

    /// Remembers that an event's arrival is not on record, for its ticket could not be read.
    ///
    /// Who asks twice for a receipt gets one, so that nothing is taken out again.
    func lacksReceipt(_ event: Event) {
        let owed = unreceipted[event.stream] ?? []
        guard unreceipted.count < DamageBook.limit || !owed.isEmpty, owed.count < NodeMachine.readThrough,
            !owed.contains(event.id)
        else { return }
        unreceipted[event.stream, default: []].append(event.id)
    }

    /// These receipts are given, durably.
    func settle(_ given: [StreamName: Set<EventID>]) {
        for (stream, events) in given {
            let owed = unreceipted[stream]?.filter { !events.contains($0) } ?? []
            unreceipted[stream] = owed.isEmpty ? nil : owed
        }
    }

    /// Whatever was made of a stream before one of its rows was healed is made anew; receipts that hung on the row are written.
    ///
    /// - Returns: the events whose receipts are given, once the transaction is on the disk.
    func renew(_ healed: Healed, in transaction: any LogTransaction, now: Timestamp) throws -> Set<EventID> {
        core.forget()
        mended(healed.stream)
        switch healed.stream.category {
        case NodeBook.category: try loadMembers()
        case LinkLog.category: if isCentre { try loadLinks() }
        case _: break
        }
        var given: Set<EventID> = []
        for id in unreceipted[healed.stream] ?? [] {
            let damage = try damage {
                // One that is not here was lost with its transaction, and gets its receipt when it comes again.
                guard let stored = try log.reader.event(id) else { return }
                try receipt(for: stored.event, arrival: stored.receivedAt, in: transaction, now: now)
            }
            if let damage { pass(over: healed.stream, damage, now: now) } else { given.insert(id) }
        }
        return given
    }
}
