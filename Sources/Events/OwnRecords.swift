// What a node puts on record of itself, and what becomes of it when it is refused: the one place for all of them.
//
// A line that went down, a receipt, a healing: nobody waits for the answer, so that a refusal that is not said is lost.

/// A record of a node's own that was refused.
package struct Unrecorded: Sendable {
    /// What is not on record, such as `the line to street1`.
    package var what: Words
    /// Where it was to stand; nil when not even that could be named.
    package var stream: StreamName?
    package var refusal: any Problem

    package init(what: Words, stream: StreamName?, refusal: any Problem) {
        self.what = what
        self.stream = stream
        self.refusal = refusal
    }

    package var alarm: Words { .alarm("\(what) is not on record", refusal) }

    /// What is refused again for the same reason, such as another receipt in a stream that takes nothing more, has the same.
    fileprivate var cause: String {
        ([stream?.text ?? what.description, refusal.code] + what.templates).joined(separator: "\n")
    }
}

extension LogTransaction {
    /// Appends what this node puts on record of itself; a refusal is no damage, and `EventLog.takeUnrecorded` tells of it.
    ///
    /// - Parameters:
    ///   - what: as in `Unrecorded`.
    ///   - request: one with a draft.
    /// - Returns: what was stored now, nothing when it stood there before; nil when it was refused.
    /// - Throws: `LogFailure` when storing failed.
    package func record(
        what: Words, _ request: () throws(IdentifierError) -> AppendRequest
    ) throws(LogFailure) -> [StoredEvent]? {
        let made: AppendRequest
        do throws(IdentifierError) { made = try request() } catch {
            refused(Unrecorded(what: what, stream: nil, refusal: error))
            return nil
        }
        switch try append(made) {
        case .appended(let stored): return stored
        case .repeated: return []
        case .refused(let refusal):
            refused(Unrecorded(what: what, stream: made.drafts.first?.stream, refusal: refusal))
            return nil
        }
    }
}

/// Which refusals were said: each cause once, so that what is tried again each turn is not said each turn.
package struct RefusalBook: Sendable {
    /// Causes that are told apart.
    package static let limit = 1_000
    private var told: Set<String> = []
    private var isFull = false

    package init() {}

    /// Notes a refusal.
    ///
    /// - Returns: the alarm; nil when this cause was said before, or the book is full, which is said once.
    package mutating func note(_ record: Unrecorded) -> Words? {
        guard !told.contains(record.cause) else { return nil }
        guard told.count < RefusalBook.limit else {
            defer { isFull = true }
            return isFull
                ? nil
                : .alarm("\(record.what) is not on record, and neither is what is refused from now on", record.refusal)
        }
        told.insert(record.cause)
        return record.alarm
    }
}
