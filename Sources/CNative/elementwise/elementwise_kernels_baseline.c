// The kernels for any machine of the architecture: SSE2 on x86-64, NEON on arm64.

#define ONLY 16
#define EACH "elementwise/elementwise_kernels.h"
#include "processor/each_instruction_set.h"
