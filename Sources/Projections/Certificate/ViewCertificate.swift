/// What views claim to hold: a position, the log's root there, and the hash of their content.
///
/// Two certificates with the same fold version over the same events have the same content hash, on whatever
/// node and in whatever order the events came; position and root are the log's own.

package import Events
import GRDB

package struct TableCount: Sendable, Equatable {
    package var table: String
    package var rows: Int64
}

package struct ViewCertificate: Sendable, Equatable {
    package var position: Int64
    /// The log's chain value at `position`.
    package var root: ChainValue
    package var foldVersion: Int64
    package var content: Digest
    /// Rows of each table in the order of hashing, for a first look when two contents differ.
    package var tables: [TableCount]

    /// Hashes the declared tables of an open file of views.
    init(_ views: ViewSet, on db: Database) throws {
        let checkpoint = try ViewStore.checkpoint(on: db)
        position = checkpoint.position
        root = checkpoint.chain
        foldVersion = views.foldVersion
        (content, tables) = try ContentHash.all(views, on: db)
    }

    /// The form for `gridline replay --json`: members as in `docs/format/views.md` 4.
    package var json: JSON {
        .object([
            "content": .string(content.description), "foldVersion": .integer(foldVersion),
            "position": .integer(position), "root": .string(root.description),
            "tables": .array(
                tables.map { .object(["rows": .integer($0.rows), "table": .string($0.table)]) }),
        ])
    }
}

extension ViewStore {
    /// Reads everything once, in one snapshot.
    package func certificate() throws -> ViewCertificate {
        try read { try ViewCertificate(views, on: $0) }
    }

    /// The hash of what the views hold of some streams: what a street and the centre compare for the tickets that
    /// both hold.
    ///
    /// The order and repetition of `streams` do not matter.
    package func digest(of streams: [StreamName]) throws -> Digest {
        try read { try ContentHash.streams(streams, views, on: $0) }
    }
}
