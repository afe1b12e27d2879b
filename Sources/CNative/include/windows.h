#ifndef DN_WINDOWS_H
#define DN_WINDOWS_H

#include <stddef.h>
#include <stdint.h>

#include "types.h"

/// Windows that slide over the spatial axes of `[batch, input…, channels]` and give `[batch, output…, channels]`.
///
/// `type` is DN_F32 or DN_F64. The first `rank` (1 to 3) entries of the arrays count. `dilation` 1 is none. Padding
/// takes no part in a sum, maximum or choice; a negative one crops. `output` has to be
/// `(input + pad_low + pad_high − dilation · (window − 1) − 1) / stride + 1`, rounded down, or 0 where the window does
/// not fit.
typedef struct dn_window_shape {
  dn_type type;
  int32_t rank;
  int64_t batch, channels;
  int64_t input[3], window[3], output[3], stride[3], dilation[3], pad_low[3], pad_high[3];
} dn_window_shape;

typedef enum dn_window_operation {
  /// `a` input; gives the sum of each window, 0 where it holds padding alone.
  DN_WINDOW_SUM,
  /// `a` input; gives the largest value, −∞ where there is padding alone, NaN where there is any.
  DN_WINDOW_MAX,
  /// `a` input; gives the least value, ∞ where there is padding alone, NaN where there is any.
  DN_WINDOW_MIN,
  /// `a` output cotangent; gives for each input the sum over the windows that hold it: the transpose of the sum.
  DN_WINDOW_SUM_TRANSPOSE,
  /// `a` input, `b` output cotangent; adds the cotangent of each window at the place of its largest input: the backward
  /// pass of the maximum. The first in row-major order wins; a NaN counts as larger than any number.
  DN_SELECT_AND_SCATTER_ADD,
  /// `a` input, `b` input tangent; gives the tangent at the place of each window's largest input, chosen in the same
  /// way: the forward derivative of the maximum. 0 where there is padding alone.
  DN_SELECT_AND_GATHER_ADD
} dn_window_operation;

/// Runs a window operation; every element of `result` is written. `b` is NULL for operations of one operand.
///
/// Parallel over lines or images; the result does not depend on the number of threads. Returns nonzero, with a line in
/// `error`, where the shape contradicts itself or memory for a few lines cannot be had.
int dn_window_run(dn_window_operation operation, const dn_window_shape *shape, const void *a, const void *b,
                  void *result, char *error, size_t error_capacity);

#endif
