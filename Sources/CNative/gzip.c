#include "gzip.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_CODE = 15, LITERAL_CODES = 288, DISTANCE_CODES = 32 };

// Every pattern of `width` bits leads to the symbol whose code begins it: symbol << 4 | length of the code, 0 for none.
typedef struct {
  uint16_t entries[1 << LONGEST_CODE];
  int width;
} code_table;

typedef struct {
  const uint8_t *next, *end;
  uint64_t bits;
  int held;

  uint8_t *output;
  size_t made, capacity, limit;

  code_table literals, distances;
} inflater;

static void fill_bits(inflater *stream) {
  while (stream->held <= 56 && stream->next < stream->end) {
    stream->bits |= (uint64_t)*stream->next++ << stream->held;
    stream->held += 8;
  }
}

static void drop_bits(inflater *stream, int count) {
  stream->bits >>= count;
  stream->held -= count;
}

static bool take_bits(inflater *stream, int count, unsigned *value) {
  if (stream->held < count) fill_bits(stream);
  if (stream->held < count) return false;
  *value = (unsigned)(stream->bits & ((1u << count) - 1));
  drop_bits(stream, count);
  return true;
}

// Canonical codes (RFC 1951, 3.2.2), stored with their bits reversed because the stream sends the first bit lowest.
static bool build_table(code_table *table, const uint8_t *lengths, int count) {
  int of_length[LONGEST_CODE + 1] = {0};
  for (int i = 0; i < count; i++) of_length[lengths[i]]++;
  of_length[0] = 0;
  unsigned next_code[LONGEST_CODE + 1], code = 0;
  table->width = 1;
  for (int length = 1; length <= LONGEST_CODE; length++) {
    code = (code + (unsigned)of_length[length - 1]) << 1;
    next_code[length] = code;
    if (code + (unsigned)of_length[length] > 1u << length) return false;
    if (of_length[length] > 0) table->width = length;
  }
  memset(table->entries, 0, sizeof(uint16_t) << table->width);
  for (int symbol = 0; symbol < count; symbol++) {
    int length = lengths[symbol];
    if (length == 0) continue;
    unsigned reversed = 0, bits = next_code[length]++;
    for (int i = 0; i < length; i++, bits >>= 1) reversed = reversed << 1 | (bits & 1);
    for (unsigned entry = reversed; entry < 1u << table->width; entry += 1u << length)
      table->entries[entry] = (uint16_t)(symbol << 4 | length);
  }
  return true;
}

static dn_gzip_status take_symbol(inflater *stream, const code_table *table, unsigned *symbol) {
  if (stream->held < LONGEST_CODE) fill_bits(stream);
  unsigned entry = table->entries[stream->bits & ((1u << table->width) - 1)];
  int length = entry & 15;
  if (length == 0) return stream->held < LONGEST_CODE ? DN_GZIP_CUT_SHORT : DN_GZIP_CORRUPT;
  if (length > stream->held) return DN_GZIP_CUT_SHORT;
  drop_bits(stream, length);
  *symbol = entry >> 4;
  return DN_GZIP_OK;
}

static dn_gzip_status make_room(inflater *stream, size_t count) {
  if (count > stream->limit - stream->made) return DN_GZIP_OVER_LIMIT;
  size_t wanted = stream->made + count;
  if (wanted <= stream->capacity) return DN_GZIP_OK;
  size_t capacity = stream->capacity < stream->limit / 2 ? stream->capacity * 2 : stream->limit;
  if (capacity < wanted) capacity = wanted;
  uint8_t *output = realloc(stream->output, capacity);
  if (!output) return DN_GZIP_NO_MEMORY;
  stream->output = output;
  stream->capacity = capacity;
  return DN_GZIP_OK;
}

static dn_gzip_status copy_stored(inflater *stream) {
  drop_bits(stream, stream->held % 8);
  unsigned length, complement;
  if (!take_bits(stream, 16, &length) || !take_bits(stream, 16, &complement)) return DN_GZIP_CUT_SHORT;
  if (length != (complement ^ 0xFFFF)) return DN_GZIP_CORRUPT;
  dn_gzip_status status = make_room(stream, length);
  if (status) return status;
  for (; length > 0 && stream->held > 0; length--) {
    stream->output[stream->made++] = (uint8_t)stream->bits;
    drop_bits(stream, 8);
  }
  if ((size_t)(stream->end - stream->next) < length) return DN_GZIP_CUT_SHORT;
  if (length > 0) memcpy(stream->output + stream->made, stream->next, length);
  stream->next += length;
  stream->made += length;
  return DN_GZIP_OK;
}

static void fixed_codes(inflater *stream) {
  uint8_t lengths[LITERAL_CODES];
  memset(lengths, 8, 144);
  memset(lengths + 144, 9, 112);
  memset(lengths + 256, 7, 24);
  memset(lengths + 280, 8, 8);
  build_table(&stream->literals, lengths, LITERAL_CODES);
  memset(lengths, 5, DISTANCE_CODES);
  build_table(&stream->distances, lengths, DISTANCE_CODES);
}

static dn_gzip_status read_codes(inflater *stream) {
  static const uint8_t order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  unsigned literals, distances, codes;
  if (!take_bits(stream, 5, &literals) || !take_bits(stream, 5, &distances) || !take_bits(stream, 4, &codes))
    return DN_GZIP_CUT_SHORT;
  literals += 257;
  distances += 1;
  if (literals > 286 || distances > 30) return DN_GZIP_CORRUPT;

  uint8_t lengths[LITERAL_CODES + DISTANCE_CODES] = {0};
  for (unsigned i = 0; i < codes + 4; i++) {
    unsigned length;
    if (!take_bits(stream, 3, &length)) return DN_GZIP_CUT_SHORT;
    lengths[order[i]] = (uint8_t)length;
  }
  if (!build_table(&stream->literals, lengths, 19)) return DN_GZIP_CORRUPT;

  memset(lengths, 0, 19);
  for (unsigned at = 0; at < literals + distances;) {
    unsigned symbol, repeats = 0;
    dn_gzip_status status = take_symbol(stream, &stream->literals, &symbol);
    if (status) return status;
    if (symbol < 16) {
      lengths[at++] = (uint8_t)symbol;
      continue;
    }
    if (symbol == 16 && at == 0) return DN_GZIP_CORRUPT;
    uint8_t repeated = symbol == 16 ? lengths[at - 1] : 0;
    if (!take_bits(stream, symbol == 16 ? 2 : symbol == 17 ? 3 : 7, &repeats)) return DN_GZIP_CUT_SHORT;
    repeats += symbol == 18 ? 11 : 3;
    if (repeats > literals + distances - at) return DN_GZIP_CORRUPT;
    memset(lengths + at, repeated, repeats);
    at += repeats;
  }
  if (lengths[256] == 0) return DN_GZIP_CORRUPT;
  return build_table(&stream->literals, lengths, (int)literals) &&
                 build_table(&stream->distances, lengths + literals, (int)distances)
             ? DN_GZIP_OK
             : DN_GZIP_CORRUPT;
}

static dn_gzip_status copy_coded(inflater *stream, size_t start) {
  static const uint16_t length_bases[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                            31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  static const uint8_t length_bits[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                          2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
  static const uint16_t distance_bases[30] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,
                                              33,  49,  65,  97,  129, 193,  257,  385,  513,  769,
                                              1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
  while (true) {
    unsigned symbol, extra;
    dn_gzip_status status = take_symbol(stream, &stream->literals, &symbol);
    if (status) return status;
    if (symbol == 256) return DN_GZIP_OK;
    if (symbol < 256) {
      if (stream->made == stream->capacity && (status = make_room(stream, 1))) return status;
      stream->output[stream->made++] = (uint8_t)symbol;
      continue;
    }

    symbol -= 257;
    if (symbol >= 29) return DN_GZIP_CORRUPT;
    if (!take_bits(stream, length_bits[symbol], &extra)) return DN_GZIP_CUT_SHORT;
    size_t length = length_bases[symbol] + extra;
    if ((status = take_symbol(stream, &stream->distances, &symbol))) return status;
    if (symbol >= 30) return DN_GZIP_CORRUPT;
    if (!take_bits(stream, symbol < 2 ? 0 : (int)symbol / 2 - 1, &extra)) return DN_GZIP_CUT_SHORT;
    size_t distance = distance_bases[symbol] + extra;
    if (distance > stream->made - start) return DN_GZIP_CORRUPT;
    if ((status = make_room(stream, length))) return status;
    uint8_t *to = stream->output + stream->made;
    stream->made += length;
    if (distance == 1) {
      memset(to, to[-1], length);
    } else if (distance >= length) {
      memcpy(to, to - distance, length);
    } else {
      for (; length > 0; length--, to++) *to = to[-(ptrdiff_t)distance];
    }
  }
}

static dn_gzip_status inflate_blocks(inflater *stream) {
  size_t start = stream->made;
  unsigned last = 0, kind;
  while (!last) {
    if (!take_bits(stream, 1, &last) || !take_bits(stream, 2, &kind)) return DN_GZIP_CUT_SHORT;
    dn_gzip_status status = kind == 3 ? DN_GZIP_CORRUPT : DN_GZIP_OK;
    if (kind == 0) status = copy_stored(stream);
    if (kind == 1) fixed_codes(stream);
    if (kind == 2) status = read_codes(stream);
    if (!status && kind != 0) status = copy_coded(stream, start);
    if (status) return status;
  }
  // Whole bytes that were taken ahead go back: they are the trailer, or the next member.
  stream->next -= stream->held / 8;
  stream->bits = 0;
  stream->held = 0;
  return DN_GZIP_OK;
}

static dn_gzip_status skip_header(inflater *stream) {
  size_t left = (size_t)(stream->end - stream->next);
  const uint8_t *header = stream->next;
  if (left > 1 && header[1] != 0x8B) return DN_GZIP_CORRUPT;
  if (left < 10) return DN_GZIP_CUT_SHORT;
  if (header[2] != 8 || header[3] & 0xE0) return DN_GZIP_CORRUPT;
  stream->next += 10;
  if (header[3] & 4) {
    if (stream->end - stream->next < 2) return DN_GZIP_CUT_SHORT;
    size_t extra = 2 + (size_t)(stream->next[0] | stream->next[1] << 8);
    if ((size_t)(stream->end - stream->next) < extra) return DN_GZIP_CUT_SHORT;
    stream->next += extra;
  }
  // The file's name and a comment, each up to a zero.
  for (int field = 8; field <= 16; field *= 2) {
    if (!(header[3] & field)) continue;
    const uint8_t *zero = memchr(stream->next, 0, (size_t)(stream->end - stream->next));
    if (!zero) return DN_GZIP_CUT_SHORT;
    stream->next = zero + 1;
  }
  if (header[3] & 2) {
    if (stream->end - stream->next < 2) return DN_GZIP_CUT_SHORT;
    stream->next += 2;
  }
  return DN_GZIP_OK;
}

static uint32_t checksum(const uint32_t table[256], const uint8_t *bytes, size_t count) {
  uint32_t sum = 0xFFFFFFFF;
  for (; count > 0; count--) sum = table[(sum ^ *bytes++) & 0xFF] ^ sum >> 8;
  return ~sum;
}

static uint32_t little_endian(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static dn_gzip_status decompress_members(inflater *stream) {
  if (stream->next == stream->end) return DN_GZIP_CUT_SHORT;
  uint32_t table[256];
  for (uint32_t byte = 0; byte < 256; byte++) {
    table[byte] = byte;
    for (int bit = 0; bit < 8; bit++) table[byte] = table[byte] >> 1 ^ (table[byte] & 1 ? 0xEDB88320 : 0);
  }
  do {
    if (stream->next[0] != 0x1F) return DN_GZIP_TRAILING_BYTES;
    size_t start = stream->made;
    dn_gzip_status status = skip_header(stream);
    if (!status) status = inflate_blocks(stream);
    if (status) return status;
    if (stream->end - stream->next < 8) return DN_GZIP_CUT_SHORT;
    size_t length = stream->made - start;
    if (little_endian(stream->next) != checksum(table, stream->output + start, length)) return DN_GZIP_WRONG_CHECKSUM;
    if (little_endian(stream->next + 4) != (uint32_t)length) return DN_GZIP_WRONG_LENGTH;
    stream->next += 8;
    // Tapes and some writers fill the last block with zeros.
    while (stream->next < stream->end && *stream->next == 0) stream->next++;
  } while (stream->next < stream->end);
  return DN_GZIP_OK;
}

dn_gzip_status dn_gzip_decompress(const uint8_t *file, size_t count, size_t limit, uint8_t **output,
                                  size_t *output_count) {
  *output = NULL;
  *output_count = 0;
  inflater *stream = malloc(sizeof *stream);
  if (!stream) return DN_GZIP_NO_MEMORY;
  stream->next = file;
  stream->end = file + count;
  stream->bits = 0;
  stream->held = 0;
  stream->made = 0;
  stream->limit = limit;
  // The length that the file ends with may lie; deflate cannot make more than 1032 bytes of one.
  size_t claimed = count >= 4 ? little_endian(file + count - 4) : 0;
  if (claimed > limit) claimed = limit;
  if (claimed / 1032 > count) claimed = count * 1032;
  stream->capacity = claimed;
  stream->output = malloc(claimed > 0 ? claimed : 1);
  dn_gzip_status status = stream->output ? decompress_members(stream) : DN_GZIP_NO_MEMORY;
  if (status) {
    free(stream->output);
  } else {
    *output = stream->output;
    *output_count = stream->made;
  }
  free(stream);
  return status;
}
