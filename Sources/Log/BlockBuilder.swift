/// The block index: for every 1,024 positions, which categories and types occur and between which times.
///
/// Reading a rare type or a day then skips the blocks without it, and an append pays nothing: rows are
/// written once, when a block is full. The last, unfinished block is always scanned.

import Events

struct BlockBuilder {
    enum Kind: Int64 { case category = 1, type = 2 }
    static let size: Int64 = 1_024

    /// The block of a position: positions 1…1,024 are block 0.
    static func block(of position: Int64) -> Int64 { (position - 1) / size }

    private let insertKey, insertTimes, scan: Statement
    private var categories: Set<String> = []
    private var types: Set<String> = []
    /// What the event before had: mostly the same category, often the same type.
    private var lastCategory = ""
    private var lastType = ""
    private var times = Times()

    struct Times: Equatable {
        var occurred = Int64.max...Int64.max
        var recorded = Int64.max...Int64.max
        var received = Int64.max...Int64.max
        var isEmpty = true

        mutating func add(occurred: Int64, recorded: Int64, received: Int64) {
            if isEmpty {
                (self.occurred, self.recorded, self.received) = (
                    occurred...occurred, recorded...recorded, received...received
                )
                isEmpty = false
            } else {
                self.occurred = min(self.occurred.lowerBound, occurred)...max(self.occurred.upperBound, occurred)
                self.recorded = min(self.recorded.lowerBound, recorded)...max(self.recorded.upperBound, recorded)
                self.received = min(self.received.lowerBound, received)...max(self.received.upperBound, received)
            }
        }
    }

    init(_ connection: Connection) throws(LogFailure) {
        insertKey = try connection.prepare("INSERT INTO blockKeys(kind, key, block) VALUES (?1, ?2, ?3)")
        insertTimes = try connection.prepare(
            """
            INSERT INTO blockTimes(block, occurredFrom, occurredTo, recordedFrom, recordedTo, receivedFrom, receivedTo)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        scan = try connection.prepare(
            """
            SELECT s.name, t.name, e.occurredAt, e.recordedAt, e.receivedAt FROM events e
                JOIN streams s ON s.no = e.stream JOIN types t ON t.no = e.type WHERE e.position > ?1
            """)
    }

    /// Reads the unfinished block again.
    mutating func reload(head: Int64) throws(LogFailure) {
        clear()
        scan.bind(1, head / BlockBuilder.size * BlockBuilder.size)
        while try scan.step() {
            categories.insert(String(scan.text(0).prefix { $0 != "/" }))
            types.insert(scan.text(1))
            times.add(occurred: scan.integer(2), recorded: scan.integer(3), received: scan.integer(4))
        }
    }

    mutating func add(_ stored: StoredEvent) throws(LogFailure) {
        let event = stored.event
        if event.type.name != lastType {
            lastType = event.type.name
            types.insert(lastType)
        }
        if event.stream.category != lastCategory {
            lastCategory = String(event.stream.category)
            categories.insert(lastCategory)
        }
        times.add(
            occurred: event.occurredAt.milliseconds, recorded: event.recordedAt.milliseconds,
            received: stored.receivedAt.milliseconds)
        if stored.position.isMultiple(of: BlockBuilder.size) { try finish(BlockBuilder.block(of: stored.position)) }
    }

    private mutating func finish(_ block: Int64) throws(LogFailure) {
        for (kind, keys) in [(Kind.category, categories), (Kind.type, types)] {
            for key in keys.sorted() {
                insertKey.bind(1, kind.rawValue)
                insertKey.bind(2, text: key)
                insertKey.bind(3, block)
                try insertKey.run()
            }
        }
        insertTimes.bind(1, block)
        for (offset, range) in [times.occurred, times.recorded, times.received].enumerated() {
            insertTimes.bind(Int32(2 * offset + 2), range.lowerBound)
            insertTimes.bind(Int32(2 * offset + 3), range.upperBound)
        }
        try insertTimes.run()
        clear()
    }

    private mutating func clear() {
        categories.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
        lastCategory = ""
        lastType = ""
        times = Times()
    }
}
