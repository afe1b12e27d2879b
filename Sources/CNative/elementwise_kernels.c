// Chooses the kernels for this machine.

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "elementwise_internal.h"

static const dn_kernel_table *chosen_kernels;
static pthread_once_t kernels_once = PTHREAD_ONCE_INIT;

static void choose_kernels(void) {
  chosen_kernels = &dn_kernels_baseline;
#if defined(__x86_64__)
  const char *wanted = getenv("DESCENT_INSTRUCTION_SET");
  if (wanted != NULL && strcmp(wanted, "baseline") == 0) return;
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) chosen_kernels = &dn_kernels_avx2;
  if (wanted != NULL && strcmp(wanted, "avx2") == 0) return;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    chosen_kernels = &dn_kernels_avx512;
  }
#endif
}

const dn_kernel_table *dn_kernels(void) {
  pthread_once(&kernels_once, choose_kernels);
  return chosen_kernels;
}

const char *dn_instruction_set(void) { return dn_kernels()->name; }
