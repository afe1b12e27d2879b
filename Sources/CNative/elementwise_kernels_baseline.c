// The kernels for any machine of the architecture: SSE2 on x86-64, NEON on arm64.

#define DN_VECTOR_BYTES 64
#define DN_TABLE dn_kernels_baseline
#include "elementwise_kernels.h"
