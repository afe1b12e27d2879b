#include "indexing.h"

#include <string.h>

#include "indexing_internal.h"
#include "parallel.h"

/// Bytes below which a range is not worth a thread of its own.
enum { DN_WORTHWHILE_BYTES = 131072 };

int64_t dn_index_loop_offset(const dn_index_loop *loop, int64_t index) {
  int64_t offset = 0;
  for (int32_t axis = loop->rank - 1; axis >= 0 && index > 0; axis--) {
    offset += index % loop->sizes[axis] * loop->strides[axis];
    index /= loop->sizes[axis];
  }
  return offset;
}

static int64_t loop_count(const dn_index_loop *loop) {
  int64_t count = 1;
  for (int32_t axis = 0; axis < loop->rank; axis++) count *= loop->sizes[axis];
  return count;
}

dn_index_rows dn_index_rows_of(const dn_index_geometry *geometry) {
  dn_index_rows rows = {loop_count(&geometry->before), loop_count(&geometry->after), 1, 0, geometry->after};
  if (rows.row_loop.rank > 0 && rows.row_loop.strides[rows.row_loop.rank - 1] == 1) {
    rows.run = rows.row_loop.sizes[--rows.row_loop.rank];
  }
  rows.rows = loop_count(&rows.row_loop);
  return rows;
}

#define DN_OFFSETS(name, T)                                                                                  \
  static void name(const dn_index_geometry *g, const T *indices, int64_t count, int64_t *offsets) {          \
    for (int64_t i = 0; i < count; i++) {                                                                    \
      int64_t offset = 0;                                                                                    \
      for (int32_t n = 0; n < g->numbers; n++) {                                                             \
        const T number = indices[i * g->numbers + n];                                                        \
        const int64_t limit = g->limits[n];                                                                  \
        const bool is_below = number < 0, is_above = !is_below && (uint64_t)number > (uint64_t)limit;        \
        if (!g->clamps && (is_below || is_above)) {                                                          \
          offset = -1;                                                                                       \
          break;                                                                                             \
        }                                                                                                    \
        offset += (is_below ? 0 : is_above ? limit : (int64_t)number) * g->strides[n];                       \
      }                                                                                                      \
      offsets[i] = offset;                                                                                   \
    }                                                                                                        \
  }

DN_OFFSETS(offsets_i8, int8_t)
DN_OFFSETS(offsets_i16, int16_t)
DN_OFFSETS(offsets_i32, int32_t)
DN_OFFSETS(offsets_i64, int64_t)
DN_OFFSETS(offsets_u8, uint8_t)
DN_OFFSETS(offsets_u16, uint16_t)
DN_OFFSETS(offsets_u32, uint32_t)
DN_OFFSETS(offsets_u64, uint64_t)

void dn_index_offsets(const dn_index_geometry *g, const void *indices, int64_t first, int64_t count,
                      int64_t *offsets) {
  const char *start = (const char *)indices + first * g->numbers * (int64_t)dn_type_size(g->index_type);
  switch (g->index_type) {
  case DN_I8: offsets_i8(g, (const int8_t *)start, count, offsets); break;
  case DN_I16: offsets_i16(g, (const int16_t *)start, count, offsets); break;
  case DN_I32: offsets_i32(g, (const int32_t *)start, count, offsets); break;
  case DN_I64: offsets_i64(g, (const int64_t *)start, count, offsets); break;
  case DN_U16: offsets_u16(g, (const uint16_t *)start, count, offsets); break;
  case DN_U32: offsets_u32(g, (const uint32_t *)start, count, offsets); break;
  case DN_U64: offsets_u64(g, (const uint64_t *)start, count, offsets); break;
  default: offsets_u8(g, (const uint8_t *)start, count, offsets); break;
  }
}

typedef struct gather_run {
  const dn_index_geometry *geometry;
  dn_index_rows rows;
  int64_t size;
  const char *tensor;
  const void *indices;
  char *result;
} gather_run;

#define DN_MOVE_ELEMENTS(T)                                                                                  \
  for (int64_t i = 0; i < count; i++) {                                                                      \
    T element = 0;                                                                                           \
    if (offsets[i] >= 0) memcpy(&element, tensor + offsets[i] * size, sizeof element);                       \
    memcpy(result + i * (int64_t)sizeof element, &element, sizeof element);                                  \
  }                                                                                                          \
  break;

/// Copies a row for each offset.
static void move_rows(char *result, const char *tensor, const int64_t *offsets, int64_t count, int64_t size,
                      int64_t run) {
  const int64_t bytes = run * size;
  switch (bytes) {
  case 1: DN_MOVE_ELEMENTS(uint8_t)
  case 2: DN_MOVE_ELEMENTS(uint16_t)
  case 4: DN_MOVE_ELEMENTS(uint32_t)
  case 8: DN_MOVE_ELEMENTS(uint64_t)
  default:
    for (int64_t i = 0; i < count; i++) {
      // Rows lie anywhere: their first lines are asked for before they are needed.
      if (i + 4 < count && offsets[i + 4] >= 0) {
        const char *next = tensor + offsets[i + 4] * size;
        for (int64_t line = 0; line < bytes && line < 512; line += 64) __builtin_prefetch(next + line);
      }
      if (offsets[i] >= 0) memcpy(result + i * bytes, tensor + offsets[i] * size, (size_t)bytes);
      else memset(result + i * bytes, 0, (size_t)bytes);
    }
  }
}

/// Gathers rows `begin ..< end`, counted as they lie in the result.
static void gather_rows(void *context, int64_t begin, int64_t end) {
  const gather_run *run = context;
  const dn_index_geometry *g = run->geometry;
  const dn_index_rows *rows = &run->rows;
  const int64_t row_bytes = rows->run * run->size;
  int64_t offsets[DN_INDEX_BLOCK];
  for (int64_t unit = begin; unit < end;) {
    const int64_t row = unit % rows->rows, window = unit / rows->rows;
    const int64_t place = window % g->places, outer = window / g->places;
    const int64_t batch = outer / rows->before;
    const char *tensor = run->tensor + (batch * g->batch_elements +
                                        dn_index_loop_offset(&g->before, outer % rows->before)) * run->size;
    const int64_t vector = batch * g->places + place;
    if (rows->rows == 1) {
      int64_t count = g->places - place;
      if (count > end - unit) count = end - unit;
      if (count > DN_INDEX_BLOCK) count = DN_INDEX_BLOCK;
      dn_index_offsets(g, run->indices, vector, count, offsets);
      move_rows(run->result + unit * row_bytes, tensor, offsets, count, run->size, rows->run);
      unit += count;
      continue;
    }
    int64_t count = rows->rows - row, start;
    if (count > end - unit) count = end - unit;
    if (count > DN_INDEX_BLOCK) count = DN_INDEX_BLOCK;
    dn_index_offsets(g, run->indices, vector, 1, &start);
    for (int64_t i = 0; i < count; i++) {
      offsets[i] = start < 0 ? -1 : start + dn_index_loop_offset(&rows->row_loop, row + i);
    }
    move_rows(run->result + unit * row_bytes, tensor, offsets, count, run->size, rows->run);
    unit += count;
  }
}

void dn_gather(const dn_index_geometry *geometry, dn_type type, const void *tensor, const void *indices,
               void *result) {
  gather_run run = {geometry, dn_index_rows_of(geometry), (int64_t)dn_type_size(type), tensor, indices, result};
  const int64_t count = geometry->batch * run.rows.before * geometry->places * run.rows.rows;
  if (count == 0 || run.rows.run == 0) return;
  // A short row costs about as much as its index.
  const int64_t row_bytes = run.rows.run * run.size + 8;
  dn_parallel(count, DN_WORTHWHILE_BYTES / row_bytes + 1, gather_rows, &run);
}
