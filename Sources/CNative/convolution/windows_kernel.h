// A template: the kernels of window operations for one element type and one set of instructions.
// Takes REAL, INTEGER, BYTES, TARGET and NAME(x); see float_and_double.h.
//
// A vector runs along the channels. Where there are fewer than it has lanes, the surplus lanes compute what belongs to
// the next pixel; results are stored from left to right, so that the next pixel's own store puts that right, and the
// lines they are stored to have slack at their end.

typedef REAL NAME(vector) __attribute__((vector_size(BYTES), aligned(sizeof(REAL))));
typedef INTEGER NAME(mask) __attribute__((vector_size(BYTES), aligned(sizeof(REAL))));

#define LANES ((int64_t)(BYTES / sizeof(REAL)))
#define AT(pointer, offset) (*(NAME(vector) *)((pointer) + (offset)))
#define CHOOSE(condition, yes, no) \
  ((NAME(vector))(((condition) & (NAME(mask))(yes)) | (~(condition) & (NAME(mask))(no))))

#define COMBINE_SUM(sum, value) ((sum) + (value))
#define COMBINE_MAX(best, value) CHOOSE(((value) > (best)) | ((value) != (value)), value, best)
#define COMBINE_MIN(best, value) CHOOSE(((value) < (best)) | ((value) != (value)), value, best)

/// Defines how one line is combined into another, and how a line's windows are reduced.
#define DEFINE_REDUCTION(COMBINE, add_line, reduce_line, identity) \
  TARGET static void NAME(add_line)(REAL *sums, const REAL *line, int64_t count) { \
    int64_t i = 0; \
    for (; i + LANES <= count; i += LANES) { \
      NAME(vector) value = AT((REAL *)line, i), sum = AT(sums, i); \
      AT(sums, i) = COMBINE(sum, value); \
    } \
    if (i < count) { \
      /* The accumulator has slack, the line may be the last of its buffer. */ \
      NAME(vector) value = {0}, sum = AT(sums, i); \
      memcpy(&value, line + i, (size_t)(count - i) * sizeof(REAL)); \
      AT(sums, i) = COMBINE(sum, value); \
    } \
  } \
  TARGET static void NAME(reduce_line)(const dn_window_shape *s, const REAL *line, REAL *output) { \
    int64_t channels = s->channels, dilation = s->dilation[2] * channels; \
    for (int64_t x = 0; x < s->output[2]; x++) { \
      span taps = taps_inside(s, 2, x); \
      const REAL *from = line + taps.place * channels; \
      for (int64_t c = 0; c < channels; c += LANES) { \
        NAME(vector) sum = (NAME(vector)){0} + (identity); \
        for (int64_t k = 0, at = c; k < taps.count; k++, at += dilation) { \
          NAME(vector) value = AT((REAL *)from, at); \
          sum = COMBINE(sum, value); \
        } \
        AT(output, c) = sum; \
      } \
      output += channels; \
    } \
  }

DEFINE_REDUCTION(COMBINE_SUM, add_line_sum, reduce_line_sum, 0)
DEFINE_REDUCTION(COMBINE_MAX, add_line_max, reduce_line_max, -(REAL)INFINITY)
DEFINE_REDUCTION(COMBINE_MIN, add_line_min, reduce_line_min, (REAL)INFINITY)

TARGET static void NAME(reduce)(dn_window_operation operation, const dn_window_shape *s, const void *input,
                                void *output, int64_t begin, int64_t end, void *scratch) {
  int64_t length = s->input[2] * s->channels, result_length = s->output[2] * s->channels;
  REAL *sums = scratch, *result = sums + length + DN_WINDOW_SLACK / (int64_t)sizeof(REAL);
  REAL identity = operation == DN_WINDOW_SUM ? 0 : operation == DN_WINDOW_MAX ? -(REAL)INFINITY : (REAL)INFINITY;
  for (int64_t index = begin; index < end; index++) {
    int64_t y = index % s->output[1], rest = index / s->output[1], z = rest % s->output[0], image = rest / s->output[0];
    span planes = taps_inside(s, 0, z), lines = taps_inside(s, 1, y);
    int64_t combined = 0;
    for (int64_t i = 0; i < planes.count; i++) {
      for (int64_t j = 0; j < lines.count; j++) {
        int64_t plane = planes.place + i * s->dilation[0], line = lines.place + j * s->dilation[1];
        const REAL *from = (const REAL *)input + ((image * s->input[0] + plane) * s->input[1] + line) * length;
        if (combined++ == 0) memcpy(sums, from, (size_t)length * sizeof(REAL));
        else if (operation == DN_WINDOW_SUM) NAME(add_line_sum)(sums, from, length);
        else if (operation == DN_WINDOW_MAX) NAME(add_line_max)(sums, from, length);
        else NAME(add_line_min)(sums, from, length);
      }
    }
    if (combined == 0) {
      for (int64_t i = 0; i < length; i++) sums[i] = identity;
    }
    if (operation == DN_WINDOW_SUM) NAME(reduce_line_sum)(s, sums, result);
    else if (operation == DN_WINDOW_MAX) NAME(reduce_line_max)(s, sums, result);
    else NAME(reduce_line_min)(s, sums, result);
    memcpy((REAL *)output + index * result_length, result, (size_t)result_length * sizeof(REAL));
  }
}

TARGET static void NAME(spread)(const dn_window_shape *s, const void *cotangent, void *result, int64_t begin,
                                int64_t end, void *scratch) {
  int64_t length = s->input[2] * s->channels, from_length = s->output[2] * s->channels, channels = s->channels;
  REAL *line = scratch, *sums = line + length + DN_WINDOW_SLACK / (int64_t)sizeof(REAL);
  for (int64_t index = begin; index < end; index++) {
    int64_t y = index % s->input[1], z = index / s->input[1] % s->input[0], image = index / s->input[1] / s->input[0];
    memset(sums, 0, (size_t)from_length * sizeof(REAL));
    for (int64_t i = 0; i < s->window[0]; i++) {
      int64_t plane = window_of(s, 0, z, i);
      for (int64_t j = 0; j < s->window[1] && plane >= 0; j++) {
        int64_t from = window_of(s, 1, y, j);
        if (from < 0) continue;
        NAME(add_line_sum)(sums, (const REAL *)cotangent + ((image * s->output[0] + plane) * s->output[1] + from) *
                                   from_length, from_length);
      }
    }
    covers covers = {0, -1};
    REAL *to = line;
    for (int64_t x = 0; x < s->input[2]; x++, to += channels) {
      advance(&covers, s, 2, x);
      for (int64_t c = 0; c < channels; c += LANES) {
        NAME(vector) sum = {0};
        for (int64_t w = covers.low; w <= covers.high; w++) {
          if (s->dilation[2] == 1 || tap_of(s, 2, x, w) >= 0) sum += AT(sums, w * channels + c);
        }
        AT(to, c) = sum;
      }
    }
    memcpy((REAL *)result + index * length, line, (size_t)length * sizeof(REAL));
  }
}

/// Loads a vector of which no more than `rest` elements may be read.
TARGET static inline __attribute__((always_inline)) void NAME(load)(NAME(vector) *value, const REAL *from,
                                                                    int64_t rest) {
  if (rest >= LANES) {
    *value = AT((REAL *)from, 0);
  } else {
    *value = (NAME(vector)){0};
    memcpy(value, from, (size_t)rest * sizeof(REAL));
  }
}

/// Goes through the places of a window that are inside the image: `at` says where, counted in elements, `tap` which of
/// the window's places it is.
#define EACH_TAP(body) \
  for (int64_t i = 0; i < planes.count; i++) { \
    for (int64_t j = 0; j < lines.count; j++) { \
      int64_t line = (planes.place + i * s->dilation[0]) * s->input[1] + lines.place + j * s->dilation[1]; \
      int64_t at = (line * s->input[2] + taps.place) * channels + c, end_of_line = at + taps.count * step; \
      INTEGER tap = (INTEGER)(((planes.first + i) * s->window[1] + lines.first + j) * s->window[2] + taps.first); \
      for (; at < end_of_line; at += step, tap++) { body } \
    } \
  }

/// True in the lanes where a value takes the place of the best so far: larger, or the first NaN.
#define BETTER(value, best) (((value) > (best)) | (((value) != (value)) & ((best) == (best))))

/// Writes a vector to results that end `room` elements further on.
TARGET static inline __attribute__((always_inline)) void NAME(store)(REAL *to, const NAME(vector) *value,
                                                                     int64_t room) {
  if (room >= LANES) AT(to, 0) = *value;
  else memcpy(to, value, (size_t)room * sizeof(REAL));
}

TARGET static void NAME(choose)(const dn_window_shape *s, const void *input, const void *tangent, void *result,
                                int64_t begin, int64_t end) {
  int64_t channels = s->channels, elements = s->input[0] * s->input[1] * s->input[2] * channels;
  int64_t step = s->dilation[2] * channels;
  REAL *to = (REAL *)result + begin * s->output[2] * channels;
  const REAL *result_end = (REAL *)result + end * s->output[2] * channels;
  for (int64_t index = begin; index < end; index++) {
    int64_t y = index % s->output[1], rest = index / s->output[1], z = rest % s->output[0], image = rest / s->output[0];
    const REAL *from = (const REAL *)input + image * elements;
    const REAL *tangents = (const REAL *)tangent + (tangent != NULL ? image * elements : 0);
    span planes = taps_inside(s, 0, z), lines = taps_inside(s, 1, y);
    for (int64_t x = 0; x < s->output[2]; x++, to += channels) {
      span taps = taps_inside(s, 2, x);
      for (int64_t c = 0; c < channels; c += LANES) {
        NAME(vector) best = {0}, chosen = {0}, value, other;
        NAME(mask) place = {0}, first = (NAME(mask)){0} - 1;
        EACH_TAP({
          NAME(load)(&value, from + at, elements - at);
          NAME(mask) better = BETTER(value, best) | first;
          first = (NAME(mask)){0};
          best = CHOOSE(better, value, best);
          if (tangent != NULL) {
            NAME(load)(&other, tangents + at, elements - at);
            chosen = CHOOSE(better, other, chosen);
          } else {
            place = (better & tap) | (~better & place);
          }
        })
        if (tangent == NULL) chosen = (NAME(vector))place;
        NAME(store)(to + c, &chosen, result_end - to - c);
      }
    }
  }
}

/// Adds to a line of the input the cotangents of a line of windows that chose it. `tap` is the number of the place in
/// the window where the line begins.
TARGET static void NAME(collect_line)(const dn_window_shape *s, const REAL *places, const REAL *cotangent,
                                      int64_t rest, int64_t tap, bool first, REAL *line) {
  int64_t channels = s->channels, stride = s->stride[2], dilation = s->dilation[2];
  covers covers = {0, -1};
  // The line is added to several times, so that surplus lanes have to leave the next pixel as it is.
  NAME(mask) all = (NAME(mask)){0} - 1, some = {0};
  for (int64_t lane = 0; lane < channels % LANES; lane++) some[lane] = -1;
  for (int64_t x = 0; x < s->input[2]; x++, line += channels) {
    advance(&covers, s, 2, x);
    for (int64_t c = 0; c < channels; c += LANES) {
      NAME(mask) valid = c + LANES <= channels ? all : some;
      NAME(vector) sum = {0}, gradient;
      if (!first) sum = AT(line, c);
      int64_t at = covers.low * channels + c, offset = x + s->pad_low[2] - covers.low * stride;
      for (int64_t w = covers.low; w <= covers.high; w++, at += channels, offset -= stride) {
        if (dilation > 1 && offset % dilation != 0) continue;
        INTEGER place = (INTEGER)(tap + (dilation > 1 ? offset / dilation : offset));
        NAME(load)(&gradient, cotangent + at, rest - at);
        sum += (NAME(vector))((NAME(mask))gradient & (*(const NAME(mask) *)(places + at) == place) & valid);
      }
      AT(line, c) = sum;
    }
  }
}

TARGET static void NAME(collect)(const dn_window_shape *s, const void *places, const void *cotangent, void *result,
                                 int64_t begin, int64_t end, void *scratch) {
  int64_t length = s->input[2] * s->channels, from_length = s->output[2] * s->channels;
  for (int64_t index = begin; index < end; index++) {
    int64_t y = index % s->input[1], z = index / s->input[1] % s->input[0], image = index / s->input[1] / s->input[0];
    covers planes = {0, -1}, lines = {0, -1};
    advance(&planes, s, 0, z);
    advance(&lines, s, 1, y);
    bool first = true;
    for (int64_t i = planes.low; i <= planes.high; i++) {
      for (int64_t j = lines.low; j <= lines.high; j++) {
        int64_t plane_tap = tap_of(s, 0, z, i), line_tap = tap_of(s, 1, y, j);
        if (plane_tap < 0 || line_tap < 0) continue;
        int64_t line = (image * s->output[0] + i) * s->output[1] + j;
        int64_t rest = (s->batch * s->output[0] * s->output[1] - line) * from_length;
        NAME(collect_line)(s, (const REAL *)places + line * from_length, (const REAL *)cotangent + line * from_length,
                           rest, (plane_tap * s->window[1] + line_tap) * s->window[2], first, scratch);
        first = false;
      }
    }
    if (first) memset(scratch, 0, (size_t)length * sizeof(REAL));
    memcpy((REAL *)result + index * length, scratch, (size_t)length * sizeof(REAL));
  }
}

#include "windows_tiles.h"

static const dn_window_kernels NAME(kernels) = {NAME(reduce), NAME(spread), NAME(choose), NAME(collect),
                                                NAME(tiles)};

#undef LANES
#undef AT
#undef CHOOSE
#undef COMBINE_SUM
#undef COMBINE_MAX
#undef COMBINE_MIN
#undef DEFINE_REDUCTION
#undef EACH_TAP
#undef BETTER
