#include <stdlib.h>

#include "libraries.h"
#include "onednn.h"

typedef const int64_t *sizes_t;

static int (*create_with_strides)(void **, int, sizes_t, int, sizes_t);
static int (*create_with_tag)(void **, int, sizes_t, int, int);
static int (*memory_desc_destroy)(void *);
static int (*primitive_desc_destroy)(dnnl_primitive_desc_t);
static int (*convolution_forward)(dnnl_primitive_desc_t *, dnnl_engine_t, int, int, const void *, const void *,
                                  const void *, const void *, sizes_t, sizes_t, sizes_t, sizes_t,
                                  dnnl_primitive_attr_t);
static int (*convolution_backward_data)(dnnl_primitive_desc_t *, dnnl_engine_t, int, const void *, const void *,
                                        const void *, sizes_t, sizes_t, sizes_t, sizes_t, dnnl_primitive_desc_t,
                                        dnnl_primitive_attr_t);
static int (*convolution_backward_weights)(dnnl_primitive_desc_t *, dnnl_engine_t, int, const void *, const void *,
                                           const void *, const void *, sizes_t, sizes_t, sizes_t, sizes_t,
                                           dnnl_primitive_desc_t, dnnl_primitive_attr_t);

static bool load(void) {
  const dn_symbol functions[] = {
    {&create_with_strides, "dnnl_memory_desc_create_with_strides"},
    {&create_with_tag, "dnnl_memory_desc_create_with_tag"},
    {&memory_desc_destroy, "dnnl_memory_desc_destroy"},
    {&primitive_desc_destroy, "dnnl_primitive_desc_destroy"},
    {&convolution_forward, "dnnl_convolution_forward_primitive_desc_create"},
    {&convolution_backward_data, "dnnl_convolution_backward_data_primitive_desc_create"},
    {&convolution_backward_weights, "dnnl_convolution_backward_weights_primitive_desc_create"},
  };
  return dn_library_symbols(DN_LIB_ONEDNN, functions, sizeof functions / sizeof *functions);
}

static int describe(void **memory, int rank, const int64_t *sizes, const int64_t *strides) {
  *memory = NULL;
  return strides != NULL ? create_with_strides(memory, rank, sizes, DN_DNNL_FLOAT32, strides)
                         : create_with_tag(memory, rank, sizes, DN_DNNL_FLOAT32, DN_DNNL_ANY_LAYOUT);
}

static void forget(void *memory) {
  if (memory != NULL) memory_desc_destroy(memory);
}

static int convolution(dnnl_primitive_desc_t *result, dn_onednn_direction direction, dn_onednn_algorithm algorithm,
                       const void *source, const void *weights, const void *destination, const dn_onednn_window *w,
                       dnnl_primitive_attr_t attributes, dnnl_engine_t engine) {
  dnnl_primitive_desc_t forward = NULL;
  int failed = convolution_forward(&forward, engine, DN_DNNL_FORWARD_TRAINING, algorithm, source, weights, NULL,
                                   destination, w->stride, w->dilation, w->pad_low, w->pad_high, attributes);
  if (failed) return failed;
  if (direction == DN_ONEDNN_DESTINATION) {
    *result = forward;
    return 0;
  }
  if (direction == DN_ONEDNN_SOURCE_GRADIENT) {
    failed = convolution_backward_data(result, engine, algorithm, source, weights, destination, w->stride, w->dilation,
                                       w->pad_low, w->pad_high, forward, attributes);
  } else {
    failed = convolution_backward_weights(result, engine, algorithm, source, weights, NULL, destination, w->stride,
                                          w->dilation, w->pad_low, w->pad_high, forward, attributes);
  }
  primitive_desc_destroy(forward);
  return failed;
}

const dn_onednn_dialect dn_onednn3 = {load, describe, forget, convolution};
