// A VFS that records, for tests of what a power failure leaves on the disk.
//
// A recorder is a shim over SQLite's default VFS, registered under a name of its own and never as the default. Open a
// database with that name (the fourth argument of sqlite3_open_v2) and the recorder keeps, in memory and in one order
// for all files and threads: what was written where, what was truncated, when a sync began and returned, what was
// deleted, and the marks the test sets when an acknowledgement leaves. From this trace a test builds every disk that
// a power failure could have left (Tests/PowerLossSupport), in the manner of ALICE (Pillai and others, OSDI 2014).
// The recorder also injects faults, and counts writes and syncs per file.
//
// Not recorded: reads, locks, the shared memory of a WAL (a crash drops it), and temporary files without a name.
// Every function may be called from any thread.

#ifndef CSQLITE_RECORDER_H
#define CSQLITE_RECORDER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__has_attribute)
#if __has_attribute(enum_extensibility)
#define CSQLITE_CLOSED_ENUM __attribute__((enum_extensibility(closed)))
#endif
#endif
#ifndef CSQLITE_CLOSED_ENUM
#define CSQLITE_CLOSED_ENUM
#endif

typedef struct csqlite_recorder csqlite_recorder;

/// What an entry of the trace records; the fields of csqlite_trace_entry that it uses are in brackets.
typedef enum CSQLITE_CLOSED_ENUM csqlite_trace_kind {
    /// A file was opened [file, flags: those SQLite got back, length: bytes in it then, 0 for a new one].
    CSQLITE_TRACE_OPEN = 1,
    /// Bytes reached the operating system [file, offset, length, bytes, code: 0, or why it stopped short].
    CSQLITE_TRACE_WRITE = 2,
    /// A file was cut or extended [file, length: bytes in it now].
    CSQLITE_TRACE_TRUNCATE = 3,
    /// A sync was asked for [file, flags].
    CSQLITE_TRACE_SYNC_BEGIN = 4,
    /// That sync returned [file, flags, code: 0 when what was written before its begin is on the disk].
    CSQLITE_TRACE_SYNC_END = 5,
    /// A file was deleted [file, flags: 1 when its folder was synced before the call returned].
    CSQLITE_TRACE_DELETE = 6,
    /// The test set a mark [offset: its value].
    CSQLITE_TRACE_MARK = 7,
    /// The folder of a file was synced within the sync that just returned [file]: what was deleted there stays deleted.
    CSQLITE_TRACE_FOLDER_SYNC = 8,
} csqlite_trace_kind;

/// One operation, in the order in which the operating system saw them.
typedef struct csqlite_trace_entry {
    csqlite_trace_kind kind;
    /// Number of the file, by its path, in the order of first use from 0; -1 for a mark.
    int32_t file;
    int32_t flags;
    int32_t code;
    int64_t offset;
    int64_t length;
    /// `length` bytes that stay valid until the trace is reset or the recorder destroyed.
    const void *bytes;
} csqlite_trace_entry;

/// What one path has seen since the last reset.
typedef struct csqlite_trace_file {
    /// The full path; valid as long as the recorder.
    const char *path;
    /// Writes that succeeded, and their bytes.
    int64_t writes;
    int64_t bytes_written;
    /// Syncs that returned SQLITE_OK.
    int64_t syncs;
    /// Bytes in the file now.
    int64_t size;
} csqlite_trace_file;

/// Operations that can be made to fail.
typedef enum CSQLITE_CLOSED_ENUM csqlite_fault_point {
    CSQLITE_FAULT_READ = 0,
    CSQLITE_FAULT_WRITE = 1,
    CSQLITE_FAULT_TRUNCATE = 2,
    CSQLITE_FAULT_SYNC = 3,
} csqlite_fault_point;

// MARK: Life

/// Registers a recording VFS under `name` over the default VFS.
///
/// `limit` bounds the memory of the trace, in bytes; beyond it recording stops, files go on working and
/// csqlite_recorder_overflowed() says so. Returns NULL when the name is taken, the limit is not positive, or memory or
/// the default VFS is missing.
csqlite_recorder *csqlite_recorder_create(const char *name, int64_t limit);

/// Unregisters the VFS and frees the trace. Returns SQLITE_BUSY, and does nothing, while a file is open through it.
int csqlite_recorder_destroy(csqlite_recorder *recorder);

/// Leaves out the real fsync when `on` is not 0: for a simulated power failure the trace is the disk, and the test is
/// some ten times faster. The trace and the faults stay as they are.
void csqlite_recorder_skip_real_sync(csqlite_recorder *recorder, int on);

// MARK: The trace

/// Sets a mark: "this was acknowledged to somebody here".
void csqlite_recorder_mark(csqlite_recorder *recorder, int64_t value);

/// Number of entries in the trace.
int64_t csqlite_recorder_count(csqlite_recorder *recorder);

/// Reads entry `index`, counted from 0. Returns SQLITE_RANGE when there is none.
int csqlite_recorder_entry(csqlite_recorder *recorder, int64_t index, csqlite_trace_entry *entry);

/// Number of paths used so far.
int32_t csqlite_recorder_file_count(csqlite_recorder *recorder);

/// Reads what is known of file `file`. Returns SQLITE_RANGE when there is none.
int csqlite_recorder_file(csqlite_recorder *recorder, int32_t file, csqlite_trace_file *out);

/// 1 when the trace is incomplete, because the limit was reached or memory ran out.
int csqlite_recorder_overflowed(csqlite_recorder *recorder);

/// Forgets the trace and the counters, and disarms all faults. Files stay open and keep their numbers; what they hold
/// now is the base of the new trace. Pointers from csqlite_recorder_entry() become invalid.
void csqlite_recorder_reset(csqlite_recorder *recorder);

// MARK: Faults

/// Makes the `nth` next operation (from 1) and those after it, `times` in all, return `code` and do nothing.
///
/// Only files whose path ends in `suffix` count ("-wal", ".sqlite"); NULL means all. One fault per point; a new one
/// replaces it, and `times` 0 disarms it. A failed sync is a sync that did not happen.
void csqlite_recorder_fail(
    csqlite_recorder *recorder, csqlite_fault_point point, const char *suffix, int64_t nth, int64_t times, int code);

/// Leaves room for files to grow by `bytes` in all from now on; -1 removes the bound.
///
/// The write that crosses it stores what fits and returns SQLITE_FULL, as a full disk does. Truncating gives room back.
void csqlite_recorder_limit_space(csqlite_recorder *recorder, int64_t bytes);

/// Number of times a fault of `point` struck since the last reset; a write that found no room counts.
int64_t csqlite_recorder_fault_count(csqlite_recorder *recorder, csqlite_fault_point point);

#ifdef __cplusplus
}
#endif

#endif
