#ifndef DN_COMPRESSION_H
#define DN_COMPRESSION_H

#include <stddef.h>

/// Decompresses a whole gzip or zlib stream into new memory, to be given to `dn_free`.
///
/// Returns nonzero, with a line in `error`, for data that is damaged, cut short, or longer than `limit` bytes when
/// decompressed, and where zlib is not available. Sizes that the data claims are not believed.
int dn_inflate(const void *input, size_t input_size, size_t limit, void **output, size_t *output_size, char *error,
               size_t error_capacity);

/// The same of deflate's data with nothing around it, as archives hold it.
int dn_inflate_bare(const void *input, size_t input_size, size_t limit, void **output, size_t *output_size, char *error,
                    size_t error_capacity);

/// Compresses into a zlib stream in new memory, to be given to `dn_free`. Without zlib the data is wrapped as it is.
int dn_deflate(const void *input, size_t input_size, void **output, size_t *output_size, char *error,
               size_t error_capacity);

#endif
