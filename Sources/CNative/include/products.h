#ifndef DN_PRODUCTS_H
#define DN_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"

/// Computes `c = alpha · a · b + beta · c` for row-major matrices of DN_F32 or DN_F64.
///
/// `a` is `[m, k]`, or `[k, m]` where `transpose_a`; `b` is `[k, n]`, or `[n, k]` where `transpose_b`; `c` is `[m, n]`.
/// `lda`, `ldb` and `ldc` are the distances between rows in elements. With `beta` zero, `c` is not read. With `k` zero
/// the product is zero. The same shape, library and thread count give the same bits.
///
/// Returns nonzero, with a line in `error`, for another type, a negative size, or a row distance shorter than the row.
int dn_gemm(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
            const void *a, int64_t lda, const void *b, int64_t ldb, double beta, void *c, int64_t ldc, char *error,
            size_t error_capacity);

/// Computes `batch` products of one shape, whose operands lie `stride_a`, `stride_b` and `stride_c` elements apart.
///
/// `stride_a` and `stride_b` may be zero, to use one matrix for all.
int dn_gemm_batched(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
                    const void *a, int64_t lda, int64_t stride_a, const void *b, int64_t ldb, int64_t stride_b,
                    double beta, void *c, int64_t ldc, int64_t stride_c, int64_t batch, char *error,
                    size_t error_capacity);

/// The name of what `dn_gemm` uses for a shape: "blis", "openblas", "onednn" or "descent".
const char *dn_gemm_library(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k);

#endif
