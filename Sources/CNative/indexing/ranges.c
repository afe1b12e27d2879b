#include "ranges.h"

// Compared as unsigned numbers, of which those that stand for negative ones are the largest.
#define DEFINE_FIRST_OUTSIDE(name, element)                                                           \
  static int64_t first_outside_##name(const element *values, int64_t count, uint64_t limit, int64_t *value) { \
    for (int64_t i = 0; i < count; i++) {                                                             \
      if ((uint64_t)(int64_t)values[i] < limit) continue;                                             \
      *value = (int64_t)values[i];                                                                    \
      return i;                                                                                       \
    }                                                                                                 \
    return -1;                                                                                        \
  }

DEFINE_FIRST_OUTSIDE(i8, int8_t)
DEFINE_FIRST_OUTSIDE(i16, int16_t)
DEFINE_FIRST_OUTSIDE(i32, int32_t)
DEFINE_FIRST_OUTSIDE(i64, int64_t)
DEFINE_FIRST_OUTSIDE(u8, uint8_t)
DEFINE_FIRST_OUTSIDE(u16, uint16_t)
DEFINE_FIRST_OUTSIDE(u32, uint32_t)
DEFINE_FIRST_OUTSIDE(u64, uint64_t)

int64_t dn_first_outside(const void *values, dn_type type, int64_t count, int64_t limit, int64_t *value) {
  uint64_t end = (uint64_t)limit;
  switch (type) {
    case DN_I8: return first_outside_i8(values, count, end, value);
    case DN_I16: return first_outside_i16(values, count, end, value);
    case DN_I32: return first_outside_i32(values, count, end, value);
    case DN_I64: return first_outside_i64(values, count, end, value);
    case DN_U8: return first_outside_u8(values, count, end, value);
    case DN_U16: return first_outside_u16(values, count, end, value);
    case DN_U32: return first_outside_u32(values, count, end, value);
    case DN_U64: return first_outside_u64(values, count, end, value);
    default: return -1;
  }
}
