#ifndef DN_PLANES_H
#define DN_PLANES_H

#include <stdint.h>

// Arithmetic on planes: grids of numbers, row after row, such as the ink or the light of a picture.

/// Replaces every value by the mean of those of its row up to `reach` columns away, at most DN_ROW_MEANS_REACH; beyond the
/// ends of a row there is nothing. Each row's sum runs along it, so that the time does not depend on the reach.
#define DN_ROW_MEANS_REACH 7
void dn_plane_row_means(float *values, int64_t width, int64_t height, int64_t reach);

/// Sets `count` values to those of a plane at places between its pixels, interpolated linearly along both axes.
///
/// Places are kept within the columns 0 ... width - 2 and the rows 0 ... height - 2, so that each has four pixels around
/// it; a plane has at least two of either.
void dn_plane_sample(float *to, const float *values, int64_t width, int64_t height, const float *xs, const float *ys,
                     int64_t count);

/// Shrinks bytes by a whole factor: sets each of `width * height` values to the sum of a square of `factor * factor`
/// bytes, times `scale`. Rows of `from` are `pitch` bytes apart.
void dn_plane_from_bytes(float *to, int64_t width, int64_t height, const uint8_t *from, int64_t pitch, int64_t factor,
                         float scale);

/// The first of the places from `from` on whose value is above a limit; `count` where none is.
int64_t dn_first_above(const float *values, int64_t from, int64_t count, float limit);

/// Copies bytes, with those replaced that stand out from their neighbors on all sides.
///
/// A speck is a pixel of whose up to eight neighbors at most one is not lighter (or not darker) by `contrast`; the middle
/// one of its neighbors takes its place. Lines of one pixel's width stay. `to` and `from` must not overlap.
void dn_despeckle(uint8_t *to, const uint8_t *from, int64_t width, int64_t height, int32_t contrast);

#endif
