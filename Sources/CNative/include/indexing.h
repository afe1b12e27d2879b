#ifndef DN_INDEXING_H
#define DN_INDEXING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"

enum { DN_INDEX_RANK = 8 };

/// A loop over some axes of a window, outermost first: how many indices, and how far apart in the tensor.
typedef struct dn_index_loop {
  int32_t rank;
  int64_t sizes[DN_INDEX_RANK];
  int64_t strides[DN_INDEX_RANK];
} dn_index_loop;

/// Windows of a packed tensor that index vectors address.
///
/// What is gathered from there is packed as `[batch, before…, places, after…]`. Distances count elements.
typedef struct dn_index_geometry {
  /// The type of the indices, `[batch, places, numbers]`, an integer type.
  dn_type index_type;
  /// How many numbers an index vector has.
  int32_t numbers;
  /// For each number the largest that lies inside, and the distance in the tensor that 1 stands for.
  int64_t limits[DN_INDEX_RANK];
  int64_t strides[DN_INDEX_RANK];
  /// Whether numbers outside `0 ... limit` are moved to the nearest inside; otherwise their window is left out.
  bool clamps;
  /// Whether windows with different index vectors may share elements.
  bool overlaps;
  int64_t batch, places;
  /// The number of the tensor's elements in a batch.
  int64_t batch_elements;
  /// The window's axes that stand before and after the places.
  dn_index_loop before, after;
} dn_index_geometry;

/// What an update does to the element that it meets; as many as a sum of float32 rounds once.
typedef enum dn_scatter_kind {
  DN_SCATTER_ADD,
  DN_SCATTER_SET,
  DN_SCATTER_MAX,
  DN_SCATTER_MIN,
  DN_SCATTER_MULTIPLY
} dn_scatter_kind;

/// Reads the windows; those left out read as 0. `type` matters for its size only.
void dn_gather(const dn_index_geometry *geometry, dn_type type, const void *tensor, const void *indices, void *result);

/// Copies the tensor and puts the updates into its windows, those of later places after those of earlier ones, so that
/// the result does not depend on the number of threads. The result may lie where the tensor lies. `is_repeated`:
/// `tensor` is one element that stands for all.
///
/// Sums and products of 16-bit floating-point numbers are not offered. Returns nonzero, with a line in `error`, where
/// there is no memory to work in or the type does not fit.
int dn_scatter(const dn_index_geometry *geometry, dn_scatter_kind kind, dn_type type, const void *tensor,
               bool is_repeated, const void *indices, const void *updates, void *result, char *error,
               size_t error_capacity);

#endif
