#include "separated.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "numbertext.h"

/// A field: where its text is, without the quotes, and whether it stood in them.
typedef struct field {
  const uint8_t *text;
  size_t length;
  bool quoted;
} field;

typedef struct {
  const uint8_t *text, *next, *end;
  size_t line;
  const dn_separated_format *format;
  /// Whether a word for a missing value could be a number, such as -999.
  bool missing_numbers;
  /// Whether a byte ends a field or has to be looked at: separator, line feed, carriage return, zero.
  bool special[256];
  /// What was taken out of quotes that hold quotes.
  uint8_t *unquoted;
  size_t unquoted_capacity;
} cursor;

static void begin(cursor *at, const uint8_t *text, size_t length, size_t start, size_t line,
                  const dn_separated_format *format) {
  memset(at, 0, sizeof *at);
  at->text = text;
  at->next = text + start;
  at->end = text + length;
  at->line = line;
  at->format = format;
  const uint8_t *word = format->missing, *last = word + format->missing_length;
  for (; word < last; word += strlen((const char *)word) + 1) {
    at->missing_numbers |= dn_number_read(word, strlen((const char *)word), format->point).kind != DN_NUMBER_NONE;
  }
  at->special[format->separator] = at->special['\n'] = at->special['\r'] = at->special[0] = true;
}

/// Passes over blank lines and comments; false at the end of the text.
static bool find_row(cursor *at) {
  while (at->next < at->end) {
    size_t left = (size_t)(at->end - at->next), comment = at->format->comment_length;
    if (*at->next == '\n') {
      at->next++;
    } else if (*at->next == '\r' && left > 1 && at->next[1] == '\n') {
      at->next += 2;
    } else if (comment > 0 && left >= comment && memcmp(at->next, at->format->comment, comment) == 0) {
      const uint8_t *feed = memchr(at->next, '\n', left);
      at->next = feed != NULL ? feed + 1 : at->end;
    } else {
      return true;
    }
    at->line++;
  }
  return false;
}

/// Appends to what was taken out of quotes.
static bool keep(cursor *at, size_t used, const uint8_t *text, size_t length) {
  if (used + length > at->unquoted_capacity) {
    size_t wanted = (used + length) * 2;
    uint8_t *larger = realloc(at->unquoted, wanted);
    if (larger == NULL) return false;
    at->unquoted = larger;
    at->unquoted_capacity = wanted;
  }
  memcpy(at->unquoted + used, text, length);
  return true;
}

/// Reads a field in quotes, whose opening one was passed over.
static dn_separated_status read_quoted(cursor *at, field *field) {
  const uint8_t *start = at->next;
  size_t kept = 0;
  field->quoted = true;
  while (true) {
    const uint8_t *close = memchr(at->next, at->format->quote, (size_t)(at->end - at->next));
    if (close == NULL) return DN_SEPARATED_OPEN_QUOTE;
    for (const uint8_t *feed = at->next; (feed = memchr(feed, '\n', (size_t)(close - feed))) != NULL; feed++) at->line++;
    bool doubled = close + 1 < at->end && close[1] == *close;
    bool in_place = !doubled && start == at->next;
    if (in_place) {
      field->text = start;
      field->length = (size_t)(close - start);
    } else {
      // The first of two quotes is a quote of the text.
      size_t count = (size_t)(close - at->next) + doubled;
      if (count > 0 && !keep(at, kept, at->next, count)) return DN_SEPARATED_NO_MEMORY;
      kept += count;
      field->text = at->unquoted;
      field->length = kept;
    }
    at->next = close + 1 + doubled;
    if (!doubled) return DN_SEPARATED_OK;
  }
}

/// Reads the next field and stays at what ends it: a separator, the end of the line, or that of the text.
static dn_separated_status read_field(cursor *at, field *field) {
  if (at->format->quote != 0 && at->next < at->end && *at->next == at->format->quote) {
    at->next++;
    dn_separated_status status = read_quoted(at, field);
    if (status != DN_SEPARATED_OK) return status;
    if (at->next < at->end && *at->next != at->format->separator && *at->next != '\n' && *at->next != '\r') {
      return DN_SEPARATED_AFTER_QUOTE;
    }
  } else {
    const uint8_t *start = at->next, *next = start, *end = at->end;
    while (next < end && !at->special[*next]) next++;
    *field = (struct field){start, (size_t)(next - start), false};
    at->next = next;
  }
  if (at->next < at->end && *at->next == '\r' && (at->end - at->next < 2 || at->next[1] != '\n')) {
    return DN_SEPARATED_BARE_RETURN;
  }
  return at->next < at->end && *at->next == 0 ? DN_SEPARATED_ZERO_BYTE : DN_SEPARATED_OK;
}

static bool at_separator(const cursor *at) { return at->next < at->end && *at->next == at->format->separator; }

/// Passes over the end of a line.
static void end_row(cursor *at) {
  if (at->next == at->end) return;
  at->next += *at->next == '\r' ? 2 : 1;
  at->line++;
}

static bool is_missing(const field *field, const dn_separated_format *format) {
  if (field->quoted) return false;
  const uint8_t *word = format->missing, *end = word + format->missing_length;
  while (word < end) {
    size_t length = strlen((const char *)word);
    if (length == field->length && memcmp(word, field->text, length) == 0) return true;
    word += length + 1;
  }
  return false;
}

static void make_numbers(dn_separated_column *column, size_t row_count) {
  int64_t *whole = column->values;
  double *values = column->values;
  for (size_t row = 0; row < row_count; row++) values[row] = (double)whole[row];
  column->kind = DN_COLUMN_NUMBERS;
}

static void make_texts(dn_separated_column *column, size_t row_count) {
  column->kind = DN_COLUMN_TEXTS;
  // Where nothing but missing values came before, there is nothing to read again.
  column->has_changed = column->has_numbers || column->missing_count < row_count;
  int64_t *numbers = column->values;
  for (size_t row = 0; row < row_count; row++) numbers[row] = -1;
}

static dn_separated_status store_missing(dn_separated_column *column, size_t row) {
  if (column->kind == DN_COLUMN_INTEGERS) {
    if (column->is_given) return DN_SEPARATED_MISSING;
    make_numbers(column, row);
  }
  if (column->kind == DN_COLUMN_NUMBERS) ((double *)column->values)[row] = NAN;
  else ((int64_t *)column->values)[row] = -1;
  column->missing_count++;
  return DN_SEPARATED_OK;
}

static dn_separated_status store(dn_separated_column *column, size_t row, const field *value,
                                 const cursor *at) {
  const dn_separated_format *format = at->format;
  if (column->kind == DN_COLUMN_SKIPPED) return DN_SEPARATED_OK;
  if (column->kind != DN_COLUMN_TEXTS) {
    const uint8_t *text = value->text;
    size_t length = value->length;
    while (length > 0 && *text == ' ') text++, length--;
    while (length > 0 && text[length - 1] == ' ') length--;
    // Words for missing values are seldom like numbers, whose first and last bytes tell.
    bool may_be_word = at->missing_numbers || length == 0 || text[0] > '9' || text[length - 1] > '9';
    bool is_empty = value->quoted && length == 0;
    if (may_be_word && (is_missing(value, format) || is_empty)) {
      column->has_numbers |= is_empty;
      return store_missing(column, row);
    }
    dn_number number = dn_number_read(text, length, format->point);
    if (number.kind == DN_NUMBER_WHOLE && column->kind == DN_COLUMN_INTEGERS) {
      ((int64_t *)column->values)[row] = number.whole;
      column->has_large |= number.whole > (int64_t)1 << 53 || number.whole < -((int64_t)1 << 53);
      return DN_SEPARATED_OK;
    }
    if (number.kind != DN_NUMBER_NONE) {
      if (column->kind == DN_COLUMN_INTEGERS) {
        if (column->is_given) return DN_SEPARATED_NOT_WHOLE;
        make_numbers(column, row);
      }
      ((double *)column->values)[row] = number.value;
      column->has_numbers = true;
      if (isnan(number.value)) column->missing_count++;
      column->has_fraction |= number.kind == DN_NUMBER_REAL;
      column->has_large |= number.kind != DN_NUMBER_REAL && fabs(number.value) > 0x1p53;
      return DN_SEPARATED_OK;
    }
    // A word for a missing value that begins and ends like a number.
    if (!may_be_word && is_missing(value, format)) return store_missing(column, row);
    if (column->is_given) return DN_SEPARATED_NOT_A_NUMBER;
    make_texts(column, row);
  }
  if (is_missing(value, format)) return store_missing(column, row);
  int64_t number = dn_text_pool_number(&column->texts, value->text, value->length);
  ((int64_t *)column->values)[row] = number;
  return number < 0 ? DN_SEPARATED_NO_MEMORY : DN_SEPARATED_OK;
}

size_t dn_separated_field_count(const uint8_t *text, size_t length, size_t start, const dn_separated_format *format) {
  cursor at;
  begin(&at, text, length, start, 1, format);
  size_t count = 0;
  bool more = find_row(&at);
  while (more) {
    field field;
    count++;
    more = read_field(&at, &field) == DN_SEPARATED_OK && at_separator(&at);
    if (more) at.next++;
  }
  free(at.unquoted);
  return count;
}

dn_separated_result dn_separated_read(const uint8_t *text, size_t length, size_t start, size_t line,
                                      const dn_separated_format *format, dn_separated_column *columns,
                                      size_t column_count, size_t room) {
  cursor at;
  begin(&at, text, length, start, line, format);
  dn_separated_result result = {DN_SEPARATED_OK, 0, start, line, 0};
  while (result.status == DN_SEPARATED_OK && result.row_count < room && find_row(&at)) {
    for (size_t column = 0; column < column_count; column++) {
      field value;
      result.byte = (size_t)(at.next - text);
      result.line = at.line;
      result.column = column + 1;
      result.status = read_field(&at, &value);
      if (result.status == DN_SEPARATED_OK) result.status = store(&columns[column], result.row_count, &value, &at);
      if (result.status == DN_SEPARATED_OK && at_separator(&at) != (column + 1 < column_count)) {
        result.status = column + 1 < column_count ? DN_SEPARATED_TOO_FEW : DN_SEPARATED_TOO_MANY;
      }
      if (result.status != DN_SEPARATED_OK) break;
      if (column + 1 < column_count) at.next++;
    }
    if (result.status == DN_SEPARATED_OK) {
      end_row(&at);
      result.row_count++;
    }
  }
  if (result.status == DN_SEPARATED_OK) {
    result.byte = (size_t)(at.next - text);
    result.line = at.line;
    result.column = 0;
  }
  free(at.unquoted);
  return result;
}
