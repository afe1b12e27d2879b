// Chooses the kernels for this machine.

#include "elementwise_internal.h"
#include "processor/instructions_internal.h"

const dn_kernel_table *dn_kernels(void) {
  switch (dn_instructions_chosen()) {
#if defined(__x86_64__)
  case DN_AVX512: return &dn_kernels_avx512;
  case DN_AVX2: return &dn_kernels_avx2;
#endif
  default: return &dn_kernels_baseline;
  }
}
