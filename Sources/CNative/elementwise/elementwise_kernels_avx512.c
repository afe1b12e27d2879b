// The kernels for x86-64 with 512-bit vectors.

#define ONLY 64
#define EACH "elementwise/elementwise_kernels.h"
#include "processor/each_instruction_set.h"
