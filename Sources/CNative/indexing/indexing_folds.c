// How updates combine with the elements that they meet.

#include <string.h>

#include "indexing_internal.h"

/// Elements of a row that are accumulated together.
enum { DN_COLUMNS = 64 };

static inline const char *row_of(const dn_fold_list *list, int64_t index) {
  const int64_t place = list->places == NULL ? index : (int64_t)(list->places[index] & 0xffffffffu);
  return list->updates + place * list->stride;
}

#define DN_PLUS(x, y) ((x) + (y))
#define DN_TIMES(x, y) ((x) * (y))
/// What is not a number stays, and is taken over.
#define DN_LARGER(x, y) ((y) > (x) || (y) != (y) ? (y) : (x))
#define DN_SMALLER(x, y) ((y) < (x) || (y) != (y) ? (y) : (x))

#define DN_EACH_COLUMN(A, COMBINED)                                                                          \
  for (int64_t j = 0; j < columns; j++) sums[j] = (A)COMBINED(sums[j], (A)source[j]);                        \
  break;

/// Rows and single elements of type T, accumulated as A: numbers that a sum of many would round each time are
/// accumulated in a wider type and rounded once, the others wrap.
#define DN_FOLDS(name, T, A)                                                                                 \
  static void name##_rows(dn_scatter_kind kind, void *row, const dn_fold_list *list, int64_t run) {          \
    if (kind == DN_SCATTER_SET) {                                                                            \
      memcpy(row, row_of(list, list->count - 1), (size_t)run * sizeof(T));                                   \
      return;                                                                                                \
    }                                                                                                        \
    for (int64_t first = 0; first < run; first += DN_COLUMNS) {                                              \
      const int64_t columns = run - first < DN_COLUMNS ? run - first : DN_COLUMNS;                           \
      T *target = (T *)row + first;                                                                          \
      A sums[DN_COLUMNS];                                                                                    \
      for (int64_t j = 0; j < columns; j++) sums[j] = (A)target[j];                                          \
      for (int64_t i = 0; i < list->count; i++) {                                                            \
        const T *source = (const T *)row_of(list, i) + first;                                                \
        switch (kind) {                                                                                      \
        case DN_SCATTER_ADD: DN_EACH_COLUMN(A, DN_PLUS)                                                      \
        case DN_SCATTER_MULTIPLY: DN_EACH_COLUMN(A, DN_TIMES)                                                \
        case DN_SCATTER_MAX: DN_EACH_COLUMN(A, DN_LARGER)                                                    \
        case DN_SCATTER_MIN: DN_EACH_COLUMN(A, DN_SMALLER)                                                   \
        case DN_SCATTER_SET: break;                                                                          \
        }                                                                                                    \
      }                                                                                                      \
      for (int64_t j = 0; j < columns; j++) target[j] = (T)sums[j];                                          \
    }                                                                                                        \
  }                                                                                                          \
  static void name##_elements(dn_scatter_kind kind, void *elements, double *sums, const void *updates,       \
                              const int64_t *targets, int64_t count, int64_t low, int64_t high) {            \
    T *element = elements;                                                                                   \
    const T *update = updates;                                                                               \
    for (int64_t i = 0; i < count; i++) {                                                                    \
      const int64_t at = targets[i];                                                                         \
      if (at < low || at >= high) continue;                                                                  \
      switch (kind) {                                                                                        \
      case DN_SCATTER_ADD:                                                                                   \
        if (sums != NULL) sums[at] += (double)update[i];                                                     \
        else element[at] = (T)DN_PLUS((A)element[at], (A)update[i]);                                         \
        break;                                                                                               \
      case DN_SCATTER_MULTIPLY:                                                                              \
        if (sums != NULL) sums[at] *= (double)update[i];                                                     \
        else element[at] = (T)DN_TIMES((A)element[at], (A)update[i]);                                        \
        break;                                                                                               \
      case DN_SCATTER_MAX: element[at] = DN_LARGER(element[at], update[i]); break;                           \
      case DN_SCATTER_MIN: element[at] = DN_SMALLER(element[at], update[i]); break;                          \
      case DN_SCATTER_SET: element[at] = update[i]; break;                                                   \
      }                                                                                                      \
    }                                                                                                        \
  }

DN_FOLDS(fold_f32, float, double)
DN_FOLDS(fold_f64, double, double)
DN_FOLDS(fold_i8, int8_t, int8_t)
DN_FOLDS(fold_i16, int16_t, int16_t)
DN_FOLDS(fold_i32, int32_t, int32_t)
DN_FOLDS(fold_i64, int64_t, int64_t)
// Wider than their products, so that nothing but unsigned arithmetic wraps.
DN_FOLDS(fold_u8, uint8_t, uint32_t)
DN_FOLDS(fold_u16, uint16_t, uint32_t)
DN_FOLDS(fold_u32, uint32_t, uint32_t)
DN_FOLDS(fold_u64, uint64_t, uint64_t)

typedef float f32x8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double f64x8 __attribute__((vector_size(64)));

enum { DN_LANES = 8, DN_VECTORS = 4, DN_WIDTH = DN_LANES * DN_VECTORS };

/// Sums of float32 rows, vector by vector so that they are fast in every build.
static void add_f32_rows(dn_scatter_kind kind, void *row, const dn_fold_list *list, int64_t run) {
  float *target = row;
  int64_t first = 0;
  for (; first + DN_WIDTH <= run; first += DN_WIDTH) {
    f32x8 *columns = (f32x8 *)(target + first);
    if (list->count == 1) {
      const f32x8 *source = (const f32x8 *)((const float *)row_of(list, 0) + first);
      for (int v = 0; v < DN_VECTORS; v++) columns[v] += source[v];
      continue;
    }
    f64x8 sums[DN_VECTORS];
    for (int v = 0; v < DN_VECTORS; v++) sums[v] = __builtin_convertvector(columns[v], f64x8);
    for (int64_t i = 0; i < list->count; i++) {
      const f32x8 *source = (const f32x8 *)((const float *)row_of(list, i) + first);
      for (int v = 0; v < DN_VECTORS; v++) sums[v] += __builtin_convertvector(source[v], f64x8);
    }
    for (int v = 0; v < DN_VECTORS; v++) columns[v] = __builtin_convertvector(sums[v], f32x8);
  }
  if (first == run) return;
  dn_fold_list rest = *list;
  rest.updates += first * (int64_t)sizeof(float);
  fold_f32_rows(kind, target + first, &rest, run - first);
}

/// Whether bits are all that matters: wrapped sums and products, and taking the place of another.
static bool is_bitwise(dn_scatter_kind kind) {
  return kind == DN_SCATTER_ADD || kind == DN_SCATTER_MULTIPLY || kind == DN_SCATTER_SET;
}

dn_fold_rows dn_fold_rows_for(dn_scatter_kind kind, dn_type type) {
  static const dn_fold_rows rows[] = {
      [DN_F32] = fold_f32_rows, [DN_F64] = fold_f64_rows, [DN_I8] = fold_i8_rows,   [DN_I16] = fold_i16_rows,
      [DN_I32] = fold_i32_rows, [DN_I64] = fold_i64_rows, [DN_U8] = fold_u8_rows,   [DN_U16] = fold_u16_rows,
      [DN_U32] = fold_u32_rows, [DN_U64] = fold_u64_rows, [DN_BOOL] = NULL};
  static const dn_fold_rows bits[] = {[1] = fold_u8_rows, [2] = fold_u16_rows, [4] = fold_u32_rows,
                                      [8] = fold_u64_rows};
  if (type > DN_BOOL) return NULL;
  const bool is_integer = type >= DN_I8 && type <= DN_U64;
  if (kind == DN_SCATTER_SET || (is_integer && is_bitwise(kind))) return bits[dn_type_size(type)];
  if (kind == DN_SCATTER_ADD && type == DN_F32) return add_f32_rows;
  return rows[type];
}

dn_fold_elements dn_fold_elements_for(dn_scatter_kind kind, dn_type type) {
  static const dn_fold_elements elements[] = {
      [DN_F32] = fold_f32_elements, [DN_F64] = fold_f64_elements, [DN_I8] = fold_i8_elements,
      [DN_I16] = fold_i16_elements, [DN_I32] = fold_i32_elements, [DN_I64] = fold_i64_elements,
      [DN_U8] = fold_u8_elements,   [DN_U16] = fold_u16_elements, [DN_U32] = fold_u32_elements,
      [DN_U64] = fold_u64_elements, [DN_BOOL] = NULL};
  static const dn_fold_elements bits[] = {[1] = fold_u8_elements, [2] = fold_u16_elements, [4] = fold_u32_elements,
                                          [8] = fold_u64_elements};
  if (type > DN_BOOL) return NULL;
  const bool is_integer = type >= DN_I8 && type <= DN_U64;
  if (kind == DN_SCATTER_SET || (is_integer && is_bitwise(kind))) return bits[dn_type_size(type)];
  return elements[type];
}
