#ifndef DN_RAGGED_PRODUCTS_H
#define DN_RAGGED_PRODUCTS_H

#include <stddef.h>
#include <stdint.h>

#include "types.h"

/// What is multiplied where consecutive rows belong to the groups that have a matrix `[height, width]` each.
typedef enum dn_ragged_factors {
  /// Rows `[rows, height]` with the matrices; the result is `[rows, width]`.
  DN_ROWS_WITH_MATRICES,
  /// Rows `[rows, width]` with the transposed matrices; the result is `[rows, height]`.
  DN_ROWS_WITH_TRANSPOSES,
  /// For each group its rows of `[rows, height]`, transposed, with its rows of `[rows, width]`; the results are matrices.
  DN_ROWS_WITH_ROWS
} dn_ragged_factors;

/// Products of DN_F32 or DN_F64 by groups of rows; all tensors are packed.
typedef struct dn_ragged_products {
  dn_ragged_factors factors;
  /// The type of the factors and of the result, and the integer type of the group sizes.
  dn_type type, size_type;
  /// The batches with matrices of their own, and how many tensors of rows after each other meet the same ones, or add to
  /// the same ones.
  int64_t batches, sharing;
  int64_t groups, rows, height, width;
} dn_ragged_products;

/// Computes the products of all groups, whose sizes are `sizes` `[batches · sharing, groups]`: rows from the first on.
///
/// A negative size counts as 0, and a group ends with the last row at the latest. Rows after the last group are not read,
/// and rows of the result there are 0. The rows of the result are shared out among the threads by the terms that their
/// elements sum, so that groups of different sizes keep all threads busy. Returns nonzero, with a line in `error`, where a
/// type is refused or memory for working space cannot be had.
int dn_ragged_dot(const dn_ragged_products *products, const void *left, const void *right, const void *sizes,
                  void *result, char *error, size_t error_capacity);

#endif
