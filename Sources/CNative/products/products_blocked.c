#include <stdatomic.h>
#include <stdlib.h>

#include "allocation.h"
#include "parallel.h"
#include "processor/instructions_internal.h"
#include "products_internal.h"
#include "types/join.h"

// A panel of the right operand, DEPTH_BLOCK deep and COLUMN_BLOCK wide, stays in the second-level cache while the rows
// of the left operand pass by.
enum { DEPTH_BLOCK = 256, COLUMN_BLOCK = 256, ROW_GRAIN = 24 };

#define KERNEL "products/products_kernel.h"
#define EACH "processor/float_and_double.h"
#include "processor/each_instruction_set.h"

typedef void (*block_function)(const dn_product *, int64_t, int64_t, int64_t, int64_t, void *);

static block_function block_for(dn_type type) {
  bool single = type == DN_F32;
  switch (dn_instructions_chosen()) {
#if defined(__x86_64__)
  case DN_AVX512: return single ? block_float_avx512 : block_double_avx512;
  case DN_AVX2: return single ? block_float_avx2 : block_double_avx2;
#endif
  default: return single ? block_float_baseline : block_double_baseline;
  }
}

typedef struct task {
  const dn_product *product;
  block_function block;
  bool split_columns;
  atomic_bool failed;
} task;

static void run_range(void *context, int64_t begin, int64_t end) {
  task *task = context;
  const dn_product *product = task->product;
  // Ranges count grains of rows, or columns in units of one panel, so that tiles are whole but at the very end.
  int64_t unit = task->split_columns ? 32 : ROW_GRAIN;
  int64_t limit = task->split_columns ? product->n : product->m;
  begin *= unit;
  end = end * unit < limit ? end * unit : limit;
  int64_t row_begin = task->split_columns ? 0 : begin, row_end = task->split_columns ? product->m : end;
  int64_t column_begin = task->split_columns ? begin : 0, column_end = task->split_columns ? end : product->n;
  int64_t depth = product->k < DEPTH_BLOCK ? product->k : DEPTH_BLOCK;
  int64_t width = column_end - column_begin < COLUMN_BLOCK ? (column_end - column_begin + 31) / 32 * 32 : COLUMN_BLOCK;
  void *panels = dn_allocate((size_t)(depth * width) * dn_type_size(product->type));
  if (panels == NULL) {
    atomic_store(&task->failed, true);
    return;
  }
  for (int64_t j = column_begin; j < column_end; j += COLUMN_BLOCK) {
    int64_t stop = column_end - j < COLUMN_BLOCK ? column_end : j + COLUMN_BLOCK;
    task->block(product, row_begin, row_end, j, stop, panels);
  }
  dn_free(panels);
}

int dn_product_blocked(const dn_product *product) {
  if (product->m == 0 || product->n == 0) return 0;
  task task = {.product = product, .block = block_for(product->type)};
  int64_t row_units = (product->m + ROW_GRAIN - 1) / ROW_GRAIN, column_units = (product->n + 31) / 32;
  task.split_columns = row_units < dn_thread_count() && column_units > row_units;
  // A range should be worth the tens of microseconds that waking a sleeping thread takes.
  double work = 2.0 * (double)product->m * (double)product->n * (double)product->k;
  int64_t units = task.split_columns ? column_units : row_units;
  double grain = 5e5 / (work / (double)units + 1);
  dn_parallel(units, grain < 1 ? 1 : grain > (double)units ? units : (int64_t)grain, run_range, &task);
  return atomic_load(&task.failed);
}
