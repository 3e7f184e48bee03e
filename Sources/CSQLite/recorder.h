// The recorder's inside, shared by its three C files: the trace (recorder_trace.c), the files (recorder_file.c) and the
// VFS with the public functions (recorder.c). Not visible to Swift.

#ifndef GRIDLINE_RECORDER_H
#define GRIDLINE_RECORDER_H

#include <pthread.h>
#include <sqlite3.h>

#include "csqlite_recorder.h"

/// Number of values of csqlite_fault_point.
#define FAULT_POINTS 4

/// A piece of the trace's memory; pieces never move, so pointers into them stay valid.
typedef struct recorder_block {
    struct recorder_block *next;
    int64_t used, capacity;
    unsigned char bytes[];
} recorder_block;

typedef struct recorder_path {
    char *name;
    int64_t writes, bytes_written, syncs, size;
} recorder_path;

typedef struct recorder_fault {
    /// How many more matching operations succeed; then `times` of them fail.
    int64_t skip, times;
    int code;
    /// NULL: every file.
    char *suffix;
    int64_t struck;
} recorder_fault;

struct csqlite_recorder {
    /// First, so that the sqlite3_vfs pointer that SQLite passes is the recorder.
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    char *name;

    /// Guards everything below. Held during real writes and truncates, so that their order in the trace is theirs; not
    /// during real syncs, so that marks and writes of other threads fall between begin and end as they do in life.
    pthread_mutex_t mutex;
    int64_t limit, used;
    int overflowed, skip_real_sync;
    int open_files;

    csqlite_trace_entry *entries;
    int64_t count, capacity;
    recorder_block *blocks;
    recorder_path *paths;
    int32_t path_count, path_capacity;

    recorder_fault faults[FAULT_POINTS];
    /// -1: no bound.
    int64_t space;
};

/// What SQLite holds for an open file; the real VFS's object follows it in memory.
typedef struct recorder_file {
    sqlite3_file base;
    csqlite_recorder *recorder;
    int32_t path;
    /// Whether the next successful sync also syncs the folder; the unix VFS does so once for each journal or WAL that
    /// it opened with SQLITE_OPEN_CREATE (os_unix.c, UNIXFILE_DIRSYNC; seen with strace on 3.40.1).
    int syncs_folder;
} recorder_file;

/// Where the real file object starts behind ours: 8-byte aligned, as SQLite's own shims do it.
#define RECORDER_FILE_SIZE ((int)((sizeof(recorder_file) + 7) & ~(size_t)7))

static inline sqlite3_file *real_file(sqlite3_file *file) {
    return (sqlite3_file *)((char *)file + RECORDER_FILE_SIZE);
}

extern const sqlite3_io_methods recorder_io_methods;

// The functions below expect the mutex to be held.

/// Number of a path, given on first use; -1 without memory, which also ends the recording.
int32_t recorder_path_number(csqlite_recorder *recorder, const char *path);

/// Adds an entry, copying `length` bytes when `bytes` is not NULL. Beyond the limit it only sets `overflowed`.
void recorder_add(csqlite_recorder *recorder, csqlite_trace_entry entry);

/// Frees the trace; the paths stay.
void recorder_forget(csqlite_recorder *recorder);

/// 0, or the code with which this operation has to fail.
int recorder_strike(csqlite_recorder *recorder, csqlite_fault_point point, int32_t path);

#endif
