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
    /// Rows among these that cannot be read, and were passed over.
    package var damage: [LogFailure] = []

    package init(changes: [BoxChange], end: FeedCursor?, damage: [LogFailure] = []) {
        self.changes = changes
        self.end = end
        self.damage = damage
    }
}

/// A box and its number, by which pages of them go on: later ones have higher numbers.
package struct NumberedBox: Sendable, Equatable {
    package var box: Box
    package var number: Int64

    package init(box: Box, number: Int64) {
        self.box = box
        self.number = number
    }
}

/// A box of a stream that has not left, as whoever looks for what is over finds it.
package struct StandingBox: Sendable, Equatable {
    package var box: Box
    package var number: Int64
    package var isExpired: Bool

    package init(box: Box, number: Int64, isExpired: Bool) {
        self.box = box
        self.number = number
        self.isExpired = isExpired
    }
}

package protocol KeyVault: AnyObject, Sendable {
    /// The key of a person, or why it is not here.
    func held(_ person: PersonID) throws(LogFailure) -> HeldKey

    /// How far boxes are noted; nil when none ever were.
    func place() throws(LogFailure) -> FeedCursor?

    /// Notes changes and the place they lead to, in one transaction.
    ///
    /// A box is wanted of `holder` when its key is lacking and was not destroyed. With `.left` nothing is asked for any more;
    /// keys that are here stay until the centre has said that it has them (`shared`).
    /// - Parameters:
    ///   - place: nil when nothing stands there yet.
    ///   - holder: who is asked for the key of a box; nil asks its author.
    ///   - isAnew: what was noted before holds no more. With a holder all boxes have left until they come again; without one they
    ///     are forgotten.
    func note(
        _ changes: [BoxChange], to place: FeedCursor?, holder: NodeID?, isAnew: Bool
    ) throws(LogFailure)

    /// Boxes whose keys a holder is to be asked for, the newest first.
    ///
    /// - Parameters:
    ///   - number: only older ones than this.
    ///   - limit: 1–1,000.
    func wanted(of holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox]

    /// Boxes whose keys others than this holder are to be asked for, the newest first.
    ///
    /// - Parameters:
    ///   - number: only older ones than this.
    ///   - limit: 1–1,000.
    func wanted(exceptOf holder: NodeID, below number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox]

    /// Keeps keys that came, in one transaction; one that is here stays as it is, and one that was destroyed stays destroyed.
    ///
    /// - Parameter needed: keep only what a box that has not left needs.
    /// - Returns: whose keys are kept, or were here.
    @discardableResult
    func keep(_ keys: [VaultPerson], at now: Timestamp, needed: Bool) throws(LogFailure) -> Set<PersonID>

    /// Boxes that have left or expired and whose keys are here and needed by no other, the oldest first: the centre has not
    /// said since that it has these keys.
    ///
    /// - Parameters:
    ///   - number: only later ones than this.
    ///   - limit: 1–1,000.
    func leaving(above number: Int64, limit: Int) throws(LogFailure) -> [NumberedBox]

    /// The centre has these keys: those go from here that nothing here needs.
    func shared(_ persons: [PersonID]) throws(LogFailure)

    // MARK: Expiry

    /// Boxes that have not left, expired or not, the oldest first.
    ///
    /// - Parameters:
    ///   - number: only later ones than this.
    ///   - limit: 1–1,000.
    func standing(above number: Int64, limit: Int) throws(LogFailure) -> [StandingBox]

    /// Whether a box of a stream is expired; of any stream where none is named.
    func isExpired(_ stream: StreamName?) throws(LogFailure) -> Bool

    /// Boxes expire that have not left: they are neither wanted nor needed any more, and stay.
    ///
    /// A key goes as with `.left`: when the centre has said since that it has it, and no other box needs it.
    func expire(_ ends: [KeyExpired]) throws(LogFailure)

    /// Expired boxes of these streams are needed again, and wanted where their keys went.
    func revive(_ streams: [StreamName]) throws(LogFailure)

    /// What expired and whose key went for it, in that order, until it is `told`.
    ///
    /// - Parameter limit: 1–1,000.
    func gone(limit: Int) throws(LogFailure) -> [KeyExpired]

    /// It is on record.
    func told(_ gone: [KeyExpired]) throws(LogFailure)
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
