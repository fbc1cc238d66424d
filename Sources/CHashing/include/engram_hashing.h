// XXH3 compiled into the caller: a call through a shared library would cost as much as the hash of a
// short key.
#ifndef ENGRAM_HASHING_H
#define ENGRAM_HASHING_H

#define XXH_INLINE_ALL
#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

typedef struct {
    uint64_t low;
    uint64_t high;
} engram_hash128;

static inline uint64_t engram_xxh3_64(const void *bytes, size_t count) {
    return XXH3_64bits(bytes, count);
}

static inline uint64_t engram_xxh3_64_with_seed(const void *bytes, size_t count, uint64_t seed) {
    return XXH3_64bits_withSeed(bytes, count, seed);
}

#if defined(__x86_64__)
/// The hash by means of AVX2, which the processor must have.
void engram_xxh3_128_wide(const void *bytes, size_t count, uint64_t seed, uint64_t *low, uint64_t *high);
#endif

static inline engram_hash128 engram_xxh3_128_with_seed(const void *bytes, size_t count, uint64_t seed) {
#if defined(__x86_64__)
    // Shorter inputs are hashed without vectors.
    if (count > 240 && __builtin_cpu_supports("avx2")) {
        engram_hash128 wide;
        engram_xxh3_128_wide(bytes, count, seed, &wide.low, &wide.high);
        return wide;
    }
#endif
    XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, count, seed);
    engram_hash128 result = {hash.low64, hash.high64};
    return result;
}

/// Hints that the cache line at `address` will be read soon.
static inline void engram_prefetch(const void *address) {
    __builtin_prefetch(address);
}

#endif
