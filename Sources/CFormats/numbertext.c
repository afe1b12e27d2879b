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
  } else {
    number.value = slow_value(text, length, point);
  }
  if (whole && count == 19 && digits <= (uint64_t)INT64_MAX) {
    number.kind = DN_NUMBER_WHOLE;
    number.whole = negative ? -(int64_t)digits : (int64_t)digits;
  }
  return number;
}
