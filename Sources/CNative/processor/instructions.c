// Chooses the instruction set of all kernels that are compiled once for each.

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "instructions_internal.h"

static dn_instructions chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose(void) {
  chosen = DN_BASELINE;
#if defined(__x86_64__)
  const char *wanted = getenv("DESCENT_INSTRUCTION_SET");
  if (wanted != NULL && strcmp(wanted, "baseline") == 0) return;
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return;
  chosen = DN_AVX2;
  if (wanted != NULL && strcmp(wanted, "avx2") == 0) return;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq")) {
    chosen = DN_AVX512;
  }
#endif
}

dn_instructions dn_instructions_chosen(void) {
  pthread_once(&once, choose);
  return chosen;
}

const char *dn_instruction_set(void) {
  switch (dn_instructions_chosen()) {
  case DN_AVX512: return "avx512";
  case DN_AVX2: return "avx2";
  default: return "baseline";
  }
}
