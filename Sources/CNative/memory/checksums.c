#include <pthread.h>

#include "checksums.h"

/// Eight tables, so that eight bytes are taken at a time: table `k` holds the effect of a byte `k` places further on.
static uint32_t tables[8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t remainder = byte;
    for (int bit = 0; bit < 8; bit++) remainder = remainder >> 1 ^ (remainder & 1 ? 0xedb88320u : 0);
    tables[0][byte] = remainder;
  }
  for (int byte = 0; byte < 256; byte++) {
    for (int k = 1; k < 8; k++) {
      uint32_t before = tables[k - 1][byte];
      tables[k][byte] = before >> 8 ^ tables[0][before & 255];
    }
  }
}

uint32_t dn_crc32(uint32_t crc, const void *data, size_t size) {
  pthread_once(&once, fill);
  const uint8_t *next = data;
  uint32_t c = ~crc;
  for (; size >= 8; size -= 8, next += 8) {
    uint32_t low = c ^ ((uint32_t)next[0] | (uint32_t)next[1] << 8 | (uint32_t)next[2] << 16 | (uint32_t)next[3] << 24);
    c = tables[7][low & 255] ^ tables[6][low >> 8 & 255] ^ tables[5][low >> 16 & 255] ^ tables[4][low >> 24] ^
        tables[3][next[4]] ^ tables[2][next[5]] ^ tables[1][next[6]] ^ tables[0][next[7]];
  }
  for (; size > 0; size--, next++) c = c >> 8 ^ tables[0][(c ^ *next) & 255];
  return ~c;
}

uint32_t dn_adler32(uint32_t adler, const void *data, size_t size) {
  const uint8_t *next = data;
  uint32_t low = adler & 0xffff, high = adler >> 16;
  while (size > 0) {
    // The most bytes for which the sums stay below 2^32.
    size_t run = size < 5552 ? size : 5552;
    size -= run;
    for (; run > 0; run--) {
      low += *next++;
      high += low;
    }
    low %= 65521;
    high %= 65521;
  }
  return high << 16 | low;
}
