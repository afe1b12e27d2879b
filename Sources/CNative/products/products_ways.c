// The ways to compute a product, each by a library or by kernels of our own.

#include <stdatomic.h>

#include "doors/blas.h"
#include "failure.h"
#include "parallel.h"
#include "products_internal.h"

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
/// and next to other processes each time for as long as one of them does not run.
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

int dn_product_no_memory(char *error, size_t capacity) {
  return dn_fail(error, capacity, "matrix product: no memory left for its working space");
}
