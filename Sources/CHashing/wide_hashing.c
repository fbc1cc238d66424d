// XXH3 for processors with AVX2, whatever the rest is compiled for: series keys are mostly longer than
// 240 bytes, and registers twice as wide take half of the time for them. The hash is the same.
#if defined(__x86_64__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define XXH_VECTOR 2  // XXH_AVX2
#define XXH_INLINE_ALL
#include <xxhash.h>

void engram_xxh3_128_wide(const void *bytes, size_t count, uint64_t seed, uint64_t *low, uint64_t *high) {
    XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, count, seed);
    *low = hash.low64;
    *high = hash.high64;
}

#pragma clang attribute pop

#endif
