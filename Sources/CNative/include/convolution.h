#ifndef DN_CONVOLUTION_H
#define DN_CONVOLUTION_H

#include <stddef.h>
#include <stdint.h>

#include "types.h"

/// A convolution of `[batch, spatial…, input_channels]` with `[kernel…, input_channels / groups, output_channels]`,
/// which gives `[batch, output…, output_channels]`. All are dense and row-major; nothing is flipped.
///
/// `type` is DN_F32 or DN_F64. The first `rank` (1 to 3) entries of the arrays count. `dilation` 1 is none. Padding is
/// the number of zeros before and after each spatial axis; a negative one crops. `output` has to be
/// `(input + pad_low + pad_high − dilation · (kernel − 1) − 1) / stride + 1`, rounded down, or 0 where the kernel does
/// not fit.
typedef struct dn_convolution_shape {
  dn_type type;
  int32_t rank;
  int64_t batch, groups, input_channels, output_channels;
  int64_t input[3], kernel[3], output[3], stride[3], dilation[3], pad_low[3], pad_high[3];
} dn_convolution_shape;

typedef enum dn_convolution_direction {
  DN_CONV_FORWARD,
  DN_CONV_BACKWARD_INPUT,
  DN_CONV_BACKWARD_WEIGHTS
} dn_convolution_direction;

/// How a convolution is computed: by oneDNN sum by sum, on operands as the caller has them or reordered as it likes them,
/// or with fewer products (Lavin and Gray, 2016); or through matrix products.
typedef enum dn_convolution_way {
  DN_CONVOLUTION_DIRECT,
  DN_CONVOLUTION_REORDERED,
  DN_CONVOLUTION_WINOGRAD,
  DN_CONVOLUTION_PRODUCTS,
  DN_CONVOLUTION_WAYS,
  /// Whichever a trial, or else the fixed rules, say.
  DN_CONVOLUTION_CHOSEN = DN_CONVOLUTION_WAYS
} dn_convolution_way;

/// A convolution of one shape in one direction, set up once and run often.
typedef struct dn_convolution dn_convolution;

/// Sets up a convolution; NULL, with a line in `error`, where the shape contradicts itself. How it is computed is chosen by
/// `dn_tuning_choose` where there is a choice that matters.
dn_convolution *dn_convolution_create(dn_convolution_direction direction, const dn_convolution_shape *shape,
                                      char *error, size_t error_capacity);

/// Sets up a convolution in a given way, or in the next simpler one where oneDNN has no fast code for that.
dn_convolution *dn_convolution_create_as(dn_convolution_way way, dn_convolution_direction direction,
                                         const dn_convolution_shape *shape, char *error, size_t error_capacity);

/// The way in which a convolution was set up.
dn_convolution_way dn_convolution_way_of(const dn_convolution *convolution);

/// The ways between which a trial decides, the usual one first; their number.
int dn_convolution_ways(dn_convolution_direction direction, const dn_convolution_shape *shape,
                        dn_convolution_way ways[DN_CONVOLUTION_WAYS]);

/// Runs a convolution; every element of `result` is written.
///
/// Forward: `a` is the input, `b` the weights, `result` the output. Backward to the input: the output's cotangent, the
/// weights, the input's cotangent. Backward to the weights: the input, the output's cotangent, the weights' cotangent.
/// May be called from several threads at once; runs of the same object then take turns.
/// Returns nonzero, with a line in `error`, where the library fails or memory for the working space cannot be had.
int dn_convolution_run(dn_convolution *convolution, const void *a, const void *b, void *result, char *error,
                       size_t error_capacity);

/// The bytes of working memory that a run takes in addition to its operands. It is shared between objects that take turns.
size_t dn_convolution_scratch_bytes(const dn_convolution *convolution);

void dn_convolution_destroy(dn_convolution *convolution);

#endif
