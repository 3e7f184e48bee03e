/// The port of what a node keeps of persons' keys (钥匙库): which it holds, and which it has boxes for and lacks
/// (`docs/format/identity.md` 4).
///
/// What is noted here of boxes is a projection of the log into the vault, with its own place: it can be made anew.

/// That a stream holds sealed data of a person.
package struct Box: Hashable, Sendable {
    package var stream: StreamName
    package var person: PersonID

    package init(stream: StreamName, person: PersonID) {
        self.stream = stream
        self.person = person
    }
}

/// What a row of a feed, or an event of the log, means for the keys that a node needs.
package enum BoxChange: Sendable, Equatable {
    /// A box is here; who wrote its event.
    case came(Box, author: NodeID)
    /// The stream left this node's feed: its persons are none of this node's business any more.
    case left(StreamName)
}

/// Changes that were read, and how far.
package struct BoxPage: Sendable, Equatable {
    package var changes: [BoxChange]
    /// The last row that was looked at; nil when there was none.
    package var end: FeedCursor?

    package init(changes: [BoxChange], end: FeedCursor?) {
        self.changes = changes
        self.end = end
    }
}

/// A box whose key is lacking, and its number, by which pages of them go on: later ones have higher numbers.
package struct WantedBox: Sendable, Equatable {
    package var box: Box
    package var number: Int64

    package init(box: Box, number: Int64) {
        self.box = box
        self.number = number
    }
}

package protocol KeyVault: AnyObject, Sendable {
    /// The key of a person, or why it is not here.
    func held(_ person: PersonID) throws(LogFailure) -> HeldKey

    /// How far boxes are noted; nil when none ever were.
    func place() throws(LogFailure) -> FeedCursor?

    /// Notes changes and the place they lead to, in one transaction.
    ///
    /// A box is wanted of `holder` when its key is lacking and was not destroyed. With `.left` the keys go that no other box
    /// needs, unless nobody else is known to have them (`shared`).
    /// - Parameters:
    ///   - holder: who is asked for the key of a box; nil asks its author.
    ///   - isAnew: forget all boxes first; keys stay.
    func note(
        _ changes: [BoxChange], to place: FeedCursor, holder: NodeID?, isAnew: Bool
    ) throws(LogFailure)

    /// Boxes whose keys a holder is to be asked for, the newest first.
    ///
    /// - Parameters:
    ///   - number: only older ones than this.
    ///   - limit: 1–1,000.
    func wanted(of holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [WantedBox]

    /// Keeps keys that came, in one transaction; one that is here stays as it is, and one that was destroyed stays destroyed.
    func keep(_ keys: [VaultPerson], at now: Timestamp) throws(LogFailure)

    /// Boxes of streams that left, whose keys stay only because nobody else is known to have them.
    func unshared(limit: Int) throws(LogFailure) -> [Box]

    /// The centre has these keys: they may go from here when nothing needs them.
    func shared(_ persons: [PersonID]) throws(LogFailure)
}

/// A person and the key that seals what is about it.
package struct VaultPerson: Sendable, Equatable {
    package var person: PersonID
    package var key: PersonKey

    package init(person: PersonID, key: PersonKey) {
        self.person = person
        self.key = key
    }
}
