// The recorder's trace: entries in one growing array, written bytes in blocks that never move, both within one limit.

#include "recorder.h"

#include <stdlib.h>
#include <string.h>

/// Bytes of a block, unless one write needs more.
static const int64_t block_bytes = 1 << 20;

/// Books `bytes` of memory; 0 when the limit does not allow them.
static int book(csqlite_recorder *recorder, int64_t bytes) {
    if (recorder->overflowed || bytes > recorder->limit - recorder->used) {
        recorder->overflowed = 1;
        return 0;
    }
    recorder->used += bytes;
    return 1;
}

/// Copies `length` bytes into the trace's memory; NULL when there is no room.
static const void *keep(csqlite_recorder *recorder, const void *bytes, int64_t length) {
    recorder_block *block = recorder->blocks;
    if (block == NULL || block->capacity - block->used < length) {
        int64_t capacity = length > block_bytes ? length : block_bytes;
        // A small limit gets a block of what is left of it, so that it is a limit to the byte, nearly.
        int64_t left = recorder->limit - recorder->used - (int64_t)sizeof(recorder_block);
        if (capacity > left) capacity = left > length ? left : length;
        if (!book(recorder, capacity + (int64_t)sizeof(recorder_block))) return NULL;
        block = malloc(sizeof(recorder_block) + (size_t)capacity);
        if (block == NULL) {
            recorder->overflowed = 1;
            return NULL;
        }
        block->next = recorder->blocks;
        block->used = 0;
        block->capacity = capacity;
        recorder->blocks = block;
    }
    unsigned char *place = block->bytes + block->used;
    memcpy(place, bytes, (size_t)length);
    block->used += length;
    return place;
}

void recorder_add(csqlite_recorder *recorder, csqlite_trace_entry entry) {
    // An incomplete trace stays incomplete: an entry after a hole would be taken for the next operation.
    if (recorder->overflowed) return;
    if (recorder->count == recorder->capacity) {
        int64_t added = recorder->capacity > 0 ? recorder->capacity : 256;
        if (!book(recorder, added * (int64_t)sizeof(csqlite_trace_entry))) return;
        size_t size = (size_t)(recorder->capacity + added) * sizeof(csqlite_trace_entry);
        csqlite_trace_entry *entries = realloc(recorder->entries, size);
        if (entries == NULL) {
            recorder->overflowed = 1;
            return;
        }
        recorder->entries = entries;
        recorder->capacity += added;
    }
    if (entry.bytes != NULL && entry.length > 0) {
        entry.bytes = keep(recorder, entry.bytes, entry.length);
        if (entry.bytes == NULL) return;
    }
    recorder->entries[recorder->count] = entry;
    recorder->count += 1;
}

void recorder_forget(csqlite_recorder *recorder) {
    while (recorder->blocks != NULL) {
        recorder_block *next = recorder->blocks->next;
        free(recorder->blocks);
        recorder->blocks = next;
    }
    free(recorder->entries);
    recorder->entries = NULL;
    recorder->count = recorder->capacity = recorder->used = 0;
    recorder->overflowed = 0;
}

int32_t recorder_path_number(csqlite_recorder *recorder, const char *path) {
    for (int32_t number = 0; number < recorder->path_count; number++) {
        if (strcmp(recorder->paths[number].name, path) == 0) return number;
    }
    if (recorder->path_count == recorder->path_capacity) {
        int32_t capacity = recorder->path_capacity > 0 ? recorder->path_capacity * 2 : 8;
        recorder_path *paths = realloc(recorder->paths, (size_t)capacity * sizeof(recorder_path));
        if (paths == NULL) {
            recorder->overflowed = 1;
            return -1;
        }
        recorder->paths = paths;
        recorder->path_capacity = capacity;
    }
    char *name = strdup(path);
    if (name == NULL) {
        recorder->overflowed = 1;
        return -1;
    }
    recorder->paths[recorder->path_count] = (recorder_path){.name = name};
    recorder->path_count += 1;
    return recorder->path_count - 1;
}

/// Whether `path` ends in `suffix`; NULL ends every path.
static int ends_in(const char *path, const char *suffix) {
    if (suffix == NULL) return 1;
    size_t length = strlen(path), wanted = strlen(suffix);
    return length >= wanted && strcmp(path + length - wanted, suffix) == 0;
}

int recorder_strike(csqlite_recorder *recorder, csqlite_fault_point point, int32_t path) {
    recorder_fault *fault = &recorder->faults[point];
    if (fault->times <= 0 || !ends_in(recorder->paths[path].name, fault->suffix)) return SQLITE_OK;
    if (fault->skip > 0) {
        fault->skip -= 1;
        return SQLITE_OK;
    }
    fault->times -= 1;
    fault->struck += 1;
    return fault->code;
}
