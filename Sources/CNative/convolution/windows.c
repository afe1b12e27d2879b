#include "windows.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "allocation.h"
#include "failure.h"
#include "memory/workspace.h"
#include "parallel.h"
#include "windows_internal.h"

// Not oneDNN's pooling: in versions 2.6 and 3.2 its maximum drops NaN and turns −∞ into the least finite number, so
// that a network that has gone wrong would look sound.

static int check_axis(const dn_window_shape *s, int axis, char *error, size_t capacity) {
  long long input = s->input[axis], window = s->window[axis], output = s->output[axis], stride = s->stride[axis];
  long long dilation = s->dilation[axis], low = s->pad_low[axis], high = s->pad_high[axis];
  const long long limit = (long long)1 << 30;
  if (input < 0 || window < 1 || stride < 1 || dilation < 1 || input > limit || window > limit || stride > limit ||
      dilation > limit || llabs(low) > limit || llabs(high) > limit) {
    return dn_fail(error, capacity,
                   "window: spatial axis %d: input %lld, window %lld, stride %lld, dilation %lld, padding %lld and "
                   "%lld: window, stride and dilation may not be below 1, and none above 2^30",
                   axis, input, window, stride, dilation, low, high);
  }
  long long room = input + low + high - dilation * (window - 1) - 1;
  long long wanted = room < 0 ? 0 : room / stride + 1;
  if (output != wanted) {
    return dn_fail(error, capacity,
                   "window: spatial axis %d: output %lld where input %lld, window %lld, stride %lld, dilation %lld, "
                   "padding %lld and %lld give %lld",
                   axis, output, input, window, stride, dilation, low, high, wanted);
  }
  return 0;
}

static int check(const dn_window_shape *s, char *error, size_t capacity) {
  if (s->type != DN_F32 && s->type != DN_F64) {
    return dn_fail(error, capacity, "window: float32 or float64 wanted, %s given", dn_type_name(s->type));
  }
  if (s->rank < 1 || s->rank > 3) {
    return dn_fail(error, capacity, "window: 1 to 3 spatial axes wanted, %d given", (int)s->rank);
  }
  if (s->batch < 0 || s->channels < 0) {
    return dn_fail(error, capacity, "window: batch %lld, channels %lld", (long long)s->batch, (long long)s->channels);
  }
  for (int axis = 0; axis < s->rank; axis++) {
    if (check_axis(s, axis, error, capacity)) return 1;
  }
  return 0;
}

/// The shape with axes of size 1 put in front of the spatial axes.
static dn_window_shape with_rank_3(const dn_window_shape *shape) {
  dn_window_shape full = *shape;
  full.rank = 3;
  int extra = 3 - shape->rank;
  for (int axis = 0; axis < 3; axis++) {
    int from = axis - extra;
    full.input[axis] = from < 0 ? 1 : shape->input[from];
    full.window[axis] = from < 0 ? 1 : shape->window[from];
    full.output[axis] = from < 0 ? 1 : shape->output[from];
    full.stride[axis] = from < 0 ? 1 : shape->stride[from];
    full.dilation[axis] = from < 0 ? 1 : shape->dilation[from];
    full.pad_low[axis] = from < 0 ? 0 : shape->pad_low[from];
    full.pad_high[axis] = from < 0 ? 0 : shape->pad_high[from];
  }
  return full;
}

typedef struct task {
  dn_window_operation operation;
  dn_window_shape shape;
  const dn_window_kernels *kernels;
  const void *a, *b;
  void *result, *places;
  size_t size;
  atomic_bool failed;
} task;

static void run_lines(void *context, int64_t begin, int64_t end) {
  task *task = context;
  const dn_window_shape *s = &task->shape;
  size_t lines = (size_t)((s->input[2] + s->output[2]) * s->channels) * task->size;
  void *scratch = dn_allocate(lines + 2 * DN_WINDOW_SLACK);
  if (scratch == NULL) {
    atomic_store(&task->failed, true);
    return;
  }
  // Surplus lanes read the slack, which holds numbers only to keep them harmless.
  memset(scratch, 0, lines + 2 * DN_WINDOW_SLACK);
  if (task->operation == DN_SELECT_AND_SCATTER_ADD) {
    task->kernels->collect(s, task->places, task->b, task->result, begin, end, scratch);
  } else if (task->operation == DN_WINDOW_SUM_TRANSPOSE) {
    task->kernels->spread(s, task->a, task->result, begin, end, scratch);
  } else {
    task->kernels->reduce(task->operation, s, task->a, task->result, begin, end, scratch);
  }
  dn_free(scratch);
}

static void choose_lines(void *context, int64_t begin, int64_t end) {
  task *task = context;
  bool gather = task->operation == DN_SELECT_AND_GATHER_ADD;
  void *result = gather ? task->result : task->places;
  task->kernels->choose(&task->shape, task->a, gather ? task->b : NULL, result, begin, end);
}

static void run_tiles(void *context, int64_t begin, int64_t end) {
  task *task = context;
  bool all = task->operation == DN_WINDOW_SUM_TRANSPOSE;
  task->kernels->tiles(&task->shape, all ? NULL : task->a, all ? task->a : task->b, task->result, begin, end);
}

/// True where windows lie side by side without padding or dilation; `whole` tells whether every input is in one.
static bool lie_side_by_side(const dn_window_shape *s, bool *whole) {
  *whole = true;
  for (int axis = 0; axis < 3; axis++) {
    if (s->window[axis] != s->stride[axis] || s->dilation[axis] != 1 || s->pad_low[axis] != 0 ||
        s->output[axis] * s->window[axis] > s->input[axis]) {
      return false;
    }
    *whole &= s->output[axis] * s->window[axis] == s->input[axis];
  }
  return true;
}

int dn_window_run(dn_window_operation operation, const dn_window_shape *shape, const void *a, const void *b,
                  void *result, char *error, size_t error_capacity) {
  if ((unsigned)operation > DN_SELECT_AND_GATHER_ADD) {
    return dn_fail(error, error_capacity, "window: no such operation: %d", (int)operation);
  }
  if (check(shape, error, error_capacity)) return 1;
  task task = {.operation = operation, .shape = with_rank_3(shape), .a = a, .b = b, .result = result};
  const dn_window_shape *s = &task.shape;
  task.size = dn_type_size(s->type);
  task.kernels = dn_window_kernels_for(s->type, s->channels * (int64_t)task.size);
  int64_t lines = s->batch * s->output[0] * s->output[1], line = s->output[2] * s->channels;
  int64_t input_lines = s->batch * s->input[0] * s->input[1], input_line = s->input[2] * s->channels;
  bool back = operation == DN_WINDOW_SUM_TRANSPOSE || operation == DN_SELECT_AND_SCATTER_ADD;
  if ((back ? input_lines * input_line : lines * line) == 0) return 0;

  int64_t work = (line + input_line) * s->window[0] * s->window[1];
  int64_t grain = 32768 / (work + 1) + 1;
  bool whole;
  if (back && lie_side_by_side(s, &whole)) {
    if (!whole) memset(result, 0, (size_t)(input_lines * input_line) * task.size);
    dn_parallel(lines, grain, run_tiles, &task);
  } else if (operation == DN_SELECT_AND_SCATTER_ADD) {
    // The choices first and then a sum for each input, rather than adding at each choice: windows that overlap would
    // keep two threads from working on one image.
    task.places = dn_workspace_acquire((size_t)(lines * line) * task.size + DN_WINDOW_SLACK);
    if (task.places == NULL) return dn_fail(error, error_capacity, "window: no memory left for the choices");
    dn_parallel(lines, grain, choose_lines, &task);
    dn_parallel(input_lines, grain, run_lines, &task);
    dn_workspace_release(task.places);
  } else if (operation == DN_SELECT_AND_GATHER_ADD) {
    dn_parallel(lines, grain, choose_lines, &task);
  } else {
    dn_parallel(back ? input_lines : lines, grain, run_lines, &task);
  }
  return atomic_load(&task.failed) ? dn_fail(error, error_capacity, "window: no memory left for a few lines") : 0;
}
