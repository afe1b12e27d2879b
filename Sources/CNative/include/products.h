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
/// the product is zero. What computes it is chosen by fixed rules. The same shape, libraries and thread count give the
/// same bits.
///
/// Returns nonzero, with a line in `error`, for another type, a negative size, or a row distance shorter than the row.
int dn_gemm(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
            const void *a, int64_t lda, const void *b, int64_t ldb, double beta, void *c, int64_t ldc, char *error,
            size_t error_capacity);

/// What computes a product: kernels of Descent's own, for a vector and for any shape; a library, of which each thread
/// calls one for a piece of the product; or a library that shares out the product among the threads itself.
typedef enum dn_way {
  DN_WAY_VECTOR,
  DN_WAY_BLOCKED,
  DN_WAY_BLIS,
  DN_WAY_OPENBLAS,
  DN_WAY_ONEDNN,
  DN_WAY_BLIS_THREADS,
  DN_WAY_OPENBLAS_THREADS,
  DN_WAY_ONEDNN_THREADS,
  DN_WAY_COUNT
} dn_way;

/// Products of one shape and layout, set up once and run often.
///
/// `a`, `b` and `c` lie as for `dn_gemm`, those of the next product `stride_a`, `stride_b` and `stride_c`
/// elements further on. `stride_a` and `stride_b` may be zero, to use one matrix for all. The last fields are set by
/// `dn_products_prepare`.
typedef struct dn_products {
  dn_type type;
  bool transpose_a, transpose_b;
  int64_t m, n, k, lda, ldb, ldc;
  int64_t batch, stride_a, stride_b, stride_c;
  dn_way way;
  /// Whether the threads share out the products, each of which is then computed by one.
  bool divided;
} dn_products;

/// Checks the products and chooses what computes them: by `dn_tuning_choose` where there is a choice that matters.
///
/// Returns nonzero, with a line in `error`, for another type than DN_F32 and DN_F64, a negative size, or a row distance
/// shorter than the row.
int dn_products_prepare(dn_products *products, char *error, size_t error_capacity);

/// Computes products; `c` is not read. The same products, prepared in the same way, give the same bits.
///
/// Returns nonzero, with a line in `error`, where memory for the working space cannot be had.
int dn_products_run(const dn_products *products, const void *a, const void *b, void *c, char *error,
                    size_t error_capacity);

/// The ways of products between which a trial decides, the usual one first; their number.
int dn_products_ways(const dn_products *products, dn_way ways[DN_WAY_COUNT]);

/// What computes prepared products: "blis", "openblas" or "onednn", with " threads" where these are the library's; or of
/// Descent's own "blocked" and "vector".
const char *dn_products_implementation(const dn_products *products);

#endif
