#ifndef DN_FFT_KERNELS_H
#define DN_FFT_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"

enum {
  /// Bytes of a vector, which holds one number each of several transforms that are done side by side, the lanes.
  DN_FFT_VECTOR_BYTES = 64,
  DN_FFT_MOST_PASSES = 64,
  /// The largest prime factor that a pass of its own handles, whose cost grows with the square of it.
  DN_FFT_LARGEST_PRIME = 31
};

/// A part of a transform: `radix` numbers at a time of sequences of `length`, `distance` of which lie interleaved.
typedef struct dn_fft_pass {
  int64_t radix, length, distance;
  /// For each group of numbers, cosine and sine of the factor of each output but the first: `[length / radix, radix - 1]`
  /// pairs.
  const void *factors;
  /// Cosine and sine of the roots of unity, `[radix]` pairs.
  const void *roots;
} dn_fft_pass;

/// A transform of a length whose prime factors are small.
typedef struct dn_fft_passes {
  int64_t count;
  int pass_count;
  dn_fft_pass pass[DN_FFT_MOST_PASSES];
} dn_fft_passes;

/// Real and imaginary parts: vectors of lanes, or tables of factors.
typedef struct dn_fft_pair {
  void *real, *imaginary;
} dn_fft_pair;

/// Numbers in memory, with the distances, in elements, between lanes and between the numbers of a lane.
typedef struct dn_fft_place {
  dn_fft_pair numbers;
  int64_t lane, step;
} dn_fft_place;

/// What is done for one element type on one set of instructions.
typedef struct dn_fft_kernels {
  /// Transforms `x` with the help of `y`; the result is in the one returned.
  dn_fft_pair (*transform)(const dn_fft_passes *passes, dn_fft_pair x, dn_fft_pair y);
  /// Gathers `count` numbers of `lanes` lanes; lanes that are not there are zero.
  void (*load)(dn_fft_place from, int64_t lanes, int64_t count, dn_fft_pair x);
  /// Scatters `count` numbers of `lanes` lanes.
  void (*store)(dn_fft_pair x, int64_t lanes, int64_t count, dn_fft_place to);
  /// Multiplies number `i` of all lanes by factor `i`; numbers from `count` up to `total` become zero.
  void (*multiply)(dn_fft_pair x, int64_t count, int64_t total, dn_fft_pair factors);
  /// Multiplies number `i` of lane `j` by factor `i · width + j`.
  void (*twist)(dn_fft_pair x, int64_t count, dn_fft_pair factors, int64_t width);
} dn_fft_kernels;

/// The kernels for an element type on this machine.
const dn_fft_kernels *dn_fft_kernels_of(dn_type type);

#endif
