#define _GNU_SOURCE
#include "instruction_counting.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

// Instead of libc's: valgrind 3.19 writes to the mask, which libdispatch keeps in memory that cannot be written.
int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, 8);
}

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>

bool engram_counts_instructions(void) { return RUNNING_ON_VALGRIND; }

void engram_instructions_begin(void) {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

void engram_instructions_end(const char *name) {
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION;
}
#else
bool engram_counts_instructions(void) { return false; }
void engram_instructions_begin(void) {}
void engram_instructions_end(const char *name) { (void)name; }
#endif
