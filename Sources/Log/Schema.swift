/// The tables of `log.sqlite`, format 2. The meaning of each column, to the byte, is in
/// `docs/format/log.md`; a log of another format is refused by its number. Once released this text
/// never changes, and a later format adds a migration.

import CSQLite
import Events

enum Schema {
    /// "GLN1" in the file's header, so that `file` and a person see what it is.
    static let applicationID: Int64 = 0x474C_4E31
    static let format: Int64 = 2
    /// 8 KiB pages append about a fifth faster than 4 KiB and read streams no slower.
    static let pageSize = 8192

    static let statements = """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE origins(no INTEGER PRIMARY KEY, node TEXT NOT NULL, incarnation INTEGER NOT NULL,
            UNIQUE(node, incarnation)) STRICT;
        CREATE TABLE streams(no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE types(no INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL,
            UNIQUE(name, version)) STRICT;
        CREATE TABLE actors(no INTEGER PRIMARY KEY, actor TEXT NOT NULL UNIQUE) STRICT;

        CREATE TABLE events(
            position INTEGER PRIMARY KEY,
            origin INTEGER NOT NULL, sequence INTEGER NOT NULL, hlc INTEGER NOT NULL,
            stream INTEGER NOT NULL, streamVersion INTEGER NOT NULL, type INTEGER NOT NULL,
            basis BLOB, actor INTEGER NOT NULL,
            occurredAt INTEGER NOT NULL, recordedAt INTEGER NOT NULL, receivedAt INTEGER NOT NULL,
            command BLOB NOT NULL, "index" INTEGER NOT NULL, causation BLOB, correlation INTEGER,
            body TEXT, sealed BLOB,
            algorithm INTEGER NOT NULL, previous BLOB, hash BLOB NOT NULL, chain BLOB NOT NULL) STRICT;
        CREATE UNIQUE INDEX eventsByID ON events(origin, sequence);
        CREATE UNIQUE INDEX eventsByCommand ON events(command, "index", origin);
        CREATE UNIQUE INDEX eventsByStream ON events(stream, streamVersion);
        CREATE INDEX eventsByCorrelation ON events(correlation) WHERE correlation IS NOT NULL;

        CREATE TABLE emptyCommands(no INTEGER PRIMARY KEY, command BLOB NOT NULL UNIQUE,
            recordedAt INTEGER NOT NULL, about TEXT NOT NULL, chain BLOB NOT NULL) STRICT;

        CREATE TABLE blockKeys(kind INTEGER NOT NULL, key TEXT NOT NULL, block INTEGER NOT NULL,
            PRIMARY KEY(kind, key, block)) STRICT, WITHOUT ROWID;
        CREATE TABLE blockTimes(block INTEGER PRIMARY KEY,
            occurredFrom INTEGER NOT NULL, occurredTo INTEGER NOT NULL,
            recordedFrom INTEGER NOT NULL, recordedTo INTEGER NOT NULL,
            receivedFrom INTEGER NOT NULL, receivedTo INTEGER NOT NULL) STRICT;

        CREATE TABLE feeds(no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, base INTEGER NOT NULL) STRICT;
        CREATE TABLE feedRows(feed INTEGER NOT NULL, fseq INTEGER NOT NULL, kind INTEGER NOT NULL,
            stream INTEGER NOT NULL, position INTEGER, history INTEGER NOT NULL, common INTEGER NOT NULL,
            chain BLOB NOT NULL, PRIMARY KEY(feed, fseq)) STRICT, WITHOUT ROWID;
        CREATE TABLE membership(stream INTEGER NOT NULL, feed INTEGER NOT NULL, since INTEGER NOT NULL,
            PRIMARY KEY(stream, feed)) STRICT, WITHOUT ROWID;

        CREATE TABLE receivedFeeds(no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE receivedRows(feed INTEGER NOT NULL, fseq INTEGER NOT NULL, kind INTEGER NOT NULL,
            position INTEGER, stream TEXT, hash BLOB, history INTEGER NOT NULL, common INTEGER NOT NULL,
            chain BLOB NOT NULL, PRIMARY KEY(feed, fseq)) STRICT, WITHOUT ROWID;
        CREATE INDEX receivedLeaves ON receivedRows(feed, fseq) WHERE kind = 3;
        CREATE INDEX receivedMoves ON receivedRows(feed, stream, fseq) WHERE kind > 1;
        CREATE TABLE supersededRows(rewind INTEGER NOT NULL, feed INTEGER NOT NULL, fseq INTEGER NOT NULL,
            kind INTEGER NOT NULL, position INTEGER, stream TEXT, hash BLOB, history INTEGER NOT NULL,
            common INTEGER NOT NULL, chain BLOB NOT NULL, PRIMARY KEY(rewind, feed, fseq)) STRICT, WITHOUT ROWID;
        CREATE INDEX supersededPositions ON supersededRows(position) WHERE position IS NOT NULL;
        CREATE TABLE signedHeads(feed INTEGER PRIMARY KEY, fseq INTEGER NOT NULL, chain BLOB NOT NULL,
            node TEXT NOT NULL, incarnation INTEGER NOT NULL, clock INTEGER NOT NULL, signature BLOB NOT NULL,
            seal BLOB NOT NULL) STRICT;

        CREATE TABLE quarantine(no INTEGER PRIMARY KEY, origin TEXT NOT NULL, sequence INTEGER NOT NULL,
            hash BLOB NOT NULL, receivedAt INTEGER NOT NULL, event BLOB NOT NULL, chain BLOB NOT NULL,
            UNIQUE(origin, sequence, hash)) STRICT;

        CREATE TABLE letGo(position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, feed INTEGER NOT NULL,
            row INTEGER NOT NULL, state INTEGER NOT NULL) STRICT;
        CREATE INDEX letGoByStream ON letGo(stream);
        CREATE INDEX letGoByRow ON letGo(feed, row);
        CREATE INDEX letGoWanted ON letGo(state, position) WHERE state > 0;

        CREATE VIEW readable AS
            SELECT position, o.node || '.' || printf('%016x', o.incarnation) AS origin, sequence, s.name AS stream,
                streamVersion, t.name AS type, t.version AS version, a.actor AS actor,
                strftime('%Y-%m-%dT%H:%M:%fZ', occurredAt / 1000.0, 'unixepoch') AS occurredAt,
                strftime('%Y-%m-%dT%H:%M:%fZ', recordedAt / 1000.0, 'unixepoch') AS recordedAt,
                lower(hex(command)) AS command, "index", body, lower(hex(hash)) AS hash
            FROM events JOIN origins o ON o.no = origin JOIN streams s ON s.no = stream
                JOIN types t ON t.no = type JOIN actors a ON a.no = events.actor;
        """

    /// Makes the tables in an empty file, or checks that the file is one of ours.
    ///
    /// - Throws: `LogFailure.storage` when the file belongs to another program or a later format.
    static func prepare(_ connection: Connection, node: NodeID) throws(LogFailure) {
        let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
        if tables == 0 {
            try connection.execute(
                "PRAGMA page_size = \(pageSize); PRAGMA journal_mode = WAL;")
            try connection.execute(
                """
                BEGIN IMMEDIATE; PRAGMA application_id = \(applicationID); PRAGMA user_version = \(format);
                \(statements)
                INSERT INTO meta(key, value) VALUES ('node', '\(node.text)'), ('format', '\(format)'),
                    ('seal', '\(LocalChain.seal(ofNode: node.text))');
                COMMIT;
                """)
        }
        try check(connection)
        let owner = try connection.text("SELECT value FROM meta WHERE key = 'node'") ?? ""
        guard owner == node.text else {
            throw .storage(
                operation: "open log", detail: "this log belongs to node \(owner), not to \(node)", fatal: false)
        }
    }

    /// Checks that a file is a log of this format.
    static func check(_ connection: Connection) throws(LogFailure) {
        let id = try connection.integer("PRAGMA application_id") ?? 0
        let version = try connection.integer("PRAGMA user_version") ?? 0
        guard id == applicationID, version == format else {
            throw .storage(
                operation: "open log",
                detail: """
                    application id \(id) and format \(version), wanted \(applicationID) and \(format): not a Gridline \
                    log, or one of another version of Gridline: open it with the version that made it
                    """, fatal: false)
        }
    }
}
