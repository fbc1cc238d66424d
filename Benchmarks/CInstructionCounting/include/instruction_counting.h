#pragma once

#include <stdbool.h>

/// Whether the program runs under valgrind.
bool engram_counts_instructions(void);

/// Begins to count, from 0; callgrind alone does so.
void engram_instructions_begin(void);

/// Ends the count and writes it to a file, together with the name of what was done.
void engram_instructions_end(const char *name);
