#include "convolution.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "convolution_internal.h"
#include "doors/onednn.h"
#include "failure.h"
#include "parallel.h"
#include "threads/threads.h"

struct dn_convolution {
  dn_convolution_direction direction;
  /// The shape with axes of size 1 put in front of the spatial axes, up to rank 3.
  dn_convolution_shape shape;
  /// Where a size is zero there is nothing to sum: the result is empty or zero.
  bool empty;
  size_t result_bytes;
  dn_convolution_way way;
  dn_onednn_plan *plan;
  /// The product that a pointwise convolution is.
  dn_products product;
  pthread_mutex_t turn;
};

// MARK: Checking

static int check_axis(const dn_convolution_shape *s, int axis, char *error, size_t capacity) {
  long long input = s->input[axis], kernel = s->kernel[axis], output = s->output[axis], stride = s->stride[axis];
  long long dilation = s->dilation[axis], low = s->pad_low[axis], high = s->pad_high[axis];
  const long long limit = (long long)1 << 40;
  if (input < 0 || kernel < 0 || stride < 1 || dilation < 1 || input > limit || kernel > limit || stride > limit ||
      dilation > limit || llabs(low) > limit || llabs(high) > limit || (kernel > 0 && dilation > limit / kernel)) {
    return dn_fail(error, capacity,
                   "convolution: spatial axis %d: input %lld, kernel %lld, stride %lld, dilation %lld, padding %lld "
                   "and %lld: sizes may not be negative, stride and dilation not below 1, and none may be above 2^40",
                   axis, input, kernel, stride, dilation, low, high);
  }
  long long room = input + low + high - (kernel > 0 ? dilation * (kernel - 1) + 1 : 0);
  long long wanted = room < 0 ? 0 : room / stride + 1;
  if (kernel > 0 && output != wanted) {
    return dn_fail(error, capacity,
                   "convolution: spatial axis %d: output %lld where input %lld, kernel %lld, stride %lld, dilation "
                   "%lld, padding %lld and %lld give %lld",
                   axis, output, input, kernel, stride, dilation, low, high, wanted);
  }
  return output < 0 ? dn_fail(error, capacity, "convolution: spatial axis %d: output %lld", axis, output) : 0;
}

int dn_convolution_check(dn_convolution_direction direction, const dn_convolution_shape *s, char *error, size_t capacity) {
  if ((unsigned)direction > DN_CONV_BACKWARD_WEIGHTS) {
    return dn_fail(error, capacity, "convolution: no such direction: %d", (int)direction);
  }
  if (s->type != DN_F32 && s->type != DN_F64) {
    return dn_fail(error, capacity, "convolution: float32 or float64 wanted, %s given", dn_type_name(s->type));
  }
  if (s->rank < 1 || s->rank > 3) {
    return dn_fail(error, capacity, "convolution: 1 to 3 spatial axes wanted, %d given", (int)s->rank);
  }
  if (s->batch < 0 || s->input_channels < 0 || s->output_channels < 0 || s->groups < 1 ||
      s->input_channels % s->groups != 0 || s->output_channels % s->groups != 0) {
    return dn_fail(error, capacity,
                   "convolution: batch %lld, %lld to %lld channels, %lld groups: the groups have to divide the "
                   "channels",
                   (long long)s->batch, (long long)s->input_channels, (long long)s->output_channels,
                   (long long)s->groups);
  }
  for (int axis = 0; axis < s->rank; axis++) {
    if (check_axis(s, axis, error, capacity)) return 1;
  }
  return 0;
}

static int count_elements(int64_t *count, int64_t first, int64_t second, const int64_t *spatial) {
  int overflow = __builtin_mul_overflow(first, second, count);
  for (int axis = 0; axis < 3; axis++) overflow |= __builtin_mul_overflow(*count, spatial[axis], count);
  return overflow || *count > (int64_t)1 << 60;
}

static dn_convolution_shape with_rank_3(const dn_convolution_shape *shape) {
  dn_convolution_shape full = *shape;
  full.rank = 3;
  int extra = 3 - shape->rank;
  for (int axis = 0; axis < 3; axis++) {
    int from = axis - extra;
    full.input[axis] = from < 0 ? 1 : shape->input[from];
    full.kernel[axis] = from < 0 ? 1 : shape->kernel[from];
    full.output[axis] = from < 0 ? 1 : shape->output[from];
    full.stride[axis] = from < 0 ? 1 : shape->stride[from];
    full.dilation[axis] = from < 0 ? 1 : shape->dilation[from];
    full.pad_low[axis] = from < 0 ? 0 : shape->pad_low[from];
    full.pad_high[axis] = from < 0 ? 0 : shape->pad_high[from];
  }
  return full;
}

// MARK: oneDNN

/// Describes `[batch, spatial…, channels]` in the library's order of axes: batch, channels, spatial.
static int describe_activations(void **memory, const dn_convolution_shape *s, const int64_t *spatial,
                                int64_t channels, bool any) {
  int64_t sizes[5] = {s->batch, channels}, strides[5] = {0, 1}, distance = channels;
  for (int axis = s->rank - 1; axis >= 0; axis--) {
    sizes[2 + axis] = spatial[axis];
    strides[2 + axis] = distance;
    distance *= spatial[axis];
  }
  strides[0] = distance;
  return dn_onednn_loaded()->describe(memory, s->rank + 2, sizes, any ? NULL : strides);
}

/// Describes `[kernel…, input, groups · output]` in the library's order: groups if any, output, input, spatial.
static int describe_weights(void **memory, const dn_convolution_shape *s, bool any) {
  int64_t sizes[6], strides[6], outputs = s->output_channels / s->groups, inputs = s->input_channels / s->groups;
  int first = 0;
  if (s->groups > 1) {
    sizes[0] = s->groups;
    strides[0] = outputs;
    first = 1;
  }
  sizes[first] = outputs;
  strides[first] = 1;
  sizes[first + 1] = inputs;
  strides[first + 1] = s->output_channels;
  int64_t distance = s->output_channels * inputs;
  for (int axis = s->rank - 1; axis >= 0; axis--) {
    sizes[first + 2 + axis] = s->kernel[axis];
    strides[first + 2 + axis] = distance;
    distance *= s->kernel[axis];
  }
  return dn_onednn_loaded()->describe(memory, s->rank + 2 + first, sizes, any ? NULL : strides);
}

// oneDNN has no float64, and no padding beyond the kernel's reach.
bool dn_convolution_onednn_handles(const dn_convolution_shape *s) {
  if (s->type != DN_F32 || dn_onednn_loaded() == NULL) return false;
  for (int axis = 0; axis < s->rank; axis++) {
    int64_t reach = s->dilation[axis] * (s->kernel[axis] - 1) + 1;
    if (s->pad_low[axis] < 0 || s->pad_high[axis] < 0 || s->pad_low[axis] >= reach || s->pad_high[axis] >= reach) {
      return false;
    }
    if (s->input[axis] > INT32_MAX || s->output[axis] > INT32_MAX || reach > INT32_MAX) return false;
  }
  return true;
}

/// With sums taken directly, the weights, which are few, are laid out as the library likes in every run: measured over
/// LeNet's and ResNet's shapes, that is never much slower than the caller's layout and up to twenty times faster.
static dn_onednn_plan *make_plan(dn_convolution_way way, dn_convolution_direction direction,
                                 const dn_convolution_shape *s) {
  const dn_onednn_dialect *dialect = dn_onednn_loaded();
  dn_onednn_window window;
  for (int axis = 0; axis < 3; axis++) {
    window.stride[axis] = s->stride[axis];
    window.dilation[axis] = s->dilation[axis] - 1;
    window.pad_low[axis] = s->pad_low[axis];
    window.pad_high[axis] = s->pad_high[axis];
  }
  enum { INPUT, OUTPUT, WEIGHTS, ANY_INPUT, ANY_OUTPUT, ANY_WEIGHTS, LAYOUTS };
  void *layouts[LAYOUTS] = {NULL};
  int failed = describe_activations(&layouts[INPUT], s, s->input, s->input_channels, false) ||
               describe_activations(&layouts[OUTPUT], s, s->output, s->output_channels, false) ||
               describe_weights(&layouts[WEIGHTS], s, false) ||
               describe_activations(&layouts[ANY_INPUT], s, s->input, s->input_channels, true) ||
               describe_activations(&layouts[ANY_OUTPUT], s, s->output, s->output_channels, true) ||
               describe_weights(&layouts[ANY_WEIGHTS], s, true);
  bool any = way != DN_CONVOLUTION_DIRECT, winograd = way == DN_CONVOLUTION_WINOGRAD;
  dn_onednn_algorithm algorithm = winograd ? DN_DNNL_CONVOLUTION_WINOGRAD : DN_DNNL_CONVOLUTION_DIRECT;
  dnnl_primitive_desc_t descriptor = NULL;
  dn_onednn_plan *plan = NULL;
  dn_threads_prepare();
  const dn_onednn_direction directions[] = {
    [DN_CONV_FORWARD] = DN_ONEDNN_DESTINATION,
    [DN_CONV_BACKWARD_INPUT] = DN_ONEDNN_SOURCE_GRADIENT,
    [DN_CONV_BACKWARD_WEIGHTS] = DN_ONEDNN_WEIGHT_GRADIENT,
  };
  if (!failed && !dialect->convolution(&descriptor, directions[direction], algorithm, layouts[any ? ANY_INPUT : INPUT],
                                       layouts[ANY_WEIGHTS], layouts[any ? ANY_OUTPUT : OUTPUT], &window,
                                       dn_onednn_attributes(), dn_onednn_engine())) {
    const dn_onednn_operand operands[3][3] = {
      [DN_CONV_FORWARD] = {{DN_DNNL_ARG_SRC, layouts[INPUT], false},
                           {DN_DNNL_ARG_WEIGHTS, layouts[WEIGHTS], false},
                           {DN_DNNL_ARG_DST, layouts[OUTPUT], true}},
      [DN_CONV_BACKWARD_INPUT] = {{DN_DNNL_ARG_DIFF_DST, layouts[OUTPUT], false},
                                  {DN_DNNL_ARG_WEIGHTS, layouts[WEIGHTS], false},
                                  {DN_DNNL_ARG_DIFF_SRC, layouts[INPUT], true}},
      [DN_CONV_BACKWARD_WEIGHTS] = {{DN_DNNL_ARG_SRC, layouts[INPUT], false},
                                    {DN_DNNL_ARG_DIFF_DST, layouts[OUTPUT], false},
                                    {DN_DNNL_ARG_DIFF_WEIGHTS, layouts[WEIGHTS], true}},
    };
    plan = dn_onednn_plan_create(descriptor, operands[direction], 3, NULL, 0);
  }
  dn_onednn_forget_primitive_desc(descriptor);
  for (int i = 0; i < LAYOUTS; i++) dialect->forget(layouts[i]);
  return plan;
}

// MARK: The object

dn_convolution *dn_convolution_set_up(dn_convolution_way way, dn_convolution_direction direction,
                                      const dn_convolution_shape *shape, char *error, size_t error_capacity) {
  if (dn_convolution_check(direction, shape, error, error_capacity)) return NULL;
  dn_convolution *convolution = calloc(1, sizeof *convolution);
  if (convolution == NULL) {
    dn_fail(error, error_capacity, "convolution: no memory left");
    return NULL;
  }
  pthread_mutex_init(&convolution->turn, NULL);
  convolution->direction = direction;
  const dn_convolution_shape full = with_rank_3(shape);
  convolution->shape = full;
  int64_t inputs = 0, outputs = 0, weights = 0;
  if (count_elements(&inputs, full.batch, full.input_channels, full.input) ||
      count_elements(&outputs, full.batch, full.output_channels, full.output) ||
      count_elements(&weights, full.input_channels / full.groups, full.output_channels, full.kernel)) {
    dn_fail(error, error_capacity, "convolution: an operand has more than 2^60 elements");
    dn_convolution_destroy(convolution);
    return NULL;
  }
  convolution->empty = inputs == 0 || outputs == 0 || weights == 0;
  const int64_t elements[] = {outputs, inputs, weights};
  convolution->result_bytes = (size_t)elements[direction] * dn_type_size(full.type);
  if (convolution->empty) return convolution;
  if (way != DN_CONVOLUTION_PRODUCTS && dn_convolution_onednn_handles(shape)) {
    convolution->plan = make_plan(way, direction, shape);
    if (convolution->plan == NULL && way != DN_CONVOLUTION_DIRECT) {
      way = DN_CONVOLUTION_DIRECT;
      convolution->plan = make_plan(way, direction, shape);
    }
  }
  convolution->way = convolution->plan != NULL ? way : DN_CONVOLUTION_PRODUCTS;
  if (dn_convolution_is_pointwise(&full)) {
    convolution->product = dn_convolution_pointwise_product(direction, &full);
    if (dn_products_prepare(&convolution->product, error, error_capacity)) {
      dn_convolution_destroy(convolution);
      return NULL;
    }
  }
  return convolution;
}

int dn_convolution_run(dn_convolution *convolution, const void *a, const void *b, void *result, char *error,
                       size_t error_capacity) {
  if (convolution->empty) {
    if (convolution->result_bytes > 0) memset(result, 0, convolution->result_bytes);
    return 0;
  }
  // oneDNN lays its work out for the threads it had when set up; inside a parallel loop it would get one.
  if (convolution->plan != NULL && !dn_in_parallel()) {
    void *buffers[] = {(void *)a, (void *)b, result};
    dn_threads_prepare();
    pthread_mutex_lock(&convolution->turn);
    int failed = dn_onednn_plan_run(convolution->plan, buffers, error, error_capacity);
    pthread_mutex_unlock(&convolution->turn);
    return failed;
  }
  if (dn_convolution_is_pointwise(&convolution->shape)) {
    return dn_products_run(&convolution->product, a, b, result, error, error_capacity);
  }
  return dn_convolution_products(convolution->direction, &convolution->shape, a, b, result, error, error_capacity);
}

size_t dn_convolution_scratch_bytes(const dn_convolution *convolution) {
  if (convolution->empty) return 0;
  if (convolution->plan != NULL) return dn_onednn_plan_scratch_bytes(convolution->plan);
  return dn_convolution_products_scratch(convolution->direction, &convolution->shape);
}

dn_convolution_way dn_convolution_way_of(const dn_convolution *convolution) { return convolution->way; }

void dn_convolution_destroy(dn_convolution *convolution) {
  if (convolution == NULL) return;
  dn_onednn_plan_destroy(convolution->plan);
  pthread_mutex_destroy(&convolution->turn);
  free(convolution);
}
