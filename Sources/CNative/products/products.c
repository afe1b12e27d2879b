#include "products.h"

#include "failure.h"
#include "parallel.h"
#include "products_internal.h"
#include "threads/threads.h"

static int check(const dn_product *p, char *error, size_t capacity) {
  if (p->type != DN_F32 && p->type != DN_F64) {
    return dn_fail(error, capacity, "matrix product: float32 or float64 wanted, %s given", dn_type_name(p->type));
  }
  if (p->m < 0 || p->n < 0 || p->k < 0) {
    return dn_fail(error, capacity, "matrix product: negative size in [%lld, %lld] · [%lld, %lld]", (long long)p->m,
                   (long long)p->k, (long long)p->k, (long long)p->n);
  }
  if (p->lda < (p->transpose_a ? p->m : p->k) || p->ldb < (p->transpose_b ? p->k : p->n) || p->ldc < p->n) {
    return dn_fail(error, capacity,
                   "matrix product: rows are %lld, %lld and %lld elements apart, less than their length",
                   (long long)p->lda, (long long)p->ldb, (long long)p->ldc);
  }
  return 0;
}

int dn_gemm(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
            const void *a, int64_t lda, const void *b, int64_t ldb, double beta, void *c, int64_t ldc, char *error,
            size_t error_capacity) {
  dn_product product = {type, transpose_a, transpose_b, m, n, k, alpha, beta, a, b, c, lda, ldb, ldc};
  if (check(&product, error, error_capacity)) return 1;
  // BLAS demands a row distance of at least one, of empty matrices too.
  if (product.lda < 1) product.lda = 1;
  if (product.ldb < 1) product.ldb = 1;
  dn_threads_prepare();
  dn_way way = dn_product_usual_way(type, transpose_a, transpose_b, m, n, k);
  return dn_product_run(way, &product) ? dn_product_no_memory(error, error_capacity) : 0;
}

// MARK: Products that are set up once

int dn_products_prepare(dn_products *p, char *error, size_t error_capacity) {
  const dn_product one = {
    .type = p->type, .transpose_a = p->transpose_a, .transpose_b = p->transpose_b, .m = p->m, .n = p->n, .k = p->k,
    .lda = p->lda, .ldb = p->ldb, .ldc = p->ldc,
  };
  if (check(&one, error, error_capacity)) return 1;
  if (p->batch < 0) {
    return dn_fail(error, error_capacity, "matrix product: negative batch %lld", (long long)p->batch);
  }
  // BLAS demands a row distance of at least one, of empty matrices too.
  if (p->lda < 1) p->lda = 1;
  if (p->ldb < 1) p->ldb = 1;
  // Rows that follow each other through the whole batch and meet one right operand are one taller matrix.
  if (p->batch > 1 && p->stride_b == 0 && !p->transpose_a && p->stride_a == p->m * p->lda &&
      p->stride_c == p->m * p->ldc) {
    p->m *= p->batch;
    p->batch = 1;
  }
  double work = 2.0 * (double)p->m * (double)p->n * (double)(p->k > 0 ? p->k : 1);
  int threads = dn_thread_count();
  p->divided = p->batch > 1 && (p->batch >= 4 * threads ||
                                (p->batch >= threads && (work < 3e7 || p->batch % threads == 0)));
  p->way = dn_products_choose_way(p);
  return 0;
}

const char *dn_products_implementation(const dn_products *products) { return dn_way_names[products->way]; }
