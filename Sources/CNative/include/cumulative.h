#ifndef DN_CUMULATIVE_H
#define DN_CUMULATIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "types.h"

/// How `dn_cumulative` combines elements.
typedef enum dn_cumulative_kind {
  /// float32 is added in float64, float64 with compensation: each result is that of the exact sum, rounded, but for the
  /// last bit. Integers wrap.
  DN_CUMULATIVE_SUM,
  DN_CUMULATIVE_PRODUCT,
  /// NaN from the first NaN on.
  DN_CUMULATIVE_MAX,
  DN_CUMULATIVE_MIN,
  /// log Σ e^x without overflow; floating point only.
  DN_CUMULATIVE_LOG_SUM_EXP,
  DN_CUMULATIVE_COUNT
} dn_cumulative_kind;

/// Combines each element of a dense array `[outer, count, inner]` with all before it along the middle axis, or with all
/// after it where `reversed`; in parallel over the other two axes. The destination may be the source.
///
/// Returns false where the kind does not exist for the type: half precision, booleans, log Σ e^x of integers.
bool dn_cumulative(const void *source, dn_type type, dn_cumulative_kind kind, bool reversed, int64_t outer,
                   int64_t count, int64_t inner, void *destination);

#endif
