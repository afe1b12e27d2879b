// Chooses how a convolution is computed.

#include <stdio.h>
#include <string.h>

#include "allocation.h"
#include "convolution_internal.h"
#include "parallel.h"
#include "tuning/tuning_trial.h"

static const char *const way_names[DN_CONVOLUTION_WAYS] = {
  [DN_CONVOLUTION_DIRECT] = "direct", [DN_CONVOLUTION_REORDERED] = "reordered",
  [DN_CONVOLUTION_WINOGRAD] = "winograd", [DN_CONVOLUTION_PRODUCTS] = "products",
};

// MARK: By rules

/// True where Winograd's way is known to give what it should, but for rounding: kernels of 3×3 over channels in whole
/// vectors, with the same padding on both sides. Seen in 2.6: with more on one side, its gradient of the input is wrong.
static bool may_use_winograd(const dn_convolution_shape *s) {
  if (s->rank != 2 || s->groups != 1 || s->input_channels % 16 != 0 || s->output_channels % 16 != 0) return false;
  for (int axis = 0; axis < 2; axis++) {
    if (s->kernel[axis] != 3 || s->stride[axis] != 1 || s->dilation[axis] != 1) return false;
    if (s->pad_low[axis] != s->pad_high[axis] || s->pad_low[axis] > 1) return false;
  }
  return true;
}

/// True where Winograd's way, which takes kernels of 3×3 to tiles of 4×4 results with a quarter of the products, is worth
/// what it costs: activations and weights reordered and transformed. Measured over the shapes of ResNet and of the
/// ZIP-code reader, it takes half the time where channels are many, tiles enough for the weights' transform to pay, and
/// few of them reach over the edge.
static bool prefers_winograd(const dn_convolution_shape *s) {
  if (!may_use_winograd(s)) return false;
  int64_t tiles = s->batch, places = s->batch;
  for (int axis = 0; axis < 2; axis++) {
    tiles *= (s->output[axis] + 3) / 4;
    places *= s->output[axis];
  }
  bool many_channels = s->input_channels * s->output_channels >= 16 * (s->input_channels + s->output_channels);
  return many_channels && tiles >= 32 && 16 * tiles <= places + places / 2;
}

/// True where matrix products were measured to be at least as fast as oneDNN.
static bool prefers_products(dn_convolution_direction direction, const dn_convolution_shape *s) {
  if (dn_convolution_is_pointwise(s)) return true;
  bool strided = false;
  for (int axis = 0; axis < s->rank; axis++) strided |= s->stride[axis] > 1;
  return direction == DN_CONV_BACKWARD_INPUT && strided && s->groups == 1 && s->input_channels < 8;
}

static dn_convolution_way usual_way(dn_convolution_direction direction, const dn_convolution_shape *s) {
  if (prefers_products(direction, s) || !dn_convolution_onednn_handles(s)) return DN_CONVOLUTION_PRODUCTS;
  return prefers_winograd(s) ? DN_CONVOLUTION_WINOGRAD : DN_CONVOLUTION_DIRECT;
}

// MARK: By trial

int dn_convolution_ways(dn_convolution_direction direction, const dn_convolution_shape *s,
                        dn_convolution_way ways[DN_CONVOLUTION_WAYS]) {
  int count = 0;
  ways[count++] = usual_way(direction, s);
  // A pointwise convolution is a product, whose own choice says enough.
  if (dn_convolution_is_pointwise(s) || !dn_convolution_onednn_handles(s)) return count;
  for (dn_convolution_way way = DN_CONVOLUTION_DIRECT; way < DN_CONVOLUTION_WAYS; way++) {
    if (way != ways[0] && (way != DN_CONVOLUTION_WINOGRAD || may_use_winograd(s))) ways[count++] = way;
  }
  return count;
}

typedef struct trial {
  dn_convolution_direction direction;
  dn_convolution_shape shape;
  dn_convolution_way ways[DN_CONVOLUTION_WAYS];
  dn_convolution *candidates[DN_CONVOLUTION_WAYS];
  int count;
  float *memory;
  /// The elements of the operands and of the result.
  size_t elements[3];
} trial;

static double product(double first, double second, const int64_t *spatial, int rank) {
  double count = first * second;
  for (int axis = 0; axis < rank; axis++) count *= (double)spatial[axis];
  return count;
}

/// The elements of input, weights and output, as real numbers, since there may be more than an integer counts.
static void count_elements(const dn_convolution_shape *s, double elements[3]) {
  elements[0] = product((double)s->batch, (double)s->input_channels, s->input, s->rank);
  elements[1] = product((double)(s->input_channels / s->groups), (double)s->output_channels, s->kernel, s->rank);
  elements[2] = product((double)s->batch, (double)s->output_channels, s->output, s->rank);
}

/// Halves the longest axis of the output, and has the input fit; false where that cannot be done.
static bool halve_space(dn_convolution_shape *s) {
  int axis = 0;
  for (int i = 1; i < s->rank; i++) {
    if (s->output[i] > s->output[axis]) axis = i;
  }
  int64_t output = (s->output[axis] + 1) / 2;
  int64_t input = (output - 1) * s->stride[axis] + s->dilation[axis] * (s->kernel[axis] - 1) + 1 - s->pad_low[axis] -
                  s->pad_high[axis];
  if (output == s->output[axis] || input < 1) return false;
  s->output[axis] = output;
  s->input[axis] = input;
  return true;
}

/// Cuts a convolution down to one that takes a few milliseconds, and is as fast for its size as far as can be foreseen;
/// false where there is nothing to compute, or too much however it is cut.
static bool cut_down(dn_convolution_shape *s) {
  for (;;) {
    double elements[3];
    count_elements(s, elements);
    double terms = s->output_channels == 0 ? 0 : elements[1] / (double)s->output_channels * elements[2];
    double bytes = (elements[0] + elements[1] + elements[2]) * (double)dn_type_size(s->type);
    if (terms == 0) return false;
    if (terms <= DN_TUNING_MOST_TERMS && bytes <= DN_TUNING_MOST_OPERAND_BYTES) return true;
    if (s->batch > dn_thread_count()) {
      s->batch = (s->batch + 1) / 2;
    } else if (!halve_space(s)) {
      return false;
    }
  }
}

static int begin(void *context) {
  trial *trial = context;
  double counts[3];
  count_elements(&trial->shape, counts);
  enum { INPUT, WEIGHTS, OUTPUT };
  static const int operands[3][3] = {
    [DN_CONV_FORWARD] = {INPUT, WEIGHTS, OUTPUT}, [DN_CONV_BACKWARD_INPUT] = {OUTPUT, WEIGHTS, INPUT},
    [DN_CONV_BACKWARD_WEIGHTS] = {INPUT, OUTPUT, WEIGHTS},
  };
  size_t all = 0;
  for (int i = 0; i < 3; i++) {
    // Whole cache lines.
    trial->elements[i] = ((size_t)counts[operands[trial->direction][i]] + 15) / 16 * 16;
    all += trial->elements[i];
  }
  trial->memory = dn_allocate(all * sizeof(float));
  if (trial->memory == NULL) return 1;
  // Neither zeros nor numbers whose sums leave the usual range.
  for (size_t i = 0; i < trial->elements[0] + trial->elements[1]; i++) {
    trial->memory[i] = (float)(i % 61) / 64 - 0.46f;
  }
  for (int i = 0; i < trial->count; i++) {
    trial->candidates[i] = dn_convolution_set_up(trial->ways[i], trial->direction, &trial->shape, NULL, 0);
  }
  return 0;
}

static int run(void *context, int candidate) {
  trial *trial = context;
  dn_convolution *convolution = trial->candidates[candidate];
  // Where oneDNN has no fast code for a way, that is none.
  if (convolution == NULL || dn_convolution_way_of(convolution) != trial->ways[candidate]) return 1;
  const float *a = trial->memory, *b = a + trial->elements[0];
  return dn_convolution_run(convolution, a, b, trial->memory + trial->elements[0] + trial->elements[1], NULL, 0);
}

static void end(void *context) {
  trial *trial = context;
  for (int i = 0; i < trial->count; i++) dn_convolution_destroy(trial->candidates[i]);
  dn_free(trial->memory);
}

typedef struct text {
  char *bytes;
  size_t capacity, length;
} text;

static void add_numbers(text *text, const char *before, const int64_t *numbers, int count, const char *separator) {
  for (int i = 0; i < count; i++) {
    int written = snprintf(text->bytes + text->length, text->capacity - text->length, "%s%lld",
                           i == 0 ? before : separator, (long long)numbers[i]);
    text->length += written > 0 ? (size_t)written : 0;
    if (text->length >= text->capacity) text->length = text->capacity - 1;
  }
}

static void describe(dn_convolution_direction direction, const dn_convolution_shape *s, char *key, size_t capacity) {
  static const char *const directions[] = {
    [DN_CONV_FORWARD] = "forward", [DN_CONV_BACKWARD_INPUT] = "to the input",
    [DN_CONV_BACKWARD_WEIGHTS] = "to the weights",
  };
  text text = {key, capacity, 0};
  text.length = (size_t)snprintf(key, capacity, "convolution %s %s", directions[direction], dn_type_name(s->type));
  const int64_t weights[2] = {s->input_channels / s->groups, s->output_channels};
  const int64_t threads = dn_thread_count();
  add_numbers(&text, " [", &s->batch, 1, "");
  add_numbers(&text, ", ", s->input, s->rank, ", ");
  add_numbers(&text, ", ", &s->input_channels, 1, "");
  add_numbers(&text, "] * [", s->kernel, s->rank, ", ");
  add_numbers(&text, ", ", weights, 2, ", ");
  add_numbers(&text, "], strides ", s->stride, s->rank, " ");
  add_numbers(&text, ", padding ", s->pad_low, s->rank, " ");
  add_numbers(&text, " and ", s->pad_high, s->rank, " ");
  add_numbers(&text, ", dilation ", s->dilation, s->rank, " ");
  add_numbers(&text, ", groups ", &s->groups, 1, "");
  add_numbers(&text, ", threads ", &threads, 1, "");
}

static dn_convolution_way choose(dn_convolution_direction direction, const dn_convolution_shape *shape) {
  trial trial = {.direction = direction, .shape = *shape};
  trial.count = dn_convolution_ways(direction, shape, trial.ways);
  if (trial.count < 2 || !cut_down(&trial.shape)) return trial.ways[0];
  char key[512];
  describe(direction, shape, key, sizeof key);
  const char *names[DN_CONVOLUTION_WAYS];
  for (int i = 0; i < trial.count; i++) names[i] = way_names[trial.ways[i]];
  const dn_tuning_trial choice = {
    .key = key, .names = names, .count = trial.count, .usual = 0, .begin = begin, .run = run, .end = end,
    .context = &trial,
  };
  return trial.ways[dn_tuning_choose(dn_tuning_shared(), &choice)];
}

// MARK: Setting up

dn_convolution *dn_convolution_create_as(dn_convolution_way way, dn_convolution_direction direction,
                                         const dn_convolution_shape *shape, char *error, size_t error_capacity) {
  if (way == DN_CONVOLUTION_CHOSEN) {
    if (dn_convolution_check(direction, shape, error, error_capacity)) return NULL;
    way = choose(direction, shape);
  }
  return dn_convolution_set_up(way, direction, shape, error, error_capacity);
}

dn_convolution *dn_convolution_create(dn_convolution_direction direction, const dn_convolution_shape *shape,
                                      char *error, size_t error_capacity) {
  return dn_convolution_create_as(DN_CONVOLUTION_CHOSEN, direction, shape, error, error_capacity);
}
