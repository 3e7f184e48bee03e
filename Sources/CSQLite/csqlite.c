// The typed doors to SQLite's variadic and void-pointer calls; csqlite.h says what each is for.

#include "csqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

// MARK: Process-wide configuration

int csqlite_config_log(void (*log)(void *context, int code, const char *message), void *context) {
    return sqlite3_config(SQLITE_CONFIG_LOG, log, context);
}

int csqlite_config_threading(int mode) {
    switch (mode) {
    case SQLITE_CONFIG_SINGLETHREAD:
    case SQLITE_CONFIG_MULTITHREAD:
    case SQLITE_CONFIG_SERIALIZED:
        return sqlite3_config(mode);
    default:
        return SQLITE_MISUSE;
    }
}

int csqlite_config_memory_status(int on) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, on != 0);
}

int csqlite_config_mmap(int64_t default_bytes, int64_t limit_bytes) {
    return sqlite3_config(SQLITE_CONFIG_MMAP_SIZE, (sqlite3_int64)default_bytes, (sqlite3_int64)limit_bytes);
}

// MARK: Configuration of one connection

int csqlite_db_config_int(sqlite3 *db, int option, int value, int *now) {
    int current = 0;
    int code;
    // MAINDBNAME (1000) and LOOKASIDE (1001) take other arguments; passing an int for a pointer would crash.
    if (option < SQLITE_DBCONFIG_ENABLE_FKEY || value < -1 || value > 1) return SQLITE_MISUSE;
    code = sqlite3_db_config(db, option, value, &current);
    if (code == SQLITE_OK && now != NULL) *now = current;
    return code;
}

int csqlite_no_checkpoint_on_close(sqlite3 *db, int on) {
    return csqlite_db_config_int(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on != 0, NULL);
}

int csqlite_defensive(sqlite3 *db, int on) {
    return csqlite_db_config_int(db, SQLITE_DBCONFIG_DEFENSIVE, on != 0, NULL);
}

// MARK: File controls

/// Runs a file control that reads and writes one int, where -1 asks and the answer overwrites it.
static int flag_control(sqlite3 *db, const char *schema, int opcode, int value, int *now) {
    int current = value;
    int code;
    if (value < -1 || value > 1) return SQLITE_MISUSE;
    code = sqlite3_file_control(db, schema, opcode, &current);
    // The unix VFS answers only a question; a set leaves the value as it was given, which is the setting.
    if (code == SQLITE_OK && now != NULL) *now = current;
    return code;
}

int csqlite_persist_wal(sqlite3 *db, const char *schema, int value, int *now) {
    return flag_control(db, schema, SQLITE_FCNTL_PERSIST_WAL, value, now);
}

int csqlite_powersafe_overwrite(sqlite3 *db, const char *schema, int value, int *now) {
    return flag_control(db, schema, SQLITE_FCNTL_POWERSAFE_OVERWRITE, value, now);
}

int csqlite_chunk_size(sqlite3 *db, const char *schema, int bytes) {
    return sqlite3_file_control(db, schema, SQLITE_FCNTL_CHUNK_SIZE, &bytes);
}

int csqlite_size_hint(sqlite3 *db, const char *schema, int64_t bytes) {
    sqlite3_int64 size = bytes;
    return sqlite3_file_control(db, schema, SQLITE_FCNTL_SIZE_HINT, &size);
}

int csqlite_data_version(sqlite3 *db, const char *schema, uint32_t *version) {
    unsigned int value = 0;
    int code = sqlite3_file_control(db, schema, SQLITE_FCNTL_DATA_VERSION, &value);
    if (code == SQLITE_OK) *version = value;
    return code;
}

sqlite3_file *csqlite_file(sqlite3 *db, const char *schema, int journal) {
    sqlite3_file *file = NULL;
    int opcode = journal ? SQLITE_FCNTL_JOURNAL_POINTER : SQLITE_FCNTL_FILE_POINTER;
    if (sqlite3_file_control(db, schema, opcode, &file) != SQLITE_OK) return NULL;
    return file;
}

int csqlite_read_database_file(sqlite3 *db, int64_t offset, void *buffer, int count) {
    sqlite3_file *file = csqlite_file(db, "main", 0);
    if (file == NULL || file->pMethods == NULL || offset < 0 || count < 0) return SQLITE_MISUSE;
    return file->pMethods->xRead(file, buffer, count, offset);
}

// MARK: Files

int csqlite_make_private_file(const char *path) {
    // Exclusive: a file that is there is never opened here, since closing it would drop SQLite's locks on it.
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return errno == EEXIST ? 0 : errno;
    return close(file) == 0 ? 0 : errno;
}

// MARK: The WAL's bytes

void csqlite_wal_checksum(int big_endian, const void *bytes, int64_t count, uint32_t *first, uint32_t *second) {
    const unsigned char *at = bytes;
    uint32_t s0 = *first;
    uint32_t s1 = *second;
    int64_t index;
    for (index = 0; index + 8 <= count; index += 8) {
        uint32_t x0, x1;
        const unsigned char *p = at + index;
        if (big_endian) {
            x0 = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
            x1 = (uint32_t)p[4] << 24 | (uint32_t)p[5] << 16 | (uint32_t)p[6] << 8 | p[7];
        } else {
            x0 = (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
            x1 = (uint32_t)p[7] << 24 | (uint32_t)p[6] << 16 | (uint32_t)p[5] << 8 | p[4];
        }
        s0 += x0 + s1;
        s1 += x1 + s0;
    }
    *first = s0;
    *second = s1;
}
