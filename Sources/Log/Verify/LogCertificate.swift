/// What a whole and honest log comes to: noted elsewhere, it shows later that nothing was cut off or rewritten.

package import Events

/// How far one feed of another node was applied here.
package struct NamedCursor: Sendable, Equatable {
    package var feed: FeedName
    package var cursor: FeedCursor

    package init(_ feed: FeedName, _ cursor: FeedCursor) {
        self.feed = feed
        self.cursor = cursor
    }
}

package struct LogCertificate: Sendable, Equatable {
    package var position: Int64
    /// The local chain at `position`.
    package var root: ChainValue
    package var emptyCommands: Int64
    package var emptyRoot: ChainValue
    package var quarantined: Int64
    package var quarantineRoot: ChainValue
    /// Sorted by feed.
    package var cursors: [NamedCursor]

    package init(
        position: Int64, root: ChainValue, emptyCommands: Int64, emptyRoot: ChainValue, quarantined: Int64 = 0,
        quarantineRoot: ChainValue = .zero, cursors: [NamedCursor] = []
    ) {
        self.position = position
        self.root = root
        self.emptyCommands = emptyCommands
        self.emptyRoot = emptyRoot
        self.quarantined = quarantined
        self.quarantineRoot = quarantineRoot
        self.cursors = cursors
    }

    package static let empty = LogCertificate(position: 0, root: .zero, emptyCommands: 0, emptyRoot: .zero)
}

/// A certificate that the log must still hold, and in whose name.
struct Witness {
    /// As it stands in a sentence: "the certificate", "the head note".
    let name: Words
    let certificate: LogCertificate

    /// Checks one of the chained tables at row `number`.
    func check(
        _ table: String, _ number: Int64, _ chain: ChainValue, knows: (position: Int64, root: ChainValue)
    ) throws(LogFailure) {
        guard number == knows.position, chain != knows.root else { return }
        throw .corrupt(table: table, position: number, detail: "the chain here is not that of \(name)")
    }

    /// Checks that a table which ends at `number` holds all that is known of it.
    func checkEnd(_ table: String, _ number: Int64, knows count: Int64) throws(LogFailure) {
        guard number < count else { return }
        throw .corrupt(
            table: table, position: number, detail: "\(table) ends here; \(name) knows \(count) rows")
    }
}
