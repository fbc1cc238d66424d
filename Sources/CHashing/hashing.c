#include "engram_hashing.h"
