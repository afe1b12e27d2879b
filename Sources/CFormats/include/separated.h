#ifndef DN_SEPARATED_H
#define DN_SEPARATED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "textpool.h"

// Tables in text: rows of fields with a separator between them (CSV and TSV, RFC 4180).

/// How a file writes its rows.
typedef struct {
  uint8_t separator;
  /// What a field may stand in, twice where it is meant; 0 where nothing quotes.
  uint8_t quote;
  /// What stands before the fraction of a number.
  uint8_t point;
  /// How a line begins that is passed over, and its length, 0 where there are none.
  const uint8_t *comment;
  size_t comment_length;
  /// The words that stand for a missing value, each followed by a zero byte.
  const uint8_t *missing;
  size_t missing_length;
} dn_separated_format;

typedef enum {
  DN_COLUMN_INTEGERS = 0,
  DN_COLUMN_NUMBERS,
  DN_COLUMN_TEXTS,
  DN_COLUMN_SKIPPED,
} dn_column_kind;

/// A column that is read.
typedef struct {
  /// What it is read as, and afterward what it was found to be.
  dn_column_kind kind;
  /// Whether a value of another kind is a fault, rather than a reason to change the kind.
  bool is_given;
  /// Set where texts were found after values that had been taken for numbers: the column has to be read again.
  bool has_changed;
  /// Whether a number has a point, an exponent or is infinite.
  bool has_fraction;
  /// Whether a number, NaN included, was stored, or empty quotes were taken for a missing number.
  bool has_numbers;
  /// Whether a whole number is beyond those that are exact as doubles.
  bool has_large;
  size_t missing_count;
  /// `room` values of 8 bytes: int64_t, double (NaN where missing), or int64_t numbers of texts (-1 where missing).
  void *values;
  dn_text_pool texts;
} dn_separated_column;

typedef enum {
  DN_SEPARATED_OK = 0,
  DN_SEPARATED_TOO_FEW,
  DN_SEPARATED_TOO_MANY,
  DN_SEPARATED_OPEN_QUOTE,
  DN_SEPARATED_AFTER_QUOTE,
  DN_SEPARATED_BARE_RETURN,
  DN_SEPARATED_ZERO_BYTE,
  DN_SEPARATED_NOT_A_NUMBER,
  DN_SEPARATED_NOT_WHOLE,
  DN_SEPARATED_MISSING,
  DN_SEPARATED_NO_MEMORY,
} dn_separated_status;

/// What a reading came to.
typedef struct {
  dn_separated_status status;
  size_t row_count;
  /// Where the reading stopped, or the field that a fault is in: byte from 0, line and column from 1.
  size_t byte, line, column;
} dn_separated_result;

/// The number of fields in the first row at or after a place; 0 where there is none.
size_t dn_separated_field_count(const uint8_t *text, size_t length, size_t start, const dn_separated_format *format);

/// Reads rows from a place on, until the text ends or there are `room` of them, into the columns.
///
/// Blank lines and comments are passed over. Stops at the first fault and says where it is. `line` is the number of the
/// line at `start`.
dn_separated_result dn_separated_read(const uint8_t *text, size_t length, size_t start, size_t line,
                                      const dn_separated_format *format, dn_separated_column *columns,
                                      size_t column_count, size_t room);

#endif
