#include "ragged_products.h"

#include <stdatomic.h>
#include <string.h>

#include "allocation.h"
#include "failure.h"
#include "parallel.h"
#include "products.h"
#include "threads/threads.h"

/// Multiplications and additions below which a share is not worth a thread of its own.
enum { DN_WORTHWHILE_TERMS = 250000 };

typedef struct ragged_run {
  const dn_ragged_products *products;
  const char *left, *right;
  char *result;
  size_t element;
  /// For each tensor of rows: where its groups begin, and where the last one ends.
  const int64_t *starts;
  /// What all rows of the result cost together, and among how many shares it is divided.
  int64_t cost, shares;
  atomic_bool failed;
} ragged_run;

/// Neighboring rows of the result whose elements are sums of as many terms.
typedef struct band {
  int64_t count, terms;
} band;

// MARK: Group sizes

/// A group size, from 0 up to `limit`.
static int64_t size_at(dn_type type, const void *sizes, int64_t index, int64_t limit) {
  int64_t size = 0;
  switch (type) {
  case DN_I8: size = ((const int8_t *)sizes)[index]; break;
  case DN_I16: size = ((const int16_t *)sizes)[index]; break;
  case DN_I32: size = ((const int32_t *)sizes)[index]; break;
  case DN_I64: size = ((const int64_t *)sizes)[index]; break;
  case DN_U8: size = ((const uint8_t *)sizes)[index]; break;
  case DN_U16: size = ((const uint16_t *)sizes)[index]; break;
  case DN_U32: size = ((const uint32_t *)sizes)[index]; break;
  case DN_U64: {
    const uint64_t number = ((const uint64_t *)sizes)[index];
    size = number > (uint64_t)limit ? limit : (int64_t)number;
    break;
  }
  default: break;
  }
  return size < 0 ? 0 : size > limit ? limit : size;
}

static void find_starts(const dn_ragged_products *p, const void *sizes, int64_t *starts) {
  for (int64_t tensor = 0; tensor < p->batches * p->sharing; tensor++) {
    int64_t *own = starts + tensor * (p->groups + 1);
    own[0] = 0;
    for (int64_t group = 0; group < p->groups; group++) {
      own[group + 1] = own[group] + size_at(p->size_type, sizes, tensor * p->groups + group, p->rows - own[group]);
    }
  }
}

// MARK: Bands

/// The columns of the result.
static int64_t columns(const dn_ragged_products *p) {
  return p->factors == DN_ROWS_WITH_TRANSPOSES ? p->height : p->width;
}

/// The number of bands that make up the result, in its order: a band for each group, and one for the rows of none.
static int64_t band_count(const dn_ragged_products *p) {
  return p->factors == DN_ROWS_WITH_ROWS ? p->batches * p->groups : p->batches * p->sharing * (p->groups + 1);
}

static band band_at(const ragged_run *run, int64_t index) {
  const dn_ragged_products *p = run->products;
  if (p->factors == DN_ROWS_WITH_ROWS) {
    const int64_t batch = index / p->groups, group = index % p->groups;
    band band = {p->height, 0};
    for (int64_t tensor = batch * p->sharing; tensor < (batch + 1) * p->sharing; tensor++) {
      const int64_t *starts = run->starts + tensor * (p->groups + 1) + group;
      band.terms += starts[1] - starts[0];
    }
    return band;
  }
  const int64_t group = index % (p->groups + 1);
  const int64_t begin = run->starts[index], end = group < p->groups ? run->starts[index + 1] : p->rows;
  const int64_t inner = p->factors == DN_ROWS_WITH_MATRICES ? p->height : p->width;
  return (band){end - begin, group < p->groups ? inner : 0};
}

static int multiply_rows(const ragged_run *run, int64_t index, int64_t first, int64_t last, char *result) {
  const dn_ragged_products *p = run->products;
  const int64_t tensor = index / (p->groups + 1), group = index % (p->groups + 1);
  const bool transposed = p->factors == DN_ROWS_WITH_TRANSPOSES;
  const int64_t inner = transposed ? p->width : p->height, row = tensor * p->rows + run->starts[index] + first;
  const int64_t matrix = tensor / p->sharing * p->groups + group;
  return dn_gemm(p->type, false, transposed, last - first, columns(p), inner, 1,
                 run->left + (size_t)(row * inner) * run->element, inner,
                 run->right + (size_t)(matrix * p->height * p->width) * run->element, p->width, 0, result, columns(p),
                 NULL, 0);
}

static int multiply_groups(const ragged_run *run, int64_t index, int64_t first, int64_t last, char *result) {
  const dn_ragged_products *p = run->products;
  const int64_t batch = index / p->groups, group = index % p->groups;
  double beta = 0;
  for (int64_t tensor = batch * p->sharing; tensor < (batch + 1) * p->sharing; tensor++) {
    const int64_t *starts = run->starts + tensor * (p->groups + 1) + group;
    if (starts[1] == starts[0]) continue;
    const int64_t row = tensor * p->rows + starts[0];
    if (dn_gemm(p->type, true, false, last - first, p->width, starts[1] - starts[0], 1,
                run->left + (size_t)(row * p->height + first) * run->element, p->height,
                run->right + (size_t)(row * p->width) * run->element, p->width, beta, result, p->width, NULL, 0)) {
      return 1;
    }
    beta = 1;
  }
  return 0;
}

/// What a row of a band costs: its terms, and the writing.
static int64_t row_cost(band band) { return band.terms + 1; }

/// The rows of the bands whose cost, added up from the first row on, begins within `begin ..< end`.
static int run_span(const ragged_run *run, int64_t begin, int64_t end) {
  const size_t row_bytes = (size_t)columns(run->products) * run->element;
  int64_t before = 0;
  char *rows = run->result;
  for (int64_t index = 0; index < band_count(run->products) && before < end; index++) {
    const band band = band_at(run, index);
    const int64_t each = row_cost(band);
    int64_t first = begin <= before ? 0 : (begin - before + each - 1) / each, last = (end - before + each - 1) / each;
    if (last > band.count) last = band.count;
    if (first < last) {
      char *result = rows + (size_t)first * row_bytes;
      if (band.terms == 0) {
        memset(result, 0, (size_t)(last - first) * row_bytes);
      } else if (run->products->factors == DN_ROWS_WITH_ROWS ? multiply_groups(run, index, first, last, result)
                                                             : multiply_rows(run, index, first, last, result)) {
        return 1;
      }
    }
    before += band.count * each;
    rows += (size_t)band.count * row_bytes;
  }
  return 0;
}

static void run_shares(void *context, int64_t begin, int64_t end) {
  ragged_run *run = context;
  for (int64_t share = begin; share < end; share++) {
    const int64_t first = dn_share_begin(run->cost, run->shares, share);
    if (run_span(run, first, dn_share_begin(run->cost, run->shares, share + 1))) atomic_store(&run->failed, true);
  }
}

int dn_ragged_dot(const dn_ragged_products *p, const void *left, const void *right, const void *sizes, void *result,
                  char *error, size_t error_capacity) {
  if ((p->type != DN_F32 && p->type != DN_F64) || p->size_type < DN_I8 || p->size_type > DN_U64) {
    return dn_fail(error, error_capacity, "ragged product: takes float32 or float64 and integer sizes, not %s and %s",
                   dn_type_name(p->type), dn_type_name(p->size_type));
  }
  if (columns(p) == 0) return 0;
  int64_t *starts = dn_allocate((size_t)(p->batches * p->sharing * (p->groups + 1)) * sizeof *starts);
  if (starts == NULL) return dn_fail(error, error_capacity, "ragged product: no memory left for the groups' places");
  find_starts(p, sizes, starts);
  ragged_run run = {
    .products = p, .left = left, .right = right, .result = result, .element = dn_type_size(p->type), .starts = starts,
  };
  int64_t products = 0;
  for (int64_t index = 0; index < band_count(p); index++) {
    const band band = band_at(&run, index);
    run.cost += band.count * row_cost(band);
    products += band.count > 0 && band.terms > 0;
  }
  // A single product is shared out by the library that computes it.
  run.shares = products == 1 ? 1 : dn_parallel_ranges(run.cost, DN_WORTHWHILE_TERMS / columns(p) + 1);
  dn_parallel(run.shares, 1, run_shares, &run);
  dn_free(starts);
  return atomic_load(&run.failed)
           ? dn_fail(error, error_capacity, "ragged product: no memory left for a product's working space")
           : 0;
}
