#include <string.h>

#include "allocation.h"
#include "parallel.h"
#include "processor/instructions_internal.h"
#include "products_internal.h"
#include "threads/threads.h"
#include "types/join.h"

// As many elements of the shared vector as stay in the first-level cache.
enum { BLOCK = 4096 };

/// A pass over a matrix whose rows are either dotted with a vector or combined with its elements as weights.
typedef struct sweep {
  const void *matrix, *x;
  void *y, *results;
  bool rows_are_outputs;
  /// How often the sum is split; each part has its own row of `results`.
  int64_t parts;
  int64_t outputs, inner, distance, y_distance;
  double alpha, beta;
} sweep;

#define KERNEL "products/products_vector_kernel.h"
#define EACH "processor/float_and_double.h"
#include "processor/each_instruction_set.h"

typedef struct kernels {
  void (*sweep)(const sweep *, int64_t, int64_t, int64_t, int64_t, void *);
  void (*finish)(const sweep *, int64_t, int64_t);
} kernels;

static kernels kernels_for(dn_type type) {
  bool single = type == DN_F32;
  switch (dn_instructions_chosen()) {
#if defined(__x86_64__)
  case DN_AVX512:
    return single ? (kernels){sweep_float_avx512, finish_float_avx512}
                  : (kernels){sweep_double_avx512, finish_double_avx512};
  case DN_AVX2:
    return single ? (kernels){sweep_float_avx2, finish_float_avx2} : (kernels){sweep_double_avx2, finish_double_avx2};
#endif
  default:
    return single ? (kernels){sweep_float_baseline, finish_float_baseline}
                  : (kernels){sweep_double_baseline, finish_double_baseline};
  }
}

typedef struct task {
  sweep sweep;
  kernels kernels;
  size_t size;
} task;

static void run_outputs(void *context, int64_t begin, int64_t end) {
  task *task = context;
  task->kernels.sweep(&task->sweep, begin, end, 0, task->sweep.inner, task->sweep.results);
  task->kernels.finish(&task->sweep, begin, end);
}

static void run_parts(void *context, int64_t begin, int64_t end) {
  task *task = context;
  const sweep *sweep = &task->sweep;
  for (int64_t part = begin; part < end; part++) {
    int64_t inner_begin = dn_share_begin(sweep->inner, sweep->parts, part);
    int64_t inner_end = dn_share_begin(sweep->inner, sweep->parts, part + 1);
    char *results = (char *)sweep->results + (size_t)(part * sweep->outputs) * task->size;
    task->kernels.sweep(sweep, 0, sweep->outputs, inner_begin, inner_end, results);
  }
}

/// True where the matrix is read row by row to give one output a row, rather than combined into all outputs.
static bool rows_give_outputs(bool transpose_a, bool transpose_b, int64_t n) {
  return n == 1 ? !transpose_a : transpose_b;
}

bool dn_product_is_vector(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k) {
  (void)type;
  if ((m != 1 && n != 1) || k == 0) return false;
  int64_t outputs = n == 1 ? m : n;
  // Rows of a few elements waste most of a vector; the general product packs them.
  return (rows_give_outputs(transpose_a, transpose_b, n) ? k : outputs) >= 64;
}

int dn_product_vector(const dn_product *product) {
  bool right = product->n == 1;
  size_t size = dn_type_size(product->type);
  task task = {.kernels = kernels_for(product->type), .size = size};
  sweep *sweep = &task.sweep;
  sweep->rows_are_outputs = rows_give_outputs(product->transpose_a, product->transpose_b, product->n);
  sweep->matrix = right ? product->a : product->b;
  sweep->distance = right ? product->lda : product->ldb;
  sweep->outputs = right ? product->m : product->n;
  sweep->inner = product->k;
  sweep->alpha = product->alpha;
  sweep->beta = product->beta;
  sweep->y = product->c;
  sweep->y_distance = right ? product->ldc : 1;
  sweep->x = right ? product->b : product->a;
  int64_t x_distance = right ? (product->transpose_b ? 1 : product->ldb) : (product->transpose_a ? product->lda : 1);

  int64_t threads = dn_parallel_ranges(INT64_MAX, 1);
  int64_t per_output_grain = 32768 / (product->k + 1) + 1;
  // Outputs are split where there are enough of them for every thread, and where rows are combined, enough for vectors.
  int64_t enough = threads * (sweep->rows_are_outputs ? 4 : 256);
  sweep->parts = sweep->outputs >= enough ? 1 : dn_parallel_ranges(sweep->inner, 32768 / (sweep->outputs + 1) + 1);

  size_t results = (size_t)(sweep->outputs * sweep->parts) * size;
  char *memory = dn_allocate(results + (x_distance == 1 ? 0 : (size_t)product->k * size));
  if (memory == NULL) return 1;
  sweep->results = memory;
  if (x_distance != 1) {
    char *gathered = memory + results;
    for (int64_t p = 0; p < product->k; p++) {
      memcpy(gathered + (size_t)p * size, (const char *)sweep->x + (size_t)(p * x_distance) * size, size);
    }
    sweep->x = gathered;
  }
  if (sweep->parts > 1) {
    dn_parallel(sweep->parts, 1, run_parts, &task);
    task.kernels.finish(sweep, 0, sweep->outputs);
  } else {
    dn_parallel(sweep->outputs, per_output_grain, run_outputs, &task);
  }
  dn_free(memory);
  return 0;
}
