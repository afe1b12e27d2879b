#include <stdatomic.h>
#include <string.h>

#include "failure.h"
#include "indexing_internal.h"
#include "memory/workspace.h"
#include "parallel.h"
#include "sorting_internal.h"

/// Bytes, or elements that lie anywhere, below which a range is not worth a thread of its own.
enum { DN_WORTHWHILE_BYTES = 131072, DN_WORTHWHILE_ELEMENTS = 16384 };

typedef struct scatter_run {
  const dn_index_geometry *geometry;
  dn_index_rows rows;
  dn_scatter_kind kind;
  dn_type type;
  int64_t size;
  const char *tensor, *indices, *updates;
  char *result;
  dn_fold_rows fold;
  /// What belongs to the batch at hand: where it begins, its places in the order of their windows, and where each group
  /// of equal windows begins among them.
  int64_t batch;
  int64_t *offsets;
  uint64_t *order;
  int64_t *groups;
  int64_t group_count;
  atomic_bool *has_failed;
} scatter_run;

// MARK: The tensor

static void copy_range(void *context, int64_t begin, int64_t end) {
  const scatter_run *run = context;
  memcpy(run->result + begin, run->tensor + begin, (size_t)(end - begin));
}

/// Writes one element over and over, from a block that is filled by doubling.
static void fill_range(void *context, int64_t begin, int64_t end) {
  const scatter_run *run = context;
  char block[4096];
  memcpy(block, run->tensor, (size_t)run->size);
  for (size_t filled = (size_t)run->size; filled < sizeof block; filled *= 2) memcpy(block + filled, block, filled);
  const int64_t last = end * run->size;
  for (int64_t at = begin * run->size; at < last; at += (int64_t)sizeof block) {
    const int64_t left = last - at;
    memcpy(run->result + at, block, left < (int64_t)sizeof block ? (size_t)left : sizeof block);
  }
}

// MARK: Windows that meet no other one, or may share parts

/// The rows of one place's window, in its batch.
static void fold_place(const scatter_run *run, int64_t batch, int64_t place, int64_t begin, int64_t end) {
  const dn_index_geometry *g = run->geometry;
  const dn_index_rows *rows = &run->rows;
  int64_t offset;
  dn_index_offsets(g, run->indices, batch * g->places + place, 1, &offset);
  if (offset < 0) return;
  for (int64_t i = begin; i < end; i++) {
    const int64_t outer = i / rows->rows, row = i % rows->rows;
    const int64_t target = batch * g->batch_elements + offset + dn_index_loop_offset(&g->before, outer) +
                           dn_index_loop_offset(&rows->row_loop, row);
    const int64_t source = ((batch * rows->before + outer) * g->places + place) * rows->after + row * rows->run;
    const dn_fold_list list = {run->updates + source * run->size, 0, NULL, 1};
    run->fold(run->kind, run->result + target * run->size, &list, rows->run);
  }
}

/// Batches `begin ..< end`, each place after the other.
static void fold_batches(void *context, int64_t begin, int64_t end) {
  const scatter_run *run = context;
  for (int64_t batch = begin; batch < end; batch++) {
    for (int64_t place = 0; place < run->geometry->places; place++) {
      fold_place(run, batch, place, 0, run->rows.before * run->rows.rows);
    }
  }
}

/// Rows `begin ..< end` of the only place of the only batch.
static void fold_single(void *context, int64_t begin, int64_t end) { fold_place(context, 0, 0, begin, end); }

// MARK: Single elements

typedef struct element_run {
  const scatter_run *scatter;
  dn_fold_elements fold;
  int64_t batch;
  /// An accumulator for each element of the batch, or NULL.
  double *sums;
} element_run;

/// Targets `begin ..< end` of a batch: every thread looks through all indices for those in its range.
static void fold_targets(void *context, int64_t begin, int64_t end) {
  const element_run *run = context;
  const scatter_run *scatter = run->scatter;
  const dn_index_geometry *g = scatter->geometry;
  float *elements = (float *)(scatter->result + run->batch * g->batch_elements * scatter->size);
  if (run->sums != NULL) {
    for (int64_t i = begin; i < end; i++) run->sums[i] = (double)elements[i];
  }
  int64_t targets[DN_INDEX_BLOCK];
  for (int64_t first = 0; first < g->places; first += DN_INDEX_BLOCK) {
    const int64_t count = g->places - first < DN_INDEX_BLOCK ? g->places - first : DN_INDEX_BLOCK;
    const int64_t vector = run->batch * g->places + first;
    dn_index_offsets(g, scatter->indices, vector, count, targets);
    run->fold(scatter->kind, elements, run->sums, scatter->updates + vector * scatter->size, targets, count, begin,
              end);
  }
  if (run->sums != NULL) {
    for (int64_t i = begin; i < end; i++) elements[i] = (float)run->sums[i];
  }
}

/// Batches `begin ..< end` of single elements, with accumulators where sums of many would round each time.
static void fold_element_batches(void *context, int64_t begin, int64_t end) {
  scatter_run *run = context;
  const int64_t count = run->geometry->batch_elements;
  const bool is_sum = run->kind == DN_SCATTER_ADD || run->kind == DN_SCATTER_MULTIPLY;
  element_run elements = {run, dn_fold_elements_for(run->kind, run->type), begin, NULL};
  if (is_sum && run->type == DN_F32) {
    elements.sums = dn_workspace_acquire((size_t)count * sizeof(double));
    if (elements.sums == NULL) {
      atomic_store(run->has_failed, true);
      return;
    }
  }
  int64_t grain = count;
  if (run->geometry->places >= DN_WORTHWHILE_ELEMENTS) grain = count / dn_thread_count() + 1;
  for (; elements.batch < end; elements.batch++) dn_parallel(count, grain, fold_targets, &elements);
  if (elements.sums != NULL) dn_workspace_release(elements.sums);
}

// MARK: Rows

/// The updates of some groups of equal windows, for some columns of each row.
static void fold_groups(void *context, int64_t begin, int64_t end) {
  const scatter_run *run = context;
  const dn_index_geometry *g = run->geometry;
  const dn_index_rows *rows = &run->rows;
  const int64_t stretch = 128, stretches = (rows->run + stretch - 1) / stretch;
  // Groups are the innermost loop: a window that is met much oftener than others is shared out by its columns.
  for (int64_t unit = begin; unit < end; unit++) {
    const int64_t group = unit % run->group_count, part = unit / run->group_count;
    const int64_t column = part % stretches * stretch, row = part / stretches % rows->rows;
    const int64_t outer = part / stretches / rows->rows;
    const int64_t first = run->groups[group], count = run->groups[group + 1] - first;
    const int64_t offset = run->offsets[run->order[first] & 0xffffffffu];
    const int64_t target = run->batch * g->batch_elements + offset + column + dn_index_loop_offset(&g->before, outer) +
                           dn_index_loop_offset(&rows->row_loop, row);
    const int64_t source =
        (run->batch * rows->before + outer) * g->places * rows->after + row * rows->run + column;
    const dn_fold_list list = {run->updates + source * run->size, rows->after * run->size, run->order + first, count};
    const int64_t columns = rows->run - column < stretch ? rows->run - column : stretch;
    run->fold(run->kind, run->result + target * run->size, &list, columns);
  }
}

/// Brings a batch's places into the order of their windows, those of one window in their own order; drops those outside.
static void group_places(scatter_run *run, uint64_t *spare) {
  const dn_index_geometry *g = run->geometry;
  int64_t divisor = 0;
  for (int32_t n = 0; n < g->numbers; n++) {
    if (g->limits[n] > 0 && (divisor == 0 || g->strides[n] < divisor)) divisor = g->strides[n];
  }
  if (divisor == 0) divisor = 1;
  dn_index_offsets(g, run->indices, run->batch * g->places, g->places, run->offsets);
  int64_t count = 0;
  for (int64_t place = 0; place < g->places; place++) {
    if (run->offsets[place] < 0) continue;
    run->order[count++] = (uint64_t)(run->offsets[place] / divisor) << 32 | (uint64_t)place;
  }
  dn_sort_items_packed(run->order, spare, count);
  run->group_count = 0;
  for (int64_t i = 0; i < count; i++) {
    const bool is_first = i == 0 || run->order[i] >> 32 != run->order[i - 1] >> 32;
    if (is_first) run->groups[run->group_count++] = i;
  }
  run->groups[run->group_count] = count;
}

/// Batches `begin ..< end` of windows that are rows.
static void fold_row_batches(void *context, int64_t begin, int64_t end) {
  scatter_run run = *(const scatter_run *)context;
  const dn_index_rows *rows = &run.rows;
  const int64_t places = run.geometry->places;
  char *memory = dn_workspace_acquire((size_t)(places * 4 + 1) * sizeof(int64_t));
  if (memory == NULL) {
    atomic_store(run.has_failed, true);
    return;
  }
  run.offsets = (int64_t *)memory;
  run.order = (uint64_t *)(run.offsets + places);
  uint64_t *spare = run.order + places;
  run.groups = (int64_t *)(spare + places);
  for (run.batch = begin; run.batch < end; run.batch++) {
    group_places(&run, spare);
    if (run.group_count == 0) continue;
    const int64_t units = run.group_count * ((rows->run + 127) / 128) * rows->rows * rows->before;
    const int64_t bytes = places * rows->after * rows->before * run.size / units + 1;
    dn_parallel(units, DN_WORTHWHILE_BYTES / bytes + 1, fold_groups, &run);
  }
  dn_workspace_release(memory);
}

int dn_scatter(const dn_index_geometry *g, dn_scatter_kind kind, dn_type type, const void *tensor, bool is_repeated,
               const void *indices, const void *updates, void *result, char *error, size_t error_capacity) {
  scatter_run run = {.geometry = g, .rows = dn_index_rows_of(g), .kind = kind, .type = type};
  atomic_bool has_failed = false;
  run.has_failed = &has_failed;
  run.size = (int64_t)dn_type_size(type);
  run.tensor = tensor;
  run.indices = indices;
  run.updates = updates;
  run.result = result;
  run.fold = dn_fold_rows_for(kind, type);
  const dn_fold_elements fold_elements = dn_fold_elements_for(kind, type);
  if (run.fold == NULL || fold_elements == NULL) {
    return dn_fail(error, error_capacity, "scatter: no such combination of %s", dn_type_name(type));
  }
  const int64_t count = g->batch * g->batch_elements;
  if (is_repeated) dn_parallel(count, DN_WORTHWHILE_BYTES / run.size, fill_range, &run);
  else if (tensor != result) dn_parallel(count * run.size, DN_WORTHWHILE_BYTES, copy_range, &run);
  const int64_t elements = run.rows.before * run.rows.after;
  if (count == 0 || g->places == 0 || elements == 0) return 0;

  const int64_t batch_grain = DN_WORTHWHILE_ELEMENTS / (g->places * elements) + 1;
  // The low 32 bits of a sorted number hold a place, the high ones a window.
  const bool is_too_long = g->places > INT32_MAX || g->batch_elements > UINT32_MAX;
  if (g->places == 1 && g->batch == 1) {
    const int64_t grain = DN_WORTHWHILE_BYTES / (run.rows.run * run.size) + 1;
    dn_parallel(run.rows.before * run.rows.rows, grain, fold_single, &run);
  } else if (g->places == 1 || g->overlaps || is_too_long) {
    dn_parallel(g->batch, batch_grain, fold_batches, &run);
  } else {
    const bool is_dense = elements == 1 && g->batch_elements <= 32 * g->places;
    const dn_parallel_body body = is_dense ? fold_element_batches : fold_row_batches;
    if (g->batch >= 2 * dn_thread_count()) dn_parallel(g->batch, batch_grain, body, &run);
    else body(&run, 0, g->batch);
  }
  return has_failed ? dn_fail(error, error_capacity, "scatter: no memory to work in") : 0;
}
