#ifndef DN_RANGES_H
#define DN_RANGES_H

#include <stdint.h>

#include "types.h"

/// The place of the first of `count` integers that does not lie in `0 ..< limit`, −1 where all do.
///
/// `value` receives the integer itself. `type` is one of the integers' types; `limit` is not negative.
int64_t dn_first_outside(const void *values, dn_type type, int64_t count, int64_t limit, int64_t *value);

#endif
