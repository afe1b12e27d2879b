// Runs products that were set up, in the way that was chosen for them.

#include <stdatomic.h>

#include "parallel.h"
#include "products_internal.h"
#include "threads/threads.h"

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
  return atomic_load(&task.failed) ? dn_product_no_memory(error, error_capacity) : 0;
}
