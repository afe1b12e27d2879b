#ifndef DN_VECTORS_H
#define DN_VECTORS_H

#include <stdbool.h>

/// Which code a processor can run. A template header is included once for each of them.
typedef enum dn_instructions { DN_BASELINE, DN_AVX2, DN_AVX512 } dn_instructions;

/// The widest instructions that this processor has and Descent's own kernels are compiled for.
static inline dn_instructions dn_instructions_available(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma")) return DN_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return DN_AVX2;
#endif
  return DN_BASELINE;
}

#define DN_JOIN2(a, b) a##_##b
#define DN_JOIN(a, b) DN_JOIN2(a, b)

#endif
