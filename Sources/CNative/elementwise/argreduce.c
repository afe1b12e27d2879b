#include "argreduce.h"

#include <string.h>

#include "elementwise_internal.h"
#include "parallel.h"

/// Elements below which a range is not worth a thread of its own.
enum { DN_WORTHWHILE = 32768 };
/// Neighboring results found together, so that memory is read in rows.
enum { DN_COLUMNS = 256 };
enum { DN_STRETCH = 256 };

typedef struct arg_run {
  const void *source;
  void *destination;
  bool is_minimum, is_wide;
  int64_t count, inner;
} arg_run;

static void store_index(const arg_run *run, int64_t at, int64_t index) {
  if (run->is_wide) ((int64_t *)run->destination)[at] = index;
  else ((int32_t *)run->destination)[at] = (int32_t)index;
}

/// A value replaces the best one where it is better, or is the first that is not a number. Half precision compares as
/// the float32 that `VALUE` reads. A long row is searched by the extreme values of its stretches, which `MAXIMUM` and
/// the kernel after it find fast, and then within the best stretch.
#define DN_ARG_REDUCE(name, T, V, VALUE, MAXIMUM)                                                            \
  static inline bool name##_wins(bool is_minimum, V x, V best) {                                             \
    return (is_minimum ? x < best : x > best) || (x != x && best == best);                                   \
  }                                                                                                          \
  static int64_t name##_row(const T *row, int64_t count, bool is_minimum) {                                  \
    int64_t result = 0;                                                                                      \
    V best = VALUE(row[0]);                                                                                  \
    for (int64_t i = 1; i < count; i++) {                                                                    \
      const V x = VALUE(row[i]);                                                                             \
      if (name##_wins(is_minimum, x, best)) {                                                                \
        best = x;                                                                                            \
        result = i;                                                                                          \
      }                                                                                                      \
    }                                                                                                        \
    return result;                                                                                           \
  }                                                                                                          \
  static int64_t name##_long_row(const T *row, int64_t count, bool is_minimum) {                             \
    if (MAXIMUM < 0 || count < 2 * DN_STRETCH) return name##_row(row, count, is_minimum);                    \
    const dn_fold_kernel fold = dn_kernels()->reductions[is_minimum ? MAXIMUM + 1 : MAXIMUM].fold;           \
    int64_t found = 0;                                                                                       \
    T best = row[0];                                                                                         \
    for (int64_t i = 0; i < count; i += DN_STRETCH) {                                                        \
      T x = row[i];                                                                                          \
      fold(&x, row + i, 1, count - i < DN_STRETCH ? count - i : DN_STRETCH);                                 \
      if (i == 0 || name##_wins(is_minimum, VALUE(x), VALUE(best))) {                                        \
        best = x;                                                                                            \
        found = i;                                                                                           \
      }                                                                                                      \
    }                                                                                                        \
    const int64_t left = count - found;                                                                      \
    return found + name##_row(row + found, left < DN_STRETCH ? left : DN_STRETCH, is_minimum);               \
  }                                                                                                          \
  static void name##_columns(const arg_run *run, int64_t first, int64_t columns) {                           \
    const T *source = (const T *)run->source + first / run->inner * run->count * run->inner +                \
                      first % run->inner;                                                                    \
    V best[DN_COLUMNS];                                                                                      \
    int64_t index[DN_COLUMNS];                                                                               \
    for (int64_t j = 0; j < columns; j++) {                                                                  \
      best[j] = VALUE(source[j]);                                                                            \
      index[j] = 0;                                                                                          \
    }                                                                                                        \
    for (int64_t i = 1; i < run->count; i++) {                                                               \
      source += run->inner;                                                                                  \
      for (int64_t j = 0; j < columns; j++) {                                                                \
        const V x = VALUE(source[j]);                                                                        \
        if (name##_wins(run->is_minimum, x, best[j])) {                                                      \
          best[j] = x;                                                                                       \
          index[j] = i;                                                                                      \
        }                                                                                                    \
      }                                                                                                      \
    }                                                                                                        \
    for (int64_t j = 0; j < columns; j++) store_index(run, first + j, index[j]);                             \
  }                                                                                                          \
  static void name(void *context, int64_t begin, int64_t end) {                                              \
    const arg_run *run = context;                                                                            \
    while (begin < end) {                                                                                    \
      if (run->inner == 1) {                                                                                 \
        const T *row = (const T *)run->source + begin * run->count;                                          \
        store_index(run, begin, name##_long_row(row, run->count, run->is_minimum));                          \
        begin++;                                                                                             \
        continue;                                                                                            \
      }                                                                                                      \
      int64_t columns = run->inner - begin % run->inner;                                                     \
      if (columns > end - begin) columns = end - begin;                                                      \
      if (columns > DN_COLUMNS) columns = DN_COLUMNS;                                                        \
      name##_columns(run, begin, columns);                                                                   \
      begin += columns;                                                                                      \
    }                                                                                                        \
  }

static inline float from_bf16(uint16_t x) {
  const uint32_t bits = (uint32_t)x << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// Keeps order and equality, not the value: moving the bits scales by a power of two, which only NaN must survive.
static inline float from_f16(uint16_t x) {
  const uint32_t size = (x & 0x7fffu) << 13;
  const uint32_t bits = ((x & 0x8000u) << 16) | (size > 0x0f800000 ? 0x7fc00000 : size);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#define DN_SAME(x) (x)

DN_ARG_REDUCE(arg_f32, float, float, DN_SAME, DN_REDUCE_F32_MAX)
DN_ARG_REDUCE(arg_f64, double, double, DN_SAME, DN_REDUCE_F64_MAX)
DN_ARG_REDUCE(arg_bf16, uint16_t, float, from_bf16, -1)
DN_ARG_REDUCE(arg_f16, uint16_t, float, from_f16, -1)
DN_ARG_REDUCE(arg_i8, int8_t, int8_t, DN_SAME, DN_REDUCE_INTEGERS + 0)
DN_ARG_REDUCE(arg_i16, int16_t, int16_t, DN_SAME, DN_REDUCE_INTEGERS + 2)
DN_ARG_REDUCE(arg_i32, int32_t, int32_t, DN_SAME, DN_REDUCE_INTEGERS + 4)
DN_ARG_REDUCE(arg_i64, int64_t, int64_t, DN_SAME, DN_REDUCE_INTEGERS + 6)
DN_ARG_REDUCE(arg_u8, uint8_t, uint8_t, DN_SAME, DN_REDUCE_INTEGERS + 8)
DN_ARG_REDUCE(arg_u16, uint16_t, uint16_t, DN_SAME, DN_REDUCE_INTEGERS + 10)
DN_ARG_REDUCE(arg_u32, uint32_t, uint32_t, DN_SAME, DN_REDUCE_INTEGERS + 12)
DN_ARG_REDUCE(arg_u64, uint64_t, uint64_t, DN_SAME, DN_REDUCE_INTEGERS + 14)

bool dn_arg_reduce(const void *source, dn_type type, bool minimum, int64_t outer, int64_t count, int64_t inner,
                   dn_type index_type, void *destination) {
  static const dn_parallel_body bodies[] = {
      [DN_F32] = arg_f32, [DN_F64] = arg_f64, [DN_BF16] = arg_bf16, [DN_F16] = arg_f16, [DN_I8] = arg_i8,
      [DN_I16] = arg_i16, [DN_I32] = arg_i32, [DN_I64] = arg_i64,   [DN_U8] = arg_u8,   [DN_U16] = arg_u16,
      [DN_U32] = arg_u32, [DN_U64] = arg_u64, [DN_BOOL] = arg_u8};
  if (type > DN_BOOL || (index_type != DN_I32 && index_type != DN_I64)) return false;
  if (outer <= 0 || inner <= 0) return true;
  if (count <= 0) return false;
  arg_run run = {source, destination, minimum, index_type == DN_I64, count, inner};
  dn_parallel(outer * inner, DN_WORTHWHILE / count + 1, bodies[type], &run);
  return true;
}
