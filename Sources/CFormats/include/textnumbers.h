#ifndef DN_TEXTNUMBERS_H
#define DN_TEXTNUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// How a text file writes one labeled digit a line.
typedef struct {
  /// Between two numbers; a space stands for any run of spaces and tabs.
  char separator;
  /// Numbers of the picture in a line; the label comes on top.
  size_t pixel_count;
  /// Whether the label closes the line instead of opening it.
  bool label_last;
  /// The number that stands for bare paper, and the one for full ink.
  double paper, ink;
} dn_digit_text_layout;

typedef enum {
  DN_TEXT_OK = 0,
  DN_TEXT_NOT_A_NUMBER,
  DN_TEXT_NOT_FINITE,
  DN_TEXT_PIXEL_OUT_OF_RANGE,
  DN_TEXT_LABEL_OUT_OF_RANGE,
  DN_TEXT_TOO_FEW_NUMBERS,
  DN_TEXT_TOO_MANY_NUMBERS,
  DN_TEXT_TOO_MANY_ROWS,
} dn_text_status;

/// What a reading came to. Line and column count from 1, the column in numbers of the line.
typedef struct {
  dn_text_status status;
  size_t row_count;
  size_t line;
  size_t column;
  double value;
} dn_text_result;

/// The number of lines in a text, the last one counted with or without its line feed.
size_t dn_text_line_count(const uint8_t *text, size_t length);

/// The index of the line feed that ends the line at `start`, or the length where it ends with the text.
size_t dn_text_line_end(const uint8_t *text, size_t length, size_t start);

/// Reads labeled digits, one a line (blank lines are passed over), into `pixels`
/// [room, pixel_count] (0 paper ... 255 ink) and `labels` [room]. Stops at the first fault and says
/// where it is.
dn_text_result dn_read_digit_text(const uint8_t *text, size_t length, const dn_digit_text_layout *layout,
                                  uint8_t *pixels, uint8_t *labels, size_t room);

/// Copies `count` elements of `width` bytes (1, 2, 4 or 8), big-endian on one side and in the
/// machine's own order on the other; neither side needs to be aligned.
void dn_copy_big_endian(void *destination, const void *source, size_t count, size_t width);

/// The index of the first byte above `highest`, or `count` where there is none.
size_t dn_first_byte_above(const uint8_t *bytes, size_t count, uint8_t highest);

#endif
