// strtod_l is no part of C itself.
#define _GNU_SOURCE
#include "numbertext.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

static bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') <= 9; }

static bool is_word(const uint8_t *text, size_t length, const char *word) {
  if (length != strlen(word)) return false;
  for (size_t i = 0; i < length; i++)
    if ((text[i] | 0x20) != word[i]) return false;
  return true;
}

// The powers of ten that are doubles without rounding.
static const double exact_powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// The powers of five from -40 to 40 as 128 bits of which the first is set: cut off, or, of negative ones, rounded up.
enum { LEAST_POWER = -40, LARGEST_POWER = 40 };
static const uint64_t powers_of_five[LARGEST_POWER - LEAST_POWER + 1][2] = {
    {0x8b61313bbabce2c6, 0x2323ac4b3b3da015}, {0xae397d8aa96c1b77, 0xabec975e0a0d081a},
    {0xd9c7dced53c72255, 0x96e7bd358c904a21}, {0x881cea14545c7575, 0x7e50d64177da2e54},
    {0xaa242499697392d2, 0xdde50bd1d5d0b9e9}, {0xd4ad2dbfc3d07787, 0x955e4ec64b44e864},
    {0x84ec3c97da624ab4, 0xbd5af13bef0b113e}, {0xa6274bbdd0fadd61, 0xecb1ad8aeacdd58e},
    {0xcfb11ead453994ba, 0x67de18eda5814af2}, {0x81ceb32c4b43fcf4, 0x80eacf948770ced7},
    {0xa2425ff75e14fc31, 0xa1258379a94d028d}, {0xcad2f7f5359a3b3e, 0x096ee45813a04330},
    {0xfd87b5f28300ca0d, 0x8bca9d6e188853fc}, {0x9e74d1b791e07e48, 0x775ea264cf55347e},
    {0xc612062576589dda, 0x95364afe032a819e}, {0xf79687aed3eec551, 0x3a83ddbd83f52205},
    {0x9abe14cd44753b52, 0xc4926a9672793543}, {0xc16d9a0095928a27, 0x75b7053c0f178294},
    {0xf1c90080baf72cb1, 0x5324c68b12dd6339}, {0x971da05074da7bee, 0xd3f6fc16ebca5e04},
    {0xbce5086492111aea, 0x88f4bb1ca6bcf585}, {0xec1e4a7db69561a5, 0x2b31e9e3d06c32e6},
    {0x9392ee8e921d5d07, 0x3aff322e62439fd0}, {0xb877aa3236a4b449, 0x09befeb9fad487c3},
    {0xe69594bec44de15b, 0x4c2ebe687989a9b4}, {0x901d7cf73ab0acd9, 0x0f9d37014bf60a11},
    {0xb424dc35095cd80f, 0x538484c19ef38c95}, {0xe12e13424bb40e13, 0x2865a5f206b06fba},
    {0x8cbccc096f5088cb, 0xf93f87b7442e45d4}, {0xafebff0bcb24aafe, 0xf78f69a51539d749},
    {0xdbe6fecebdedd5be, 0xb573440e5a884d1c}, {0x89705f4136b4a597, 0x31680a88f8953031},
    {0xabcc77118461cefc, 0xfdc20d2b36ba7c3e}, {0xd6bf94d5e57a42bc, 0x3d32907604691b4d},
    {0x8637bd05af6c69b5, 0xa63f9a49c2c1b110}, {0xa7c5ac471b478423, 0x0fcf80dc33721d54},
    {0xd1b71758e219652b, 0xd3c36113404ea4a9}, {0x83126e978d4fdf3b, 0x645a1cac083126ea},
    {0xa3d70a3d70a3d70a, 0x3d70a3d70a3d70a4}, {0xcccccccccccccccc, 0xcccccccccccccccd},
    {0x8000000000000000, 0x0000000000000000}, {0xa000000000000000, 0x0000000000000000},
    {0xc800000000000000, 0x0000000000000000}, {0xfa00000000000000, 0x0000000000000000},
    {0x9c40000000000000, 0x0000000000000000}, {0xc350000000000000, 0x0000000000000000},
    {0xf424000000000000, 0x0000000000000000}, {0x9896800000000000, 0x0000000000000000},
    {0xbebc200000000000, 0x0000000000000000}, {0xee6b280000000000, 0x0000000000000000},
    {0x9502f90000000000, 0x0000000000000000}, {0xba43b74000000000, 0x0000000000000000},
    {0xe8d4a51000000000, 0x0000000000000000}, {0x9184e72a00000000, 0x0000000000000000},
    {0xb5e620f480000000, 0x0000000000000000}, {0xe35fa931a0000000, 0x0000000000000000},
    {0x8e1bc9bf04000000, 0x0000000000000000}, {0xb1a2bc2ec5000000, 0x0000000000000000},
    {0xde0b6b3a76400000, 0x0000000000000000}, {0x8ac7230489e80000, 0x0000000000000000},
    {0xad78ebc5ac620000, 0x0000000000000000}, {0xd8d726b7177a8000, 0x0000000000000000},
    {0x878678326eac9000, 0x0000000000000000}, {0xa968163f0a57b400, 0x0000000000000000},
    {0xd3c21bcecceda100, 0x0000000000000000}, {0x84595161401484a0, 0x0000000000000000},
    {0xa56fa5b99019a5c8, 0x0000000000000000}, {0xcecb8f27f4200f3a, 0x0000000000000000},
    {0x813f3978f8940984, 0x4000000000000000}, {0xa18f07d736b90be5, 0x5000000000000000},
    {0xc9f2c9cd04674ede, 0xa400000000000000}, {0xfc6f7c4045812296, 0x4d00000000000000},
    {0x9dc5ada82b70b59d, 0xf020000000000000}, {0xc5371912364ce305, 0x6c28000000000000},
    {0xf684df56c3e01bc6, 0xc732000000000000}, {0x9a130b963a6c115c, 0x3c7f400000000000},
    {0xc097ce7bc90715b3, 0x4b9f100000000000}, {0xf0bdc21abb48db20, 0x1e86d40000000000},
    {0x96769950b50d88f4, 0x1314448000000000}, {0xbc143fa4e250eb31, 0x17d955a000000000},
    {0xeb194f8e1ae525fd, 0x5dcfab0800000000},
};

typedef struct {
  uint64_t high, low;
} product;

static product multiply(uint64_t a, uint64_t b) {
  unsigned __int128 whole = (unsigned __int128)a * b;
  return (product){(uint64_t)(whole >> 64), (uint64_t)whole};
}

/// The double that is nearest to `digits`·10^`exponent`; false where 128 bits do not tell, which is seldom.
///
/// The method of Lemire, *Number parsing at a gigabyte per second*, 2021: the digits times 128 bits of the power.
static bool fast_value(uint64_t digits, int64_t exponent, double *value) {
  if (digits == 0 || exponent < LEAST_POWER || exponent > LARGEST_POWER) return false;
  int shift = __builtin_clzll(digits);
  digits <<= shift;
  const uint64_t *power = powers_of_five[exponent - LEAST_POWER];
  product found = multiply(digits, power[0]);
  // The lower half of the power counts where the bits below those of a double could all carry.
  if ((found.high & 0x1FF) == 0x1FF) {
    product more = multiply(digits, power[1]);
    found.low += more.high;
    if (more.high > found.low) found.high++;
  }
  if (found.low == UINT64_MAX && (exponent < -27 || exponent > 55)) return false;
  int top = (int)(found.high >> 63);
  uint64_t bits = found.high >> (top + 9);
  int64_t binary = (217706 * exponent >> 16) + 63 + top - shift + 1023;
  // Halves between two doubles go to the even one.
  if (found.low <= 1 && exponent >= -4 && exponent <= 23 && (bits & 3) == 1 && bits << (top + 9) == found.high) {
    bits &= ~(uint64_t)1;
  }
  bits = (bits + (bits & 1)) >> 1;
  if (bits >= (uint64_t)1 << 53) {
    bits = (uint64_t)1 << 52;
    binary++;
  }
  bits = (bits & (((uint64_t)1 << 52) - 1)) | (uint64_t)binary << 52;
  memcpy(value, &bits, sizeof bits);
  return true;
}

static locale_t plain_locale;

static void make_locale(void) { plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

/// The value of a text that is known to be a number, rounded correctly by the system's own function.
///
/// Digits beyond the 768th cannot move the value to another double other than by being there at all, so that a text of any
/// length fits a small buffer: one nonzero digit stands for all that were left out.
static double slow_value(const uint8_t *text, size_t length, uint8_t point) {
  enum { KEPT = 800 };
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_locale);
  char buffer[KEPT + 64], *to = buffer;
  int kept = 0;
  int64_t shift = 0;
  bool in_fraction = false, dropped = false;
  size_t at = 0;
  if (text[at] == '-' || text[at] == '+') *to++ = (char)text[at++];
  for (; at < length && (is_digit(text[at]) || text[at] == point); at++) {
    if (text[at] == point) {
      in_fraction = true;
    } else if (kept < KEPT) {
      // Zeros in front say where the point is, and no more.
      if (kept > 0 || text[at] != '0') *to++ = (char)text[at], kept++;
      shift -= in_fraction;
    } else {
      dropped |= text[at] != '0';
      shift += !in_fraction;
    }
  }
  if (kept == 0) *to++ = '0';
  if (dropped) *to++ = '1', shift--;
  int64_t exponent = 0;
  if (at < length) {
    at++;
    bool shrinks = false;
    if (text[at] == '-' || text[at] == '+') shrinks = text[at++] == '-';
    for (; at < length; at++)
      if (exponent < (int64_t)1 << 40) exponent = exponent * 10 + (text[at] - '0');
    if (shrinks) exponent = -exponent;
  }
  exponent += shift;
  // Beyond these nothing is left but zero and infinity.
  if (exponent > 9999) exponent = 9999;
  if (exponent < -9999) exponent = -9999;
  *to++ = 'e';
  if (exponent < 0) *to++ = '-', exponent = -exponent;
  for (int64_t unit = 1000; unit > 0; unit /= 10) *to++ = (char)('0' + exponent / unit % 10);
  *to = 0;
  return plain_locale != (locale_t)0 ? strtod_l(buffer, NULL, plain_locale) : strtod(buffer, NULL);
}

static dn_number read_word(const uint8_t *text, size_t length, bool negative) {
  dn_number number = {DN_NUMBER_REAL, 0, negative ? -INFINITY : INFINITY};
  if (is_word(text, length, "nan")) number.value = NAN;
  else if (!is_word(text, length, "inf") && !is_word(text, length, "infinity")) number.kind = DN_NUMBER_NONE;
  return number;
}

dn_number dn_number_read(const uint8_t *text, size_t length, uint8_t point) {
  dn_number number = {DN_NUMBER_NONE, 0, 0};
  const uint8_t *next = text, *end = text + length;
  bool negative = false;
  if (next < end && (*next == '-' || *next == '+')) negative = *next++ == '-';
  const uint8_t *first = next;
  uint64_t digits = 0;
  while (next < end && is_digit(*next)) digits = digits * 10 + (*next++ - '0');
  size_t count = (size_t)(next - first);
  if (next == end && count > 0 && count <= 18) {
    number.whole = negative ? -(int64_t)digits : (int64_t)digits;
    number.value = negative ? -(double)digits : (double)digits;
    number.kind = negative && digits == 0 ? DN_NUMBER_LARGE : DN_NUMBER_WHOLE;
    return number;
  }
  bool whole = true;
  int64_t exponent = 0;
  if (next < end && *next == point) {
    const uint8_t *fraction = ++next;
    while (next < end && is_digit(*next)) digits = digits * 10 + (*next++ - '0');
    count += (size_t)(next - fraction);
    exponent = -(int64_t)(next - fraction);
    whole = false;
  }
  if (count == 0) return read_word(first, (size_t)(end - first), negative);
  if (next < end && (*next | 0x20) == 'e') {
    next++;
    bool shrinks = false;
    if (next < end && (*next == '-' || *next == '+')) shrinks = *next++ == '-';
    const uint8_t *power = next;
    int64_t stated = 0;
    for (; next < end && is_digit(*next); next++)
      if (stated < 100000) stated = stated * 10 + (*next - '0');
    if (next == power) return number;
    exponent += shrinks ? -stated : stated;
    whole = false;
  }
  if (next != end) return number;
  number.kind = whole ? DN_NUMBER_LARGE : DN_NUMBER_REAL;
  // A whole number of 53 bits and a power of ten that is exact give a value that is rounded once, that is, correctly.
  if (count <= 19 && digits <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22) {
    double value = exponent < 0 ? (double)digits / exact_powers[-exponent] : (double)digits * exact_powers[exponent];
    number.value = negative ? -value : value;
  } else if (count <= 19 && fast_value(digits, exponent, &number.value)) {
    if (negative) number.value = -number.value;
  } else {
    number.value = slow_value(text, length, point);
  }
  if (whole && count == 19 && digits <= (uint64_t)INT64_MAX + negative) {
    number.kind = DN_NUMBER_WHOLE;
    // The least number has no opposite.
    number.whole = negative ? -(int64_t)(digits - 1) - 1 : (int64_t)digits;
  }
  return number;
}
