#ifndef DN_INTEGER_PRODUCTS_H
#define DN_INTEGER_PRODUCTS_H

#include <stdbool.h>
#include <stdint.h>

#include "types.h"

/// Computes `c = a · b` for matrices of integers, sums wrapping around; in parallel over rows.
///
/// `a` is `[m, k]`, or `[k, m]` where `transpose_a`; `b` is `[k, n]`, or `[n, k]` where `transpose_b`; `c` is a packed
/// `[m, n]`. `lda` and `ldb` are the distances between stored rows in elements. False, with nothing written, where
/// `type` is not an integer type.
bool dn_integer_gemm(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const void *a,
                     int64_t lda, const void *b, int64_t ldb, void *c);

#endif
