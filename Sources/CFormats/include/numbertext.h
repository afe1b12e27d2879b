#ifndef DN_NUMBERTEXT_H
#define DN_NUMBERTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// What a text was found to be.
typedef enum {
  DN_NUMBER_NONE = 0,
  /// Digits with or without a sign that fit 64 bits: `whole` has the value, and `value` too, rounded.
  DN_NUMBER_WHOLE,
  /// Digits with or without a sign beyond 64 bits, or minus zero.
  DN_NUMBER_LARGE,
  /// A number with a point or an exponent, or an infinity, or NaN.
  DN_NUMBER_REAL,
} dn_number_kind;

/// A number as text has it.
typedef struct {
  dn_number_kind kind;
  int64_t whole;
  double value;
} dn_number;

/// Reads a whole text as a decimal number, rounded correctly, whatever the locale says; `point` stands before the fraction.
///
/// Words such as `inf` and `nan` count in either case; hexadecimal and anything before or after the number do not.
dn_number dn_number_read(const uint8_t *text, size_t length, uint8_t point);

#endif
