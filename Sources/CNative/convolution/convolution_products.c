#include <stdatomic.h>
#include <string.h>

#include "convolution_columns.h"
#include "convolution_internal.h"
#include "failure.h"
#include "memory/workspace.h"
#include "parallel.h"
#include "products.h"
#include "threads/threads.h"

typedef struct task {
  const dn_convolution_shape *shape;
  dn_convolution_direction direction;
  const char *a, *b;
  char *result, *scratch;
  size_t size, scratch_each;
  /// Output positions through the batch, of which `tile` are handled at a time.
  int64_t positions, tile, width, workers;
  atomic_bool failed;
} task;

static int64_t positions_per_image(const dn_convolution_shape *s) { return s->output[0] * s->output[1] * s->output[2]; }

bool dn_convolution_is_pointwise(const dn_convolution_shape *s) {
  for (int axis = 0; axis < s->rank; axis++) {
    if (s->kernel[axis] != 1 || s->stride[axis] != 1 || s->pad_low[axis] != 0 || s->pad_high[axis] != 0) return false;
  }
  return s->groups == 1;
}

/// Rows enough for an efficient product and few enough for the cache.
static int64_t rows_per_tile(const dn_convolution_shape *s) {
  int64_t rows = 262144 / dn_columns_width(s), positions = s->batch * positions_per_image(s);
  rows = rows < 64 ? 64 : rows > 2048 ? 2048 : rows;
  return rows < positions ? rows : positions;
}

static int64_t workers(dn_convolution_direction direction, const dn_convolution_shape *s) {
  // Only whole images can be worked on apart when results are added into the input.
  if (direction == DN_CONV_BACKWARD_INPUT) return dn_parallel_ranges(s->batch, 1);
  return dn_parallel_ranges(s->batch * positions_per_image(s), 32);
}

static size_t scratch_each(dn_convolution_direction direction, const dn_convolution_shape *s) {
  int64_t elements = rows_per_tile(s) * dn_columns_width(s);
  if (direction == DN_CONV_BACKWARD_WEIGHTS) elements += dn_columns_width(s) * s->output_channels;
  return ((size_t)elements * dn_type_size(s->type) + 4095) / 4096 * 4096;
}

size_t dn_convolution_products_scratch(dn_convolution_direction direction, const dn_convolution_shape *shape) {
  return dn_convolution_is_pointwise(shape) ? 0 : scratch_each(direction, shape) * (size_t)workers(direction, shape);
}

static void forward(task *task, int64_t begin, int64_t end, char *columns) {
  const dn_convolution_shape *s = task->shape;
  int64_t outputs = s->output_channels / s->groups;
  for (int64_t group = 0; group < s->groups; group++) {
    dn_columns_gather(s, group, begin, end, task->a, columns);
    size_t offset = (size_t)(group * outputs) * task->size;
    char *result = task->result + (size_t)(begin * s->output_channels) * task->size + offset;
    if (dn_gemm(s->type, false, false, end - begin, outputs, task->width, 1, columns, task->width, task->b + offset,
                s->output_channels, 0, result, s->output_channels, NULL, 0)) {
      atomic_store(&task->failed, true);
    }
  }
}

static void backward_input(task *task, int64_t begin, int64_t end, char *columns) {
  const dn_convolution_shape *s = task->shape;
  int64_t outputs = s->output_channels / s->groups;
  for (int64_t group = 0; group < s->groups; group++) {
    size_t offset = (size_t)(group * outputs) * task->size;
    const char *cotangent = task->a + (size_t)(begin * s->output_channels) * task->size + offset;
    if (dn_gemm(s->type, false, true, end - begin, task->width, outputs, 1, cotangent, s->output_channels,
                task->b + offset, s->output_channels, 0, columns, task->width, NULL, 0)) {
      atomic_store(&task->failed, true);
      return;
    }
    dn_columns_scatter_add(s, group, begin, end, columns, task->result);
  }
}

static void backward_weights(task *task, int64_t begin, int64_t end, bool first, char *columns, char *sums) {
  const dn_convolution_shape *s = task->shape;
  int64_t outputs = s->output_channels / s->groups;
  for (int64_t group = 0; group < s->groups; group++) {
    dn_columns_gather(s, group, begin, end, task->a, columns);
    size_t offset = (size_t)(group * outputs) * task->size;
    const char *cotangent = task->b + (size_t)(begin * s->output_channels) * task->size + offset;
    if (dn_gemm(s->type, true, false, task->width, outputs, end - begin, 1, columns, task->width, cotangent,
                s->output_channels, first ? 0 : 1, sums + offset, s->output_channels, NULL, 0)) {
      atomic_store(&task->failed, true);
    }
  }
}

/// Where a worker sums the weights' cotangent: the first in the result, the others next to their columns.
static char *sums_of(const task *task, int64_t worker) {
  if (worker == 0) return task->result;
  return task->scratch + (size_t)worker * task->scratch_each + (size_t)(task->tile * task->width) * task->size;
}

static void work(void *context, int64_t worker_begin, int64_t worker_end) {
  task *task = context;
  const dn_convolution_shape *s = task->shape;
  bool by_image = task->direction == DN_CONV_BACKWARD_INPUT;
  for (int64_t worker = worker_begin; worker < worker_end; worker++) {
    char *columns = task->scratch + (size_t)worker * task->scratch_each;
    int64_t unit = by_image ? positions_per_image(s) : 1, units = task->positions / unit;
    int64_t begin = dn_share_begin(units, task->workers, worker);
    int64_t end = dn_share_begin(units, task->workers, worker + 1);
    if (by_image) {
      size_t image = (size_t)(s->input[0] * s->input[1] * s->input[2] * s->input_channels) * task->size;
      memset(task->result + (size_t)begin * image, 0, (size_t)(end - begin) * image);
    }
    begin *= unit;
    end *= unit;
    for (int64_t tile = begin; tile < end; tile += task->tile) {
      int64_t stop = end - tile < task->tile ? end : tile + task->tile;
      switch (task->direction) {
      case DN_CONV_FORWARD: forward(task, tile, stop, columns); break;
      case DN_CONV_BACKWARD_INPUT: backward_input(task, tile, stop, columns); break;
      case DN_CONV_BACKWARD_WEIGHTS:
        backward_weights(task, tile, stop, tile == begin, columns, sums_of(task, worker));
        break;
      }
    }
  }
}

static void add_sums(void *context, int64_t begin, int64_t end) {
  task *task = context;
  for (int64_t worker = 1; worker < task->workers; worker++) {
    size_t offset = (size_t)begin * task->size;
    dn_add_elements(task->shape->type, task->result + offset, sums_of(task, worker) + offset, end - begin);
  }
}

dn_products dn_convolution_pointwise_product(dn_convolution_direction direction, const dn_convolution_shape *s) {
  int64_t rows = s->batch * positions_per_image(s), in = s->input_channels, out = s->output_channels;
  dn_products p = {.type = s->type, .m = rows, .n = out, .k = in, .lda = in, .ldb = out, .ldc = out, .batch = 1};
  if (direction == DN_CONV_BACKWARD_INPUT) {
    p.transpose_b = true;
    p.n = p.ldc = in;
    p.k = p.lda = out;
  } else if (direction == DN_CONV_BACKWARD_WEIGHTS) {
    p.transpose_a = true;
    p.m = in;
    p.k = rows;
  }
  return p;
}

int dn_convolution_products(dn_convolution_direction direction, const dn_convolution_shape *shape, const void *a,
                            const void *b, void *result, char *error, size_t error_capacity) {
  task task = {
    .shape = shape, .direction = direction, .a = a, .b = b, .result = result, .size = dn_type_size(shape->type),
    .scratch_each = scratch_each(direction, shape), .positions = shape->batch * positions_per_image(shape),
    .tile = rows_per_tile(shape), .width = dn_columns_width(shape), .workers = workers(direction, shape),
  };
  size_t bytes = task.scratch_each * (size_t)task.workers;
  task.scratch = dn_workspace_acquire(bytes);
  if (task.scratch == NULL) {
    return dn_fail(error, error_capacity, "convolution: no memory left for %zu bytes of working space", bytes);
  }
  dn_parallel(task.workers, 1, work, &task);
  if (direction == DN_CONV_BACKWARD_WEIGHTS && task.workers > 1) {
    dn_parallel(task.width * shape->output_channels, 16384, add_sums, &task);
  }
  dn_workspace_release(task.scratch);
  return atomic_load(&task.failed) ? dn_fail(error, error_capacity, "convolution: a matrix product failed") : 0;
}
