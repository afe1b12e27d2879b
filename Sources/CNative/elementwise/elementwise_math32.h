// Functions on float32. Part of elementwise_kernels.h.
//
// The polynomials are near-minimax fits (Lawson iteration in 60 digits) of the expressions their comments name. Sums
// are written so that they are accurate with or without fused multiply-add.

#if DN_VECTOR_BYTES == 256
#define DN_MATH_LANES 64
#define DN_WIDE_LANES 32
#else
#define DN_MATH_LANES 32
#define DN_WIDE_LANES 16
#endif

typedef DN_PASTE(f32, DN_MATH_LANES) math;
typedef DN_PASTE(i32, DN_MATH_LANES) math_bits;
typedef DN_UNALIGNED(DN_PASTE(f32, DN_MATH_LANES)) math_u;

#define DN_MATH_KERNEL(name, expression) DN_UNARY_KERNEL(name, DN_MATH_LANES, math, math, expression)

/// e^x. With n the integer nearest x/ln 2 and r = x − n·ln 2 (ln 2 in two parts, the first with few enough bits that
/// n times it is exact), e^x = 2^n·e^r and e^r = 1 + r + r²·q(r). Two scalings by about 2^(n/2) reach the subnormals
/// and infinity. `p` receives e^r − 1 where wanted.
DN_INLINE math exp_math(math x) {
  x = (x < -104.0f) ? -104.0f : x;
  x = (x > 89.0f) ? 89.0f : x;
  const math shifted = x * 0x1.715476p+0f + 0x1.8p23f;
  const math n = shifted - 0x1.8p23f;
  const math_bits k = DN_BITS(math_bits, shifted) - 0x4b400000;
  math r = x - n * 0x1.63p-1f;
  r = r - n * -0x1.bd0106p-13f;
  const math q =
      (((0x1.6a255ap-10f * r + 0x1.123a80p-7f) * r + 0x1.5558f4p-5f) * r + 0x1.555490p-3f) * r + 0x1.fffffcp-2f;
  const math p = 1 + (r + r * r * q);
  const math_bits half = k >> 1;
  return p * DN_BITS(math, (half + 127) << 23) * DN_BITS(math, (k - half + 127) << 23);
}

/// ln x. x = 2^e·(1 + f) with √½ ≤ 1 + f < √2, and ln(1 + f) = f − f²/2 + f³·P(f).
DN_INLINE math log_math(math x) {
  const math_bits small = x < 0x1p-126f;
  const math_bits bits = DN_BITS(math_bits, small ? x * 0x1p23f : x);
  const math_bits exponent = (bits - 0x3f3504f3) >> 23;
  const math f = DN_BITS(math, bits - (exponent << 23)) - 1;
  const math e = __builtin_convertvector(exponent - (small & 23), math);
  const math p = (((((((0x1.146586p-4f * f - 0x1.de4fd2p-4f) * f + 0x1.e6f532p-4f) * f - 0x1.fc1f60p-4f) * f +
                     0x1.2336eep-3f) * f - 0x1.555c5ap-3f) * f + 0x1.99a4bcp-3f) * f - 0x1.000006p-2f) * f +
                 0x1.555548p-2f;
  const math square = f * f;
  const math low = e * -0x1.bd0106p-13f + (square * f * p - 0.5f * square);
  const math result = e * 0x1.63p-1f + (f + low);
  const math special = (x == 0) ? -__builtin_inff() : (x < 0) ? __builtin_nanf("") : x;
  return ((x > 0) & (x < __builtin_inff())) ? result : special;
}

/// tanh x: below 0.625 as x + x³·T(x²), where the other form cancels; above as 1 − 2/(e^2|x| + 1).
DN_INLINE math tanh_math(math x) {
  const math_bits sign = DN_BITS(math_bits, x) & (int32_t)0x80000000;
  const math size = DN_BITS(math, DN_BITS(math_bits, x) ^ sign);
  const math z = size * size;
  const math series = ((((0x1.0df32ap-9f * z - 0x1.08f2dap-7f) * z + 0x1.62eed4p-6f) * z - 0x1.b9e040p-5f) * z +
                       0x1.11101ep-3f) * z - 0x1.555552p-2f;
  const math near = size + size * z * series;
  const math far = 1 - 2 / (exp_math(size + size) + 1);
  return DN_BITS(math, DN_BITS(math_bits, (size < 0.625f) ? near : far) | sign);
}

/// 1/(1 + e^−x), through z = e^−|x| so that nothing overflows and small results keep their digits. The last line
/// corrects for what was lost when 1 + z was rounded; 1/(1 + z) is q or 1 − q.
DN_INLINE math logistic_math(math x) {
  const math z = exp_math(DN_BITS(math, DN_BITS(math_bits, x) | (int32_t)0x80000000));
  const math denominator = 1 + z;
  const math lost = z - (denominator - 1);
  const math q = ((x < 0) ? z : 1) / denominator;
  return q - q * lost * ((x < 0) ? 1 - q : q);
}

DN_MATH_KERNEL(exp_f32, exp_math(x))
DN_MATH_KERNEL(log_f32, log_math(x))
DN_MATH_KERNEL(tanh_f32, tanh_math(x))
DN_MATH_KERNEL(logistic_f32, logistic_math(x))

// MARK: Through float64, for functions where float32 arithmetic would cancel

typedef DN_PASTE(f32, DN_WIDE_LANES) narrow;
typedef DN_PASTE(f64, DN_WIDE_LANES) wide;
typedef DN_PASTE(i64, DN_WIDE_LANES) wide_bits;
typedef DN_PASTE(i32, DN_WIDE_LANES) narrow_bits;
typedef DN_UNALIGNED(DN_PASTE(f32, DN_WIDE_LANES)) narrow_u;

#define DN_WIDE_KERNEL(name, expression) DN_UNARY_KERNEL(name, DN_WIDE_LANES, narrow, narrow, expression)
#define DN_TO_WIDE(x) __builtin_convertvector((x), wide)
#define DN_TO_NARROW(x) __builtin_convertvector((x), narrow)

/// Adding 1.5·2^52 leaves the nearest integer in the low bits.
#define DN_WIDE_ROUND 0x1.8p52

/// 2^n·(e^r − 1) + (2^n − 1) with e^r − 1 = r·q(r).
DN_INLINE narrow expm1_narrow(narrow x) {
  wide t = DN_TO_WIDE((x < -104.0f) ? -104.0f : (x > 89.0f) ? 89.0f : x);
  const wide shifted = t * 0x1.71547652b82fep+0 + DN_WIDE_ROUND;
  const wide r = t - (shifted - DN_WIDE_ROUND) * 0x1.62e42fefa39efp-1;
  const wide scale = DN_BITS(wide, (DN_BITS(wide_bits, shifted) << 52) + 0x3ff0000000000000);
  const wide q = (((((0x1.a01a00955c492p-13 * r + 0x1.6d75597d1b090p-10) * r + 0x1.1111a72344d17p-7) * r +
                    0x1.5554ace6aa12cp-5) * r + 0x1.555554c500387p-3) * r + 0x1.000000285d41fp-1) * r +
                 0x1.0000000022a46p+0;
  return (x == 0) ? x : DN_TO_NARROW(scale * (r * q) + (scale - 1));
}

/// ln u for normal u: with s = f/(2 + f), ln(1 + f) = 2s + s³·R(s²).
DN_INLINE wide log_wide(wide u) {
  const wide_bits bits = DN_BITS(wide_bits, u);
  const wide_bits exponent = (bits - 0x3fe6a09e667f3bcd) >> 52;
  const wide f = DN_BITS(wide, bits - (exponent << 52)) - 1;
  const wide s = f / (2 + f);
  const wide z = s * s;
  const wide series = ((0x1.e30651da0412fp-3 * z + 0x1.24387248e9fbdp-2) * z + 0x1.999a7c0843bccp-2) * z +
                      0x1.555554fcd5eb5p-1;
  return __builtin_convertvector(__builtin_convertvector(exponent, narrow_bits), wide) * 0x1.62e42fefa39efp-1 +
         (2 * s + s * z * series);
}

/// ln(1 + x); 1 + x has all digits of a float32 x that is not tiny, and where it is tiny, x is the answer.
DN_INLINE narrow log1p_narrow(narrow x) {
  const narrow inside = DN_TO_NARROW(log_wide(1 + DN_TO_WIDE(x)));
  const narrow special = (x == -1) ? -__builtin_inff() : (x < -1) ? __builtin_nanf("") : x;
  const narrow_bits tiny = (x > -0x1p-26f) & (x < 0x1p-26f);
  return ((x > -1) & (x < __builtin_inff()) & ~tiny) ? inside : special;
}

/// A third of the exponent's bits gives the cube root within 4 %; two steps of Halley's cubic iteration do the rest.
DN_INLINE narrow cbrt_narrow(narrow x) {
  const narrow_bits sign = DN_BITS(narrow_bits, x) & (int32_t)0x80000000;
  const narrow size = DN_BITS(narrow, DN_BITS(narrow_bits, x) ^ sign);
  const narrow_bits small = size < 0x1p-126f;
  const wide bits = DN_TO_WIDE(__builtin_convertvector(DN_BITS(narrow_bits, small ? size * 0x1p24f : size), narrow));
  const narrow_bits third = __builtin_convertvector(bits * (1.0 / 3), narrow_bits) + 0x2a514067 - (small & (8 << 23));
  const wide a = DN_TO_WIDE(size);
  wide y = DN_TO_WIDE(DN_BITS(narrow, third));
  for (int step = 0; step < 2; step++) {
    const wide cube = y * y * y;
    y = y * (cube + 2 * a) / (2 * cube + a);
  }
  const narrow root = DN_BITS(narrow, DN_BITS(narrow_bits, DN_TO_NARROW(y)) | sign);
  return ((size > 0) & (size < __builtin_inff())) ? root : x;
}

/// erf x = x·P(x²)/Q(x²); beyond 4 it rounds to ±1.
DN_INLINE narrow erf_narrow(narrow x) {
  const wide t = DN_TO_WIDE((x < -4) ? -4.0f : (x > 4) ? 4.0f : x);
  const wide z = t * t;
  const wide p = (((((-0x1.812ead6050f6dp-25 * z - 0x1.361a07073f620p-22) * z + 0x1.409c3221e63e8p-12) * z +
                    0x1.83718aa8ab9dbp-9) * z + 0x1.a1496642da880p-5) * z + 0x1.55d0bb677572dp-3) * z +
                 0x1.20dd7508b6b9ap+0;
  const wide q = (((((-0x1.4ceafa00f9105p-21 * z + 0x1.57ee3766afde1p-15) * z + 0x1.109742596b5bap-10) * z +
                    0x1.ba1523f2b1815p-7) * z + 0x1.b05db7d634908p-4) * z + 0x1.eccbde4cf3a43p-2) * z + 1;
  return DN_TO_NARROW(t * p / q);
}

DN_WIDE_KERNEL(expm1_f32, expm1_narrow(x))
DN_WIDE_KERNEL(log1p_f32, log1p_narrow(x))
DN_WIDE_KERNEL(cbrt_f32, cbrt_narrow(x))
DN_WIDE_KERNEL(erf_f32, erf_narrow(x))

// MARK: Trigonometric functions

/// x = n·π/2 + r with |r| ≤ π/4; the first part of π/2 has 33 bits, so that n times it is exact up to 2^20.
typedef struct quadrant {
  wide sine, cosine;
  wide_bits n;
} quadrant;

/// Beyond this the C library reduces the argument.
#define DN_TRIGONOMETRIC_LIMIT 0x1p20f

DN_INLINE quadrant sine_cosine(narrow x) {
  const wide t = DN_TO_WIDE(x);
  const wide shifted = t * 0x1.45f306dc9c883p-1 + DN_WIDE_ROUND;
  const wide n = shifted - DN_WIDE_ROUND;
  const wide r = (t - n * 0x1.921fb544p+0) - n * 0x1.0b4611a626331p-34;
  const wide z = r * r;
  const wide sine = ((0x1.6cd61a27b168ep-19 * z - 0x1.a00f944c0eb4ap-13) * z + 0x1.1111088abc7c1p-7) * z -
                    0x1.5555554caa12bp-3;
  const wide cosine = ((-0x1.241ccd555c61ap-22 * z + 0x1.a010d5f247c5ap-16) * z - 0x1.6c16b81c6a5dep-10) * z +
                      0x1.5555554ecc9aep-5;
  return (quadrant){r + r * z * sine, (1 - 0.5 * z) + z * z * cosine, DN_BITS(wide_bits, shifted)};
}

DN_INLINE narrow sin_narrow(narrow x) {
  const quadrant q = sine_cosine(x);
  const wide value = ((q.n & 1) != 0) ? q.cosine : q.sine;
  const narrow result = DN_TO_NARROW(DN_BITS(wide, DN_BITS(wide_bits, value) ^ ((q.n & 2) << 62)));
  return (x == 0) ? x : result;
}

DN_INLINE narrow cos_narrow(narrow x) {
  const quadrant q = sine_cosine(x);
  const wide value = ((q.n & 1) != 0) ? q.sine : q.cosine;
  return DN_TO_NARROW(DN_BITS(wide, DN_BITS(wide_bits, value) ^ (((q.n + 1) & 2) << 62)));
}

DN_INLINE narrow tan_narrow(narrow x) {
  const quadrant q = sine_cosine(x);
  const wide_bits odd = (q.n & 1) != 0;
  const narrow result = DN_TO_NARROW((odd ? -q.cosine : q.sine) / (odd ? q.sine : q.cosine));
  return (x == 0) ? x : result;
}

#define DN_TRIGONOMETRIC_KERNEL(name, function, library)                              \
  static void name(const dn_kernel_call *call) {                                      \
    char *destination = call->destination;                                            \
    const char *a = call->a;                                                          \
    const int64_t a_step = call->a_step * (int64_t)sizeof(narrow);                    \
    for (int64_t left = call->count; left > 0; left -= DN_WIDE_LANES) {               \
      const narrow x = DN_LOAD(narrow, a);                                            \
      const narrow_bits inside = (x > -DN_TRIGONOMETRIC_LIMIT) & (x < DN_TRIGONOMETRIC_LIMIT); \
      narrow result = function(x);                                                    \
      if (__builtin_reduce_and(inside) == 0) {                                        \
        for (int lane = 0; lane < DN_WIDE_LANES; lane++) {                            \
          if (!inside[lane]) result[lane] = library(x[lane]);                         \
        }                                                                             \
      }                                                                               \
      DN_STORE(narrow, destination) = result;                                         \
      a += a_step;                                                                    \
      destination += sizeof(narrow);                                                  \
    }                                                                                 \
  }

DN_TRIGONOMETRIC_KERNEL(sin_f32, sin_narrow, sinf)
DN_TRIGONOMETRIC_KERNEL(cos_f32, cos_narrow, cosf)
DN_TRIGONOMETRIC_KERNEL(tan_f32, tan_narrow, tanf)
