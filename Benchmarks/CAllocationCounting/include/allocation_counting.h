#pragma once

#include <stdint.h>

/// Allocations of this thread so far, since it began; `realloc` counts as one.
uint64_t engram_allocation_count(void);

/// Bytes that this thread asked for so far, freed or not.
uint64_t engram_allocated_bytes(void);
