#include "convolution_columns.h"

#include <stdbool.h>
#include <string.h>

typedef float floats __attribute__((vector_size(64), aligned(4)));
typedef double doubles __attribute__((vector_size(64), aligned(8)));

void dn_add_elements(dn_type type, void *target, const void *source, int64_t count) {
  int64_t i = 0;
  if (type == DN_F32) {
    float *to = target;
    const float *from = source;
    for (; i + 16 <= count; i += 16) *(floats *)(to + i) += *(const floats *)(from + i);
    for (; i < count; i++) to[i] += from[i];
  } else {
    double *to = target;
    const double *from = source;
    for (; i + 8 <= count; i += 8) *(doubles *)(to + i) += *(const doubles *)(from + i);
    for (; i < count; i++) to[i] += from[i];
  }
}

int64_t dn_columns_width(const dn_convolution_shape *s) {
  return s->kernel[0] * s->kernel[1] * s->kernel[2] * (s->input_channels / s->groups);
}

/// A pass over the rows in either direction.
typedef struct pass {
  const dn_convolution_shape *shape;
  bool scatter;
  size_t size;
  /// The channels of the group.
  int64_t channels;
  /// Whether the kernel's places along the last axis, with all their channels, follow each other in the input.
  bool together;
} pass;

static void move(const pass *pass, char *row, char *input, int64_t elements) {
  if (pass->scatter) {
    dn_add_elements(pass->shape->type, input, row, elements);
  } else {
    memcpy(row, input, (size_t)elements * pass->size);
  }
}

static void skip(const pass *pass, char *row, int64_t elements) {
  if (!pass->scatter && elements > 0) memset(row, 0, (size_t)elements * pass->size);
}

/// Moves what lies under one line of the kernel. `line` is the input line's first channel of the group, or NULL where
/// the line is in the padding.
static void move_line(const pass *pass, char *row, char *line, int64_t start) {
  const dn_convolution_shape *s = pass->shape;
  int64_t kernel = s->kernel[2], width = s->input[2], channels = pass->channels;
  if (line == NULL) {
    skip(pass, row, kernel * channels);
  } else if (pass->together) {
    int64_t first = start < 0 ? -start : 0, last = width - start < kernel ? width - start : kernel;
    if (first > kernel) first = kernel;
    if (last < first) last = first;
    skip(pass, row, first * channels);
    if (last > first) {
      move(pass, row + (size_t)(first * channels) * pass->size, line + (start + first) * channels * (int64_t)pass->size,
           (last - first) * channels);
    }
    skip(pass, row + (size_t)(last * channels) * pass->size, (kernel - last) * channels);
  } else {
    for (int64_t k = 0; k < kernel; k++, row += (size_t)channels * pass->size) {
      int64_t x = start + k * s->dilation[2];
      if (x < 0 || x >= width) {
        skip(pass, row, channels);
      } else {
        move(pass, row, line + (size_t)(x * s->input_channels) * pass->size, channels);
      }
    }
  }
}

static void sweep(const pass *pass, int64_t group, int64_t begin, int64_t end, char *rows, char *input) {
  const dn_convolution_shape *s = pass->shape;
  int64_t line_elements = s->input[2] * s->input_channels;
  size_t step = (size_t)(s->kernel[2] * pass->channels) * pass->size;
  for (int64_t position = begin; position < end; position++) {
    int64_t x = position % s->output[2], rest = position / s->output[2];
    int64_t y = rest % s->output[1], z = rest / s->output[1] % s->output[0], image = rest / s->output[1] / s->output[0];
    int64_t start = x * s->stride[2] - s->pad_low[2];
    for (int64_t i = 0; i < s->kernel[0]; i++) {
      int64_t plane = z * s->stride[0] - s->pad_low[0] + i * s->dilation[0];
      for (int64_t j = 0; j < s->kernel[1]; j++, rows += step) {
        int64_t line = y * s->stride[1] - s->pad_low[1] + j * s->dilation[1];
        bool inside = plane >= 0 && plane < s->input[0] && line >= 0 && line < s->input[1];
        int64_t offset = ((image * s->input[0] + plane) * s->input[1] + line) * line_elements + group * pass->channels;
        move_line(pass, rows, inside ? input + offset * (int64_t)pass->size : NULL, start);
      }
    }
  }
}

static pass make_pass(const dn_convolution_shape *shape, bool scatter) {
  bool together = shape->groups == 1 && shape->dilation[2] == 1;
  return (pass){shape, scatter, dn_type_size(shape->type), shape->input_channels / shape->groups, together};
}

void dn_columns_gather(const dn_convolution_shape *shape, int64_t group, int64_t begin, int64_t end, const void *input,
                       void *rows) {
  pass pass = make_pass(shape, false);
  sweep(&pass, group, begin, end, rows, (char *)input);
}

void dn_columns_scatter_add(const dn_convolution_shape *shape, int64_t group, int64_t begin, int64_t end,
                            const void *rows, void *input) {
  pass pass = make_pass(shape, true);
  sweep(&pass, group, begin, end, (char *)rows, input);
}
