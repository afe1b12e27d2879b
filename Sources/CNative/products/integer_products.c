#include "integer_products.h"

#include "parallel.h"

typedef struct product {
  bool transpose_a, transpose_b;
  int64_t n, k, lda, ldb;
  const void *a, *b;
  void *c;
} product;

/// Defines the rows of a product for one size of integers: wrapping products do not depend on the sign.
#define DEFINE_ROWS(NAME, TYPE)                                                                                 \
  static void NAME(void *context, int64_t begin, int64_t end) {                                                 \
    const product *p = context;                                                                                 \
    const TYPE *a = p->a, *b = p->b;                                                                            \
    for (int64_t row = begin; row < end; row++) {                                                               \
      TYPE *c = (TYPE *)p->c + row * p->n;                                                                      \
      for (int64_t column = 0; column < p->n; column++) c[column] = 0;                                          \
      for (int64_t term = 0; term < p->k; term++) {                                                             \
        const uint64_t factor = p->transpose_a ? a[term * p->lda + row] : a[row * p->lda + term];               \
        const int64_t step = p->transpose_b ? p->ldb : 1;                                                       \
        const TYPE *values = b + (p->transpose_b ? term : term * p->ldb);                                       \
        for (int64_t column = 0; column < p->n; column++) {                                                     \
          c[column] = (TYPE)(c[column] + factor * values[column * step]);                                       \
        }                                                                                                       \
      }                                                                                                         \
    }                                                                                                           \
  }

DEFINE_ROWS(rows_8, uint8_t)
DEFINE_ROWS(rows_16, uint16_t)
DEFINE_ROWS(rows_32, uint32_t)
DEFINE_ROWS(rows_64, uint64_t)

bool dn_integer_gemm(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const void *a,
                     int64_t lda, const void *b, int64_t ldb, void *c) {
  if (type < DN_I8 || type > DN_U64) return false;
  product p = {transpose_a, transpose_b, n, k, lda, ldb, a, b, c};
  const size_t size = dn_type_size(type);
  const int64_t work = n * k, grain = work > 0 ? 65536 / work + 1 : m;
  dn_parallel(m, grain, size == 1 ? rows_8 : size == 2 ? rows_16 : size == 4 ? rows_32 : rows_64, &p);
  return true;
}
