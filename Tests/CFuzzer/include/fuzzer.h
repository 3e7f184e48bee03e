// libFuzzer's driver, and what an input made the program allocate.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Of LLVM's compiler-rt, "Using libFuzzer as a library" (https://llvm.org/docs/LibFuzzer.html).
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *data, size_t size));

// Begins to count what the sanitizer's allocator hands out and takes back.
void gl_count_allocations(void);
// Forgets what was counted.
void gl_begin_input(void);
// The most bytes that were allocated at one time since gl_begin_input, beyond those that were when it was called.
size_t gl_most_allocated(void);
