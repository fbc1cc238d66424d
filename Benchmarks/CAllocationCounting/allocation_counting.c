#include "allocation_counting.h"

#include <errno.h>
#include <stddef.h>

// An executable that links this file has these functions instead of glibc's, and so have the libraries that
// it loads. They count and call glibc's allocator under its other names; `free` stays glibc's own.

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static __thread uint64_t allocation_count;
static __thread uint64_t allocated_bytes;

static void count(size_t size) {
    allocation_count += 1;
    allocated_bytes += size;
}

uint64_t engram_allocation_count(void) { return allocation_count; }

uint64_t engram_allocated_bytes(void) { return allocated_bytes; }

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t elements, size_t size) {
    count(elements * size);
    return __libc_calloc(elements, size);
}

void *realloc(void *memory, size_t size) {
    count(size);
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    count(size);
    void *found = __libc_memalign(alignment, size);
    if (found == NULL) return ENOMEM;
    *memory = found;
    return 0;
}
