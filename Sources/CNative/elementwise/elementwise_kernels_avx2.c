// The kernels for x86-64 with 256-bit vectors and fused multiply-add.

#define ONLY 32
#define EACH "elementwise/elementwise_kernels.h"
#include "processor/each_instruction_set.h"
