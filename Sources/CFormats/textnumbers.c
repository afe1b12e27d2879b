#include "textnumbers.h"

#include <math.h>
#include <string.h>

typedef struct {
  const uint8_t *next;
  const uint8_t *end;
} cursor;

static bool is_blank(uint8_t byte) { return byte == ' ' || byte == '\t' || byte == '\r'; }

static bool is_digit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

static void skip_blanks(cursor *line) {
  while (line->next < line->end && is_blank(*line->next)) line->next++;
}

static bool skip_word(cursor *line, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(line->end - line->next) < length) return false;
  for (size_t i = 0; i < length; i++)
    if ((line->next[i] | 0x20) != word[i]) return false;
  line->next += length;
  return true;
}

// Not strtod: that one obeys the locale, wants a terminated string, and takes hexadecimal.
static bool read_number(cursor *line, double *value) {
  bool negative = false;
  if (line->next < line->end && (*line->next == '-' || *line->next == '+')) negative = *line->next++ == '-';
  if (skip_word(line, "nan") || skip_word(line, "inf")) {
    *value = NAN;
    return true;
  }

  double mantissa = 0, scale = 1;
  int digits = 0, fraction_digits = 0;
  for (; line->next < line->end && is_digit(*line->next); line->next++, digits++)
    mantissa = mantissa * 10 + (*line->next - '0');
  if (line->next < line->end && *line->next == '.') {
    line->next++;
    for (; line->next < line->end && is_digit(*line->next); line->next++, digits++) {
      // Further digits are below what a double resolves.
      if (++fraction_digits > 18) continue;
      mantissa = mantissa * 10 + (*line->next - '0');
      scale *= 10;
    }
  }
  if (digits == 0) return false;
  mantissa /= scale;

  if (line->next < line->end && (*line->next | 0x20) == 'e') {
    line->next++;
    bool shrinks = false;
    if (line->next < line->end && (*line->next == '-' || *line->next == '+')) shrinks = *line->next++ == '-';
    int exponent = 0, exponent_digits = 0;
    for (; line->next < line->end && is_digit(*line->next); line->next++, exponent_digits++)
      if (exponent < 1000) exponent = exponent * 10 + (*line->next - '0');
    if (exponent_digits == 0) return false;
    if (mantissa != 0)
      for (; exponent > 0; exponent--) mantissa = shrinks ? mantissa / 10 : mantissa * 10;
  }
  *value = negative ? -mantissa : mantissa;
  return true;
}

// One row: the status, and the column and value it is about.
static dn_text_status read_row(cursor line, const dn_digit_text_layout *layout, uint8_t *pixels, uint8_t *label,
                               size_t *column, double *value) {
  size_t label_column = layout->label_last ? layout->pixel_count : 0;
  size_t pixel = 0;
  for (size_t at = 0; at <= layout->pixel_count; at++) {
    *column = at + 1;
    skip_blanks(&line);
    if (at > 0 && layout->separator != ' ' && line.next < line.end) {
      if (*line.next != (uint8_t)layout->separator) return DN_TEXT_NOT_A_NUMBER;
      line.next++;
      skip_blanks(&line);
    }
    if (line.next == line.end) return DN_TEXT_TOO_FEW_NUMBERS;
    if (!read_number(&line, value)) return DN_TEXT_NOT_A_NUMBER;
    if (line.next < line.end && !is_blank(*line.next) && *line.next != (uint8_t)layout->separator)
      return DN_TEXT_NOT_A_NUMBER;
    if (!isfinite(*value)) return DN_TEXT_NOT_FINITE;

    if (at == label_column) {
      if (!(*value >= 0 && *value <= 9) || *value != (uint8_t)*value) return DN_TEXT_LABEL_OUT_OF_RANGE;
      *label = (uint8_t)*value;
    } else {
      double darkness = (*value - layout->paper) / (layout->ink - layout->paper);
      if (!(darkness >= 0 && darkness <= 1)) return DN_TEXT_PIXEL_OUT_OF_RANGE;
      pixels[pixel++] = (uint8_t)(darkness * 255 + 0.5);
    }
  }
  skip_blanks(&line);
  if (line.next != line.end) {
    *column = layout->pixel_count + 2;
    return DN_TEXT_TOO_MANY_NUMBERS;
  }
  return DN_TEXT_OK;
}

size_t dn_text_line_count(const uint8_t *text, size_t length) {
  size_t count = 0;
  const uint8_t *end = text + length;
  while (text < end) {
    const uint8_t *feed = memchr(text, '\n', (size_t)(end - text));
    count++;
    if (!feed) break;
    text = feed + 1;
  }
  return count;
}

size_t dn_text_line_end(const uint8_t *text, size_t length, size_t start) {
  const uint8_t *feed = start < length ? memchr(text + start, '\n', length - start) : NULL;
  return feed ? (size_t)(feed - text) : length;
}

dn_text_result dn_read_digit_text(const uint8_t *text, size_t length, const dn_digit_text_layout *layout,
                                  uint8_t *pixels, uint8_t *labels, size_t room) {
  dn_text_result result = {DN_TEXT_OK, 0, 0, 0, 0};
  const uint8_t *end = text + length;
  while (text < end) {
    const uint8_t *feed = memchr(text, '\n', (size_t)(end - text));
    cursor line = {text, feed ? feed : end};
    result.line++;
    text = feed ? feed + 1 : end;
    skip_blanks(&line);
    if (line.next == line.end) continue;
    if (result.row_count == room) {
      result.status = DN_TEXT_TOO_MANY_ROWS;
      return result;
    }
    result.status = read_row(line, layout, pixels + result.row_count * layout->pixel_count,
                             labels + result.row_count, &result.column, &result.value);
    if (result.status != DN_TEXT_OK) return result;
    result.row_count++;
  }
  return result;
}

void dn_copy_big_endian(void *destination, const void *source, size_t count, size_t width) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  width *= count;
  if (width > 0) memcpy(destination, source, width);
#else
  uint8_t *to = destination;
  const uint8_t *from = source;
  switch (width) {
  case 2:
    for (size_t i = 0; i < count; i++) {
      uint16_t element;
      memcpy(&element, from + 2 * i, 2);
      element = __builtin_bswap16(element);
      memcpy(to + 2 * i, &element, 2);
    }
    break;
  case 4:
    for (size_t i = 0; i < count; i++) {
      uint32_t element;
      memcpy(&element, from + 4 * i, 4);
      element = __builtin_bswap32(element);
      memcpy(to + 4 * i, &element, 4);
    }
    break;
  case 8:
    for (size_t i = 0; i < count; i++) {
      uint64_t element;
      memcpy(&element, from + 8 * i, 8);
      element = __builtin_bswap64(element);
      memcpy(to + 8 * i, &element, 8);
    }
    break;
  default:
    if (count > 0) memcpy(to, from, count);
  }
#endif
}

size_t dn_first_byte_above(const uint8_t *bytes, size_t count, uint8_t highest) {
  for (size_t i = 0; i < count; i++)
    if (bytes[i] > highest) return i;
  return count;
}
