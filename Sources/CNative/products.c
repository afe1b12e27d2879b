#include "products.h"

#include <pthread.h>
#include <stdatomic.h>

#include "internal.h"
#include "parallel.h"
#include "products_internal.h"
#include "vectors.h"

typedef enum way { WAY_VECTOR, WAY_BLOCKED, WAY_BLIS, WAY_OPENBLAS, WAY_ONEDNN } way;

enum { CBLAS_ROW_MAJOR = 101, CBLAS_NO_TRANSPOSE = 111, CBLAS_TRANSPOSE = 112 };

typedef void (*cblas_sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *,
                            int);
typedef void (*cblas_dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double,
                            double *, int);
typedef int (*dnnl_sgemm)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t,
                          float, float *, int64_t);

/// A library with the C interface to BLAS.
typedef struct blas {
  cblas_sgemm single;
  cblas_dgemm twice;
  /// Whether its products run on libgomp's threads. Where not, Descent cuts the product into pieces for its own.
  bool threaded;
} blas;

static blas blis, openblas;
static dnnl_sgemm onednn;
static void (*blis_set_threads)(long);
static void (*openblas_set_threads)(int);
static bool wide_vectors;
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
  wide_vectors = dn_instructions_chosen() == DN_AVX512;
}

void dn_products_set_threads(int count) {
  pthread_once(&once, load);
  if (blis_set_threads != NULL) blis_set_threads(blis.threaded ? count : 1);
  if (openblas_set_threads != NULL) openblas_set_threads(openblas.threaded ? count : 1);
}

// MARK: Choosing

/// The first of the given ways that is available.
static way first_of(dn_type type, way first, way second, way third) {
  way ways[] = {first, second, third};
  for (int i = 0; i < 3; i++) {
    if (ways[i] == WAY_BLIS && blis.single != NULL) return WAY_BLIS;
    if (ways[i] == WAY_OPENBLAS && openblas.single != NULL) return WAY_OPENBLAS;
    if (ways[i] == WAY_ONEDNN && onednn != NULL && type == DN_F32) return WAY_ONEDNN;
  }
  return WAY_BLOCKED;
}

/// The fastest way for a shape, by rules read from measurements (BLIS 0.9, OpenBLAS 0.3.21, oneDNN 2.6) on processors
/// with AVX2 and AVX-512. Rules and not a trial at run time, because the same program is to give the same bits.
static way choose(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k) {
  pthread_once(&once, load);
  if (k == 0) return WAY_BLOCKED;
  if (dn_product_is_vector(type, transpose_a, transpose_b, m, n, k)) return WAY_VECTOR;
  if (m > INT32_MAX || n > INT32_MAX || k > INT32_MAX) return WAY_BLOCKED;
  double work = (double)m * (double)n * (double)k;
  // Small products are mostly the cost of a call, which is least in OpenBLAS.
  if (work <= (wide_vectors ? 262144 : 32768)) return first_of(type, WAY_OPENBLAS, WAY_ONEDNN, WAY_BLIS);
  // OpenBLAS hardly uses its threads for narrow results and BLIS does well on them, but for a short sum.
  bool narrow = (m >= 4096 || k >= 4096) && n <= 32;
  if (narrow) return first_of(type, WAY_BLIS, WAY_ONEDNN, WAY_OPENBLAS);
  if (m <= 16 || n <= 16 || k <= 16) return first_of(type, WAY_ONEDNN, WAY_OPENBLAS, WAY_BLIS);
  if (!wide_vectors || (transpose_b && !transpose_a && k >= 256)) {
    return first_of(type, WAY_OPENBLAS, WAY_BLIS, WAY_ONEDNN);
  }
  return first_of(type, WAY_ONEDNN, WAY_OPENBLAS, WAY_BLIS);
}

const char *dn_gemm_library(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k) {
  switch (choose(type, transpose_a, transpose_b, m, n, k)) {
  case WAY_BLIS: return "blis";
  case WAY_OPENBLAS: return "openblas";
  case WAY_ONEDNN: return "onednn";
  default: return "descent";
  }
}

// MARK: Running

static void call_blas(const blas *library, const dn_product *p) {
  int a = p->transpose_a ? CBLAS_TRANSPOSE : CBLAS_NO_TRANSPOSE;
  int b = p->transpose_b ? CBLAS_TRANSPOSE : CBLAS_NO_TRANSPOSE;
  int m = (int)p->m, n = (int)p->n, k = (int)p->k, lda = (int)p->lda, ldb = (int)p->ldb, ldc = (int)p->ldc;
  if (p->type == DN_F32) {
    library->single(CBLAS_ROW_MAJOR, a, b, m, n, k, (float)p->alpha, p->a, lda, p->b, ldb, (float)p->beta, p->c, ldc);
  } else {
    library->twice(CBLAS_ROW_MAJOR, a, b, m, n, k, p->alpha, p->a, lda, p->b, ldb, p->beta, p->c, ldc);
  }
}

typedef struct pieces {
  const blas *library;
  const dn_product *product;
  bool columns;
} pieces;

static void run_piece(void *context, int64_t begin, int64_t end) {
  enum { UNIT = 32 };
  const pieces *pieces = context;
  dn_product piece = *pieces->product;
  size_t size = dn_type_size(piece.type);
  int64_t limit = pieces->columns ? piece.n : piece.m;
  begin *= UNIT;
  end = end * UNIT < limit ? end * UNIT : limit;
  if (pieces->columns) {
    piece.b = (const char *)piece.b + (size_t)(begin * (piece.transpose_b ? piece.ldb : 1)) * size;
    piece.c = (char *)piece.c + (size_t)begin * size;
    piece.n = end - begin;
  } else {
    piece.a = (const char *)piece.a + (size_t)(begin * (piece.transpose_a ? 1 : piece.lda)) * size;
    piece.c = (char *)piece.c + (size_t)(begin * piece.ldc) * size;
    piece.m = end - begin;
  }
  call_blas(pieces->library, &piece);
}

static void run_blas(const blas *library, const dn_product *product) {
  double work = (double)product->m * (double)product->n * (double)product->k;
  if (library->threaded || work < 1e6) {
    call_blas(library, product);
  } else {
    pieces pieces = {library, product, product->n > product->m};
    dn_parallel(((pieces.columns ? product->n : product->m) + 31) / 32, 1, run_piece, &pieces);
  }
}

static int run(way way, const dn_product *p) {
  if (p->m == 0 || p->n == 0) return 0;
  bool wide = p->lda > INT32_MAX || p->ldb > INT32_MAX || p->ldc > INT32_MAX;
  switch (wide && way != WAY_VECTOR ? WAY_BLOCKED : way) {
  case WAY_BLIS: run_blas(&blis, p); return 0;
  case WAY_OPENBLAS: run_blas(&openblas, p); return 0;
  case WAY_ONEDNN:
    if (onednn(p->transpose_a ? 'T' : 'N', p->transpose_b ? 'T' : 'N', p->m, p->n, p->k, (float)p->alpha, p->a, p->lda,
               p->b, p->ldb, (float)p->beta, p->c, p->ldc) == 0) {
      return 0;
    }
    return dn_product_blocked(p);
  case WAY_VECTOR: return dn_product_vector(p);
  case WAY_BLOCKED: return dn_product_blocked(p);
  }
  return 1;
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
  return run(choose(type, transpose_a, transpose_b, m, n, k), &product) ? no_memory(error, error_capacity) : 0;
}

typedef struct batch_task {
  dn_product product;
  way way;
  int64_t stride_a, stride_b, stride_c;
  size_t size;
  atomic_bool failed;
} batch_task;

static void run_batch(void *context, int64_t begin, int64_t end) {
  batch_task *task = context;
  for (int64_t i = begin; i < end; i++) {
    dn_product product = task->product;
    product.a = (const char *)product.a + i * task->stride_a * (int64_t)task->size;
    product.b = (const char *)product.b + i * task->stride_b * (int64_t)task->size;
    product.c = (char *)product.c + i * task->stride_c * (int64_t)task->size;
    if (run(task->way, &product)) atomic_store(&task->failed, true);
  }
}

int dn_gemm_batched(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, double alpha,
                    const void *a, int64_t lda, int64_t stride_a, const void *b, int64_t ldb, int64_t stride_b,
                    double beta, void *c, int64_t ldc, int64_t stride_c, int64_t batch, char *error,
                    size_t error_capacity) {
  dn_product product = {type, transpose_a, transpose_b, m, n, k, alpha, beta, a, b, c, lda, ldb, ldc};
  if (check(&product, error, error_capacity)) return 1;
  if (batch < 0) return dn_fail(error, error_capacity, "matrix product: negative batch %lld", (long long)batch);
  if (batch == 0 || m == 0 || n == 0) return 0;
  if (product.lda < 1) product.lda = 1;
  if (product.ldb < 1) product.ldb = 1;
  // Rows that follow each other through the whole batch and meet one right operand are one taller matrix.
  bool taller = stride_b == 0 && !transpose_a && stride_a == m * lda && stride_c == m * ldc;
  if (batch == 1 || taller) {
    return dn_gemm(type, transpose_a, transpose_b, m * batch, n, k, alpha, a, lda, b, ldb, beta, c, ldc, error,
                   error_capacity);
  }
  dn_threads_prepare();
  batch_task task = {
    .product = product, .way = choose(type, transpose_a, transpose_b, m, n, k), .stride_a = stride_a,
    .stride_b = stride_b, .stride_c = stride_c, .size = dn_type_size(type),
  };
  double work = 2.0 * (double)m * (double)n * (double)(k > 0 ? k : 1);
  int threads = dn_thread_count();
  bool shared = batch >= 4 * threads || (batch >= threads && (work < 3e7 || batch % threads == 0));
  double grain = 5e5 / work;
  if (shared) {
    dn_parallel(batch, grain < 1 ? 1 : grain > (double)batch ? batch : (int64_t)grain, run_batch, &task);
  } else {
    run_batch(&task, 0, batch);
  }
  return atomic_load(&task.failed) ? no_memory(error, error_capacity) : 0;
}
