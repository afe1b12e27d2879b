// The kernels for x86-64 with 256-bit vectors and fused multiply-add.

#if defined(__x86_64__)

#include <math.h>
#include <string.h>

#include "elementwise_internal.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define DN_VECTOR_BYTES 128
#define DN_TABLE dn_kernels_avx2
#include "elementwise_kernels.h"

#pragma clang attribute pop

#endif
