#include "cumulative.h"

#include <math.h>

#include "parallel.h"

/// Elements below which a range is not worth a thread of its own.
enum { DN_WORTHWHILE = 32768 };
/// Neighboring lines combined together, so that memory is read in rows.
enum { DN_COLUMNS = 256 };

typedef struct cumulative_run {
  const void *source;
  void *destination;
  bool is_reversed;
  int64_t count, inner;
} cumulative_run;

/// A kind for elements of type T: `S` is what is carried from element to element, `START` its value before the first,
/// `STEP` adds `x` to the state `s`, `VALUE` is the element that stands for it.
#define DN_CUMULATIVE(name, T, S, START, STEP, VALUE)                                             \
  static void name(void *context, int64_t begin, int64_t end) {                                   \
    const cumulative_run *run = context;                                                          \
    const int64_t inner = run->inner, count = run->count;                                         \
    const int64_t step = run->is_reversed ? -inner : inner;                                       \
    S states[DN_COLUMNS];                                                                         \
    while (begin < end) {                                                                         \
      int64_t columns = inner - begin % inner;                                                    \
      if (columns > end - begin) columns = end - begin;                                           \
      if (columns > DN_COLUMNS) columns = DN_COLUMNS;                                             \
      int64_t at = begin / inner * count * inner + begin % inner;                                 \
      if (run->is_reversed) at += (count - 1) * inner;                                            \
      const T *source = (const T *)run->source + at;                                              \
      T *destination = (T *)run->destination + at;                                                \
      begin += columns;                                                                           \
      if (columns == 1) {                                                                         \
        S s = START;                                                                              \
        for (int64_t i = 0; i < count; i++) {                                                     \
          const T x = source[i * step];                                                           \
          STEP;                                                                                   \
          destination[i * step] = (T)(VALUE);                                                     \
        }                                                                                         \
        continue;                                                                                 \
      }                                                                                           \
      for (int64_t j = 0; j < columns; j++) states[j] = START;                                    \
      for (int64_t i = 0; i < count; i++) {                                                       \
        for (int64_t j = 0; j < columns; j++) {                                                   \
          const T x = source[i * step + j];                                                       \
          S s = states[j];                                                                        \
          STEP;                                                                                   \
          states[j] = s;                                                                          \
          destination[i * step + j] = (T)(VALUE);                                                 \
        }                                                                                         \
      }                                                                                           \
    }                                                                                             \
  }

/// A sum and what rounding has taken from it so far.
typedef struct compensated {
  double sum, lost;
} compensated;

static inline compensated add(compensated s, double x) {
  const double sum = s.sum + x;
  // Knuth's two-sum: exact, whichever is larger.
  const double part = sum - s.sum;
  return (compensated){sum, s.lost + ((s.sum - (sum - part)) + (x - part))};
}

/// An infinite sum has lost ∞ − ∞.
static inline double total(compensated s) { return isfinite(s.sum) ? s.sum + s.lost : s.sum; }

/// Σ e^(x − largest) of the elements so far.
typedef struct exponentials {
  double largest, sum;
} exponentials;

static inline exponentials add_exponential(exponentials s, double x) {
  // Equal ones first: the difference of two equal infinities is NaN.
  if (x == s.largest) return (exponentials){x, s.sum + 1};
  if (x < s.largest) return (exponentials){s.largest, s.sum + exp(x - s.largest)};
  return (exponentials){x, s.sum * exp(s.largest - x) + 1};
}

static const exponentials no_exponentials = {-INFINITY, 0};
static const compensated no_sum = {0, 0};

#define DN_CUMULATIVE_FLOATS(name, T)                                                                     \
  DN_CUMULATIVE(product_##name, T, double, 1, s *= (double)x, s)                                          \
  DN_CUMULATIVE(max_##name, T, T, -INFINITY, s = x > s || x != x ? x : s, s)                              \
  DN_CUMULATIVE(min_##name, T, T, INFINITY, s = x < s || x != x ? x : s, s)                               \
  DN_CUMULATIVE(exp_##name, T, exponentials, no_exponentials, s = add_exponential(s, (double)x), s.largest + log(s.sum))

DN_CUMULATIVE_FLOATS(f32, float)
DN_CUMULATIVE_FLOATS(f64, double)
DN_CUMULATIVE(sum_f32, float, double, 0, s += (double)x, s)
DN_CUMULATIVE(sum_f64, double, compensated, no_sum, s = add(s, x), total(s))

// Narrow unsigned numbers would be promoted to int, whose product can overflow.
#define DN_CUMULATIVE_BITS(width)                                                              \
  DN_CUMULATIVE(sum_##width, uint##width##_t, uint##width##_t, 0, s = (uint##width##_t)(s + x), s) \
  DN_CUMULATIVE(product_##width, uint##width##_t, uint64_t, 1, s *= x, s)

#define DN_CUMULATIVE_EXTREMES(name, T, least, largest) \
  DN_CUMULATIVE(max_##name, T, T, least, s = x > s ? x : s, s) \
  DN_CUMULATIVE(min_##name, T, T, largest, s = x < s ? x : s, s)

DN_CUMULATIVE_BITS(8)
DN_CUMULATIVE_BITS(16)
DN_CUMULATIVE_BITS(32)
DN_CUMULATIVE_BITS(64)
DN_CUMULATIVE_EXTREMES(i8, int8_t, INT8_MIN, INT8_MAX)
DN_CUMULATIVE_EXTREMES(i16, int16_t, INT16_MIN, INT16_MAX)
DN_CUMULATIVE_EXTREMES(i32, int32_t, INT32_MIN, INT32_MAX)
DN_CUMULATIVE_EXTREMES(i64, int64_t, INT64_MIN, INT64_MAX)
DN_CUMULATIVE_EXTREMES(u8, uint8_t, 0, UINT8_MAX)
DN_CUMULATIVE_EXTREMES(u16, uint16_t, 0, UINT16_MAX)
DN_CUMULATIVE_EXTREMES(u32, uint32_t, 0, UINT32_MAX)
DN_CUMULATIVE_EXTREMES(u64, uint64_t, 0, UINT64_MAX)

#define DN_INTEGER_ROW(name, width) {sum_##width, product_##width, max_##name, min_##name, NULL}

bool dn_cumulative(const void *source, dn_type type, dn_cumulative_kind kind, bool reversed, int64_t outer,
                   int64_t count, int64_t inner, void *destination) {
  static const dn_parallel_body bodies[][DN_CUMULATIVE_COUNT] = {
      [DN_F32] = {sum_f32, product_f32, max_f32, min_f32, exp_f32},
      [DN_F64] = {sum_f64, product_f64, max_f64, min_f64, exp_f64},
      [DN_I8] = DN_INTEGER_ROW(i8, 8), [DN_I16] = DN_INTEGER_ROW(i16, 16), [DN_I32] = DN_INTEGER_ROW(i32, 32),
      [DN_I64] = DN_INTEGER_ROW(i64, 64), [DN_U8] = DN_INTEGER_ROW(u8, 8), [DN_U16] = DN_INTEGER_ROW(u16, 16),
      [DN_U32] = DN_INTEGER_ROW(u32, 32), [DN_U64] = DN_INTEGER_ROW(u64, 64)};
  if (type > DN_U64 || kind >= DN_CUMULATIVE_COUNT || bodies[type][kind] == NULL) return false;
  if (outer <= 0 || inner <= 0 || count <= 0) return true;
  cumulative_run run = {source, destination, reversed, count, inner};
  dn_parallel(outer * inner, DN_WORTHWHILE / count + 1, bodies[type][kind], &run);
  return true;
}
