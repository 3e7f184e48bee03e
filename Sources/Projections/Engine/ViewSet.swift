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

    func source(_ name: String) -> StreamTable {
        guard let table = tables.first(where: { $0.name == name }) else { preconditionFailure("no table \(name)") }
        return table
    }

    /// Everything that decides the shape of the file, as text; its hash is in `meta`.
    var shape: String {
        (folds.map(\.settings) + tables.flatMap { [$0.createStatement] + $0.indexStatements }
            + sums.map { $0.createStatement(source($0.source)) } + texts.map(\.createStatement))
            .joined(separator: ";\n")
    }
}

/// The rows of one stream, for each of `ViewSet.tables` in their order.
struct StreamRows: Sendable, Equatable {
    var stream: StreamName
    var tables: [[Cells]]
}
