// Conversions in one step. Part of elementwise_kernels.h.

#if DN_VECTOR_BYTES == 256
#define DN_CONVERT_LANES 32
#else
#define DN_CONVERT_LANES 16
#endif

typedef DN_PASTE(f32, DN_CONVERT_LANES) c_f32;
typedef DN_PASTE(f64, DN_CONVERT_LANES) c_f64;
typedef DN_PASTE(i8, DN_CONVERT_LANES) c_i8;
typedef DN_PASTE(i16, DN_CONVERT_LANES) c_i16;
typedef DN_PASTE(i32, DN_CONVERT_LANES) c_i32;
typedef DN_PASTE(i64, DN_CONVERT_LANES) c_i64;
typedef DN_PASTE(u8, DN_CONVERT_LANES) c_u8;
typedef DN_PASTE(u16, DN_CONVERT_LANES) c_u16;
typedef DN_PASTE(u32, DN_CONVERT_LANES) c_u32;
typedef DN_PASTE(u64, DN_CONVERT_LANES) c_u64;
typedef DN_UNALIGNED(DN_PASTE(f32, DN_CONVERT_LANES)) c_f32_u;
typedef DN_UNALIGNED(DN_PASTE(f64, DN_CONVERT_LANES)) c_f64_u;
typedef DN_UNALIGNED(DN_PASTE(i8, DN_CONVERT_LANES)) c_i8_u;
typedef DN_UNALIGNED(DN_PASTE(i16, DN_CONVERT_LANES)) c_i16_u;
typedef DN_UNALIGNED(DN_PASTE(i32, DN_CONVERT_LANES)) c_i32_u;
typedef DN_UNALIGNED(DN_PASTE(i64, DN_CONVERT_LANES)) c_i64_u;
typedef DN_UNALIGNED(DN_PASTE(u8, DN_CONVERT_LANES)) c_u8_u;
typedef DN_UNALIGNED(DN_PASTE(u16, DN_CONVERT_LANES)) c_u16_u;
typedef DN_UNALIGNED(DN_PASTE(u32, DN_CONVERT_LANES)) c_u32_u;
typedef DN_UNALIGNED(DN_PASTE(u64, DN_CONVERT_LANES)) c_u64_u;

#define DN_PLAIN_CONVERSION(from, to) \
  DN_UNARY_KERNEL(from##_to_##to, DN_CONVERT_LANES, c_##to, c_##from, __builtin_convertvector(x, c_##to))

DN_PLAIN_CONVERSION(f32, f64)
DN_PLAIN_CONVERSION(f64, f32)
DN_PLAIN_CONVERSION(i8, i64)
DN_PLAIN_CONVERSION(i16, i64)
DN_PLAIN_CONVERSION(i32, i64)
DN_PLAIN_CONVERSION(u8, i64)
DN_PLAIN_CONVERSION(u16, i64)
DN_PLAIN_CONVERSION(u32, i64)
DN_PLAIN_CONVERSION(i64, i8)
DN_PLAIN_CONVERSION(i64, i16)
DN_PLAIN_CONVERSION(i64, i32)
DN_PLAIN_CONVERSION(i8, f32)
DN_PLAIN_CONVERSION(i16, f32)
DN_PLAIN_CONVERSION(i32, f32)
DN_PLAIN_CONVERSION(i64, f32)
DN_PLAIN_CONVERSION(u8, f32)
DN_PLAIN_CONVERSION(u16, f32)
DN_PLAIN_CONVERSION(u32, f32)
DN_PLAIN_CONVERSION(u64, f32)
DN_PLAIN_CONVERSION(i32, f64)
DN_PLAIN_CONVERSION(u32, f64)
DN_PLAIN_CONVERSION(i64, f64)
DN_PLAIN_CONVERSION(u64, f64)

/// Float64 to an integer: the bounds are the extreme float64 values that truncate into the type; beyond the upper one
/// the result is the type's largest value, which float64 cannot hold for 64 bits.
#define DN_SATURATING_CONVERSION(to, low, high, largest)                                             \
  DN_INLINE c_##to saturate_##to(c_f64 x) {                                                          \
    const c_f64 inside = (x >= (low)) ? (x <= (high)) ? x : (high) : (x < (low)) ? (c_f64)(low) : 0; \
    const c_##to whole = __builtin_convertvector(inside, c_##to);                                    \
    return __builtin_convertvector(x > (high), c_##to) ? (c_##to)(largest) : whole;                  \
  }                                                                                                  \
  DN_UNARY_KERNEL(f64_to_##to, DN_CONVERT_LANES, c_##to, c_f64, saturate_##to(x))

DN_SATURATING_CONVERSION(i8, -0x1p7, 127.0, INT8_MAX)
DN_SATURATING_CONVERSION(i16, -0x1p15, 32767.0, INT16_MAX)
DN_SATURATING_CONVERSION(i32, -0x1p31, 2147483647.0, INT32_MAX)
DN_SATURATING_CONVERSION(i64, -0x1p63, 0x1.fffffffffffffp62, INT64_MAX)
DN_SATURATING_CONVERSION(u8, 0.0, 255.0, UINT8_MAX)
DN_SATURATING_CONVERSION(u16, 0.0, 65535.0, UINT16_MAX)
DN_SATURATING_CONVERSION(u32, 0.0, 4294967295.0, UINT32_MAX)
DN_SATURATING_CONVERSION(u64, 0.0, 0x1.fffffffffffffp63, UINT64_MAX)

// MARK: Half precision

/// bfloat16 is the upper half of a float32; adding 0x7fff and the lowest kept bit before cutting rounds to nearest
/// even. A NaN must not round to infinity.
DN_INLINE c_u16 bf16_from(c_f32 x) {
  const c_u32 bits = DN_BITS(c_u32, x);
  const c_u32 rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  return __builtin_convertvector((x != x) ? (bits >> 16) | 0x40 : rounded, c_u16);
}

DN_INLINE c_f32 bf16_to(c_u16 x) {
  return DN_BITS(c_f32, __builtin_convertvector(x, c_u32) << 16);
}

/// float16 to float32: move the 15 bits into place and correct the exponent's bias by a multiplication, which is exact
/// and normalizes subnormals; infinity and NaN need the largest exponent.
DN_INLINE c_f32 f16_to(c_u16 x) {
  const c_u32 half = __builtin_convertvector(x, c_u32);
  const c_u32 size = (half & 0x7fff) << 13;
  const c_u32 finite = DN_BITS(c_u32, DN_BITS(c_f32, size) * 0x1p112f);
  return DN_BITS(c_f32, ((size >= 0x0f800000) ? (size | 0x7f800000) : finite) | ((half & 0x8000) << 16));
}

/// float32 to float16. Normal results round in integer arithmetic; subnormal ones by adding a power of two whose last
/// digit is the smallest float16, so that the addition rounds; from 65520 on the result is infinity.
DN_INLINE c_u16 f16_from(c_f32 x) {
  const c_u32 bits = DN_BITS(c_u32, x);
  const c_u32 size = bits & 0x7fffffff;
  const c_u32 normal = (size - (112u << 23) + 0xfff + ((size >> 13) & 1)) >> 13;
  const c_u32 small = DN_BITS(c_u32, DN_BITS(c_f32, size) + 0.5f) - 0x3f000000;
  const c_u32 large = (size > 0x7f800000) ? 0x7e00 | ((size >> 13) & 0x3ff) : (c_u32)0x7c00;
  const c_u32 result = (size >= 0x477ff000) ? large : (size < 0x38800000) ? small : normal;
  return __builtin_convertvector(result | ((bits >> 16) & 0x8000), c_u16);
}

DN_UNARY_KERNEL(f32_to_bf16, DN_CONVERT_LANES, c_u16, c_f32, bf16_from(x))
DN_UNARY_KERNEL(bf16_to_f32, DN_CONVERT_LANES, c_f32, c_u16, bf16_to(x))
DN_UNARY_KERNEL(f32_to_f16, DN_CONVERT_LANES, c_u16, c_f32, f16_from(x))
DN_UNARY_KERNEL(f16_to_f32, DN_CONVERT_LANES, c_f32, c_u16, f16_to(x))
