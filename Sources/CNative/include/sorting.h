#ifndef DN_SORTING_H
#define DN_SORTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"

/// What is put into order: the middle axis of packed `[outer, count, inner]` tensors, by the first of them.
typedef struct dn_sort_shape {
  dn_type key_type;
  bool is_descending;
  int64_t outer, count, inner;
} dn_sort_shape;

/// Sorts tensors along an axis by the first of them; equal elements keep their order, NaN is larger than every number and
/// −0 equals 0.
///
/// `sources` and `results` hold `tensors` addresses, `element_bytes` their elements' sizes; `order` receives, as int32,
/// the index that each element had. Returns nonzero, with a line in `error`, where there is no memory to work in or an
/// axis is too long for int32.
int dn_sort(const dn_sort_shape *shape, int32_t tensors, const size_t *element_bytes, void *const *sources,
            void *const *results, int32_t *order, char *error, size_t error_capacity);

/// The first `taken` elements of what `dn_sort` would give, `[outer, taken, inner]`, and the indices that they had.
int dn_top(const dn_sort_shape *shape, int64_t taken, const void *source, void *values, int32_t *indices, char *error,
           size_t error_capacity);

#endif
