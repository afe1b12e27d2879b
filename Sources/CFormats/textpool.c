#include "textpool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash(const uint8_t *text, size_t length) {
  uint64_t state = length * 0x9E3779B97F4A7C15u;
  while (length >= 8) {
    uint64_t word;
    memcpy(&word, text, 8);
    state = (state ^ word) * 0xFF51AFD7ED558CCDu;
    state ^= state >> 32;
    text += 8;
    length -= 8;
  }
  uint64_t word = 0;
  for (size_t i = 0; i < length; i++) word |= (uint64_t)text[i] << (8 * i);
  state = (state ^ word) * 0xC4CEB9FE1A85EC53u;
  return state ^ state >> 29;
}

static size_t begin(const dn_text_pool *pool, size_t number) { return number == 0 ? 0 : pool->ends[number - 1]; }

static bool holds(const dn_text_pool *pool, size_t number, const uint8_t *text, size_t length) {
  size_t start = begin(pool, number);
  return pool->ends[number] - start == length && memcmp(pool->bytes + start, text, length) == 0;
}

/// Doubles the places, so that at most half of them are taken.
static bool grow_places(dn_text_pool *pool) {
  size_t wanted = pool->place_count == 0 ? 16 : pool->place_count * 2;
  uint32_t *places = calloc(wanted, sizeof *places);
  if (places == NULL) return false;
  for (size_t number = 0; number < pool->count; number++) {
    size_t start = begin(pool, number);
    size_t at = hash(pool->bytes + start, pool->ends[number] - start) & (wanted - 1);
    while (places[at] != 0) at = (at + 1) & (wanted - 1);
    places[at] = (uint32_t)number + 1;
  }
  free(pool->places);
  pool->places = places;
  pool->place_count = wanted;
  return true;
}

static bool reserve(void **memory, size_t *capacity, size_t wanted, size_t width) {
  if (wanted <= *capacity) return true;
  size_t larger = *capacity * 2 > wanted ? *capacity * 2 : wanted + 16;
  void *moved = realloc(*memory, larger * width);
  if (moved == NULL) return false;
  *memory = moved;
  *capacity = larger;
  return true;
}

int64_t dn_text_pool_number(dn_text_pool *pool, const uint8_t *text, size_t length) {
  if (pool->count * 2 >= pool->place_count && !grow_places(pool)) return -1;
  size_t at = hash(text, length) & (pool->place_count - 1);
  for (; pool->places[at] != 0; at = (at + 1) & (pool->place_count - 1)) {
    size_t number = pool->places[at] - 1;
    if (holds(pool, number, text, length)) return (int64_t)number;
  }
  size_t start = begin(pool, pool->count);
  if (pool->count == INT32_MAX || !reserve((void **)&pool->bytes, &pool->byte_capacity, start + length, 1) ||
      !reserve((void **)&pool->ends, &pool->end_capacity, pool->count + 1, sizeof *pool->ends)) {
    return -1;
  }
  if (length > 0) memcpy(pool->bytes + start, text, length);
  pool->ends[pool->count++] = start + length;
  pool->places[at] = (uint32_t)pool->count;
  return (int64_t)pool->count - 1;
}

void dn_text_pool_free(dn_text_pool *pool) {
  free(pool->bytes);
  free(pool->ends);
  free(pool->places);
  memset(pool, 0, sizeof *pool);
}
