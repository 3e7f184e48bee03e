/// Verify's walk over `events`: each row against its hash, its origin's chain, the local chain, its
/// numbers, the block index and the feeds it must have produced.

import Events

struct EventWalk {
    private let connection: Connection
    private let names: Names
    private let rows: EventRows
    private let page: Statement
    private let hashBefore: Statement
    private var blocks: BlockCheck
    private var feeds: FeedCheck

    private var versions: [Int64: Int64] = [:]
    private var firstUse = FirstUse()
    /// This node's events of rows that it put aside.
    private(set) var rewinds: [Event] = []
    /// This node's events about bodies that it let go.
    private(set) var bodies: [(change: BodyChange, position: Int64)] = []
    private let owner: NodeID?

    var streamCount: Int64 { Int64(versions.count) }
    var feedHeads: [FeedName: FeedCursor] { feeds.heads }

    init(
        connection: Connection, names: Names, rows: EventRows, audience: any Audience, owner: NodeID?
    ) throws(LogFailure) {
        self.owner = owner
        self.connection = connection
        self.names = names
        self.rows = rows
        page = try connection.prepare(
            "SELECT \(EventColumns.list), chain FROM events WHERE position > ?1 ORDER BY position LIMIT 1000")
        hashBefore = try connection.prepare("SELECT hash FROM events WHERE origin = ?1 AND sequence = ?2")
        blocks = try BlockCheck(connection)
        feeds = try FeedCheck(connection, names: names, rows: rows, audience: audience, owner: owner)
    }

    /// - Returns: the last position and the chain value there.
    /// - Throws: `.corrupt` at the first row that does not hold.
    mutating func run(
        against witnesses: [Witness], progress: (Int64) -> Void
    ) throws(LogFailure) -> (position: Int64, root: ChainValue) {
        var position: Int64 = 0
        var chain = ChainValue.zero
        var batch: [(stored: StoredEvent, chain: ChainValue?, numbers: RowNumbers)] = []
        repeat {
            batch.removeAll(keepingCapacity: true)
            page.bind(1, position)
            while try page.step() {
                do {
                    batch.append((try rows.read(page), page.chain(21), try RowNumbers(page)))
                } catch {
                    page.reset()
                    throw error
                }
            }
            for (stored, storedChain, numbers) in batch {
                position += 1
                chain = LocalChain.value(
                    after: chain, position: position, receivedAt: stored.receivedAt,
                    streamVersion: stored.streamVersion,
                    hash: stored.event.hash)
                try check(stored, at: position, chain: chain, storedChain: storedChain, numbers: numbers)
                for one in witnesses {
                    try one.check("events", position, chain, knows: (one.certificate.position, one.certificate.root))
                }
            }
            progress(position)
        } while !batch.isEmpty
        for one in witnesses { try one.checkEnd("events", position, knows: one.certificate.position) }
        try blocks.finish()
        try feeds.finish()
        try firstUse.finish(connection)
        return (position, chain)
    }

    private mutating func check(
        _ stored: StoredEvent, at position: Int64, chain: ChainValue, storedChain: ChainValue?, numbers: RowNumbers
    ) throws(LogFailure) {
        let event = stored.event
        func broken(_ detail: Words) -> LogFailure { .corrupt(table: "events", position: position, detail: detail) }
        guard stored.position == position else {
            throw broken("row \(stored.position) stands where \(position) was due")
        }
        // Of a body that was let go the chain says what stood there; whether it went by right is looked at behind the walk.
        guard !event.body.isHere || event.computedHash == event.hash else {
            throw broken("the hash of \(event.id) is not that of its fields")
        }
        guard chain == storedChain else { throw broken("the local chain does not follow from the rows before") }
        let version = (versions[numbers.stream] ?? 0) + 1
        guard stored.streamVersion == version else {
            throw broken("version \(stored.streamVersion) of \(event.stream) where \(version) was due")
        }
        versions[numbers.stream] = version
        if event.id.sequence > 1 {
            hashBefore.bind(1, numbers.origin)
            hashBefore.bind(2, event.id.sequence - 1)
            if try hashBefore.step() {
                defer { hashBefore.reset() }
                guard hashBefore.digest(0) == event.previous else {
                    throw broken("previous of \(event.id) is not the hash of the event before")
                }
            }
        }
        guard firstUse.accept(numbers) else { throw broken("a name has a number out of the order of first use") }
        if event.type == Rewind.type, event.id.origin.node == owner { rewinds.append(event) }
        if event.id.origin.node == owner, let change = BodyChange(event) { bodies.append((change, position)) }
        try blocks.add(stored)
        try feeds.add(stored, stream: numbers.stream)
    }
}

/// The numbers of names in a row, in the order in which the writer gives them.
struct RowNumbers {
    let origin, stream, type, actor: Int64
    let references: [Int64]
    let correlation: Int64?

    /// - Precondition: `row` is a row of `EventColumns.list` that `EventRows` has read.
    init(_ row: Statement) throws(LogFailure) {
        origin = row.integer(1)
        stream = row.integer(4)
        type = row.integer(6)
        actor = row.integer(8)
        let basis = References.decode(row.bytes(7)) ?? []
        let causation = References.decode(row.bytes(14)) ?? []
        references = (basis + causation).map(\.origin)
        correlation = row.isNull(15) ? nil : row.integer(15)
    }
}

/// Numbers of names are given in the order of first use, so each is at most one above those before.
struct FirstUse {
    private var origins: Int64 = 0
    private var streams: Int64 = 0
    private var types: Int64 = 0
    private var actors: Int64 = 0

    mutating func accept(_ numbers: RowNumbers) -> Bool {
        var fits = FirstUse.next(&streams, numbers.stream) && FirstUse.next(&origins, numbers.origin)
        fits = fits && FirstUse.next(&types, numbers.type) && FirstUse.next(&actors, numbers.actor)
        for reference in numbers.references { fits = fits && FirstUse.next(&origins, reference) }
        if let correlation = numbers.correlation { fits = fits && FirstUse.next(&streams, correlation) }
        return fits
    }

    private static func next(_ last: inout Int64, _ number: Int64) -> Bool {
        guard number >= 1, number <= last + 1 else { return false }
        last = max(last, number)
        return true
    }

    /// No table of names may hold more than the events use.
    func finish(_ connection: Connection) throws(LogFailure) {
        for (table, last) in [("origins", origins), ("streams", streams), ("types", types), ("actors", actors)] {
            let count = try connection.integer("SELECT count(*) FROM \(table)") ?? 0
            guard count == last else {
                throw .corrupt(table: table, position: last, detail: "\(count) rows, but events use \(last)")
            }
        }
    }
}
