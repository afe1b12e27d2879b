#ifndef DN_CONVOLUTION_INTERNAL_H
#define DN_CONVOLUTION_INTERNAL_H

#include <stdbool.h>

#include "convolution.h"

/// Sets up a convolution in a given way, for measurements: by oneDNN where it has fast code for the shape, or through
/// matrix products.
dn_convolution *dn_convolution_create_as(bool products, dn_convolution_direction direction,
                                         const dn_convolution_shape *shape, char *error, size_t error_capacity);

/// True where the rows of the product are the input itself: a kernel of one place, not strided, padded or grouped.
bool dn_convolution_is_pointwise(const dn_convolution_shape *shape);

/// The working memory of a convolution through products, in bytes.
size_t dn_convolution_products_scratch(dn_convolution_direction direction, const dn_convolution_shape *shape);

/// Computes a convolution through matrix products. `shape` has rank 3 and no size of zero.
int dn_convolution_products(dn_convolution_direction direction, const dn_convolution_shape *shape, const void *a,
                            const void *b, void *result, char *error, size_t error_capacity);

#endif
