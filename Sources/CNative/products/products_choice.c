// Chooses what computes a product.

#include <stdio.h>
#include <string.h>

#include "allocation.h"
#include "parallel.h"
#include "processor/instructions_internal.h"
#include "products_internal.h"
#include "tuning/tuning_trial.h"

// MARK: By rules

/// The first of the given ways that is available.
static dn_way first_of(dn_type type, dn_way first, dn_way second, dn_way third) {
  const dn_way ways[] = {first, second, third};
  for (int i = 0; i < 3; i++) {
    if (dn_way_available(ways[i], type)) return ways[i];
  }
  return DN_WAY_BLOCKED;
}

// The rules are read from measurements (BLIS 0.9, OpenBLAS 0.3.21, oneDNN 2.6) on processors with AVX2 and AVX-512. They
// hold where nothing was measured on the machine itself, and for products whose shape is known only when they run.
dn_way dn_product_usual_way(dn_type type, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k) {
  if (k == 0) return DN_WAY_BLOCKED;
  if (dn_product_is_vector(type, transpose_a, transpose_b, m, n, k)) return DN_WAY_VECTOR;
  if (m > INT32_MAX || n > INT32_MAX || k > INT32_MAX) return DN_WAY_BLOCKED;
  bool wide_vectors = dn_instructions_chosen() == DN_AVX512;
  double work = (double)m * (double)n * (double)k;
  // Small products are mostly the cost of a call, which is least in OpenBLAS.
  if (work <= (wide_vectors ? 262144 : 32768)) return first_of(type, DN_WAY_OPENBLAS, DN_WAY_ONEDNN, DN_WAY_BLIS);
  // OpenBLAS hardly uses its threads for narrow results and BLIS does well on them, but for a short sum.
  bool narrow = (m >= 4096 || k >= 4096) && n <= 32;
  if (narrow) return first_of(type, DN_WAY_BLIS, DN_WAY_ONEDNN, DN_WAY_OPENBLAS);
  if (m <= 16 || n <= 16 || k <= 16) return first_of(type, DN_WAY_ONEDNN, DN_WAY_OPENBLAS, DN_WAY_BLIS);
  if (!wide_vectors || (transpose_b && !transpose_a && k >= 256)) {
    return first_of(type, DN_WAY_OPENBLAS, DN_WAY_BLIS, DN_WAY_ONEDNN);
  }
  return first_of(type, DN_WAY_ONEDNN, DN_WAY_OPENBLAS, DN_WAY_BLIS);
}

// MARK: By trial

/// Products of fewer terms are not tried: a call takes a few microseconds whoever computes it.
static const double fewest_terms = 32768;

static double terms(const dn_products *p) { return (double)p->m * (double)p->n * (double)p->k * (double)p->batch; }

int dn_products_ways(const dn_products *p, dn_way ways[DN_WAY_COUNT]) {
  int count = 0;
  ways[count++] = dn_product_usual_way(p->type, p->transpose_a, p->transpose_b, p->m, p->n, p->k);
  if (p->k == 0 || p->m > INT32_MAX || p->n > INT32_MAX || p->k > INT32_MAX) return count;
  dn_way end = p->divided || dn_thread_count() == 1 ? DN_WAY_BLIS_THREADS : DN_WAY_COUNT;
  for (dn_way way = DN_WAY_BLOCKED; way < end; way++) {
    if (way != ways[0] && dn_way_available(way, p->type)) ways[count++] = way;
  }
  return count;
}

typedef struct trial {
  dn_products products;
  dn_way ways[DN_WAY_COUNT];
  size_t sizes[3];
  char *memory;
} trial;

static int64_t rounded(int64_t bytes) { return (bytes + 4095) / 4096 * 4096; }

/// Makes the operands dense, and finds how many bytes each takes.
static size_t lay_out(dn_products *p, size_t sizes[3]) {
  int64_t size = (int64_t)dn_type_size(p->type);
  p->lda = p->transpose_a ? p->m : p->k;
  p->ldb = p->transpose_b ? p->k : p->n;
  p->ldc = p->n;
  p->stride_a = p->stride_a == 0 ? 0 : p->m * p->k;
  p->stride_b = p->stride_b == 0 ? 0 : p->k * p->n;
  p->stride_c = p->m * p->n;
  sizes[0] = (size_t)rounded(p->m * p->k * size * (p->stride_a == 0 ? 1 : p->batch));
  sizes[1] = (size_t)rounded(p->k * p->n * size * (p->stride_b == 0 ? 1 : p->batch));
  sizes[2] = (size_t)rounded(p->m * p->n * size * p->batch);
  return sizes[0] + sizes[1] + sizes[2];
}

/// The bytes of all operands, as a real number, since there may be more than an integer counts.
static double operand_bytes(const dn_products *p) {
  double m = (double)p->m, n = (double)p->n, k = (double)p->k;
  return (m * k + k * n + m * n) * (double)p->batch * (double)dn_type_size(p->type);
}

/// Cuts products down to some that take a few milliseconds, and are as fast for their size as far as can be foreseen.
static void cut_down(dn_products *p) {
  int64_t least = 4 * (int64_t)dn_thread_count();
  while (terms(p) > DN_TUNING_MOST_TERMS || operand_bytes(p) > DN_TUNING_MOST_OPERAND_BYTES) {
    int64_t *longest = p->m >= p->n && p->m >= p->k ? &p->m : p->n >= p->k ? &p->n : &p->k;
    if (p->batch >= 2 * least) longest = &p->batch;
    *longest = (*longest + 1) / 2;
  }
}

static int begin(void *context) {
  trial *trial = context;
  trial->memory = dn_allocate(lay_out(&trial->products, trial->sizes));
  if (trial->memory == NULL) return 1;
  // Neither zeros nor numbers whose sums leave the usual range.
  size_t size = dn_type_size(trial->products.type), count = (trial->sizes[0] + trial->sizes[1]) / size;
  for (size_t i = 0; i < count; i++) {
    double value = (double)(i % 61) / 64 - 0.46;
    if (size == sizeof(float)) {
      ((float *)trial->memory)[i] = (float)value;
    } else {
      ((double *)trial->memory)[i] = value;
    }
  }
  return 0;
}

static int run(void *context, int candidate) {
  trial *trial = context;
  trial->products.way = trial->ways[candidate];
  const char *right = trial->memory + trial->sizes[0];
  char *result = trial->memory + trial->sizes[0] + trial->sizes[1];
  return dn_products_run(&trial->products, trial->memory, right, result, NULL, 0);
}

static void end(void *context) { dn_free(((trial *)context)->memory); }

static void describe(const dn_products *p, char *key, size_t capacity) {
  char batch[96] = "";
  if (p->batch != 1) {
    snprintf(batch, sizeof batch, " %lld ×%s%s", (long long)p->batch, p->stride_a == 0 ? " one left" : "",
             p->stride_b == 0 ? " one right" : "");
  }
  bool a = p->transpose_a, b = p->transpose_b;
  snprintf(key, capacity, "product %s%s [%lld, %lld]%s·[%lld, %lld]%s, %d threads", dn_type_name(p->type), batch,
           (long long)(a ? p->k : p->m), (long long)(a ? p->m : p->k), a ? "ᵀ" : "", (long long)(b ? p->n : p->k),
           (long long)(b ? p->k : p->n), b ? "ᵀ" : "", dn_thread_count());
}

dn_way dn_products_choose_way(const dn_products *products) {
  trial trial = {.products = *products};
  int count = dn_products_ways(products, trial.ways);
  if (count < 2 || !(terms(products) > fewest_terms)) return trial.ways[0];
  cut_down(&trial.products);
  char key[256];
  describe(products, key, sizeof key);
  const char *names[DN_WAY_COUNT];
  for (int i = 0; i < count; i++) names[i] = dn_way_names[trial.ways[i]];
  const dn_tuning_trial choice = {
    .key = key, .names = names, .count = count, .usual = 0, .begin = begin, .run = run, .end = end, .context = &trial,
  };
  return trial.ways[dn_tuning_choose(dn_tuning_shared(), &choice)];
}
