#include <stdlib.h>

#include "libraries.h"
#include "onednn.h"

// Version 2 writes its descriptors into structures of the caller's. Nothing reads them here, so that room is enough:
// the largest of its versions takes 696 and 5,976 bytes.
typedef struct memory_desc {
  uint64_t room[256];
} memory_desc;
typedef struct operation_desc {
  uint64_t room[2048];
} operation_desc;

typedef const int64_t *sizes_t;

static int (*init_by_strides)(memory_desc *, int, sizes_t, int, sizes_t);
static int (*init_by_tag)(memory_desc *, int, sizes_t, int, int);
static int (*primitive_desc_create)(dnnl_primitive_desc_t *, const void *, dnnl_primitive_attr_t, dnnl_engine_t,
                                    dnnl_primitive_desc_t);
static int (*primitive_desc_destroy)(dnnl_primitive_desc_t);
static int (*convolution_forward)(operation_desc *, int, int, const void *, const void *, const void *, const void *,
                                  sizes_t, sizes_t, sizes_t, sizes_t);
static int (*convolution_backward_data)(operation_desc *, int, const void *, const void *, const void *, sizes_t,
                                        sizes_t, sizes_t, sizes_t);
static int (*convolution_backward_weights)(operation_desc *, int, const void *, const void *, const void *,
                                           const void *, sizes_t, sizes_t, sizes_t, sizes_t);

static bool load(void) {
  const dn_symbol functions[] = {
    {&init_by_strides, "dnnl_memory_desc_init_by_strides"},
    {&init_by_tag, "dnnl_memory_desc_init_by_tag"},
    {&primitive_desc_create, "dnnl_primitive_desc_create"},
    {&primitive_desc_destroy, "dnnl_primitive_desc_destroy"},
    {&convolution_forward, "dnnl_dilated_convolution_forward_desc_init"},
    {&convolution_backward_data, "dnnl_dilated_convolution_backward_data_desc_init"},
    {&convolution_backward_weights, "dnnl_dilated_convolution_backward_weights_desc_init"},
  };
  return dn_library_symbols(DN_LIB_ONEDNN, functions, sizeof functions / sizeof *functions);
}

static int describe(void **memory, int rank, const int64_t *sizes, const int64_t *strides) {
  *memory = calloc(1, sizeof(memory_desc));
  if (*memory == NULL) return 1;
  int failed = strides != NULL ? init_by_strides(*memory, rank, sizes, DN_DNNL_FLOAT32, strides)
                               : init_by_tag(*memory, rank, sizes, DN_DNNL_FLOAT32, DN_DNNL_ANY_LAYOUT);
  if (failed) {
    free(*memory);
    *memory = NULL;
  }
  return failed;
}

static void forget(void *memory) { free(memory); }

static int convolution(dnnl_primitive_desc_t *result, dn_onednn_direction direction, dn_onednn_algorithm algorithm,
                       const void *source, const void *weights, const void *destination, const dn_onednn_window *w,
                       dnnl_primitive_attr_t attributes, dnnl_engine_t engine) {
  operation_desc forward, backward;
  int failed = convolution_forward(&forward, DN_DNNL_FORWARD_TRAINING, algorithm, source, weights, NULL, destination,
                                   w->stride, w->dilation, w->pad_low, w->pad_high);
  if (failed) return failed;
  if (direction == DN_ONEDNN_DESTINATION) return primitive_desc_create(result, &forward, attributes, engine, NULL);

  if (direction == DN_ONEDNN_SOURCE_GRADIENT) {
    failed = convolution_backward_data(&backward, algorithm, source, weights, destination, w->stride, w->dilation,
                                       w->pad_low, w->pad_high);
  } else {
    failed = convolution_backward_weights(&backward, algorithm, source, weights, NULL, destination, w->stride,
                                          w->dilation, w->pad_low, w->pad_high);
  }
  if (failed) return failed;
  dnnl_primitive_desc_t hint = NULL;
  failed = primitive_desc_create(&hint, &forward, attributes, engine, NULL);
  if (!failed) failed = primitive_desc_create(result, &backward, attributes, engine, hint);
  if (hint != NULL) primitive_desc_destroy(hint);
  return failed;
}

const dn_onednn_dialect dn_onednn2 = {load, describe, forget, convolution};
