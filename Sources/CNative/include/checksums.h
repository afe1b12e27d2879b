#ifndef DN_CHECKSUMS_H
#define DN_CHECKSUMS_H

#include <stddef.h>
#include <stdint.h>

/// The CRC-32 of gzip and PNG; `crc` is 0 at first, then the result for the data so far.
uint32_t dn_crc32(uint32_t crc, const void *data, size_t size);

/// The Adler-32 of zlib streams; `adler` is 1 at first, then the result for the data so far.
uint32_t dn_adler32(uint32_t adler, const void *data, size_t size);

#endif
