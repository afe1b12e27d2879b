#ifndef DN_CONVOLUTION_COLUMNS_H
#define DN_CONVOLUTION_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "convolution.h"

// A convolution as a product: for each output position a row of the input values under the kernel, in the order of the
// weights `[kernel…, input channels of the group]`. `shape` has rank 3.

/// The length of a row.
int64_t dn_columns_width(const dn_convolution_shape *shape);

/// Copies the rows of output positions `begin ..< end` (counted through the batch) of one group from `input`.
void dn_columns_gather(const dn_convolution_shape *shape, int64_t group, int64_t begin, int64_t end, const void *input,
                       void *rows);

/// Adds the rows of output positions `begin ..< end` to the places of `input` that they were copied from.
void dn_columns_scatter_add(const dn_convolution_shape *shape, int64_t group, int64_t begin, int64_t end,
                            const void *rows, void *input);

/// Adds `count` elements of `source` to `target`.
void dn_add_elements(dn_type type, void *target, const void *source, int64_t count);

#endif
