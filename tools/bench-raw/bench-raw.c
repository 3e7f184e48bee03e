// The reference for the log's speed: raw SQLite through its C API, with the log's own schema and settings.
//
// It appends rows of the same columns, sizes and indexes as the log does, with feed rows, memberships and block rows,
// but decides nothing: no hashing, no look-up of earlier commands, no JSON. What the log reaches of this rate is what
// its own work costs. In the same run it measures the disk (fdatasync) and a plain SELECT scan.
//
// usage: bench-raw --schema FILE --folder DIR [--events N] [--body BYTES] [--seed N] [--group N]...
//        bench-raw --folder DIR --only sync
//        bench-raw --scan LOG
// `--only append` leaves the disk out; `--scan` reads a log that exists, and nothing else.
// Prints JSON lines on stdout. Microseconds are whole; `transaction` runs from BEGIN to the end of a checkpoint, if the
// commit was followed by one. Exit 0 ok, 1 failed, 2 usage.

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { max_groups = 8, max_body = 40000, events_per_stream = 10, block_size = 1024, checkpoint_frames = 2048 };

typedef struct {
    const char *schema, *folder, *only, *scan;
    int64_t events;
    int body, group_count;
    int groups[max_groups];
    uint64_t seed;
} options;

// MARK: Small things

static void die(const char *what, const char *detail) {
    fprintf(stderr, "bench-raw: %s: %s\n", what, detail);
    exit(1);
}

static int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/// SplitMix64; the same seed writes the same bytes.
static uint64_t next_random(uint64_t *state) {
    uint64_t mixed = *state += 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
}

static void fill_random(unsigned char *bytes, int count, uint64_t *state) {
    for (int at = 0; at < count; at += 8) {
        uint64_t word = next_random(state);
        memcpy(bytes + at, &word, (size_t)(count - at < 8 ? count - at : 8));
    }
}

static int ascending(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/// The value below which `permille` of the sorted nanoseconds lie, in microseconds.
static int64_t percentile_us(const int64_t *sorted, int64_t count, int permille) {
    return sorted[(count - 1) * permille / 1000] / 1000;
}

/// Prints `,"NAME_p50_us":…,"NAME_p99_us":…,"NAME_max_us":…`, sorting `times`.
static void print_times(const char *name, int64_t *times, int64_t count) {
    qsort(times, (size_t)count, sizeof *times, ascending);
    printf(",\"%s_p50_us\":%lld", name, (long long)percentile_us(times, count, 500));
    printf(",\"%s_p99_us\":%lld", name, (long long)percentile_us(times, count, 990));
    printf(",\"%s_max_us\":%lld", name, (long long)(times[count - 1] / 1000));
}

static int64_t *new_times(int64_t count) {
    int64_t *times = malloc((size_t)count * sizeof *times);
    if (times == NULL) die("memory", "too many events");
    return times;
}

// MARK: The disk

/// fdatasync after a write of one WAL frame of an 8 KiB page; extending a file, or overwriting one.
static void measure_sync(const options *options, int extending) {
    enum { frame = 8192 + 24, rounds = 1000 };
    static unsigned char bytes[frame];
    char path[4096];
    uint64_t random = options->seed;
    int64_t *times = new_times(rounds);
    snprintf(path, sizeof path, "%s/fdatasync.bin", options->folder);
    unlink(path);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) die(path, strerror(errno));
    fill_random(bytes, frame, &random);
    for (int round = 0; !extending && round < rounds; round++) {
        if (pwrite(file, bytes, frame, (off_t)round * frame) != frame) die(path, strerror(errno));
    }
    if (fsync(file) != 0) die(path, strerror(errno));
    for (int round = 0; round < rounds; round++) {
        bytes[0] = (unsigned char)(round + 1);
        int64_t started = now_ns();
        if (pwrite(file, bytes, frame, (off_t)round * frame) != frame) die(path, strerror(errno));
        if (fdatasync(file) != 0) die(path, strerror(errno));
        times[round] = now_ns() - started;
    }
    close(file);
    unlink(path);
    const char *how = extending ? "extend" : "overwrite";
    printf("{\"bench\":\"fdatasync\",\"how\":\"%s\",\"bytes\":%d,\"rounds\":%d", how, frame, rounds);
    print_times("fdatasync", times, rounds);
    printf("}\n");
    fflush(stdout);
    free(times);
}

// MARK: The log's tables

typedef struct {
    sqlite3 *db;
    sqlite3_stmt *begin, *commit, *event, *stream, *feed_row, *member, *block_key, *block_times;
    int wal_frames;
    uint64_t random;
    int64_t position, fseq;
    unsigned char *text;
    int body;
} raw_log;

static void check(raw_log *log, int code, const char *what) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) die(what, sqlite3_errmsg(log->db));
}

static void execute(raw_log *log, const char *sql) {
    check(log, sqlite3_exec(log->db, sql, NULL, NULL, NULL), sql);
}

static sqlite3_stmt *prepare(raw_log *log, const char *sql) {
    sqlite3_stmt *statement = NULL;
    check(log, sqlite3_prepare_v3(log->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL), sql);
    return statement;
}

static void run(raw_log *log, sqlite3_stmt *statement) {
    check(log, sqlite3_step(statement), sqlite3_sql(statement));
    check(log, sqlite3_reset(statement), sqlite3_sql(statement));
}

static int count_frames(void *context, sqlite3 *db, const char *schema, int frames) {
    (void)db, (void)schema;
    ((raw_log *)context)->wal_frames = frames;
    return SQLITE_OK;
}

static char *read_text(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) die(path, strerror(errno));
    char *text = calloc(1, 65536);
    if (text == NULL || fread(text, 1, 65535, file) == 0) die(path, "is empty");
    fclose(file);
    return text;
}

static void remove_log(const char *path) {
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char name[4200];
    for (int at = 0; at < 3; at++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[at]);
        unlink(name);
    }
}

/// Opens an empty log with the settings of Sources/Log/SQLiteLog.swift.
static void open_log(raw_log *log, const options *options, const char *path) {
    remove_log(path);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &log->db, flags, NULL) != SQLITE_OK) die(path, sqlite3_errmsg(log->db));
    char *schema = read_text(options->schema);
    execute(log, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0;"
                 "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864");
    execute(log, schema);
    free(schema);
    execute(log, "INSERT INTO origins VALUES (1, 'centre', 81985529216486895);"
                 "INSERT INTO types VALUES (1, 'ticket.noted', '1'); INSERT INTO feeds VALUES (1, 'node/street-01', 0);"
                 "INSERT INTO actors VALUES (1, '{\"account\":\"wang\",\"role\":\"agent\",\"unit\":\"centre\"}')");
    sqlite3_wal_hook(log->db, count_frames, log);
    log->begin = prepare(log, "BEGIN IMMEDIATE");
    log->commit = prepare(log, "COMMIT");
    log->event = prepare(
        log, "INSERT INTO events(position, origin, sequence, hlc, stream, streamVersion, type, basis, actor,"
             " occurredAt, recordedAt, receivedAt, command, \"index\", causation, correlation, body, sealed,"
             " algorithm, previous, hash, chain)"
             " VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22)");
    log->stream = prepare(log, "INSERT INTO streams(no, name) VALUES (?1, ?2)");
    log->feed_row = prepare(
        log, "INSERT INTO feedRows(feed, fseq, kind, stream, position, history, common, chain)"
             " VALUES (1,?1,?2,?3,?4,?5,0,?6)");
    log->member = prepare(log, "INSERT INTO membership(stream, feed, since) VALUES (?1, 1, ?2)");
    log->block_key = prepare(log, "INSERT INTO blockKeys(kind, key, block) VALUES (?1, ?2, ?3)");
    log->block_times = prepare(log, "INSERT INTO blockTimes VALUES (?1, ?2, ?3, ?2, ?3, ?2, ?3)");
    log->random = options->seed;
    log->body = options->body;
}

static void close_log(raw_log *log) {
    sqlite3_stmt *statements[] = {log->begin, log->commit, log->event, log->stream, log->feed_row, log->member,
                                  log->block_key, log->block_times};
    for (int at = 0; at < 8; at++) sqlite3_finalize(statements[at]);
    check(log, sqlite3_close(log->db), "close");
}

// MARK: Appending

static void add_feed_row(raw_log *log, int kind, int64_t stream, int64_t history) {
    unsigned char chain[16];
    fill_random(chain, 16, &log->random);
    sqlite3_bind_int64(log->feed_row, 1, ++log->fseq);
    sqlite3_bind_int(log->feed_row, 2, kind);
    sqlite3_bind_int64(log->feed_row, 3, stream);
    if (kind == 1) sqlite3_bind_int64(log->feed_row, 4, log->position); else sqlite3_bind_null(log->feed_row, 4);
    sqlite3_bind_int64(log->feed_row, 5, history);
    sqlite3_bind_blob(log->feed_row, 6, chain, 16, SQLITE_TRANSIENT);
    run(log, log->feed_row);
}

/// A new stream, its membership of a feed, and the feed's JOIN.
static void add_stream(raw_log *log, int64_t stream) {
    char name[64];
    unsigned long long key = next_random(&log->random) >> 16;
    int count = snprintf(name, sizeof name, "ticket/0197c1f2-%012llx", key);
    sqlite3_bind_int64(log->stream, 1, stream);
    sqlite3_bind_text(log->stream, 2, name, count, SQLITE_TRANSIENT);
    run(log, log->stream);
    sqlite3_bind_int64(log->member, 1, stream);
    sqlite3_bind_int64(log->member, 2, log->fseq + 1);
    run(log, log->member);
    add_feed_row(log, 2, stream, 1);
}

/// JSON of `body` bytes; the text is random, so that no compression below flatters the disk.
static const char *make_body(raw_log *log) {
    static const char head[] = "{\"text\":\"";
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .";
    memcpy(log->text, head, sizeof head - 1);
    int at = sizeof head - 1;
    while (at < log->body - 2) {
        uint64_t word = next_random(&log->random);
        for (int letter = 0; letter < 10 && at < log->body - 2; letter++, word >>= 6) {
            log->text[at++] = (unsigned char)letters[word & 63];
        }
    }
    memcpy(log->text + at, "\"}", 2);
    return (const char *)log->text;
}

static void finish_block(raw_log *log, int64_t milliseconds) {
    int64_t block = (log->position - 1) / block_size;
    static const char *const keys[] = {"ticket", "ticket.noted"};
    for (int kind = 1; kind <= 2; kind++) {
        sqlite3_bind_int(log->block_key, 1, kind);
        sqlite3_bind_text(log->block_key, 2, keys[kind - 1], -1, SQLITE_STATIC);
        sqlite3_bind_int64(log->block_key, 3, block);
        run(log, log->block_key);
    }
    sqlite3_bind_int64(log->block_times, 1, block);
    sqlite3_bind_int64(log->block_times, 2, milliseconds - block_size);
    sqlite3_bind_int64(log->block_times, 3, milliseconds);
    run(log, log->block_times);
}

/// One event of a command of its own, with its feed row.
static void add_event(raw_log *log) {
    int64_t position = ++log->position, milliseconds = 1795400000000 + position;
    int64_t stream = (position - 1) / events_per_stream + 1, version = (position - 1) % events_per_stream + 1;
    unsigned char command[16], hash[32], chain[16], basis[3] = {2, (unsigned char)(128 | (position & 127)), 1};
    fill_random(hash, 32, &log->random);
    fill_random(chain, 16, &log->random);
    // UUID version 7: 48 bits of milliseconds, big-endian, then random bits.
    fill_random(command, 16, &log->random);
    for (int at = 0; at < 6; at++) command[at] = (unsigned char)(milliseconds >> (8 * (5 - at)));
    command[6] = 0x70 | (command[6] & 15);
    if (version == 1) add_stream(log, stream);

    sqlite3_stmt *row = log->event;
    const int64_t numbers[][2] = {
        {1, position}, {2, 1}, {3, position}, {4, milliseconds << 16}, {5, stream}, {6, version}, {7, 1}, {9, 1},
        {10, milliseconds}, {11, milliseconds}, {12, milliseconds}, {14, 0}, {19, 1},
    };
    for (size_t at = 0; at < sizeof numbers / sizeof *numbers; at++) {
        sqlite3_bind_int64(row, (int)numbers[at][0], numbers[at][1]);
    }
    // Every second event was decided knowing one of another node.
    if (position % 2) sqlite3_bind_blob(row, 8, basis, 3, SQLITE_TRANSIENT); else sqlite3_bind_null(row, 8);
    sqlite3_bind_blob(row, 13, command, 16, SQLITE_TRANSIENT);
    sqlite3_bind_text(row, 17, make_body(log), log->body, SQLITE_STATIC);
    sqlite3_bind_blob(row, 21, hash, 32, SQLITE_TRANSIENT);
    sqlite3_bind_blob(row, 22, chain, 16, SQLITE_TRANSIENT);
    run(log, row);
    add_feed_row(log, 1, stream, 0);
    if (position % block_size == 0) finish_block(log, milliseconds);
}

static int64_t file_size(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) die(path, strerror(errno));
    int64_t size = ftell(file);
    fclose(file);
    return size;
}

/// Appends `events` events, `group` a transaction, and prints the rate.
static void measure_append(const options *options, const char *path, int group) {
    raw_log log = {0};
    int64_t transactions = (options->events + group - 1) / group;
    int64_t *commits = new_times(transactions), *whole = new_times(transactions);
    unsigned char text[max_body];
    log.text = text;
    open_log(&log, options, path);
    int64_t started = now_ns();
    for (int64_t transaction = 0; transaction < transactions; transaction++) {
        int64_t began = now_ns();
        run(&log, log.begin);
        for (int at = 0; at < group && log.position < options->events; at++) add_event(&log);
        int64_t committing = now_ns();
        run(&log, log.commit);
        commits[transaction] = now_ns() - committing;
        if (log.wal_frames > checkpoint_frames) {
            int frames = 0, copied = 0;
            int code = sqlite3_wal_checkpoint_v2(log.db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
            check(&log, code, "checkpoint");
            if (frames == copied) log.wal_frames = 0;
        }
        whole[transaction] = now_ns() - began;
    }
    double seconds = (double)(now_ns() - started) / 1e9;
    check(&log, sqlite3_wal_checkpoint_v2(log.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL), "checkpoint");
    close_log(&log);
    printf("{\"bench\":\"raw-append\",\"synchronous\":\"FULL\",\"per_transaction\":%d,\"events\":%lld,\"body_bytes\":%d,"
           "\"seconds\":%.3f,\"events_per_second\":%.0f,\"file_bytes_per_event\":%.0f",
           group, (long long)log.position, log.body, seconds, (double)log.position / seconds,
           (double)file_size(path) / (double)log.position);
    print_times("commit", commits, transactions);
    print_times("transaction", whole, transactions);
    printf("}\n");
    fflush(stdout);
    free(commits);
    free(whole);
}

/// Reads every column of every event, in order of position or stream by stream, as a rebuild has to.
static void measure_scan(const char *path, const char *name, const char *order) {
    raw_log log = {0};
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &log.db, flags, NULL) != SQLITE_OK) die(path, sqlite3_errmsg(log.db));
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT * FROM events ORDER BY %s", order);
    sqlite3_stmt *rows = prepare(&log, sql);
    int64_t count = 0, bytes = 0, started = now_ns();
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int column = 0; column < 22; column++) {
            switch (sqlite3_column_type(rows, column)) {
            case SQLITE_INTEGER: bytes += sqlite3_column_int64(rows, column) != 0; break;
            case SQLITE_NULL: break;
            default:
                if (sqlite3_column_blob(rows, column) != NULL) bytes += sqlite3_column_bytes(rows, column);
            }
        }
        count += 1;
    }
    double seconds = (double)(now_ns() - started) / 1e9;
    check(&log, sqlite3_finalize(rows), "scan");
    sqlite3_close(log.db);
    printf("{\"bench\":\"%s\",\"events\":%lld,\"bytes\":%lld,\"seconds\":%.3f,\"events_per_second\":%.0f}\n",
           name, (long long)count, (long long)bytes, seconds, (double)count / seconds);
}

// MARK: Command line

static int64_t number(const char *text, int64_t least, int64_t most) {
    char *end = NULL;
    errno = 0;
    int64_t value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || value < least || value > most) {
        fprintf(stderr, "bench-raw: %s is not a number from %lld to %lld\n", text, (long long)least, (long long)most);
        exit(2);
    }
    return value;
}

static void usage(void) {
    fprintf(
        stderr,
        "usage: bench-raw --schema FILE --folder DIR [--events N] [--body BYTES] [--seed N] [--group N]...\n"
        "       bench-raw --folder DIR --only sync, bench-raw --scan LOG\n");
    exit(2);
}

int main(int count, char **words) {
    options options = {.events = 20000, .body = 400, .seed = 1};
    for (int at = 1; at < count; at += 2) {
        const char *value = words[at + 1];
        if (at + 1 == count) usage();
        if (strcmp(words[at], "--schema") == 0) options.schema = value;
        else if (strcmp(words[at], "--folder") == 0) options.folder = value;
        else if (strcmp(words[at], "--only") == 0) options.only = value;
        else if (strcmp(words[at], "--scan") == 0) options.scan = value;
        else if (strcmp(words[at], "--events") == 0) options.events = number(value, 1, 100000000);
        else if (strcmp(words[at], "--body") == 0) options.body = (int)number(value, 16, max_body);
        else if (strcmp(words[at], "--seed") == 0) options.seed = (uint64_t)number(value, 0, INT64_MAX);
        else if (strcmp(words[at], "--group") == 0 && options.group_count < max_groups) {
            options.groups[options.group_count++] = (int)number(value, 1, 100000);
        } else usage();
    }
    if (options.scan != NULL) {
        measure_scan(options.scan, "raw-scan", "position");
        measure_scan(options.scan, "raw-scan-by-stream", "stream, streamVersion");
        return 0;
    }
    int syncs = options.only == NULL || strcmp(options.only, "sync") == 0;
    int appends = options.only == NULL || strcmp(options.only, "append") == 0;
    if (options.folder == NULL || (appends && options.schema == NULL) || (!syncs && !appends)) usage();
    if (options.group_count == 0) {
        static const int usual[] = {1, 32, 1000};
        memcpy(options.groups, usual, sizeof usual);
        options.group_count = 3;
    }
    char path[4096];
    snprintf(path, sizeof path, "%s/raw.sqlite", options.folder);
    printf("{\"bench\":\"raw-about\",\"sqlite\":\"%s\",", sqlite3_libversion());
    printf("\"seed\":%llu}\n", (unsigned long long)options.seed);
    if (syncs) {
        measure_sync(&options, 1);
        measure_sync(&options, 0);
    }
    if (!appends) return 0;
    for (int at = 0; at < options.group_count; at++) measure_append(&options, path, options.groups[at]);
    measure_scan(path, "raw-scan", "position");
    remove_log(path);
    return 0;
}
