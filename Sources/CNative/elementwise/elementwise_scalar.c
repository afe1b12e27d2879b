// Kernels that compute element by element: functions of the C library, special functions, and integer operations that
// have no vector instruction.

#define _GNU_SOURCE
#include <math.h>

#include "elementwise_internal.h"
#include "elementwise_special.h"

#define DN_SCALAR_UNARY(name, T, expression)                         \
  static void name(const dn_kernel_call *call) {                     \
    T *destination = call->destination;                              \
    const T *a = call->a;                                            \
    for (int64_t i = 0; i < call->count; i++) {                      \
      const T x = a[call->a_step != 0 ? i : 0];                      \
      destination[i] = (T)(expression);                              \
    }                                                                \
  }

#define DN_SCALAR_BINARY(name, T, expression)                        \
  static void name(const dn_kernel_call *call) {                     \
    T *destination = call->destination;                              \
    const T *a = call->a, *b = call->b;                              \
    for (int64_t i = 0; i < call->count; i++) {                      \
      const T x = a[call->a_step != 0 ? i : 0];                      \
      const T y = b[call->b_step != 0 ? i : 0];                      \
      destination[i] = (T)(expression);                              \
    }                                                                \
  }

// MARK: Integers

// The least value divided by −1 is negated in unsigned arithmetic, where it wraps instead of trapping.
#define DN_SIGNED_DIVISION(width)                                                                                   \
  DN_SCALAR_BINARY(div_i##width, int##width##_t, y == 0 ? -1 : y == -1 ? (int##width##_t)(0 - (uint64_t)x) : x / y) \
  DN_SCALAR_BINARY(rem_i##width, int##width##_t, y == 0 ? x : y == -1 ? 0 : x % y)                                  \
  DN_SCALAR_BINARY(pow_i##width, int##width##_t, integer_power((uint64_t)x, (int64_t)y, true))

#define DN_UNSIGNED_DIVISION(width)                                                          \
  DN_SCALAR_BINARY(div_u##width, uint##width##_t, y == 0 ? (uint##width##_t)-1 : x / y)      \
  DN_SCALAR_BINARY(rem_u##width, uint##width##_t, y == 0 ? x : x % y)                        \
  DN_SCALAR_BINARY(pow_u##width, uint##width##_t, integer_power((uint64_t)x, (int64_t)y, false))

/// Computed modulo 2^64, whose low bits are right for every narrower type.
static uint64_t integer_power(uint64_t base, int64_t exponent, bool is_signed) {
  if (is_signed && exponent < 0) {
    if (base == 1) return 1;
    if (base == UINT64_MAX) return (exponent & 1) != 0 ? UINT64_MAX : 1;
    return 0;
  }
  uint64_t result = 1;
  for (uint64_t left = (uint64_t)exponent; left != 0; left >>= 1) {
    if ((left & 1) != 0) result *= base;
    base *= base;
  }
  return result;
}

DN_SIGNED_DIVISION(8)
DN_SIGNED_DIVISION(16)
DN_SIGNED_DIVISION(32)
DN_SIGNED_DIVISION(64)
DN_UNSIGNED_DIVISION(8)
DN_UNSIGNED_DIVISION(16)
DN_UNSIGNED_DIVISION(32)
DN_UNSIGNED_DIVISION(64)

// MARK: Floating point

#define DN_SCALAR_FLOATS(name, expression32, expression64) \
  DN_SCALAR_UNARY(name##_f32, float, expression32)         \
  DN_SCALAR_UNARY(name##_f64, double, expression64)

DN_SCALAR_FLOATS(erfc, erfc(x), erfc(x))
DN_SCALAR_FLOATS(erf_inverse, dn_erf_inverse(x), dn_erf_inverse(x))
DN_SCALAR_FLOATS(lgamma, dn_log_gamma(x), dn_log_gamma(x))
DN_SCALAR_FLOATS(digamma, dn_digamma(x), dn_digamma(x))
DN_SCALAR_BINARY(polygamma_f32, float, dn_polygamma(y, x))
DN_SCALAR_BINARY(polygamma_f64, double, dn_polygamma(y, x))
DN_SCALAR_UNARY(expm1_f64, double, expm1(x))
DN_SCALAR_UNARY(log1p_f64, double, log1p(x))
DN_SCALAR_UNARY(cbrt_f64, double, cbrt(x))
DN_SCALAR_UNARY(sin_f64, double, sin(x))
DN_SCALAR_UNARY(cos_f64, double, cos(x))
DN_SCALAR_UNARY(tan_f64, double, tan(x))
DN_SCALAR_UNARY(erf_f64, double, erf(x))
DN_SCALAR_BINARY(rem_f32, float, fmodf(x, y))
DN_SCALAR_BINARY(rem_f64, double, fmod(x, y))
DN_SCALAR_BINARY(pow_f32, float, powf(x, y))
DN_SCALAR_BINARY(pow_f64, double, pow(x, y))
DN_SCALAR_BINARY(atan2_f32, float, atan2f(x, y))
DN_SCALAR_BINARY(atan2_f64, double, atan2(x, y))

#define DN_INTEGER_SCALARS(name) {div_##name, rem_##name, pow_##name}

dn_element_kernel dn_scalar_kernel(int opcode, dn_type type) {
  static const dn_element_kernel integers[8][3] = {
      DN_INTEGER_SCALARS(i8), DN_INTEGER_SCALARS(i16), DN_INTEGER_SCALARS(i32), DN_INTEGER_SCALARS(i64),
      DN_INTEGER_SCALARS(u8), DN_INTEGER_SCALARS(u16), DN_INTEGER_SCALARS(u32), DN_INTEGER_SCALARS(u64)};
  static const struct {
    int opcode;
    dn_element_kernel f32, f64;
  } floats[] = {{DN_ERFC, erfc_f32, erfc_f64},
                {DN_ERF_INVERSE, erf_inverse_f32, erf_inverse_f64},
                {DN_LGAMMA, lgamma_f32, lgamma_f64},
                {DN_DIGAMMA, digamma_f32, digamma_f64},
                {DN_POLYGAMMA, polygamma_f32, polygamma_f64},
                {DN_EXPM1, NULL, expm1_f64},
                {DN_LOG1P, NULL, log1p_f64},
                {DN_CBRT, NULL, cbrt_f64},
                {DN_SIN, NULL, sin_f64},
                {DN_COS, NULL, cos_f64},
                {DN_TAN, NULL, tan_f64},
                {DN_ERF, NULL, erf_f64},
                {DN_REM, rem_f32, rem_f64},
                {DN_POW, pow_f32, pow_f64},
                {DN_ATAN2, atan2_f32, atan2_f64}};
  if (type >= DN_I8 && type <= DN_U64) {
    const int index = opcode == DN_DIV ? 0 : opcode == DN_REM ? 1 : opcode == DN_POW ? 2 : -1;
    return index < 0 ? NULL : integers[type - DN_I8][index];
  }
  if (type != DN_F32 && type != DN_F64) return NULL;
  for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) {
    if (floats[i].opcode == opcode) return type == DN_F32 ? floats[i].f32 : floats[i].f64;
  }
  return NULL;
}
