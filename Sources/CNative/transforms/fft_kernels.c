// The loops of the Fourier transform, for every element type and set of instructions.

#include <string.h>

#include "fft_kernels.h"
#include "processor/instructions_internal.h"
#include "types/join.h"

/// Keeps the commas of a list together where it is a macro's argument.
#define DN_LIST(...) __VA_ARGS__

#define KERNEL "transforms/fft_kernel.h"
#define EACH "processor/float_and_double.h"
#include "processor/each_instruction_set.h"

const dn_fft_kernels *dn_fft_kernels_of(dn_type type) {
#if defined(__x86_64__)
  dn_instructions instructions = dn_instructions_chosen();
  if (instructions == DN_AVX512) return type == DN_F32 ? &kernels_float_avx512 : &kernels_double_avx512;
  if (instructions == DN_AVX2) return type == DN_F32 ? &kernels_float_avx2 : &kernels_double_avx2;
#endif
  return type == DN_F32 ? &kernels_float_baseline : &kernels_double_baseline;
}
