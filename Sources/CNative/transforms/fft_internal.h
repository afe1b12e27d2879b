#ifndef DN_FFT_INTERNAL_H
#define DN_FFT_INTERNAL_H

#include "fft.h"
#include "fft_kernels.h"

/// A transform of one long sequence in two rounds of shorter ones, side by side: the sequence as a matrix of `rows`
/// rows, transformed along its columns, multiplied by factors, then transformed along its rows (Gentleman and Sande,
/// 1966).
typedef struct dn_fft_rounds {
  int64_t rows, columns;
  dn_fft_passes along_columns, along_rows;
  dn_fft_pair factors;
} dn_fft_rounds;

typedef enum dn_fft_way {
  /// One number is its own transform.
  DN_FFT_COPY,
  /// Several sequences side by side, by passes over the factors of their length.
  DN_FFT_LANES,
  /// One sequence after the other, each in two rounds.
  DN_FFT_ROUNDS,
  /// The same two as convolutions with a chirp.
  DN_FFT_CHIRP_LANES,
  DN_FFT_CHIRP_ROUNDS
} dn_fft_way;

struct dn_fft {
  dn_type type;
  int64_t outer, count, inner;
  bool inverse;
  dn_fft_way way;
  const dn_fft_kernels *kernels;
  /// The length that passes and rounds have: `count`, or that of a chirp's convolution.
  int64_t length;
  dn_fft_passes passes;
  dn_fft_rounds rounds;
  /// The chirp, `[length]`, and the transform of its conjugate, divided by the length.
  dn_fft_pair chirp, spectrum;
  /// All tables, each with the address of the next in front.
  void *tables;
  bool failed;
};

static inline int64_t dn_fft_lanes(dn_type type) { return DN_FFT_VECTOR_BYTES / (int64_t)dn_type_size(type); }

#endif
