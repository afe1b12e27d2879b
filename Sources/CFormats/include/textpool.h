#ifndef DN_TEXTPOOL_H
#define DN_TEXTPOOL_H

#include <stddef.h>
#include <stdint.h>

/// Different texts, each kept once and known by its number. All zeros is an empty pool.
typedef struct {
  /// The texts one after the other, and where each ends.
  uint8_t *bytes;
  size_t *ends;
  size_t count;
  size_t byte_capacity, end_capacity;
  /// Numbers of texts by their hash, plus one; zero is a free place.
  uint32_t *places;
  size_t place_count;
} dn_text_pool;

/// The number of a text, which is added where it is new; negative where no memory is left or there are 2³¹ texts.
int64_t dn_text_pool_number(dn_text_pool *pool, const uint8_t *text, size_t length);

/// Frees what a pool holds; it is empty then.
void dn_text_pool_free(dn_text_pool *pool);

#endif
