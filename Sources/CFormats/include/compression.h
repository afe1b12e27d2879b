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

/// A gzip or zlib stream that is being read piece by piece, whose members may follow each other.
typedef struct dn_inflater dn_inflater;

/// Begins to read one; null, with a line in `error`, where zlib is not available or there is no memory left.
dn_inflater *dn_inflater_make(char *error, size_t error_capacity);

/// Reads from `input` and writes to `output` until one of them is used up; `consumed` and `produced` say how far it got.
///
/// Returns nonzero, with a line in `error`, for data that is damaged.
int dn_inflater_run(dn_inflater *inflater, const void *input, size_t input_size, size_t *consumed, void *output,
                    size_t output_capacity, size_t *produced, char *error, size_t error_capacity);

/// Ends the reading: returns nonzero, with a line in `error`, where the stream has not come to its end.
int dn_inflater_finish(const dn_inflater *inflater, char *error, size_t error_capacity);

/// Frees it; null is allowed.
void dn_inflater_free(dn_inflater *inflater);

/// Compresses into a zlib stream in new memory, to be given to `dn_free`. Without zlib the data is wrapped as it is.
int dn_deflate(const void *input, size_t input_size, void **output, size_t *output_size, char *error,
               size_t error_capacity);

#endif
