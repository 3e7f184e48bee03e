// The recording VFS: registration, opening and deleting, and the functions of csqlite_recorder.h.

#include "recorder.h"

#include <stdlib.h>
#include <string.h>

// MARK: The VFS

static csqlite_recorder *recorder_of(sqlite3_vfs *vfs) {
    return (csqlite_recorder *)vfs;
}

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *flags_out) {
    csqlite_recorder *recorder = recorder_of(vfs);
    // A file without a name is temporary, goes with the process, and is none of a power failure's business. The real
    // VFS takes over the whole object.
    if (path == NULL) return recorder->real->xOpen(recorder->real, path, file, flags, flags_out);

    recorder_file *opened = (recorder_file *)file;
    sqlite3_int64 size = 0;
    int got = flags;
    opened->base.pMethods = NULL;
    real_file(file)->pMethods = NULL;
    int code = recorder->real->xOpen(recorder->real, path, real_file(file), flags, &got);
    if (flags_out != NULL) *flags_out = got;
    if (code == SQLITE_OK) code = real_file(file)->pMethods->xFileSize(real_file(file), &size);
    // A database needs shared memory for its WAL; the unix VFS gives journals and WALs methods without it.
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB) != 0
        && (real_file(file)->pMethods->iVersion < 2 || real_file(file)->pMethods->xShmMap == NULL)) {
        code = SQLITE_CANTOPEN;
    }
    if (code == SQLITE_OK) {
        pthread_mutex_lock(&recorder->mutex);
        int32_t number = recorder_path_number(recorder, path);
        if (number >= 0) {
            recorder->paths[number].size = size;
            opened->recorder = recorder;
            opened->path = number;
            int journal = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
            opened->syncs_folder = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journal) != 0;
            opened->base.pMethods = &recorder_io_methods;
            recorder->open_files += 1;
            recorder_add(
                recorder,
                (csqlite_trace_entry){.kind = CSQLITE_TRACE_OPEN, .file = number, .flags = got, .length = size});
        } else {
            code = SQLITE_NOMEM;
        }
        pthread_mutex_unlock(&recorder->mutex);
    }
    if (code != SQLITE_OK && real_file(file)->pMethods != NULL) real_file(file)->pMethods->xClose(real_file(file));
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder) {
    csqlite_recorder *recorder = recorder_of(vfs);
    pthread_mutex_lock(&recorder->mutex);
    int folder = recorder->skip_real_sync ? 0 : sync_folder;
    int code = recorder->real->xDelete(recorder->real, path, folder);
    int32_t number = code == SQLITE_OK ? recorder_path_number(recorder, path) : -1;
    if (number >= 0) {
        if (recorder->space >= 0) recorder->space += recorder->paths[number].size;
        recorder->paths[number].size = 0;
        recorder_add(
            recorder,
            (csqlite_trace_entry){.kind = CSQLITE_TRACE_DELETE, .file = number, .flags = sync_folder != 0});
    }
    pthread_mutex_unlock(&recorder->mutex);
    return code;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    return recorder_of(vfs)->real->xAccess(recorder_of(vfs)->real, path, flags, result);
}

static int vfs_full_pathname(sqlite3_vfs *vfs, const char *path, int count, char *out) {
    return recorder_of(vfs)->real->xFullPathname(recorder_of(vfs)->real, path, count, out);
}

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *out) {
    return recorder_of(vfs)->real->xRandomness(recorder_of(vfs)->real, count, out);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
    return recorder_of(vfs)->real->xSleep(recorder_of(vfs)->real, microseconds);
}

static int vfs_current_time(sqlite3_vfs *vfs, double *now) {
    return recorder_of(vfs)->real->xCurrentTime(recorder_of(vfs)->real, now);
}

static int vfs_get_last_error(sqlite3_vfs *vfs, int count, char *out) {
    return recorder_of(vfs)->real->xGetLastError(recorder_of(vfs)->real, count, out);
}

static int vfs_current_time_int64(sqlite3_vfs *vfs, sqlite3_int64 *now) {
    return recorder_of(vfs)->real->xCurrentTimeInt64(recorder_of(vfs)->real, now);
}

// MARK: Life

csqlite_recorder *csqlite_recorder_create(const char *name, int64_t limit) {
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    if (real == NULL || real->iVersion < 2 || limit <= 0 || sqlite3_vfs_find(name) != NULL) return NULL;
    csqlite_recorder *recorder = calloc(1, sizeof(csqlite_recorder));
    char *copy = strdup(name);
    if (recorder == NULL || copy == NULL || pthread_mutex_init(&recorder->mutex, NULL) != 0) {
        free(recorder);
        free(copy);
        return NULL;
    }
    recorder->name = copy;
    recorder->real = real;
    recorder->limit = limit;
    recorder->space = -1;
    recorder->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = RECORDER_FILE_SIZE + real->szOsFile,
        .mxPathname = real->mxPathname,
        .zName = copy,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_pathname,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_current_time,
        .xGetLastError = vfs_get_last_error,
        .xCurrentTimeInt64 = vfs_current_time_int64,
    };
    if (sqlite3_vfs_register(&recorder->vfs, 0) != SQLITE_OK) {
        pthread_mutex_destroy(&recorder->mutex);
        free(copy);
        free(recorder);
        return NULL;
    }
    return recorder;
}

int csqlite_recorder_destroy(csqlite_recorder *recorder) {
    pthread_mutex_lock(&recorder->mutex);
    int open_files = recorder->open_files;
    pthread_mutex_unlock(&recorder->mutex);
    if (open_files > 0) return SQLITE_BUSY;
    sqlite3_vfs_unregister(&recorder->vfs);
    recorder_forget(recorder);
    for (int32_t number = 0; number < recorder->path_count; number++) free(recorder->paths[number].name);
    free(recorder->paths);
    for (int point = 0; point < FAULT_POINTS; point++) free(recorder->faults[point].suffix);
    pthread_mutex_destroy(&recorder->mutex);
    free(recorder->name);
    free(recorder);
    return SQLITE_OK;
}

void csqlite_recorder_skip_real_sync(csqlite_recorder *recorder, int on) {
    pthread_mutex_lock(&recorder->mutex);
    recorder->skip_real_sync = on != 0;
    pthread_mutex_unlock(&recorder->mutex);
}

// MARK: The trace

void csqlite_recorder_mark(csqlite_recorder *recorder, int64_t value) {
    pthread_mutex_lock(&recorder->mutex);
    recorder_add(recorder, (csqlite_trace_entry){.kind = CSQLITE_TRACE_MARK, .file = -1, .offset = value});
    pthread_mutex_unlock(&recorder->mutex);
}

int64_t csqlite_recorder_count(csqlite_recorder *recorder) {
    pthread_mutex_lock(&recorder->mutex);
    int64_t count = recorder->count;
    pthread_mutex_unlock(&recorder->mutex);
    return count;
}

int csqlite_recorder_entry(csqlite_recorder *recorder, int64_t index, csqlite_trace_entry *entry) {
    pthread_mutex_lock(&recorder->mutex);
    int known = index >= 0 && index < recorder->count;
    if (known) *entry = recorder->entries[index];
    pthread_mutex_unlock(&recorder->mutex);
    return known ? SQLITE_OK : SQLITE_RANGE;
}

int32_t csqlite_recorder_file_count(csqlite_recorder *recorder) {
    pthread_mutex_lock(&recorder->mutex);
    int32_t count = recorder->path_count;
    pthread_mutex_unlock(&recorder->mutex);
    return count;
}

int csqlite_recorder_file(csqlite_recorder *recorder, int32_t file, csqlite_trace_file *out) {
    pthread_mutex_lock(&recorder->mutex);
    int known = file >= 0 && file < recorder->path_count;
    if (known) {
        const recorder_path *path = &recorder->paths[file];
        *out = (csqlite_trace_file){.path = path->name, .writes = path->writes, .bytes_written = path->bytes_written,
                                    .syncs = path->syncs, .size = path->size};
    }
    pthread_mutex_unlock(&recorder->mutex);
    return known ? SQLITE_OK : SQLITE_RANGE;
}

int csqlite_recorder_overflowed(csqlite_recorder *recorder) {
    pthread_mutex_lock(&recorder->mutex);
    int overflowed = recorder->overflowed;
    pthread_mutex_unlock(&recorder->mutex);
    return overflowed;
}

void csqlite_recorder_reset(csqlite_recorder *recorder) {
    pthread_mutex_lock(&recorder->mutex);
    recorder_forget(recorder);
    for (int32_t number = 0; number < recorder->path_count; number++) {
        recorder_path *path = &recorder->paths[number];
        path->writes = path->bytes_written = path->syncs = 0;
    }
    for (int point = 0; point < FAULT_POINTS; point++) {
        free(recorder->faults[point].suffix);
        recorder->faults[point] = (recorder_fault){0};
    }
    recorder->space = -1;
    pthread_mutex_unlock(&recorder->mutex);
}

// MARK: Faults

void csqlite_recorder_fail(
    csqlite_recorder *recorder, csqlite_fault_point point, const char *suffix, int64_t nth, int64_t times, int code) {
    char *copy = suffix == NULL ? NULL : strdup(suffix);
    pthread_mutex_lock(&recorder->mutex);
    recorder_fault *fault = &recorder->faults[point];
    free(fault->suffix);
    fault->suffix = copy;
    fault->skip = nth > 1 ? nth - 1 : 0;
    // Without memory for the suffix the fault would strike every file; then it strikes none, and the count shows it.
    fault->times = suffix != NULL && copy == NULL ? 0 : times;
    fault->code = code;
    pthread_mutex_unlock(&recorder->mutex);
}

void csqlite_recorder_limit_space(csqlite_recorder *recorder, int64_t bytes) {
    pthread_mutex_lock(&recorder->mutex);
    recorder->space = bytes < 0 ? -1 : bytes;
    pthread_mutex_unlock(&recorder->mutex);
}

int64_t csqlite_recorder_fault_count(csqlite_recorder *recorder, csqlite_fault_point point) {
    pthread_mutex_lock(&recorder->mutex);
    int64_t struck = recorder->faults[point].struck;
    pthread_mutex_unlock(&recorder->mutex);
    return struck;
}
