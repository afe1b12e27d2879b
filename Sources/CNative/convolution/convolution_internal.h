#ifndef DN_CONVOLUTION_INTERNAL_H
#define DN_CONVOLUTION_INTERNAL_H

#include <stdbool.h>

#include "convolution.h"
#include "products.h"

/// Nonzero, with a line in `error`, where a shape contradicts itself.
int dn_convolution_check(dn_convolution_direction direction, const dn_convolution_shape *shape, char *error,
                         size_t error_capacity);

/// Sets up a convolution in a given way, or in the next simpler one where oneDNN has no fast code for that.
dn_convolution *dn_convolution_set_up(dn_convolution_way way, dn_convolution_direction direction,
                                      const dn_convolution_shape *shape, char *error, size_t error_capacity);

/// True where oneDNN can compute a shape.
bool dn_convolution_onednn_handles(const dn_convolution_shape *shape);

/// True where the rows of the product are the input itself: a kernel of one place, not strided, padded or grouped.
bool dn_convolution_is_pointwise(const dn_convolution_shape *shape);

/// The product that a pointwise convolution is.
dn_products dn_convolution_pointwise_product(dn_convolution_direction direction, const dn_convolution_shape *shape);

/// The working memory of a convolution through products, in bytes.
size_t dn_convolution_products_scratch(dn_convolution_direction direction, const dn_convolution_shape *shape);

/// Computes a convolution through matrix products. `shape` has rank 3, no size of zero, and is not pointwise.
int dn_convolution_products(dn_convolution_direction direction, const dn_convolution_shape *shape, const void *a,
                            const void *b, void *result, char *error, size_t error_capacity);

#endif
