#ifndef DN_ARGREDUCE_H
#define DN_ARGREDUCE_H

#include <stdbool.h>
#include <stdint.h>

#include "types.h"

/// Finds the index of the largest (`minimum`: smallest) element along the middle axis of `[outer, count, inner]`.
///
/// Writes `[outer, inner]` indices of `index_type` (int32 or int64): the first of equal elements, or the first NaN if
/// there is one. False, with nothing written, where `index_type` is neither, `type` is not an element type, or `count` is 0
/// while the result has elements.
bool dn_arg_reduce(const void *source, dn_type type, bool minimum, int64_t outer, int64_t count, int64_t inner,
                   dn_type index_type, void *destination);

#endif
