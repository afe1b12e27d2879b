#ifndef DN_SHA256_H
#define DN_SHA256_H

#include <stddef.h>
#include <stdint.h>

/// A SHA-256 digest in the making (FIPS 180-4). Begin with dn_sha256_begin.
typedef struct {
  uint32_t state[8];
  uint64_t byte_count;
  uint8_t block[64];
} dn_sha256;

/// Starts the digest of an empty message.
void dn_sha256_begin(dn_sha256 *digest);

/// Appends `count` bytes to the message.
void dn_sha256_update(dn_sha256 *digest, const void *bytes, size_t count);

/// Writes the digest of everything appended; the state is spent afterward.
void dn_sha256_end(dn_sha256 *digest, uint8_t result[32]);

#endif
