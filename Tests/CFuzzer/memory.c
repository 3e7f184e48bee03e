#include "fuzzer.h"

// sanitizer/allocator_interface.h of compiler-rt; declared here because not every toolchain ships the header.
int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, size_t), void (*free_hook)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *place);

// One thread: a fuzzed function starts none.
static ptrdiff_t now, most;

static void allocated(const volatile void *place, size_t size) {
  (void)place;
  now += (ptrdiff_t)size;
  if (now > most) most = now;
}

static void freed(const volatile void *place) { now -= (ptrdiff_t)__sanitizer_get_allocated_size(place); }

void gl_count_allocations(void) { __sanitizer_install_malloc_and_free_hooks(allocated, freed); }
void gl_begin_input(void) { now = most = 0; }
size_t gl_most_allocated(void) { return (size_t)most; }
