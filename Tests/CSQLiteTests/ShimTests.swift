// The typed doors of CSQLite: settings read back as they were set, and an empty value is not NULL.

import CSQLite
import Foundation
import Testing

@Suite struct ShimTests {
    @Test func anOnOffOptionReadsBackAsItWasSet() throws {
        let database = try RawDatabase(path: ":memory:")
        var now: CInt = -1
        #expect(unsafe csqlite_db_config_int(database.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, -1, &now) == SQLITE_OK)
        #expect(now == 0)
        #expect(unsafe csqlite_no_checkpoint_on_close(database.handle, 1) == SQLITE_OK)
        #expect(unsafe csqlite_db_config_int(database.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, -1, &now) == SQLITE_OK)
        #expect(now == 1)
    }

    @Test func anOptionThatTakesOtherArgumentsIsRefused() throws {
        let database = try RawDatabase(path: ":memory:")
        #expect(unsafe csqlite_db_config_int(database.handle, SQLITE_DBCONFIG_MAINDBNAME, 1, nil) == SQLITE_MISUSE)
        #expect(unsafe csqlite_db_config_int(database.handle, SQLITE_DBCONFIG_LOOKASIDE, 1, nil) == SQLITE_MISUSE)
    }

    @Test func anEmptyTextOrBlobIsBoundAsEmptyAndNotAsNull() throws {
        let database = try RawDatabase(path: ":memory:")
        let row = try unsafe database.row("SELECT typeof(?1), typeof(?2), typeof(?3), typeof(?4)") { statement in
            unsafe [
                csqlite_bind_text_static(statement, 1, nil, 0), csqlite_bind_text_transient(statement, 2, nil, 0),
                csqlite_bind_blob_static(statement, 3, nil, 0), csqlite_bind_blob_transient(statement, 4, nil, 0),
            ]
        }
        #expect(row == ["text", "text", "blob", "blob"])
    }

    @Test func aPrivateFileIsItsOwnersFromTheFirstMomentAndOneThatIsThereStaysAsItIs() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/new"
        #expect(unsafe csqlite_make_private_file(path) == 0)
        let made = try FileManager.default.attributesOfItem(atPath: path)
        #expect(made[.posixPermissions] as? Int == 0o600 && made[.size] as? Int == 0)
        try Data("kept".utf8).write(to: URL(fileURLWithPath: path))
        #expect(unsafe csqlite_make_private_file(path) == 0)
        #expect(FileManager.default.contents(atPath: path) == Data("kept".utf8))
        #expect(unsafe csqlite_make_private_file(folder.path + "/none/new") == ENOENT)
    }

    @Test func transientBytesAreCopiedBeforeTheCallReturns() throws {
        let database = try RawDatabase(path: ":memory:")
        var bytes: [UInt8] = [1, 2, 3]
        let row = try unsafe database.row("SELECT hex(?1)") { statement in
            let code = unsafe bytes.withUnsafeBytes {
                unsafe csqlite_bind_blob_transient(statement, 1, $0.baseAddress, 3)
            }
            bytes = [9, 9, 9]
            return [code]
        }
        #expect(row == ["010203"])
    }

    @Test func aNegativeLengthIsRefused() throws {
        let database = try RawDatabase(path: ":memory:")
        #expect(throws: SQLiteError(code: SQLITE_MISUSE)) {
            try unsafe database.row("SELECT ?1") { unsafe [csqlite_bind_text_static($0, 1, "a", -1)] }
        }
    }

    @Test func theWALStaysAfterTheLastCloseWhenToldTo() throws {
        let folder = try TemporaryFolder()
        let database = try RawDatabase(path: folder.path("a.sqlite"))
        try database.execute("PRAGMA journal_mode=WAL; CREATE TABLE t(a)")
        var now: CInt = -1
        #expect(unsafe csqlite_persist_wal(database.handle, nil, 1, nil) == SQLITE_OK)
        #expect(unsafe csqlite_persist_wal(database.handle, nil, -1, &now) == SQLITE_OK)
        #expect(now == 1)
        database.close()
        #expect(try folder.names().contains("a.sqlite-wal"))
    }

    @Test func aChunkSizeAndAHintExtendTheFileAtOnce() throws {
        let folder = try TemporaryFolder()
        let database = try RawDatabase(path: folder.path("a.sqlite"))
        try database.execute("CREATE TABLE t(a)")
        #expect(unsafe csqlite_chunk_size(database.handle, "main", 1 << 20) == SQLITE_OK)
        #expect(unsafe csqlite_size_hint(database.handle, "main", 1 << 20) == SQLITE_OK)
        #expect(try folder.bytes("a.sqlite").count == 1 << 20)
    }

    @Test func theDataVersionChangesWithACommit() throws {
        let database = try RawDatabase(path: ":memory:")
        var before: UInt32 = 0
        var after: UInt32 = 0
        try database.execute("CREATE TABLE t(a)")
        #expect(unsafe csqlite_data_version(database.handle, nil, &before) == SQLITE_OK)
        try database.execute("INSERT INTO t VALUES (1)")
        #expect(unsafe csqlite_data_version(database.handle, nil, &after) == SQLITE_OK)
        #expect(before != after)
    }
}
