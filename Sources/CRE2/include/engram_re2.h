// A C face for the few parts of RE2 that label matchers and label_replace need.
#ifndef ENGRAM_RE2_H
#define ENGRAM_RE2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct engram_re2 engram_re2;

/// Compiles a pattern of RE2 syntax in which `.` also matches a newline. Never returns NULL;
/// `engram_re2_error_code` tells whether it can be used. Compiled programs are bounded by `max_memory`.
engram_re2 *engram_re2_new(const char *pattern, size_t size, int64_t max_memory);
void engram_re2_free(engram_re2 *re);

/// 0 for a usable expression, else RE2::ErrorCode.
int engram_re2_error_code(const engram_re2 *re);
/// The message and the offending part of the pattern; they live as long as `re`.
const char *engram_re2_error(const engram_re2 *re);
const char *engram_re2_error_argument(const engram_re2 *re, size_t *size);

/// Whether the whole text matches. Safe to call from several threads at once.
bool engram_re2_full_match(const engram_re2 *re, const char *text, size_t size);

/// Number of capturing groups, the whole match not counted.
int engram_re2_group_count(const engram_re2 *re);
/// Index of the named group, or -1.
int engram_re2_named_group(const engram_re2 *re, const char *name, size_t size);
/// Matches the whole text; fills `bounds[2 * i]` and `bounds[2 * i + 1]` with begin and end of group i
/// (0 is the whole match), or -1 for a group that took no part. `count` is the number of groups wanted.
bool engram_re2_captures(const engram_re2 *re, const char *text, size_t size, int64_t *bounds, int count);

#ifdef __cplusplus
}
#endif
#endif
