#ifndef DN_COMPRESSION_H
#define DN_COMPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A gzip or zlib stream that is being read piece by piece, whose members may follow each other. Needs zlib.
typedef struct dn_inflater dn_inflater;

/// Begins a stream; NULL, with a line in `error`, where zlib is not available.
dn_inflater *dn_inflater_create(char *error, size_t error_capacity);

/// Reads from `input` and writes to `output` until one of them is used up or the stream has ended.
///
/// `consumed` and `produced` say how far it got; `ended` whether a member has ended and no more input was given.
/// Further input then has to be another member, or zeros. Returns nonzero, with a line in `error`, for data that is
/// damaged.
int dn_inflater_run(dn_inflater *inflater, const void *input, size_t input_size, size_t *consumed, void *output,
                    size_t output_capacity, size_t *produced, bool *ended, char *error, size_t error_capacity);

/// Ends the reading: returns nonzero, with a line in `error`, where the stream has not come to its end.
int dn_inflater_finish(const dn_inflater *inflater, char *error, size_t error_capacity);

void dn_inflater_destroy(dn_inflater *inflater);

/// Decompresses a whole gzip or zlib stream into new memory, to be given to `dn_free`.
///
/// Returns nonzero, with a line in `error`, for data that is damaged, cut short, or longer than `limit` bytes when
/// decompressed. Sizes that the data claims are not believed.
int dn_inflate(const void *input, size_t input_size, size_t limit, void **output, size_t *output_size, char *error,
               size_t error_capacity);

/// Compresses into a zlib stream in new memory, to be given to `dn_free`. Without zlib the data is wrapped as it is.
int dn_deflate(const void *input, size_t input_size, void **output, size_t *output_size, char *error,
               size_t error_capacity);

/// The CRC-32 of gzip and PNG; `crc` is 0 at first, then the result for the data so far.
uint32_t dn_crc32(uint32_t crc, const void *data, size_t size);

/// The Adler-32 of zlib streams; `adler` is 1 at first, then the result for the data so far.
uint32_t dn_adler32(uint32_t adler, const void *data, size_t size);

#endif
