#ifndef DN_GZIP_H
#define DN_GZIP_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  DN_GZIP_OK = 0,
  DN_GZIP_CUT_SHORT,
  DN_GZIP_CORRUPT,
  DN_GZIP_WRONG_CHECKSUM,
  DN_GZIP_WRONG_LENGTH,
  DN_GZIP_TRAILING_BYTES,
  DN_GZIP_OVER_LIMIT,
  DN_GZIP_NO_MEMORY,
} dn_gzip_status;

/// Decompresses a gzip file (RFC 1952 and 1951) of one or more members without any library: the path taken where zlib
/// is missing or switched off.
///
/// On success `*output` holds `*output_count` bytes, which the caller frees; on failure it is NULL. More than `limit`
/// bytes are never made.
dn_gzip_status dn_gzip_decompress(const uint8_t *file, size_t count, size_t limit, uint8_t **output,
                                  size_t *output_count);

#endif
