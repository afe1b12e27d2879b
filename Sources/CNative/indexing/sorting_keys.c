// Keys: unsigned numbers in the order of the elements that they stand for.

#include <string.h>

#include "sorting_internal.h"

bool dn_has_narrow_keys(dn_type type) { return dn_type_size(type) < 8; }

/// NaN, of whatever sign, comes last; the bits of a negative number turn round, those of a positive one follow.
#define DN_FLOAT_KEY(name, U, SIGN, INFINITE)                                                                \
  static inline U name(U bits) {                                                                             \
    const U size = bits & (U) ~(SIGN);                                                                       \
    if (size > (U)(INFINITE)) return (U) ~(U)0;                                                              \
    if (size == 0) return SIGN;                                                                              \
    return bits & (SIGN) ? (U)~bits : (U)(bits | (SIGN));                                                    \
  }

DN_FLOAT_KEY(key_f64, uint64_t, (uint64_t)1 << 63, (uint64_t)0x7ff << 52)
DN_FLOAT_KEY(key_f32, uint32_t, 0x80000000u, 0x7f800000u)
DN_FLOAT_KEY(key_f16, uint16_t, 0x8000u, 0x7c00u)
DN_FLOAT_KEY(key_bf16, uint16_t, 0x8000u, 0x7f80u)

#define DN_SAME(x) (x)
#define DN_SIGNED_8(x) ((uint8_t)((x) ^ 0x80u))
#define DN_SIGNED_16(x) ((uint16_t)((x) ^ 0x8000u))
#define DN_SIGNED_32(x) ((x) ^ 0x80000000u)
#define DN_SIGNED_64(x) ((x) ^ (uint64_t)1 << 63)

#define DN_EXTRACT_PACKED(U, KEY)                                                                            \
  for (int64_t i = 0; i < count; i++) {                                                                      \
    const U bits = ((const U *)line)[(first + i) * stride];                                                  \
    const uint32_t key = KEY(bits);                                                                          \
    items[i] = (uint64_t)(key ^ turned) << 32 | (uint64_t)(first + i);                                       \
  }                                                                                                          \
  break;

void dn_extract_packed(const dn_sort_shape *shape, const void *line, int64_t stride, int64_t first, int64_t count,
                       uint64_t *items) {
  const uint32_t turned = shape->is_descending ? 0xffffffffu : 0;
  switch (shape->key_type) {
  case DN_F32: DN_EXTRACT_PACKED(uint32_t, key_f32)
  case DN_BF16: DN_EXTRACT_PACKED(uint16_t, key_bf16)
  case DN_F16: DN_EXTRACT_PACKED(uint16_t, key_f16)
  case DN_I8: DN_EXTRACT_PACKED(uint8_t, DN_SIGNED_8)
  case DN_I16: DN_EXTRACT_PACKED(uint16_t, DN_SIGNED_16)
  case DN_I32: DN_EXTRACT_PACKED(uint32_t, DN_SIGNED_32)
  case DN_U16: DN_EXTRACT_PACKED(uint16_t, DN_SAME)
  case DN_U32: DN_EXTRACT_PACKED(uint32_t, DN_SAME)
  default: DN_EXTRACT_PACKED(uint8_t, DN_SAME)
  }
}

#define DN_EXTRACT_WIDE(KEY)                                                                                 \
  for (int64_t i = 0; i < count; i++) {                                                                      \
    const uint64_t bits = ((const uint64_t *)line)[(first + i) * stride];                                    \
    items[i] = (dn_wide_item){KEY(bits) ^ turned, (uint64_t)(first + i)};                                    \
  }                                                                                                          \
  break;

void dn_extract_wide(const dn_sort_shape *shape, const void *line, int64_t stride, int64_t first, int64_t count,
                     dn_wide_item *items) {
  const uint64_t turned = shape->is_descending ? ~(uint64_t)0 : 0;
  switch (shape->key_type) {
  case DN_F64: DN_EXTRACT_WIDE(key_f64)
  case DN_I64: DN_EXTRACT_WIDE(DN_SIGNED_64)
  default: DN_EXTRACT_WIDE(DN_SAME)
  }
}
