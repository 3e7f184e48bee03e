// What the log says of blobs, also where it is damaged: a question that cannot be answered costs no other its answer, and the rows
// go to whoever heals them (`RottenRows`).

import Events

extension BlobDesk {
    mutating func takeDamage() -> [LogFailure] {
        defer { met = [] }
        return met
    }

    /// Each damage is told once, and may be healed each time.
    mutating func say(what: Words, _ damage: LogFailure) {
        if met.count < DamageBook.limit { met.append(damage) }
        if damages.note(damage) { alarms.append(.alarm(what, damage)) }
    }

    /// Does something that damage of the log ends, which is said; everything else goes on.
    mutating func besidesDamage(what: Words, _ body: (inout BlobDesk) throws -> Void) throws {
        do { try body(&self) } catch let damage as LogFailure {
            guard case .corrupt = damage else { throw damage }
            say(what: what, damage)
        }
    }

    /// What the log says; nil where damage keeps it from that, which is said.
    private mutating func read<Value>(
        what: Words, _ body: () throws(LogFailure) -> Value?
    ) throws(LogFailure) -> Value? {
        switch try LogFailure.orDamage(body) {
        case .success(let value): return value
        case .failure(let damage):
            say(what: what, damage)
            return nil
        }
    }

    // MARK: - Whose business a blob is

    mutating func lookWhatLeft(_ reader: any EventReader) throws {
        // What is not known to have left is asked for.
        try besidesDamage(what: BlobDesk.whose) { try $0.left.read(reader) }
    }

    /// Whether an event's ticket is here; while that cannot be told it counts as here.
    mutating func isHere(_ event: EventID, _ reader: any EventReader) throws(LogFailure) -> Bool {
        guard !isHub, left.isCaughtUp else { return true }
        let stream = try read(what: BlobDesk.whose) { () throws(LogFailure) in try reader.event(event)?.event.stream }
        return stream.map { !left.contains($0) } ?? true
    }

    private static let whose: Words = "whose photographs are missing is not known"

    /// Who stands for nobody: no line leads to it.
    var nobody: NodeID? { isHub ? node : nil }

    /// Who may have what an event names: at a street the hub; at the hub who wrote the event, then those whose feed has it.
    ///
    /// Where the log cannot tell whose feed has it, who wrote it is still asked.
    mutating func holders(of event: EventID, _ reader: any EventReader) throws(LogFailure) -> [NodeID?] {
        guard isHub else { return [nil] }
        var holders: [NodeID?] = event.origin.node == node ? [] : [event.origin.node]
        let feeds = try read(what: "who has a file that is missing is not known") { () throws(LogFailure) in
            guard let stream = try reader.event(event)?.event.stream else { return [FeedName]() }
            return try reader.membership(of: stream)
        }
        for case let node? in (feeds ?? []).map(\.subscriber) where !holders.contains(node) { holders.append(node) }
        return holders
    }

    /// Whether a node may have a blob for the sake of an event, and be believed about it; not while nobody can tell.
    ///
    /// The event names it, and its stream is in the node's feed now; its own word is taken for its own events, too. The hub may
    /// have all that a street's events name.
    mutating func mayHave(_ want: BlobWant, _ peer: NodeID?, _ reader: any EventReader) throws(LogFailure) -> Bool {
        let naming = naming
        return try read(what: "whether a node may have a file is not known") { () throws(LogFailure) in
            guard let event = try reader.event(want.event)?.event, naming.blobs(namedIn: event).contains(want.blob)
            else {
                return false
            }
            guard let peer, event.id.origin.node != peer || !want.isHeld else { return true }
            return try reader.membership(of: event.stream).contains(.node(peer))
        } ?? false
    }
}
