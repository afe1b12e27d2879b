// The loops of the Fourier transform, for every element type and set of instructions.

#include <string.h>

#include "elementwise.h"
#include "fft_internal.h"
#include "vectors.h"

/// Keeps the commas of a list together where it is a macro's argument.
#define DN_LIST(...) __VA_ARGS__

#define TARGET
#define REAL float
#define WIDE 1
#define NAME(x) DN_JOIN(x, float_baseline)
#include "fft_kernel.h"
#undef REAL
#undef WIDE
#undef NAME
#define REAL double
#define WIDE 0
#define NAME(x) DN_JOIN(x, double_baseline)
#include "fft_kernel.h"
#undef REAL
#undef WIDE
#undef NAME
#undef TARGET

#if defined(__x86_64__)
#define TARGET __attribute__((target("avx2,fma")))
#define REAL float
#define WIDE 1
#define NAME(x) DN_JOIN(x, float_avx2)
#include "fft_kernel.h"
#undef REAL
#undef WIDE
#undef NAME
#define REAL double
#define WIDE 0
#define NAME(x) DN_JOIN(x, double_avx2)
#include "fft_kernel.h"
#undef REAL
#undef WIDE
#undef NAME
#undef TARGET

#define TARGET __attribute__((target("avx512f,fma")))
#define REAL float
#define WIDE 1
#define NAME(x) DN_JOIN(x, float_avx512)
#include "fft_kernel.h"
#undef REAL
#undef WIDE
#undef NAME
#define REAL double
#define WIDE 0
#define NAME(x) DN_JOIN(x, double_avx512)
#include "fft_kernel.h"
#undef REAL
#undef WIDE
#undef NAME
#undef TARGET
#endif

const dn_fft_kernels *dn_fft_kernels_of(dn_type type) {
#if defined(__x86_64__)
  dn_instructions instructions = dn_instructions_chosen();
  if (instructions == DN_AVX512) return type == DN_F32 ? &kernels_float_avx512 : &kernels_double_avx512;
  if (instructions == DN_AVX2) return type == DN_F32 ? &kernels_float_avx2 : &kernels_double_avx2;
#endif
  return type == DN_F32 ? &kernels_float_baseline : &kernels_double_baseline;
}
