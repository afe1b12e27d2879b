#ifndef DN_FFT_H
#define DN_FFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"

/// A prepared discrete Fourier transform.
typedef struct dn_fft dn_fft;

/// Prepares transforms of `count` numbers of DN_F32 or DN_F64 along the middle axis of `[outer, count, inner]`, forward
/// or with the exponent's sign of the inverse, not divided by `count`.
///
/// Any length is transformed in O(count · log count) steps: by passes over its small prime factors (Stockham's order),
/// or, where a prime factor is large, as a convolution with a chirp (Bluestein, 1970). Returns NULL where memory cannot
/// be had or the sizes cannot be addressed. To be given to `dn_fft_destroy`.
dn_fft *dn_fft_create(dn_type type, int64_t outer, int64_t count, int64_t inner, bool inverse);
void dn_fft_destroy(dn_fft *transform);

/// The working space that a run takes, in bytes.
size_t dn_fft_scratch(const dn_fft *transform);

/// Transforms real and imaginary parts; the results may not overlap the operands. May be called from several threads at
/// once. Returns nonzero, with a line in `error`, where memory for the working space cannot be had.
int dn_fft_run(const dn_fft *transform, const void *real, const void *imaginary, void *real_result,
               void *imaginary_result, char *error, size_t error_capacity);

#endif
