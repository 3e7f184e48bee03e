/// `views.sqlite`: opened, checked, thrown away when it is of another version, and exchanged for a rebuilt one.
///
/// The file holds nothing of its own, so the node that writes it never waits for the disk (`UnsyncedMark`), and
/// whatever looks wrong is deleted.

import CSQLite
package import Events
import Foundation
package import GRDB
import Synchronization

/// The position up to which views hold the log, and the log's root there.
package typealias Checkpoint = LogHead

package final class ViewStore: Sendable {
    /// What became of the file at opening.
    package enum Opening: Sendable, Equatable {
        case kept
        case made
        /// It was there and could not be used; the reason.
        case discarded(String)
    }

    package let path: String
    package let views: ViewSet
    package let opening: Opening
    /// Exchanged as a whole by `swap` and `startOver`.
    private let pool: Mutex<DatabasePool>
    private let mark: UnsyncedMark
    /// Whether this store writes, and leaves the writing to the disk to the kernel.
    private let isUnsynced: Bool
    /// A read or a write found the file's pages damaged.
    private let damage = Mutex(false)

    /// What to do with a file that is damaged or of another version.
    package enum Unusable: Sendable {
        /// Delete it and make an empty one: the node's own way.
        case replace
        /// Say so and leave it: for tools that look at a folder in which a node may be running.
        case refuse
    }

    /// Opens the views, or makes them anew, empty, when they are missing, damaged or of another version.
    ///
    /// A file that is only busy, or on a disk that fails, is left as it is.
    ///
    /// - Parameter boot: the machine's, nil when it is not known.
    /// - Throws: `ViewFailure` when the file can neither be opened nor, as `unusable` says, replaced.
    package init(
        path: String, views: ViewSet, unusable: Unusable = .replace, boot: BootID? = .current
    ) throws {
        self.path = path
        self.views = views
        mark = UnsyncedMark(views: path)
        isUnsynced = unusable == .replace && boot != nil
        let existed = FileManager.default.fileExists(atPath: path)
        do {
            guard existed || unusable == .replace else {
                throw ViewFailure.storage(operation: "open \(path)", detail: "there is no such file")
            }
            if existed, mark.state(in: boot) == .ofAnotherBoot { throw ViewFailure.unsynced(path: path) }
            // Before any connection that could write, and never before a file that it would speak well of is gone.
            if isUnsynced, let boot { try mark.make(boot) }
            let opened =
                try existed
                ? ViewStore.openMade(path, views, unsynced: isUnsynced)
                : ViewStore.openNew(path, views, unsynced: isUnsynced)
            pool = Mutex(opened)
            opening = existed ? .kept : .made
        } catch {
            let failure = ViewFailure.from(error, "open \(path)")
            guard existed, unusable == .replace, ViewStore.saysUnusable(error) else { throw failure }
            try ViewFile.remove(path)
            if isUnsynced, let boot { try mark.make(boot) }
            pool = Mutex(try ViewStore.openNew(path, views, unsynced: isUnsynced))
            opening = .discarded((failure as? any Problem)?.message.description ?? "\(failure)")
        }
    }

    private static func openPool(_ path: String, unsynced: Bool) throws -> DatabasePool {
        let opened = try DatabasePool(path: path, configuration: configuration)
        // After the pool is made: it sets NORMAL itself.
        if unsynced { try opened.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") } }
        return opened
    }

    private static func openNew(_ path: String, _ views: ViewSet, unsynced: Bool) throws -> DatabasePool {
        ViewFile.make(path)
        let opened = try openPool(path, unsynced: unsynced)
        try opened.write { try make(views, on: $0, indexed: true) }
        return opened
    }

    private static func openMade(_ path: String, _ views: ViewSet, unsynced: Bool) throws -> DatabasePool {
        let opened = try openPool(path, unsynced: unsynced)
        do {
            try opened.read { try check(views, on: $0) }
            return opened
        } catch {
            // Closed before anyone deletes the file: a later close would delete the next file's WAL by name.
            try opened.close()
            throw error
        }
    }

    /// Whether an error speaks of what is in the file rather than of the disk or of another process.
    private static func saysUnusable(_ error: any Error) -> Bool {
        switch error {
        case ViewFailure.malformed, ViewFailure.damaged, ViewFailure.unsynced: true
        case let error as DatabaseError: [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR].contains(error.resultCode)
        case _: false
        }
    }

    // MARK: - Access

    /// Reads on one of the pool's readers, in one snapshot.
    package func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        let current = pool.withLock { $0 }
        do {
            return try current.read(body)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_MISUSE {
            // A rebuilt file took this one's place between the two lines above.
            let next = pool.withLock { $0 }
            guard next !== current else { throw ViewFailure.from(error, "read \(path)") }
            return try next.read(body)
        } catch {
            noteDamage(error)
            throw error
        }
    }

    func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
        let current = pool.withLock { $0 }
        do { return try current.write(body) } catch {
            noteDamage(error)
            throw error
        }
    }

    private func noteDamage(_ error: any Error) {
        guard case .damaged = ViewFailure.from(error, "read \(path)") as? ViewFailure else { return }
        damage.withLock { $0 = true }
    }

    /// Makes an empty file in the place of one whose pages were found damaged, from which the views are made anew.
    ///
    /// Of the views' own thread; readers that are at work end first.
    ///
    /// - Returns: whether there was damage.
    /// - Throws: `ViewFailure` or the file system's error when that is not possible either; it is tried again then.
    package func startOverIfDamaged() throws -> Bool {
        guard damage.withLock({ $0 }) else { return false }
        try pool.withLock { current in
            try current.close()
            try ViewFile.remove(path)
            current = try ViewStore.openNew(path, views, unsynced: isUnsynced)
        }
        damage.withLock { $0 = false }
        return true
    }

    package func checkpoint() throws -> Checkpoint { try read { try ViewStore.checkpoint(on: $0) } }

    /// Closes the file, and brings it to the disk; the store is not used after.
    package func close() throws {
        try pool.withLock { current in
            // The pool closes its readers last, and those can empty no WAL. When somebody else reads, the WAL and the
            // mark stay, and nothing is lost.
            if isUnsynced { _ = try? current.writeWithoutTransaction { try $0.checkpoint(.truncate) } }
            try current.close()
        }
        if isUnsynced { try mark.settle() }
    }

    /// Puts a finished file in this one's place.
    ///
    /// Readers that are at work finish on the old one.
    func swap(with finished: String) throws {
        try pool.withLock { current in
            // Closed before the rename: a connection that closes later would delete the new file's WAL by name.
            try current.close()
            try ViewFile.removeCompanions(path)
            guard unsafe rename(finished, path) == 0 else {
                throw ViewFailure.storage(
                    operation: "rename \(finished) to \(path)", detail: Words(verbatim: "errno \(errno)"))
            }
            current = try ViewStore.openPool(path, unsynced: isUnsynced)
        }
    }

    // MARK: - Shape

    static let configuration: Configuration = {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.label = "views"
        configuration.prepareDatabase { db in
            if !db.configuration.readonly { try db.execute(sql: "PRAGMA page_size = 8192") }
            try db.execute(sql: "PRAGMA cache_size = -32768; PRAGMA mmap_size = 0")
        }
        return configuration
    }()

    /// Grows when this file's own tables change.
    private static let format = "1"

    static func make(_ views: ViewSet, on db: Database, indexed: Bool) throws {
        try db.execute(
            sql: "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID")
        for table in views.tables { try db.execute(sql: table.createStatement) }
        for sum in views.sums { try db.execute(sql: sum.createStatement(views.source(sum.source))) }
        for text in views.texts { try db.execute(sql: text.createStatement) }
        if indexed { try index(views, on: db) }
        try set("format", format, on: db)
        try set("foldVersion", String(views.foldVersion), on: db)
        try set("shape", Digest.sha256(Array(views.shape.utf8)).description, on: db)
        try setCheckpoint(.empty, on: db)
        if indexed { try set("state", "ready", on: db) }
    }

    static func index(_ views: ViewSet, on db: Database) throws {
        for table in views.tables {
            for statement in table.indexStatements { try db.execute(sql: statement) }
        }
    }

    /// - Throws: `ViewFailure` naming what differs.
    static func check(_ views: ViewSet, on db: Database, state: String = "ready") throws {
        let wanted = [
            ("format", format), ("foldVersion", String(views.foldVersion)),
            ("shape", Digest.sha256(Array(views.shape.utf8)).description), ("state", state),
        ]
        for (key, value) in wanted {
            let found = try ViewStore.value(of: key, on: db) ?? "none"
            guard found == value else {
                throw ViewFailure.malformed(what: "views file with \(key) \(value)", value: found)
            }
        }
        _ = try checkpoint(on: db)
    }

    static func value(of key: String, on db: Database) throws -> String? {
        try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
    }

    static func set(_ key: String, _ value: String, on db: Database) throws {
        try db.cachedStatement(
            sql: "INSERT INTO meta(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value"
        ).execute(arguments: [key, value])
    }

    static func setCheckpoint(_ checkpoint: Checkpoint, on db: Database) throws {
        try set("position", String(checkpoint.position), on: db)
        try set("root", checkpoint.chain.description, on: db)
    }

    package static func checkpoint(on db: Database) throws -> Checkpoint {
        let position = try value(of: "position", on: db) ?? ""
        let root = try value(of: "root", on: db) ?? ""
        guard let number = Int64(position), number >= 0, let bytes = Hexadecimal.bytes(root),
            let chain = ChainValue(bytes: bytes)
        else { throw ViewFailure.malformed(what: "checkpoint", value: "\(position) \(root)") }
        return Checkpoint(position: number, chain: chain)
    }
}

/// Files of views, with SQLite's companions.
enum ViewFile {
    /// Makes a new file that only its owner may read, since views hold what callers wrote.
    ///
    /// Where none can be made, SQLite says why.
    static func make(_ path: String) { _ = unsafe csqlite_make_private_file(path) }

    static func removeCompanions(_ path: String) throws {
        for suffix in ["-wal", "-shm", "-journal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    static func remove(_ path: String) throws {
        if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        try removeCompanions(path)
    }
}
