#include "blas.h"

#include <pthread.h>
#include <stddef.h>

static dn_blas blis, openblas;
static dn_dnnl_sgemm onednn;
static void (*blis_set_threads)(long);
static void (*openblas_set_threads)(int);
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  *(void **)&blis.single = dn_library_symbol(DN_LIB_BLIS, "cblas_sgemm");
  *(void **)&blis.twice = dn_library_symbol(DN_LIB_BLIS, "cblas_dgemm");
  *(void **)&blis_set_threads = dn_library_symbol(DN_LIB_BLIS, "bli_thread_set_num_threads");
  long (*blis_openmp)(void) = NULL;
  *(void **)&blis_openmp = dn_library_symbol(DN_LIB_BLIS, "bli_info_get_enable_openmp");
  blis.threaded = blis_openmp != NULL && blis_openmp() != 0 && blis_set_threads != NULL;

  *(void **)&openblas.single = dn_library_symbol(DN_LIB_OPENBLAS, "cblas_sgemm");
  *(void **)&openblas.twice = dn_library_symbol(DN_LIB_OPENBLAS, "cblas_dgemm");
  *(void **)&openblas_set_threads = dn_library_symbol(DN_LIB_OPENBLAS, "openblas_set_num_threads");
  int (*openblas_parallel)(void) = NULL;
  *(void **)&openblas_parallel = dn_library_symbol(DN_LIB_OPENBLAS, "openblas_get_parallel");
  openblas.threaded = openblas_parallel != NULL && openblas_parallel() == 2;

#if defined(__x86_64__)
  // Elsewhere oneDNN's own product is a plain loop.
  *(void **)&onednn = dn_library_symbol(DN_LIB_ONEDNN, "dnnl_sgemm");
#endif
}

const dn_blas *dn_blas_blis(void) {
  pthread_once(&once, load);
  return &blis;
}

const dn_blas *dn_blas_openblas(void) {
  pthread_once(&once, load);
  return &openblas;
}

dn_dnnl_sgemm dn_blas_onednn(void) {
  pthread_once(&once, load);
  return onednn;
}

void dn_blas_set_threads(int count) {
  pthread_once(&once, load);
  if (blis_set_threads != NULL) blis_set_threads(blis.threaded ? count : 1);
  if (openblas_set_threads != NULL) openblas_set_threads(openblas.threaded ? count : 1);
}
