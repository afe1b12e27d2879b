#ifndef DN_BLAS_H
#define DN_BLAS_H

#include <stdbool.h>
#include <stdint.h>

#include "libraries.h"

// Matrix products by native libraries, by the C interface to BLAS and by oneDNN's. Linear algebra calls the same
// libraries, whose threads are set here for both.

enum { DN_CBLAS_ROW_MAJOR = 101, DN_CBLAS_NO_TRANSPOSE = 111, DN_CBLAS_TRANSPOSE = 112 };

typedef void (*dn_cblas_sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float,
                               float *, int);
typedef void (*dn_cblas_dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double,
                               double *, int);
typedef int (*dn_dnnl_sgemm)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *,
                             int64_t, float, float *, int64_t);

/// A library with the C interface to BLAS. Its functions are NULL where it is not available.
typedef struct dn_blas {
  dn_cblas_sgemm single;
  dn_cblas_dgemm twice;
  /// Whether it can share out a product among libgomp's threads.
  bool threaded;
} dn_blas;

/// BLIS and OpenBLAS.
const dn_blas *dn_blas_blis(void);
const dn_blas *dn_blas_openblas(void);

/// oneDNN's product, or NULL.
dn_dnnl_sgemm dn_blas_onednn(void);

/// Tells BLIS and OpenBLAS how many threads to use.
void dn_blas_set_threads(int count);

#endif
