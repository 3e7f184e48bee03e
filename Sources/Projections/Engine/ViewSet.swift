/// The views of a node, and the one way in which an event reaches them: fold a stream, write its rows.

package import Events

/// Why a stream gives no rows.
///
/// It stands in `poison` and stops nothing else.
package struct Poison: Error, Equatable {
    package var reason: String
    package init(reason: String) { self.reason = reason }
}

/// Folds the events of one stream into rows: a pure function of the set of events.
///
/// Two nodes with the same events give the same rows whatever the order in which the events came, so an
/// implementation reads nothing local (position, arrival, stream version) and no clock.
package protocol StreamFold: Sendable {
    /// The streams it folds: those of this category.
    var category: String { get }
    var tables: [StreamTable] { get }
    /// What its rows depend on beside the events, as text; a change makes the views of before worthless.
    var settings: String { get }

    /// The rows of one stream, table by table in the order of `tables`.
    ///
    /// - Parameter events: all of the stream's events that are to be seen, at least one, in any order.
    /// - Throws: `Poison` when the events make no sense together.
    func rows(of stream: StreamName, events: [Event]) throws(Poison) -> [[Cells]]

    /// A stream as it stands after these events, for those that follow; nil for a fold that begins anew with each.
    ///
    /// - Throws: `Poison` when the events make no sense together.
    func kept(_ events: [Event]) throws(Poison) -> (any KeptStream)?
}

extension StreamFold {
    package func kept(_ events: [Event]) throws(Poison) -> (any KeptStream)? { nil }
}

/// What a fold keeps of a stream instead of its events.
package protocol KeptStream: Sendable {
    /// Adds an event that follows.
    ///
    /// - Returns: false when it cannot be added to what is here: all of the stream is to be folded again.
    mutating func add(_ event: Event) -> Bool

    /// The same rows as of all its events.
    func rows(of stream: StreamName) throws(Poison) -> [[Cells]]
}

/// What all folds of a node keep of a stream.
struct KeptStreams {
    /// Events of the stream.
    var count: Int
    /// Of each fold that is concerned with it, in their order.
    var folds: [any KeptStream]

    mutating func add(_ events: [Event]) -> Bool {
        count += events.count
        return folds.indices.allSatisfy { place in events.allSatisfy { folds[place].add($0) } }
    }
}

/// Every view of a node.
package struct ViewSet: Sendable {
    /// Grows whenever a fold gives other rows for the same events; a file of another version is rebuilt.
    package var foldVersion: Int64
    package let folds: [any StreamFold]
    package var sums: [SumTable]
    package var texts: [TextTable]

    /// Events of one stream that are folded at most: a longer one is poison, so that memory is bounded whatever the log holds.
    let streamLimit: Int
    /// The stream tables of all folds, `poison` first.
    let tables: [StreamTable]

    /// - Parameter streamLimit: in events; long streams are cut by day (`docs/format/log.md`), so a hundred thousand is a fault.
    package init(
        foldVersion: Int64, folds: [any StreamFold], sums: [SumTable], texts: [TextTable], streamLimit: Int = 100_000
    ) {
        self.foldVersion = foldVersion
        self.folds = folds
        self.sums = sums
        self.texts = texts
        self.streamLimit = streamLimit
        tables = [ViewSet.poison] + folds.flatMap(\.tables)
    }

    /// Streams whose fold failed, with the reason.
    static let poison = StreamTable(name: "poison", keyCount: 1, columns: [.text("stream"), .text("reason")])

    /// The rows of one stream for all of `tables`; nil when no fold is concerned with it.
    ///
    /// A poisoned stream has a row in `poison` and none elsewhere.
    ///
    /// - Parameter events: all of the stream's, or any `streamLimit` + 1 of them.
    func rows(of stream: StreamName, events: [Event]) -> StreamRows? {
        var rows = [[Cells]](repeating: [], count: tables.count)
        var first = 1
        var isConcerned = false
        for fold in folds {
            defer { first += fold.tables.count }
            guard stream.category == fold.category else { continue }
            isConcerned = true
            if events.isEmpty { continue }
            guard events.count <= streamLimit else {
                rows[0] = [[.text(stream.text), .text("it holds more than \(streamLimit) events")]]
                continue
            }
            do {
                for (offset, table) in try fold.rows(of: stream, events: events).enumerated() {
                    rows[first + offset] = table
                }
            } catch {
                rows[0] = [[.text(stream.text), .text(error.reason)]]
            }
        }
        return isConcerned ? StreamRows(stream: stream, tables: rows) : nil
    }

    /// What is kept of a stream for the events that follow; nil when all of it is folded each time.
    func kept(of stream: StreamName, events: [Event]) -> KeptStreams? {
        guard !events.isEmpty, events.count <= streamLimit else { return nil }
        var kept: [any KeptStream] = []
        for fold in folds where fold.category == stream.category {
            guard let one = try? fold.kept(events) else { return nil }
            kept.append(one)
        }
        return KeptStreams(count: events.count, folds: kept)
    }

    /// The rows of one stream for all of `tables`, from what was kept of it; nil when its events make no sense together.
    func rows(of stream: StreamName, kept: KeptStreams) -> StreamRows? {
        var rows = [[Cells]](repeating: [], count: tables.count)
        var first = 1
        var next = kept.folds[...]
        for fold in folds {
            defer { first += fold.tables.count }
            guard stream.category == fold.category, let one = next.popFirst() else { continue }
            guard let tables = try? one.rows(of: stream) else { return nil }
            rows.replaceSubrange(first..<(first + tables.count), with: tables)
        }
        return StreamRows(stream: stream, tables: rows)
    }

    func source(_ name: String) -> StreamTable {
        guard let table = tables.first(where: { $0.name == name }) else { preconditionFailure("no table \(name)") }
        return table
    }

    /// Everything that decides the shape of the file, as text; its hash is in `meta`.
    var shape: String {
        (folds.map(\.settings) + tables.flatMap { [$0.createStatement] + $0.indexStatements }
            + sums.flatMap { [$0.createStatement(source($0.source)), $0.recount] } + texts.map(\.createStatement))
            .joined(separator: ";\n")
    }
}

/// The rows of one stream, for each of `ViewSet.tables` in their order.
struct StreamRows: Sendable, Equatable {
    var stream: StreamName
    var tables: [[Cells]]
}
