#include "elementwise_rows.h"

#include <string.h>

#include "elementwise_internal.h"
#include "parallel.h"

/// Bytes below which a range is not worth a thread of its own.
enum { DN_WORTHWHILE = 1 << 18 };

// MARK: Filling

typedef struct fill_run {
  char *destination;
  size_t size;
  uint64_t bits;
} fill_run;

static void fill_range(void *context, int64_t begin, int64_t end) {
  const fill_run *run = context;
  // The low bytes come first in memory.
  dn_kernels()->fills[dn_size_index(run->size)](run->destination + begin * (int64_t)run->size, &run->bits, end - begin);
}

void dn_fill(void *destination, dn_type type, uint64_t bits, int64_t count) {
  fill_run run = {destination, dn_type_size(type), bits};
  if (run.size == 0 || count <= 0) return;
  dn_parallel(count, DN_WORTHWHILE / (int64_t)run.size, fill_range, &run);
}

// MARK: Gathering rows

typedef struct gather_run {
  const char *source;
  char *destination;
  const int64_t *indices;
  int64_t row_bytes;
} gather_run;

static void gather_range(void *context, int64_t begin, int64_t end) {
  const gather_run *run = context;
  for (int64_t i = begin; i < end; i++) {
    memcpy(run->destination + i * run->row_bytes, run->source + run->indices[i] * run->row_bytes,
           (size_t)run->row_bytes);
  }
}

int64_t dn_gather_rows(const void *source, int64_t row_bytes, int64_t source_rows, const int64_t *indices,
                       int64_t count, void *destination) {
  for (int64_t i = 0; i < count; i++) {
    if (indices[i] < 0 || indices[i] >= source_rows) return i;
  }
  gather_run run = {source, destination, indices, row_bytes};
  if (count > 0 && row_bytes > 0) dn_parallel(count, DN_WORTHWHILE / row_bytes + 1, gather_range, &run);
  return -1;
}
