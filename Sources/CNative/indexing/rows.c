#include "rows.h"

#include <string.h>

#include "parallel.h"

/// Bytes below which a range is not worth a thread of its own.
enum { DN_WORTHWHILE = 1 << 18 };

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
