// A store in one table, with everything about it that can be done wrong made a choice: the power-loss tests plant the
// wrong ones and must find them.

import CSQLite
import PowerLossSupport

struct Ledger {
    enum Mark { case afterCommit, beforeCommit }

    static let fileName = "ledger.sqlite"
    let database: RawDatabase
    let recorder: Recorder
    let mark: Mark
    private var random: SplitMix64

    /// - Parameter checkpointEvery: pages of WAL after which a commit checkpoints; 0: never.
    init(
        in folder: TemporaryFolder, recorder: Recorder, seed: UInt64, synchronous: String = "FULL",
        checkpointEvery: Int = 0, mark: Mark = .afterCommit
    ) throws {
        database = try RawDatabase(path: folder.path(Self.fileName), vfs: recorder.name)
        self.recorder = recorder
        self.mark = mark
        random = SplitMix64(seed: seed)
        try database.execute(
            """
            PRAGMA synchronous = EXTRA; PRAGMA journal_mode = WAL; PRAGMA synchronous = \(synchronous);
            PRAGMA wal_autocheckpoint = \(checkpointEvery);
            CREATE TABLE IF NOT EXISTS entries(no INTEGER PRIMARY KEY, body BLOB NOT NULL, size INTEGER NOT NULL);
            """)
    }

    /// Commits entry `number` in a transaction of its own and acknowledges it.
    mutating func append(_ number: Int) throws {
        let body = random.bytes(Int.random(in: 100...700, using: &random))
        try database.execute("BEGIN IMMEDIATE")
        do {
            try unsafe database.row("INSERT INTO entries VALUES (?1, ?2, ?3)") { statement in
                unsafe [
                    sqlite3_bind_int64(statement, 1, Int64(number)),
                    body.withUnsafeBytes {
                        unsafe csqlite_bind_blob_transient(statement, 2, $0.baseAddress, CInt($0.count))
                    },
                    sqlite3_bind_int(statement, 3, CInt(body.count)),
                ]
            }
            if mark == .beforeCommit { recorder.mark(Int64(number)) }
            try database.execute("COMMIT")
        } catch {
            // A full disk has rolled back by itself; then there is nothing to roll back.
            if unsafe sqlite3_get_autocommit(database.handle) == 0 { try database.execute("ROLLBACK") }
            throw error
        }
        if mark == .afterCommit { recorder.mark(Int64(number)) }
    }

    mutating func append(_ numbers: ClosedRange<Int>) throws {
        for number in numbers { try append(number) }
    }

    /// What is wrong with the ledger in `folder`, given that entries 1 to `acknowledged` were confirmed; nil: nothing.
    static func problem(in folder: TemporaryFolder, acknowledged: [Int64]) throws -> String? {
        do {
            let database = try RawDatabase(path: folder.path(fileName))
            let check = try unsafe database.row("PRAGMA quick_check")
            guard check == ["ok"] else { return "quick_check: \(check)" }
            guard try database.integer("SELECT 1 FROM sqlite_schema WHERE name = 'entries'") != nil else {
                return acknowledged.isEmpty ? nil : "the table is gone, and \(acknowledged.count) entries with it"
            }
            let last = acknowledged.last ?? 0
            let found =
                try database.integer(
                    "SELECT count(*) FROM entries WHERE no BETWEEN 1 AND \(last) AND length(body) = size") ?? 0
            guard found == Int64(acknowledged.count) else {
                return "\(acknowledged.count) acknowledged, \(found) found"
            }
            let holes = try database.integer("SELECT max(no) - count(*) FROM entries") ?? 0
            guard holes == 0 else { return "\(holes) entries are missing before the last one" }
            return nil
        } catch {
            return "SQLite error \(error.code)"
        }
    }
}
