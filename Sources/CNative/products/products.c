#include "products.h"

#include <stdatomic.h>

#include "doors/blas.h"
#include "failure.h"
#include "parallel.h"
#include "products_internal.h"
#include "threads/threads.h"

const char *const dn_way_names[DN_WAY_COUNT] = {
  [DN_WAY_VECTOR] = "vector",
  [DN_WAY_BLOCKED] = "blocked",
  [DN_WAY_BLIS] = "blis",
  [DN_WAY_OPENBLAS] = "openblas",
  [DN_WAY_ONEDNN] = "onednn",
  [DN_WAY_BLIS_THREADS] = "blis threads",
  [DN_WAY_OPENBLAS_THREADS] = "openblas threads",
  [DN_WAY_ONEDNN_THREADS] = "onednn threads",
};

bool dn_way_available(dn_way way, dn_type type) {
  const dn_blas *blis = dn_blas_blis(), *openblas = dn_blas_openblas();
  switch (way) {
  case DN_WAY_BLIS: return blis->single != NULL;
  case DN_WAY_OPENBLAS: return openblas->single != NULL;
  case DN_WAY_BLIS_THREADS: return blis->single != NULL && blis->threaded;
  case DN_WAY_OPENBLAS_THREADS: return openblas->single != NULL && openblas->threaded;
  case DN_WAY_ONEDNN:
  case DN_WAY_ONEDNN_THREADS: return dn_blas_onednn() != NULL && type == DN_F32;
  default: return true;
  }
}

// MARK: Running

static void call_blas(const dn_blas *library, const dn_product *p) {
  int a = p->transpose_a ? DN_CBLAS_TRANSPOSE : DN_CBLAS_NO_TRANSPOSE;
  int b = p->transpose_b ? DN_CBLAS_TRANSPOSE : DN_CBLAS_NO_TRANSPOSE;
  int m = (int)p->m, n = (int)p->n, k = (int)p->k, lda = (int)p->lda, ldb = (int)p->ldb, ldc = (int)p->ldc;
  if (p->type == DN_F32) {
    library->single(DN_CBLAS_ROW_MAJOR, a, b, m, n, k, (float)p->alpha, p->a, lda, p->b, ldb, (float)p->beta, p->c,
                    ldc);
  } else {
    library->twice(DN_CBLAS_ROW_MAJOR, a, b, m, n, k, p->alpha, p->a, lda, p->b, ldb, p->beta, p->c, ldc);
  }
}

/// Computes a product by one call of a library. Returns nonzero where memory cannot be had.
static int call(dn_way way, const dn_product *p) {
  switch (way) {
  case DN_WAY_BLIS:
  case DN_WAY_BLIS_THREADS: call_blas(dn_blas_blis(), p); return 0;
  case DN_WAY_OPENBLAS:
  case DN_WAY_OPENBLAS_THREADS: call_blas(dn_blas_openblas(), p); return 0;
  default:
    if (dn_blas_onednn()(p->transpose_a ? 'T' : 'N', p->transpose_b ? 'T' : 'N', p->m, p->n, p->k, (float)p->alpha,
                         p->a, p->lda, p->b, p->ldb, (float)p->beta, p->c, p->ldc) == 0) {
      return 0;
    }
    return dn_product_blocked(p);
  }
}

enum { PIECE_UNIT = 32, FEWEST_TERMS_OF_A_PIECE = 250000 };

typedef struct pieces {
  dn_way way;
  const dn_product *product;
  bool columns;
  atomic_bool failed;
} pieces;

static void run_piece(void *context, int64_t begin, int64_t end) {
  pieces *pieces = context;
  dn_product piece = *pieces->product;
  size_t size = dn_type_size(piece.type);
  int64_t limit = pieces->columns ? piece.n : piece.m;
  begin *= PIECE_UNIT;
  end = end * PIECE_UNIT < limit ? end * PIECE_UNIT : limit;
  if (pieces->columns) {
    piece.b = (const char *)piece.b + (size_t)(begin * (piece.transpose_b ? piece.ldb : 1)) * size;
    piece.c = (char *)piece.c + (size_t)begin * size;
    piece.n = end - begin;
  } else {
    piece.a = (const char *)piece.a + (size_t)(begin * (piece.transpose_a ? 1 : piece.lda)) * size;
    piece.c = (char *)piece.c + (size_t)(begin * piece.ldc) * size;
    piece.m = end - begin;
  }
  if (call(pieces->way, &piece)) atomic_store(&pieces->failed, true);
}

/// Cuts a product into a piece for each thread. Within a library, threads wait for each other many times in a product,
/// and beside other processes each time for as long as one of them does not run.
static int run_in_pieces(dn_way way, const dn_product *p) {
  pieces pieces = {.way = way, .product = p, .columns = p->n > p->m};
  int64_t units = ((pieces.columns ? p->n : p->m) + PIECE_UNIT - 1) / PIECE_UNIT;
  double grain = FEWEST_TERMS_OF_A_PIECE / ((double)p->m * (double)p->n * (double)p->k / (double)units + 1) + 1;
  dn_parallel(units, grain < (double)units ? (int64_t)grain : units, run_piece, &pieces);
  return atomic_load(&pieces.failed);
}

int dn_product_run(dn_way way, const dn_product *p) {
  if (p->m == 0 || p->n == 0) return 0;
  bool wide = p->lda > INT32_MAX || p->ldb > INT32_MAX || p->ldc > INT32_MAX;
  switch (wide && way != DN_WAY_VECTOR ? DN_WAY_BLOCKED : way) {
  case DN_WAY_BLIS:
  case DN_WAY_OPENBLAS:
  case DN_WAY_ONEDNN: return run_in_pieces(way, p);
  case DN_WAY_BLIS_THREADS:
  case DN_WAY_OPENBLAS_THREADS:
  case DN_WAY_ONEDNN_THREADS: return call(way, p);
  case DN_WAY_VECTOR: return dn_product_vector(p);
  default: return dn_product_blocked(p);
  }
}

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

static int no_memory(char *error, size_t capacity) {
  return dn_fail(error, capacity, "matrix product: no memory left for its working space");
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
  return dn_product_run(way, &product) ? no_memory(error, error_capacity) : 0;
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

typedef struct batch_task {
  const dn_products *products;
  const char *a, *b;
  char *c;
  atomic_bool failed;
} batch_task;

static void run_batch(void *context, int64_t begin, int64_t end) {
  batch_task *task = context;
  const dn_products *p = task->products;
  int64_t size = (int64_t)dn_type_size(p->type);
  for (int64_t i = begin; i < end; i++) {
    const dn_product product = {
      p->type, p->transpose_a, p->transpose_b, p->m, p->n, p->k, 1, 0, task->a + i * p->stride_a * size,
      task->b + i * p->stride_b * size, task->c + i * p->stride_c * size, p->lda, p->ldb, p->ldc,
    };
    if (dn_product_run(p->way, &product)) atomic_store(&task->failed, true);
  }
}

int dn_products_run(const dn_products *p, const void *a, const void *b, void *c, char *error, size_t error_capacity) {
  if (p->batch == 0 || p->m == 0 || p->n == 0) return 0;
  dn_threads_prepare();
  batch_task task = {.products = p, .a = a, .b = b, .c = c};
  if (p->divided) {
    double grain = 5e5 / (2.0 * (double)p->m * (double)p->n * (double)(p->k > 0 ? p->k : 1));
    dn_parallel(p->batch, grain < 1 ? 1 : grain > (double)p->batch ? p->batch : (int64_t)grain, run_batch, &task);
  } else {
    run_batch(&task, 0, p->batch);
  }
  return atomic_load(&task.failed) ? no_memory(error, error_capacity) : 0;
}
