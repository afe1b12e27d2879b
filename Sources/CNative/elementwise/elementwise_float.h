// Arithmetic kernels on float32 and float64. Part of elementwise_kernels.h.

// x86 has vector instructions that round only from SSE 4.1 on; the baseline adds and subtracts 2^(digits − 1) instead,
// which leaves no bits for a fraction.
#if defined(__x86_64__) && DN_VECTOR_BYTES == 64
#define DN_ROUND_EVEN(V, I, x, limit, sign)                                                                            \
  ((DN_BITS(V, DN_BITS(I, x) & ~(I)(sign)) < (limit))                                                                  \
       ? DN_BITS(V, DN_BITS(I, (DN_BITS(V, DN_BITS(I, x) & ~(I)(sign)) + (limit)) - (limit)) |                         \
                        (DN_BITS(I, x) & (I)(sign)))                                                                   \
       : (x))
#define DN_ROUND_DOWN(V, I, x, r, sign) (((r) > (x)) ? (r) - 1 : (r))
#define DN_ROUND_UP(V, I, x, r, sign) DN_BITS(V, DN_BITS(I, ((r) < (x)) ? (r) + 1 : (r)) | (DN_BITS(I, x) & (I)(sign)))
#else
#define DN_ROUND_EVEN(V, I, x, limit, sign) __builtin_elementwise_roundeven(x)
#define DN_ROUND_DOWN(V, I, x, r, sign) __builtin_elementwise_floor(x)
#define DN_ROUND_UP(V, I, x, r, sign) __builtin_elementwise_ceil(x)
#endif

/// The larger lanes, NaN where either is; of equal values (zeros of two signs) the sign bit that either has clear.
#define DN_LARGER(x, y)                                                                                                \
  (((x) == (y)) ? DN_BITS(__typeof__(x), DN_BITS(__typeof__((x) == (y)), x) & DN_BITS(__typeof__((x) == (y)), y))      \
                : (((x) > (y)) | ((x) != (x))) ? (x) : (y))
#define DN_SMALLER(x, y)                                                                                               \
  (((x) == (y)) ? DN_BITS(__typeof__(x), DN_BITS(__typeof__((x) == (y)), x) | DN_BITS(__typeof__((x) == (y)), y))      \
                : (((x) < (y)) | ((x) != (x))) ? (x) : (y))

#define DN_FLOAT_KERNELS(width, limit, infinity, one, sign)                                                            \
  typedef DN_PASTE(f##width, DN_LANES_##width) float_##width;                                                          \
  typedef DN_UNALIGNED(DN_PASTE(f##width, DN_LANES_##width)) float_##width##_u;                                        \
  DN_UNARY_KERNEL(neg_f##width, DN_LANES_##width, bits_##width, bits_##width, x ^ sign)                                \
  DN_UNARY_KERNEL(abs_f##width, DN_LANES_##width, bits_##width, bits_##width, x & ~sign)                               \
  DN_UNARY_KERNEL(sign_f##width, DN_LANES_##width, float_##width, float_##width,                                       \
                  ((x < 0) | (x > 0)) ? DN_BITS(float_##width, (DN_BITS(bits_##width, x) &                             \
                                                                sign) | one)                                           \
                                      : x)                                                                             \
  DN_UNARY_KERNEL(sqrt_f##width, DN_LANES_##width, float_##width, float_##width, __builtin_elementwise_sqrt(x))        \
  DN_UNARY_KERNEL(rsqrt_f##width, DN_LANES_##width, float_##width, float_##width, 1 / __builtin_elementwise_sqrt(x))   \
  DN_UNARY_KERNEL(round_f##width, DN_LANES_##width, float_##width, float_##width,                                      \
                  DN_ROUND_EVEN(float_##width, bits_##width, x, limit, sign))                                          \
  DN_UNARY_KERNEL(floor_f##width, DN_LANES_##width, float_##width, float_##width,                                      \
                  DN_ROUND_DOWN(float_##width, bits_##width, x,                                                        \
                                DN_ROUND_EVEN(float_##width, bits_##width, x, limit, sign),                            \
                                sign))                                                                                 \
  DN_UNARY_KERNEL(ceil_f##width, DN_LANES_##width, float_##width, float_##width,                                       \
                  DN_ROUND_UP(float_##width, bits_##width, x,                                                          \
                              DN_ROUND_EVEN(float_##width, bits_##width, x, limit, sign),                              \
                              sign))                                                                                   \
  DN_UNARY_KERNEL(is_finite_f##width, DN_LANES_##width, truth_##width, bits_##width,                                   \
                  DN_TRUTH(truth_##width, (x & infinity) != infinity))                                                 \
  DN_BINARY_KERNEL(add_f##width, DN_LANES_##width, float_##width, float_##width, x + y)                                \
  DN_BINARY_KERNEL(sub_f##width, DN_LANES_##width, float_##width, float_##width, x - y)                                \
  DN_BINARY_KERNEL(mul_f##width, DN_LANES_##width, float_##width, float_##width, x *y)                                 \
  DN_BINARY_KERNEL(div_f##width, DN_LANES_##width, float_##width, float_##width, x / y)                                \
  DN_BINARY_KERNEL(max_f##width, DN_LANES_##width, float_##width, float_##width, DN_LARGER(x, y))                      \
  DN_BINARY_KERNEL(min_f##width, DN_LANES_##width, float_##width, float_##width, DN_SMALLER(x, y))                     \
  DN_BINARY_KERNEL(eq_f##width, DN_LANES_##width, truth_##width, float_##width, DN_TRUTH(truth_##width, x == y))       \
  DN_BINARY_KERNEL(ne_f##width, DN_LANES_##width, truth_##width, float_##width, DN_TRUTH(truth_##width, x != y))       \
  DN_BINARY_KERNEL(lt_f##width, DN_LANES_##width, truth_##width, float_##width, DN_TRUTH(truth_##width, x < y))        \
  DN_BINARY_KERNEL(le_f##width, DN_LANES_##width, truth_##width, float_##width, DN_TRUTH(truth_##width, x <= y))       \
  DN_TERNARY_KERNEL(fma_f##width, DN_LANES_##width, float_##width, float_##width, float_##width, float_##width,        \
                    __builtin_elementwise_fma(x, y, z))

DN_FLOAT_KERNELS(32, 0x1p23f, 0x7f800000u, 0x3f800000u, 0x80000000u)
DN_FLOAT_KERNELS(64, 0x1p52, 0x7ff0000000000000u, 0x3ff0000000000000u, 0x8000000000000000u)
