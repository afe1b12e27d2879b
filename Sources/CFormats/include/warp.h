#ifndef DN_WARP_H
#define DN_WARP_H

#include <stdbool.h>
#include <stdint.h>

/// How a picture becomes another of numbers: first where each pixel comes from, then what becomes of its color.
typedef struct {
  /// The place in the picture of a place in the result: x = a·x' + b·y' + c, y = d·x' + e·y' + f, both in pixels whose
  /// middles are at halves.
  double a, b, c, d, e, f;
  /// Whether what is beyond the edge is the pixel at the edge, rather than `fill`.
  bool repeats_edges;
  float fill[4];
  /// What sets the contrast: colors move by this factor away from the mean gray of the result.
  float contrast;
  /// The color, as rows of factors of the channels; of one channel the first factor counts.
  float color[9];
  /// The standard deviation of noise, and the seed it comes from.
  float noise;
  uint64_t seed;
  /// A rectangle that is filled: columns and rows from ..< to.
  int64_t hole_left, hole_top, hole_right, hole_bottom;
  /// What is subtracted from a channel at last, and what it is multiplied by.
  float shift[4], factor[4];
} dn_warp;

/// Makes `to`, [to_height, to_width, channels], of a picture of bytes, [height, width, channels] of at most 4 channels,
/// whose values 0 ... 255 count as 0 ... 1.
///
/// Between pixels colors are interpolated linearly; where the result is coarser, several places are averaged for each
/// pixel. Colors stay within 0 ... 1 until `shift` and `factor` are applied.
void dn_warp_bytes(float *to, int64_t to_height, int64_t to_width, const uint8_t *from, int64_t height, int64_t width,
                   int32_t channels, const dn_warp *warp);

/// The same of a picture of numbers.
void dn_warp_floats(float *to, int64_t to_height, int64_t to_width, const float *from, int64_t height, int64_t width,
                    int32_t channels, const dn_warp *warp);

#endif
