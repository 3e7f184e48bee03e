// SQLite's C API for Swift: the header itself, and shims for what Swift cannot call (variadic
// functions, destructor constants that are cast integers).
#ifndef CSQLITE_H
#define CSQLITE_H
#include <sqlite3.h>

// sqlite3_db_config with an int and an int pointer, the form of every option that takes a switch.
static inline int csqlite_db_config_int(sqlite3 *db, int option, int value, int *result) {
    return sqlite3_db_config(db, option, value, result);
}

// Binds bytes that SQLite copies at once. A null pointer with length 0 binds an empty value, not NULL.
static inline int csqlite_bind_text_transient(sqlite3_stmt *statement, int parameter, const void *bytes, int count) {
    return sqlite3_bind_text(statement, parameter, count ? (const char *)bytes : "", count, SQLITE_TRANSIENT);
}

static inline int csqlite_bind_blob_transient(sqlite3_stmt *statement, int parameter, const void *bytes, int count) {
    return sqlite3_bind_blob(statement, parameter, count ? bytes : "", count, SQLITE_TRANSIENT);
}
#endif
