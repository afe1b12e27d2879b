#ifndef DN_ONEDNN_H
#define DN_ONEDNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One interface over oneDNN's two C interfaces. Descriptors of memory are pointers in both: to a structure of the
// caller's in version 2, to one of the library's in version 3. All operands are float32 on the CPU.

typedef struct dnnl_engine *dnnl_engine_t;
typedef struct dnnl_primitive_desc *dnnl_primitive_desc_t;
typedef struct dnnl_primitive_attr *dnnl_primitive_attr_t;

enum { DN_DNNL_FLOAT32 = 3, DN_DNNL_ANY_LAYOUT = 1, DN_DNNL_CPU = 1 };
enum { DN_DNNL_FORWARD_TRAINING = 64 };

/// Which of its operands a convolution gives.
typedef enum dn_onednn_direction {
  DN_ONEDNN_DESTINATION,
  DN_ONEDNN_SOURCE_GRADIENT,
  DN_ONEDNN_WEIGHT_GRADIENT
} dn_onednn_direction;

/// How a convolution is computed, by oneDNN's numbers: sum by sum, or with fewer products (Lavin and Gray, 2016).
typedef enum dn_onednn_algorithm { DN_DNNL_CONVOLUTION_DIRECT = 1, DN_DNNL_CONVOLUTION_WINOGRAD = 2 } dn_onednn_algorithm;
enum { DN_DNNL_ARG_SRC = 1, DN_DNNL_ARG_DST = 17, DN_DNNL_ARG_WEIGHTS = 33, DN_DNNL_ARG_SCRATCHPAD = 80,
       DN_DNNL_ARG_DIFF_SRC = 129, DN_DNNL_ARG_DIFF_DST = 145, DN_DNNL_ARG_DIFF_WEIGHTS = 161 };

/// How a kernel moves along the spatial axes; dilation 0 is none.
typedef struct dn_onednn_window {
  int64_t stride[3], dilation[3], pad_low[3], pad_high[3];
} dn_onednn_window;

/// What differs between the versions: how descriptors are made. Functions return nonzero where oneDNN refuses.
typedef struct dn_onednn_dialect {
  /// Finds the functions; false where one is missing.
  bool (*load)(void);
  /// Makes a descriptor of memory; with no strides the layout is the library's choice.
  int (*describe)(void **memory, int rank, const int64_t *sizes, const int64_t *strides);
  void (*forget)(void *memory);
  /// Makes the descriptor of a convolution.
  int (*convolution)(dnnl_primitive_desc_t *result, dn_onednn_direction direction, dn_onednn_algorithm algorithm,
                     const void *source, const void *weights, const void *destination, const dn_onednn_window *window,
                     dnnl_primitive_attr_t attributes, dnnl_engine_t engine);
} dn_onednn_dialect;

extern const dn_onednn_dialect dn_onednn2, dn_onednn3;

/// The dialect of the oneDNN that is loaded, or NULL.
const dn_onednn_dialect *dn_onednn_loaded(void);
dnnl_engine_t dn_onednn_engine(void);

/// Attributes that leave the scratchpad to the caller; shared by all primitives.
dnnl_primitive_attr_t dn_onednn_attributes(void);

void dn_onednn_forget_primitive_desc(dnnl_primitive_desc_t descriptor);

/// An operand of a plan: the argument it is to the primitive, and the layout the caller has it in.
typedef struct dn_onednn_operand {
  int argument;
  void *layout;
  bool result;
} dn_onednn_operand;

enum { DN_ONEDNN_MAX_OPERANDS = 3 };

/// A primitive with the reorders between the caller's layouts and those it wants.
typedef struct dn_onednn_plan dn_onednn_plan;

/// Makes a plan from a primitive's descriptor, or returns NULL with a line in `error`. The descriptor and layouts are
/// still the caller's afterward. Descriptors whose implementation is oneDNN's plain reference loop are refused.
dn_onednn_plan *dn_onednn_plan_create(dnnl_primitive_desc_t descriptor, const dn_onednn_operand *operands, int count,
                                      char *error, size_t error_capacity);

/// Runs a plan on the caller's buffers, in the order of its operands. Not to be called from two threads at once, nor
/// before the libraries know how many threads are wanted.
int dn_onednn_plan_run(dn_onednn_plan *plan, void *const *buffers, char *error, size_t error_capacity);

/// The bytes of working memory that a run takes.
size_t dn_onednn_plan_scratch_bytes(const dn_onednn_plan *plan);

void dn_onednn_plan_destroy(dn_onednn_plan *plan);

#endif
