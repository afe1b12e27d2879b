// Special functions that the C library lacks, in float64.

#define _GNU_SOURCE
#include "elementwise_special.h"

#include <math.h>

/// A start from Winitzki's closed form (within 1 %), then Halley's iteration on erf, or where 1 − |y| is small on erfc,
/// which keeps its digits there.
double dn_erf_inverse(double y) {
  if (y == 0 || y != y) return y;
  const double size = fabs(y);
  if (size >= 1) return size == 1 ? copysign(INFINITY, y) : NAN;
  // The series' first term; below, the closed form would cancel to 0.
  if (size < 0x1p-30) return y * (1 / M_2_SQRTPI);
  const double tail = 1 - size;
  const double logarithm = log(tail * (1 + size));
  const double middle = 2 / (M_PI * 0.147) + logarithm / 2;
  double x = sqrt(sqrt(middle * middle - logarithm / 0.147) - middle);
  for (int step = 0; step < 3; step++) {
    const double error = size < 0.5 ? erf(x) - size : tail - erfc(x);
    const double newton = error / (M_2_SQRTPI * exp(-x * x));
    x -= newton / (1 + x * newton);
  }
  return copysign(x, y);
}

double dn_log_gamma(double x) {
  // Unlike lgamma, sets no global.
  int sign;
  return lgamma_r(x, &sign);
}

/// The recurrence ψ(x) = ψ(x + 1) − 1/x raises the argument to 10, where the asymptotic series (Abramowitz and Stegun
/// 6.3.18) is exact; reflection (6.3.7) serves negative arguments.
double dn_digamma(double x) {
  if (x != x || x == INFINITY) return x;
  if (x <= 0) {
    if (x == floor(x)) return NAN;
    // The cotangent has period 1 in x, so that the reduced fraction loses nothing.
    return dn_digamma(1 - x) - M_PI / tan(M_PI * (x - rint(x)));
  }
  double shift = 0;
  while (x < 10) {
    shift += 1 / x;
    x += 1;
  }
  const double z = 1 / (x * x);
  const double series =
      z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z * (1.0 / 132 - z * (691.0 / 32760 -
                                                                                           z * (1.0 / 12)))))));
  return log(x) - 0.5 / x - series - shift;
}

/// Σ (x + k)^−s over k ≥ 0 for x > 0, the Hurwitz zeta function: terms up to where the Euler–Maclaurin formula (Abramowitz
/// and Stegun 23.1.30) gives the rest.
static double zeta(double s, double x) {
  // Bernoulli numbers of even index over the factorial of the index.
  static const double ratios[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160,
                                  -691.0 / 1307674368000, 1.0 / 74724249600, -3617.0 / 10670622842880000,
                                  43867.0 / 5109094217170944000, -174611.0 / 802857662698291200000.0};
  const double last = s > 12 ? s : 12;
  double sum = 0;
  for (; x < last; x += 1) {
    const double term = pow(x, -s);
    sum += term;
    // The rest is at most this term times x/(s − 1) more.
    if (term * x < sum * 0x1p-60) return sum;
  }
  const double power = pow(x, -s);
  sum += power * (x / (s - 1) + 0.5);
  double term = s * power / x;
  for (int j = 0; j < 10; j++) {
    sum += ratios[j] * term;
    term *= (s + 2 * j + 1) * (s + 2 * j + 2) / (x * x);
  }
  return sum;
}

/// (−1)^(n+1) n! ζ(n + 1, x). For negative x, the sum over all whole k has period 1 and is found in 0…1; what is not
/// wanted of it is subtracted.
double dn_polygamma(double order, double x) {
  if (x != x) return x;
  if (x == INFINITY) return 0;
  const double s = order + 1;
  const double odd = fmod(order, 2) == 1 ? 1 : -1;
  const double factor = odd * tgamma(s);
  if (x > 0) return factor * zeta(s, x);
  const double below = x - floor(x), above = ceil(x) - x;
  if (!(below > 0 && above > 0)) return odd > 0 && x > -INFINITY ? INFINITY : NAN;
  // In this order the first two cancel exactly half way between two poles, where little is left.
  const double whole = zeta(s, below) + odd * zeta(s, above);
  return factor * (whole - odd * zeta(s, 1 - x));
}
