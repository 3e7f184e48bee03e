/// Which blobs a node lacks, and which of its own the hub is not known to have: found by going through the log once, and
/// written down with the place that was reached (`docs/format/blobs.md`), so that a start goes on from there.

package import Events

struct BlobBook: Sendable {
    struct Missing: Sendable, Equatable {
        /// Events that name it, at most `Limit.events`: each may be of another ticket, and one that left this node's feed gets
        /// nothing any more.
        var events: [EventID]
        /// For whose sake it is asked for; one of these.
        var event: EventID
        /// Whom it is asked of; nil for the hub.
        var holder: NodeID?
        /// Times that somebody was asked in vain.
        var tries = 0
        var isFetched = false
        /// It stands in the line of those that its holder is to be asked for.
        var isReady = false
        /// Every ticket that names it has left: nobody would give it, and nobody misses it until one comes back.
        var isUnneeded = false
    }

    enum Limit {
        /// Entries of either list; above it the log is not gone through further until some of them are settled.
        static let entries = 100_000
        /// Events that an entry keeps, the newest ones.
        static let events = 16
        /// Milliseconds until a blob that nobody had is asked for again, and until one that is held is said again.
        static let pause: Int64 = 60_000
        /// Between two notes, in milliseconds: when a list changed, and when only the place did.
        static let noteSoon: Int64 = 2_000
        static let noteLate: Int64 = 60_000
    }

    /// All events up to here were looked at, and the last of them.
    private(set) var position: Int64 = 0
    private(set) var last: EventID?
    private(set) var isCaughtUp = false
    private(set) var missing: [Digest: Missing] = [:]
    /// Entries of `missing` that nobody misses.
    private var unneeded = 0
    private(set) var unconfirmed: [Digest: EventID] = [:]
    /// Grows with each change of a list.
    private(set) var changes: UInt64 = 0
    private var ready: [NodeID?: Line] = [:]
    private var waiting = Line()
    private var toSay = Line()
    private var said = Line()
    private var noted: (changes: UInt64, position: Int64, at: Int64) = (0, 0, .min / 2)

    var status: BlobStatus {
        var status = BlobStatus()
        status.isCaughtUp = isCaughtUp
        status.unconfirmed = Set(unconfirmed.keys)
        status.missing = missing.count - unneeded
        return status
    }

    var isFull: Bool { missing.count >= Limit.entries || unconfirmed.count >= Limit.entries }

    // MARK: - What the log says

    mutating func reached(_ position: Int64, _ event: EventID?) {
        self.position = position
        if let event { last = event }
    }

    mutating func caughtUp(_ isCaughtUp: Bool) {
        guard isCaughtUp != self.isCaughtUp else { return }
        self.isCaughtUp = isCaughtUp
        changes += 1
    }

    mutating func lacks(_ blob: Digest, for event: EventID, holder: NodeID?) {
        guard let known = missing[blob]?.events else {
            missing[blob] = Missing(events: [event], event: event, holder: holder)
            line(blob, holder)
            changes += 1
            return
        }
        guard !known.contains(event) else { return }
        missing[blob]?.events = Array(known.suffix(Limit.events - 1)) + [event]
        changes += 1
        needs(blob, true)
    }

    /// Whether a ticket that is here names a missing blob: one that none does stays in the book, and is not counted.
    mutating func needs(_ blob: Digest, _ isNeeded: Bool) {
        guard let entry = missing[blob], entry.isUnneeded == isNeeded else { return }
        missing[blob]?.isUnneeded = !isNeeded
        unneeded += isNeeded ? -1 : 1
        changes += 1
    }

    mutating func holds(own blob: Digest, for event: EventID) {
        guard unconfirmed.updateValue(event, forKey: blob) == nil else { return }
        toSay.add(blob)
        changes += 1
    }

    // MARK: - Fetching

    /// The next blob to ask somebody for; it counts as being fetched until it is here or put off.
    mutating func next(of holder: NodeID?) -> (blob: Digest, event: EventID)? {
        while let blob = ready[holder]?.take() {
            guard let entry = missing[blob], entry.holder == holder, entry.isReady else { continue }
            missing[blob]?.isReady = false
            missing[blob]?.isFetched = true
            return (blob, entry.event)
        }
        return nil
    }

    /// It is here.
    mutating func has(_ blob: Digest) {
        guard let entry = missing.removeValue(forKey: blob) else { return }
        if entry.isUnneeded { unneeded -= 1 }
        changes += 1
    }

    /// It was asked for in vain: again after a while.
    mutating func putOff(_ blob: Digest, now: Int64) {
        guard missing[blob]?.isFetched == true else { return }
        missing[blob]?.isFetched = false
        missing[blob]?.tries += 1
        waiting.add(blob, at: now + Limit.pause)
    }

    /// There is nobody to ask: again after a while.
    mutating func later(_ blob: Digest, now: Int64) { waiting.add(blob, at: now + Limit.pause) }

    /// It is asked for at once, of somebody who has it or may have it.
    mutating func ask(_ blob: Digest, of holder: NodeID?, for event: EventID) {
        guard let entry = missing[blob], !entry.isFetched, !entry.isReady || entry.holder != holder else { return }
        missing[blob]?.event = event
        line(blob, holder)
    }

    private mutating func line(_ blob: Digest, _ holder: NodeID?) {
        missing[blob]?.holder = holder
        missing[blob]?.isReady = true
        ready[holder, default: Line()].add(blob)
    }

    /// A session ended: what was being fetched in it is asked for in the next.
    mutating func giveBack(_ blobs: [Digest]) {
        for blob in blobs where missing[blob]?.isFetched == true {
            missing[blob]?.isFetched = false
            line(blob, missing[blob]?.holder)
        }
    }

    /// Blobs that somebody else is to be asked for: their pause is over, or their holder cannot be reached.
    ///
    /// - Parameters:
    ///   - reachable: who can be asked; nil among them is the hub.
    ///   - limit: how many at most.
    mutating func due(now: Int64, reachable: [NodeID?], limit: Int) -> [(blob: Digest, entry: Missing)] {
        while let blob = said.take(until: now) { if unconfirmed[blob] != nil { toSay.add(blob) } }
        var due: [(blob: Digest, entry: Missing)] = []
        while due.count < limit, let blob = waiting.take(until: now) {
            if let entry = missing[blob], !entry.isFetched, !entry.isReady { due.append((blob, entry)) }
        }
        for holder in ready.keys.compactMap({ $0 }).sorted() where !reachable.contains(holder) {
            while due.count < limit, let blob = ready[holder]?.take() {
                guard let entry = missing[blob], entry.holder == holder, entry.isReady else { continue }
                missing[blob]?.isReady = false
                due.append((blob, entry))
            }
        }
        return due
    }

    // MARK: - Saying what is held

    /// The next own blob that the hub is to hear of; then `said`, or `sayLater` when the hub does not know its event yet.
    mutating func nextToSay() -> (blob: Digest, event: EventID)? {
        while let blob = toSay.take() {
            if let event = unconfirmed[blob] { return (blob, event) }
        }
        return nil
    }

    mutating func said(_ blob: Digest, now: Int64) { said.add(blob, at: now + Limit.pause) }
    mutating func sayLater(_ blob: Digest) { toSay.add(blob) }

    /// The hub has it, durably.
    mutating func confirmed(_ blob: Digest) {
        if unconfirmed.removeValue(forKey: blob) != nil { changes += 1 }
    }

    /// A session began: all is said again that was not confirmed.
    mutating func sayAgain() {
        toSay = Line()
        said = Line()
        for blob in unconfirmed.keys.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) { toSay.add(blob) }
    }

    // MARK: - The note

    /// What is to be written down now; nil when nothing is.
    mutating func noteIfDue(now: Int64) -> [UInt8]? {
        let pause = changes != noted.changes ? Limit.noteSoon : Limit.noteLate
        guard changes != noted.changes || position != noted.position, now - noted.at >= pause else { return nil }
        noted = (changes, position, now)
        var lines = ["gridline blobs 1", "at \(position) \(last.map(\.description) ?? "-")"]
        func add(_ word: String, _ entries: [(Digest, EventID)]) {
            lines += entries.map { "\(word) \($0.0.description) \($0.1)" }.sorted()
        }
        add("missing", missing.flatMap { one in one.value.events.map { (one.key, $0) } })
        add("unconfirmed", unconfirmed.map { ($0.key, $0.value) })
        lines.append("end \(lines.count)\n")
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// Takes what was written down.
    ///
    /// - Parameters:
    ///   - isOfLog: whether the event at a position of the log is this one.
    ///   - holder: whom a blob that this event names is asked of.
    /// - Returns: whether it could be read, and is of this log; otherwise the log is gone through from its beginning.
    mutating func load(
        _ note: [UInt8], isOfLog: (Int64, EventID) throws -> Bool, holder: (EventID) throws -> NodeID?
    ) rethrows -> Bool {
        guard let note = BlobNote(note),
            try note.position == 0 || note.last.map({ try isOfLog(note.position, $0) }) ?? false
        else { return false }
        for (blob, event) in note.missing { lacks(blob, for: event, holder: try holder(event)) }
        for (blob, event) in note.unconfirmed { holds(own: blob, for: event) }
        position = note.position
        last = note.last
        noted = (changes, position, .min / 2)
        return true
    }
}

/// What a node wrote down of its blobs last.
package struct BlobNote: Sendable {
    /// All events up to here had been looked at.
    package private(set) var position: Int64 = 0
    /// The last of them.
    private(set) var last: EventID?
    /// Named by events up to there, and not here; each with an event that names it, and once more for each further one.
    package private(set) var missing: [(blob: Digest, event: EventID)] = []
    private(set) var unconfirmed: [(blob: Digest, event: EventID)] = []

    /// - Returns: nil when it is not whole.
    package init?(_ note: [UInt8]) {
        let lines = String(decoding: note, as: UTF8.self).split(separator: "\n")
        guard lines.first == "gridline blobs 1", lines.count >= 3, lines.last == "end \(lines.count - 1)" else {
            return nil
        }
        let place = lines[1].split(separator: " ")
        guard place.count == 3, place[0] == "at", let position = Int64(place[1]) else { return nil }
        self.position = position
        // Nil is the answer: `-` is no event.
        last = try? EventID(String(place[2]))
        for line in lines[2..<(lines.count - 1)] {
            let parts = line.split(separator: " ")
            // Nil is the answer: a note with what is no event is not whole.
            guard parts.count == 3, let blob = Digest(hexadecimal: String(parts[1])),
                let event = try? EventID(String(parts[2]))
            else { return nil }
            switch parts[0] {
            case "missing": missing.append((blob, event))
            case "unconfirmed": unconfirmed.append((blob, event))
            case _: return nil
            }
        }
    }
}

/// Blobs in the order in which they came, each with the time when it is due.
private struct Line: Sendable {
    private var entries: [(blob: Digest, at: Int64)] = []
    private var first = 0

    mutating func add(_ blob: Digest, at time: Int64 = .min) { entries.append((blob, time)) }

    /// - Parameter now: what is due later stays.
    mutating func take(until now: Int64 = .max) -> Digest? {
        guard first < entries.count, entries[first].at <= now else { return nil }
        defer {
            first += 1
            if first == entries.count || first > 1_000 {
                entries.removeFirst(first)
                first = 0
            }
        }
        return entries[first].blob
    }
}
