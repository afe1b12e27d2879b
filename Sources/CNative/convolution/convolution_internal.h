#ifndef DN_CONVOLUTION_INTERNAL_H
#define DN_CONVOLUTION_INTERNAL_H

#include <stdbool.h>

#include "convolution.h"
#include "products.h"

extern const char *const dn_convolution_way_names[DN_CONVOLUTION_WAYS];

/// The way of a convolution by fixed rules.
dn_convolution_way dn_convolution_usual_way(dn_convolution_direction direction, const dn_convolution_shape *shape);

/// The way of a convolution whose shape was checked and has no size of zero, by a trial where there is a choice that
/// matters.
dn_convolution_way dn_convolution_choose_way(dn_convolution_direction direction, const dn_convolution_shape *shape);

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
