// Functions on float64. Part of elementwise_kernels.h. The reductions are those of elementwise_math32.h.

#define DN_DOUBLE_LANES DN_WIDE_LANES
typedef DN_UNALIGNED(DN_PASTE(f64, DN_WIDE_LANES)) wide_u;

#define DN_DOUBLE_KERNEL(name, expression) DN_UNARY_KERNEL(name, DN_DOUBLE_LANES, wide, wide, expression)

DN_INLINE wide exp_wide(wide x) {
  x = (x < -746.0) ? -746.0 : x;
  x = (x > 710.0) ? 710.0 : x;
  const wide shifted = x * 0x1.71547652b82fep+0 + DN_WIDE_ROUND;
  const wide n = shifted - DN_WIDE_ROUND;
  // The sign-extended low half of the sum's bits: n fits in 12 bits.
  const wide_bits k = (DN_BITS(wide_bits, shifted) << 32) >> 32;
  const wide r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
  const wide q = ((((((((0x1.ad8024ecab08bp-26 * r + 0x1.28ade6a6b9f05p-22) * r + 0x1.71df25a073169p-19) * r +
                       0x1.a01999947f27bp-16) * r + 0x1.a01a0129df433p-13) * r + 0x1.6c16c18453f68p-10) * r +
                    0x1.1111111127e3fp-7) * r + 0x1.55555555507cap-5) * r + 0x1.55555555554f9p-3) * r +
                 0x1.000000000000ap-1;
  const wide p = 1 + (r + r * r * q);
  const wide_bits half = k >> 1;
  return p * DN_BITS(wide, (half + 1023) << 52) * DN_BITS(wide, (k - half + 1023) << 52);
}

/// ln x = e·ln 2 + f − (f²/2 − s·(f²/2 + R)), summed from the small terms (after Sun's fdlibm).
DN_INLINE wide log_double(wide x) {
  const wide_bits small = x < 0x1p-1022;
  const wide_bits bits = DN_BITS(wide_bits, small ? x * 0x1p52 : x);
  const wide_bits exponent = (bits - 0x3fe6a09e667f3bcd) >> 52;
  const wide f = DN_BITS(wide, bits - (exponent << 52)) - 1;
  const wide e = __builtin_convertvector(__builtin_convertvector(exponent - (small & 52), narrow_bits), wide);
  const wide s = f / (2 + f);
  const wide z = s * s;
  const wide series = z * ((((((0x1.2f16c64dbbc71p-3 * z + 0x1.39a015d1e86fcp-3) * z + 0x1.74664e60a2044p-3) * z +
                               0x1.c71c51c245685p-3) * z + 0x1.24924942430a2p-2) * z + 0x1.999999997f859p-2) * z +
                            0x1.5555555555593p-1);
  const wide half = 0.5 * f * f;
  const wide result = e * 0x1.62e42fee00000p-1 - ((half - (s * (half + series) + e * 0x1.a39ef35793c76p-33)) - f);
  const wide special = (x == 0) ? -__builtin_inf() : (x < 0) ? __builtin_nan("") : x;
  return ((x > 0) & (x < __builtin_inf())) ? result : special;
}

DN_INLINE wide tanh_wide(wide x) {
  const wide_bits sign = DN_BITS(wide_bits, x) & INT64_MIN;
  const wide size = DN_BITS(wide, DN_BITS(wide_bits, x) ^ sign);
  const wide z = size * size;
  const wide high = ((((0x1.e6c07f810afc7p-18 * z - 0x1.11a53f3f8d1d3p-15) * z + 0x1.8903b3e57ce7ap-14) * z -
                      0x1.f353765e57804p-13) * z + 0x1.3539ae0aede10p-11) * z - 0x1.7da1137dfeb92p-10;
  const wide series = (((((high * z + 0x1.d6d3b1f5a0feep-9) * z - 0x1.226e34d44106bp-7) * z + 0x1.664f487facd0dp-6) *
                            z - 0x1.ba1ba1ba11511p-5) * z + 0x1.1111111111086p-3) * z - 0x1.5555555555555p-2;
  const wide near = size + size * z * series;
  const wide far = 1 - 2 / (exp_wide(size + size) + 1);
  return DN_BITS(wide, DN_BITS(wide_bits, (size < 0.56) ? near : far) | sign);
}

DN_INLINE wide logistic_wide(wide x) {
  const wide z = exp_wide(DN_BITS(wide, DN_BITS(wide_bits, x) | INT64_MIN));
  return ((x < 0) ? z : 1) / (1 + z);
}

DN_DOUBLE_KERNEL(exp_f64, exp_wide(x))
DN_DOUBLE_KERNEL(log_f64, log_double(x))
DN_DOUBLE_KERNEL(tanh_f64, tanh_wide(x))
DN_DOUBLE_KERNEL(logistic_f64, logistic_wide(x))
