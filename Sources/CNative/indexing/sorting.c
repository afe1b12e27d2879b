#include "sorting.h"

#include <stdatomic.h>
#include <string.h>

#include "failure.h"
#include "memory/workspace.h"
#include "parallel.h"
#include "sorting_internal.h"
#include "threads/threads.h"

/// Elements below which a range is not worth a thread of its own.
enum { DN_WORTHWHILE = 4096, DN_WORTHWHILE_MOVES = 32768 };
/// Items that are looked through at a time for the best.
enum { DN_STRETCH = 256 };

typedef struct sort_run {
  const dn_sort_shape *shape;
  int32_t tensors;
  const size_t *element_bytes;
  void *const *sources;
  void *const *results;
  int32_t *order;
  /// How many of a line are wanted.
  int64_t taken;
  /// The line at hand, sorted: its items' keys are narrow, or NULL.
  const uint64_t *narrow;
  const dn_wide_item *wide;
  int64_t line;
  void *items;
  atomic_bool *has_failed;
} sort_run;

static const char *line_of(const sort_run *run, int64_t line) {
  const dn_sort_shape *shape = run->shape;
  const int64_t first = line / shape->inner * shape->count * shape->inner + line % shape->inner;
  return (const char *)run->sources[0] + first * (int64_t)run->element_bytes[0];
}

static inline int64_t index_of(const sort_run *run, int64_t position) {
  return run->narrow != NULL ? (int64_t)(run->narrow[position] & 0xffffffffu) : (int64_t)run->wide[position].index;
}

#define DN_MOVE(T)                                                                                           \
  for (int64_t i = begin; i < end; i++) {                                                                    \
    ((T *)target)[to + i * stride] = ((const T *)source)[from + index_of(run, i) * stride];                  \
  }                                                                                                          \
  break;

/// Writes positions `begin ..< end` of the sorted line into the results.
static void move_elements(void *context, int64_t begin, int64_t end) {
  const sort_run *run = context;
  const dn_sort_shape *shape = run->shape;
  const int64_t stride = shape->inner, outer = run->line / stride, inner = run->line % stride;
  const int64_t from = outer * shape->count * stride + inner, to = outer * run->taken * stride + inner;
  for (int64_t i = begin; i < end; i++) run->order[to + i * stride] = (int32_t)index_of(run, i);
  for (int32_t tensor = 0; tensor < run->tensors; tensor++) {
    const void *source = run->sources[tensor];
    void *target = run->results[tensor];
    switch (run->element_bytes[tensor]) {
    case 1: DN_MOVE(uint8_t)
    case 2: DN_MOVE(uint16_t)
    case 4: DN_MOVE(uint32_t)
    default: DN_MOVE(uint64_t)
    }
  }
}

static void extract(void *context, int64_t begin, int64_t end) {
  const sort_run *run = context;
  const dn_sort_shape *shape = run->shape;
  const char *line = line_of(run, run->line);
  if (run->narrow != NULL) {
    dn_extract_packed(shape, line, shape->inner, begin, end - begin, (uint64_t *)run->items + begin);
  } else {
    dn_extract_wide(shape, line, shape->inner, begin, end - begin, (dn_wide_item *)run->items + begin);
  }
}

static void give_memory_to(sort_run *run, void *items) {
  const bool is_narrow = dn_has_narrow_keys(run->shape->key_type);
  run->items = items;
  run->narrow = is_narrow ? items : NULL;
  run->wide = is_narrow ? NULL : items;
}

static size_t item_bytes(const dn_sort_shape *shape) {
  return dn_has_narrow_keys(shape->key_type) ? sizeof(uint64_t) : sizeof(dn_wide_item);
}

/// Lines `begin ..< end`, each sorted as a whole.
static void sort_lines(void *context, int64_t begin, int64_t end) {
  sort_run run = *(const sort_run *)context;
  const int64_t count = run.shape->count;
  void *memory = dn_workspace_acquire(2 * (size_t)count * item_bytes(run.shape));
  if (memory == NULL) {
    atomic_store(run.has_failed, true);
    return;
  }
  give_memory_to(&run, memory);
  for (run.line = begin; run.line < end; run.line++) {
    dn_parallel(count, DN_WORTHWHILE_MOVES, extract, &run);
    if (run.narrow != NULL) dn_sort_items_packed(memory, (uint64_t *)memory + count, count);
    else dn_sort_items_wide(memory, (dn_wide_item *)memory + count, count);
    dn_parallel(run.taken, DN_WORTHWHILE_MOVES, move_elements, &run);
  }
  dn_workspace_release(memory);
}

/// The best of the pieces `begin ..< end` of a line, each piece's kept apart.
typedef struct piece_run {
  const sort_run *sort;
  int64_t pieces;
} piece_run;

static void keep_pieces(void *context, int64_t begin, int64_t end) {
  const piece_run *run = context;
  const sort_run *sort = run->sort;
  const dn_sort_shape *shape = sort->shape;
  const char *line = line_of(sort, sort->line);
  union {
    uint64_t narrow[DN_STRETCH];
    dn_wide_item wide[DN_STRETCH];
  } items;
  for (int64_t piece = begin; piece < end; piece++) {
    const int64_t last = dn_share_begin(shape->count, run->pieces, piece + 1);
    int64_t filled = 0;
    for (int64_t first = dn_share_begin(shape->count, run->pieces, piece); first < last; first += DN_STRETCH) {
      const int64_t count = last - first < DN_STRETCH ? last - first : DN_STRETCH;
      if (sort->narrow != NULL) {
        uint64_t *heap = (uint64_t *)sort->items + piece * sort->taken;
        dn_extract_packed(shape, line, shape->inner, first, count, items.narrow);
        filled = dn_keep_least_packed(heap, filled, sort->taken, items.narrow, count);
      } else {
        dn_wide_item *heap = (dn_wide_item *)sort->items + piece * sort->taken;
        dn_extract_wide(shape, line, shape->inner, first, count, items.wide);
        filled = dn_keep_least_wide(heap, filled, sort->taken, items.wide, count);
      }
    }
  }
}

/// Lines `begin ..< end`, of which only the best are kept.
static void keep_lines(void *context, int64_t begin, int64_t end) {
  sort_run run = *(const sort_run *)context;
  piece_run pieces = {&run, 1};
  // Every piece must be longer than what is kept of it.
  const int64_t grain = DN_WORTHWHILE_MOVES > run.taken ? DN_WORTHWHILE_MOVES : run.taken;
  if (end - begin == 1 || !dn_in_parallel()) pieces.pieces = dn_parallel_ranges(run.shape->count, grain);
  const int64_t kept = pieces.pieces * run.taken;
  void *memory = dn_workspace_acquire(2 * (size_t)kept * item_bytes(run.shape));
  if (memory == NULL) {
    atomic_store(run.has_failed, true);
    return;
  }
  give_memory_to(&run, memory);
  for (run.line = begin; run.line < end; run.line++) {
    dn_parallel(pieces.pieces, 1, keep_pieces, &pieces);
    if (run.narrow != NULL) dn_sort_unordered_packed(memory, (uint64_t *)memory + kept, kept);
    else dn_sort_unordered_wide(memory, (dn_wide_item *)memory + kept, kept);
    move_elements(&run, 0, run.taken);
  }
  dn_workspace_release(memory);
}

static int run_lines(sort_run *run, char *error, size_t error_capacity) {
  const dn_sort_shape *shape = run->shape;
  const int64_t lines = shape->outer * shape->inner;
  if (shape->count > INT32_MAX) return dn_fail(error, error_capacity, "sort: an axis is too long for int32 indices");
  if (lines <= 0 || run->taken <= 0) return 0;
  atomic_bool has_failed = false;
  run->has_failed = &has_failed;
  const dn_parallel_body body = run->taken > shape->count / 8 ? sort_lines : keep_lines;
  if (lines >= dn_thread_count()) dn_parallel(lines, DN_WORTHWHILE / shape->count + 1, body, run);
  else body(run, 0, lines);
  return has_failed ? dn_fail(error, error_capacity, "sort: no memory to work in") : 0;
}

int dn_sort(const dn_sort_shape *shape, int32_t tensors, const size_t *element_bytes, void *const *sources,
            void *const *results, int32_t *order, char *error, size_t error_capacity) {
  sort_run run = {.shape = shape, .tensors = tensors, .element_bytes = element_bytes, .sources = sources};
  run.results = results;
  run.order = order;
  run.taken = shape->count;
  return run_lines(&run, error, error_capacity);
}

int dn_top(const dn_sort_shape *shape, int64_t taken, const void *source, void *values, int32_t *indices, char *error,
           size_t error_capacity) {
  const size_t bytes = dn_type_size(shape->key_type);
  void *const sources[] = {(void *)source}, *const results[] = {values};
  sort_run run = {.shape = shape, .tensors = 1, .element_bytes = &bytes, .sources = sources, .results = results};
  run.order = indices;
  run.taken = taken;
  return run_lines(&run, error, error_capacity);
}
