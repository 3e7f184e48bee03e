// The recorder's files: each call goes to the real file, is recorded, and fails first when a fault is armed for it.

#include "recorder.h"

static csqlite_recorder *recorder_of(sqlite3_file *file) {
    return ((recorder_file *)file)->recorder;
}

static int file_close(sqlite3_file *file) {
    csqlite_recorder *recorder = recorder_of(file);
    int code = real_file(file)->pMethods->xClose(real_file(file));
    pthread_mutex_lock(&recorder->mutex);
    recorder->open_files -= 1;
    pthread_mutex_unlock(&recorder->mutex);
    return code;
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    csqlite_recorder *recorder = recorder_of(file);
    pthread_mutex_lock(&recorder->mutex);
    int code = recorder_strike(recorder, CSQLITE_FAULT_READ, ((recorder_file *)file)->path);
    pthread_mutex_unlock(&recorder->mutex);
    if (code != SQLITE_OK) return code;
    return real_file(file)->pMethods->xRead(real_file(file), bytes, count, offset);
}

/// How many of `count` bytes at `offset` a disk with the room that is left can take.
static int fitting(csqlite_recorder *recorder, int64_t size, int count, int64_t offset) {
    int64_t growth = offset + count - size;
    if (recorder->space < 0 || growth <= recorder->space) return count;
    int64_t fits = count - (growth - recorder->space);
    return fits > 0 ? (int)fits : 0;
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    csqlite_recorder *recorder = recorder_of(file);
    int32_t number = ((recorder_file *)file)->path;
    pthread_mutex_lock(&recorder->mutex);
    recorder_path *path = &recorder->paths[number];
    int stored = 0;
    int code = recorder_strike(recorder, CSQLITE_FAULT_WRITE, number);
    if (code == SQLITE_OK) {
        stored = fitting(recorder, path->size, count, offset);
        if (stored > 0) code = real_file(file)->pMethods->xWrite(real_file(file), bytes, stored, offset);
        if (code != SQLITE_OK) {
            // How much the real disk took is not known; a trace that guesses would prove nothing.
            recorder->overflowed = 1;
        } else if (stored < count) {
            code = SQLITE_FULL;
            recorder->faults[CSQLITE_FAULT_WRITE].struck += 1;
        }
    }
    if (stored > 0 && offset + stored > path->size) {
        if (recorder->space >= 0) recorder->space -= offset + stored - path->size;
        path->size = offset + stored;
    }
    if (code == SQLITE_OK) {
        path->writes += 1;
        path->bytes_written += stored;
    }
    recorder_add(
        recorder, (csqlite_trace_entry){.kind = CSQLITE_TRACE_WRITE, .file = number, .code = code, .offset = offset,
                                        .length = stored, .bytes = stored > 0 ? bytes : NULL});
    pthread_mutex_unlock(&recorder->mutex);
    return code;
}

/// Records the size after a call that may have changed it: a chunk size rounds what SQLite asked for.
static void note_size(sqlite3_file *file) {
    csqlite_recorder *recorder = recorder_of(file);
    recorder_path *path = &recorder->paths[((recorder_file *)file)->path];
    sqlite3_int64 size = path->size;
    if (real_file(file)->pMethods->xFileSize(real_file(file), &size) != SQLITE_OK) {
        recorder->overflowed = 1;
        return;
    }
    if (size == path->size) return;
    if (recorder->space >= 0) {
        recorder->space -= size - path->size;
        if (recorder->space < 0) recorder->space = 0;
    }
    path->size = size;
    recorder_add(
        recorder, (csqlite_trace_entry){
                      .kind = CSQLITE_TRACE_TRUNCATE, .file = ((recorder_file *)file)->path, .length = size});
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
    csqlite_recorder *recorder = recorder_of(file);
    pthread_mutex_lock(&recorder->mutex);
    int code = recorder_strike(recorder, CSQLITE_FAULT_TRUNCATE, ((recorder_file *)file)->path);
    if (code == SQLITE_OK) {
        code = real_file(file)->pMethods->xTruncate(real_file(file), size);
        note_size(file);
    }
    pthread_mutex_unlock(&recorder->mutex);
    return code;
}

static int file_sync(sqlite3_file *file, int flags) {
    csqlite_recorder *recorder = recorder_of(file);
    int32_t number = ((recorder_file *)file)->path;
    pthread_mutex_lock(&recorder->mutex);
    recorder_add(
        recorder, (csqlite_trace_entry){.kind = CSQLITE_TRACE_SYNC_BEGIN, .file = number, .flags = flags});
    int code = recorder_strike(recorder, CSQLITE_FAULT_SYNC, number);
    int skip = recorder->skip_real_sync;
    pthread_mutex_unlock(&recorder->mutex);

    if (code == SQLITE_OK && !skip) code = real_file(file)->pMethods->xSync(real_file(file), flags);

    pthread_mutex_lock(&recorder->mutex);
    recorder_add(
        recorder,
        (csqlite_trace_entry){.kind = CSQLITE_TRACE_SYNC_END, .file = number, .flags = flags, .code = code});
    if (code == SQLITE_OK) recorder->paths[number].syncs += 1;
    if (code == SQLITE_OK && ((recorder_file *)file)->syncs_folder) {
        ((recorder_file *)file)->syncs_folder = 0;
        recorder_add(recorder, (csqlite_trace_entry){.kind = CSQLITE_TRACE_FOLDER_SYNC, .file = number});
    }
    pthread_mutex_unlock(&recorder->mutex);
    return code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real_file(file)->pMethods->xFileSize(real_file(file), size);
}

static int file_lock(sqlite3_file *file, int level) {
    return real_file(file)->pMethods->xLock(real_file(file), level);
}

static int file_unlock(sqlite3_file *file, int level) {
    return real_file(file)->pMethods->xUnlock(real_file(file), level);
}

static int file_check_reserved_lock(sqlite3_file *file, int *result) {
    return real_file(file)->pMethods->xCheckReservedLock(real_file(file), result);
}

static int file_control(sqlite3_file *file, int opcode, void *argument) {
    csqlite_recorder *recorder = recorder_of(file);
    // The lock covers only the control that changes the size; others (busy handlers, pragmas) may take long.
    if (opcode != SQLITE_FCNTL_SIZE_HINT) {
        return real_file(file)->pMethods->xFileControl(real_file(file), opcode, argument);
    }
    pthread_mutex_lock(&recorder->mutex);
    int code = real_file(file)->pMethods->xFileControl(real_file(file), opcode, argument);
    note_size(file);
    pthread_mutex_unlock(&recorder->mutex);
    return code;
}

static int file_sector_size(sqlite3_file *file) {
    return real_file(file)->pMethods->xSectorSize(real_file(file));
}

static int file_device_characteristics(sqlite3_file *file) {
    return real_file(file)->pMethods->xDeviceCharacteristics(real_file(file));
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **memory) {
    return real_file(file)->pMethods->xShmMap(real_file(file), page, size, extend, memory);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    return real_file(file)->pMethods->xShmLock(real_file(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file) {
    real_file(file)->pMethods->xShmBarrier(real_file(file));
}

static int file_shm_unmap(sqlite3_file *file, int delete_it) {
    return real_file(file)->pMethods->xShmUnmap(real_file(file), delete_it);
}

/// Version 2: with shared memory for a WAL, without mmap of the database, so that every write passes file_write.
const sqlite3_io_methods recorder_io_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_device_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};
