// The door to SQLite's C API for Swift: all of <sqlite3.h>, and what Swift cannot call of it.
//
// Swift imports neither variadic functions (sqlite3_config, sqlite3_db_config) nor the casted function pointers
// SQLITE_STATIC and SQLITE_TRANSIENT, and sqlite3_file_control takes a `void *` whose meaning depends on the opcode.
// Each of these gets a function with a type here. Nothing else is wrapped: call sqlite3_* directly for the rest.
//
// csqlite_recorder.h adds the recording VFS of the power-loss tests.

#ifndef CSQLITE_H
#define CSQLITE_H

#include <sqlite3.h>
#include <stdint.h>

#include "csqlite_recorder.h"

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Extended result codes. Swift imports no macro that computes, so those that are branched on stand here again.

static const int CSQLITE_IOERR_READ = SQLITE_IOERR_READ;
static const int CSQLITE_IOERR_WRITE = SQLITE_IOERR_WRITE;
static const int CSQLITE_IOERR_FSYNC = SQLITE_IOERR_FSYNC;
static const int CSQLITE_IOERR_SHORT_READ = SQLITE_IOERR_SHORT_READ;
static const int CSQLITE_BUSY_SNAPSHOT = SQLITE_BUSY_SNAPSHOT;
static const int CSQLITE_CONSTRAINT_UNIQUE = SQLITE_CONSTRAINT_UNIQUE;
static const int CSQLITE_CONSTRAINT_PRIMARYKEY = SQLITE_CONSTRAINT_PRIMARYKEY;

// MARK: Process-wide configuration. Only before sqlite3_initialize(), else SQLITE_MISUSE.

/// Sends SQLite's own error log to `log`; NULL switches it off. `context` comes back as its first argument.
int csqlite_config_log(void (*log)(void *context, int code, const char *message), void *context);

/// Sets the threading mode: SQLITE_CONFIG_SINGLETHREAD, _MULTITHREAD or _SERIALIZED; any other gives SQLITE_MISUSE.
int csqlite_config_threading(int mode);

/// Counts allocations for sqlite3_memory_used() if `on` is not 0; without, malloc takes no global mutex.
int csqlite_config_memory_status(int on);

/// Sets the default and the highest `mmap_size` of later connections, in bytes; 0 and 0 keeps mmap out of the process.
int csqlite_config_mmap(int64_t default_bytes, int64_t limit_bytes);

// MARK: Configuration of one connection.

/// Sets an on/off option of sqlite3_db_config, one of SQLITE_DBCONFIG_ENABLE_FKEY to _STMT_SCANSTATUS.
///
/// `value` is 1 (on), 0 (off) or -1 (only ask). `now`, unless NULL, receives 1 or 0: the setting after the call.
/// An option with other arguments (MAINDBNAME, LOOKASIDE) gives SQLITE_MISUSE.
int csqlite_db_config_int(sqlite3 *db, int option, int value, int *now);

/// Keeps the last connection to close from running a checkpoint and deleting the WAL, if `on` is not 0.
int csqlite_no_checkpoint_on_close(sqlite3 *db, int on);

/// Refuses SQL that could write to shadow tables or the schema by hand (SQLITE_DBCONFIG_DEFENSIVE), if `on` is not 0.
int csqlite_defensive(sqlite3 *db, int on);

// MARK: File controls. `schema` is "main", "temp" or an attached name; NULL means "main".

/// Keeps the -wal and -shm files when the last connection closes: 1 (on), 0 (off), -1 (only ask).
///
/// `now`, unless NULL, receives the setting after the call.
int csqlite_persist_wal(sqlite3 *db, const char *schema, int value, int *now);

/// Tells the VFS whether a write leaves its neighbours untouched when power fails: 1 (on), 0 (off), -1 (only ask).
int csqlite_powersafe_overwrite(sqlite3 *db, const char *schema, int value, int *now);

/// Lets the database file grow and shrink in steps of `bytes`, so that most commits overwrite instead of extending.
int csqlite_chunk_size(sqlite3 *db, const char *schema, int bytes);

/// Announces that the database file is going to be `bytes` long in this transaction; with a chunk size it extends now.
int csqlite_size_hint(sqlite3 *db, const char *schema, int64_t bytes);

/// Reads the change counter of the pager: differs after a commit of any connection, this one's included.
int csqlite_data_version(sqlite3 *db, const char *schema, uint32_t *version);

/// The file object of the database (`journal` 0) or of its WAL or journal (1), or NULL; for tests of the VFS.
sqlite3_file *csqlite_file(sqlite3 *db, const char *schema, int journal);

/// Reads bytes of the database file as they are on the disk, past the pager and the WAL; SQLITE_OK when all came.
///
/// Through SQLite's own descriptor, because closing another one would drop its locks (sqlite.org/howtocorrupt.html, 2.2).
int csqlite_read_database_file(sqlite3 *db, int64_t offset, void *buffer, int count);

// MARK: Files

/// Makes an empty file that only its owner may read or write; one that is there stays as it is.
///
/// Called before sqlite3_open_v2, which makes files that everybody may read: SQLite takes an empty file for a new
/// database, and its WAL and journals get its mode. Returns 0, or errno when there is none and none could be made.
int csqlite_make_private_file(const char *path);

// MARK: The WAL's bytes (sqlite.org/fileformat2.html, 4.2)

/// Carries a WAL's running checksum on over `count` bytes, a multiple of 8; `big_endian` is the low bit of the magic.
void csqlite_wal_checksum(int big_endian, const void *bytes, int64_t count, uint32_t *first, uint32_t *second);

// MARK: Binding. `count` is in bytes. An empty value binds as '' or x'', never as NULL: the address of an empty Swift
// buffer may be NULL. Inline, because an append binds a dozen values.

/// Binds UTF-8 text that stays valid and unchanged until the parameter is bound again or the statement finalized.
static inline int csqlite_bind_text_static(sqlite3_stmt *statement, int parameter, const void *bytes, int count) {
    if (count < 0) return SQLITE_MISUSE;
    return sqlite3_bind_text(statement, parameter, count ? (const char *)bytes : "", count, SQLITE_STATIC);
}

/// Binds UTF-8 text that SQLite copies before this returns.
static inline int csqlite_bind_text_transient(sqlite3_stmt *statement, int parameter, const void *bytes, int count) {
    if (count < 0) return SQLITE_MISUSE;
    return sqlite3_bind_text(statement, parameter, count ? (const char *)bytes : "", count, SQLITE_TRANSIENT);
}

/// Binds bytes that stay valid and unchanged until the parameter is bound again or the statement finalized.
static inline int csqlite_bind_blob_static(sqlite3_stmt *statement, int parameter, const void *bytes, int count) {
    if (count < 0) return SQLITE_MISUSE;
    return sqlite3_bind_blob(statement, parameter, count ? bytes : "", count, SQLITE_STATIC);
}

/// Binds bytes that SQLite copies before this returns.
static inline int csqlite_bind_blob_transient(sqlite3_stmt *statement, int parameter, const void *bytes, int count) {
    if (count < 0) return SQLITE_MISUSE;
    return sqlite3_bind_blob(statement, parameter, count ? bytes : "", count, SQLITE_TRANSIENT);
}

#ifdef __cplusplus
}
#endif

#endif
