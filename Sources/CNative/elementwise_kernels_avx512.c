// The kernels for x86-64 with 512-bit vectors.

#if defined(__x86_64__)

#include <math.h>
#include <string.h>

#include "elementwise_internal.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)

#define DN_VECTOR_BYTES 256
#define DN_TABLE dn_kernels_avx512
#include "elementwise_kernels.h"

#pragma clang attribute pop

#endif
