#ifndef DN_ELEMENTWISE_INTERNAL_H
#define DN_ELEMENTWISE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "elementwise.h"

/// Kernels handle whole groups of this many elements; blocks are padded to it.
enum { DN_GROUP = 64 };

/// One elementwise operation on a block. A step of 0 marks a uniform operand: one group of equal elements, read again
/// for each group of the others; else it is 1. The destination may be an operand of the same element size.
typedef struct dn_kernel_call {
  void *destination;
  const void *a, *b, *c;
  int64_t a_step, b_step, c_step;
  /// A multiple of `DN_GROUP`.
  int64_t count;
} dn_kernel_call;

typedef void (*dn_element_kernel)(const dn_kernel_call *call);

/// Operations that only see bits, for each size of 1, 2, 4 and 8 bytes.
enum {
  DN_BITS_COPY, DN_BITS_ADD, DN_BITS_SUB, DN_BITS_MUL, DN_BITS_AND, DN_BITS_OR, DN_BITS_XOR, DN_BITS_NOT, DN_BITS_NEG,
  DN_BITS_SHIFT_LEFT, DN_BITS_SHIFT_RIGHT, DN_BITS_SHIFT_RIGHT_SIGNED, DN_BITS_EQ, DN_BITS_NE, DN_BITS_SELECT,
  DN_BITS_POPCOUNT, DN_BITS_COUNT
};

/// Operations that depend on the sign of an integer, for each of the types int8 … uint64.
enum { DN_INTEGER_LT, DN_INTEGER_LE, DN_INTEGER_MAX, DN_INTEGER_MIN, DN_INTEGER_ABS, DN_INTEGER_SIGN,
       DN_INTEGER_COUNT };

/// Operations on float32 and float64.
enum {
  DN_FLOAT_NEG, DN_FLOAT_ABS, DN_FLOAT_SIGN, DN_FLOAT_SQRT, DN_FLOAT_RSQRT, DN_FLOAT_FLOOR, DN_FLOAT_CEIL,
  DN_FLOAT_ROUND, DN_FLOAT_IS_FINITE, DN_FLOAT_ADD, DN_FLOAT_SUB, DN_FLOAT_MUL, DN_FLOAT_DIV, DN_FLOAT_MAX,
  DN_FLOAT_MIN, DN_FLOAT_EQ, DN_FLOAT_NE, DN_FLOAT_LT, DN_FLOAT_LE, DN_FLOAT_FMA, DN_FLOAT_EXP, DN_FLOAT_EXPM1,
  DN_FLOAT_LOG, DN_FLOAT_LOG1P, DN_FLOAT_CBRT, DN_FLOAT_SIN, DN_FLOAT_COS, DN_FLOAT_TAN, DN_FLOAT_TANH,
  DN_FLOAT_LOGISTIC, DN_FLOAT_ERF, DN_FLOAT_COUNT
};

/// Copies the transpose of a matrix: destination[c · destination_stride + r] = source[r · source_stride + c], strides
/// in elements.
typedef void (*dn_transpose_kernel)(void *destination, int64_t destination_stride, const void *source,
                                    int64_t source_stride, int64_t rows, int64_t columns);

/// Sets `count` elements to the one at `source`.
typedef void (*dn_fill_kernel)(void *destination, const void *source, int64_t count);

/// Combines rows into an accumulator of `width` elements: accumulator[i] = accumulator[i] ∘ rows[0][i] ∘ rows[1][i] …
typedef void (*dn_accumulate_kernel)(void *accumulator, const void *const *rows, int64_t row_count, int64_t width);

/// Combines each of `row_count` rows of `width` contiguous elements into its element of the accumulator.
typedef void (*dn_fold_kernel)(void *accumulator, const void *source, int64_t row_count, int64_t width);

/// How one reducer works on one element type.
typedef struct dn_reduction_kernels {
  dn_accumulate_kernel accumulate;
  dn_fold_kernel fold;
} dn_reduction_kernels;

/// The accumulators: float64 for sums and products of floats, the element type itself elsewhere.
enum {
  DN_REDUCE_F32_SUM, DN_REDUCE_F32_PRODUCT, DN_REDUCE_F32_MAX, DN_REDUCE_F32_MIN,
  DN_REDUCE_F64_SUM, DN_REDUCE_F64_PRODUCT, DN_REDUCE_F64_MAX, DN_REDUCE_F64_MIN,
  /// Sum, product, and, or for each size of 1, 2, 4 and 8 bytes.
  DN_REDUCE_BITS,
  /// Maximum, minimum for each of int8 … uint64.
  DN_REDUCE_INTEGERS = DN_REDUCE_BITS + 16,
  DN_REDUCE_KERNEL_COUNT = DN_REDUCE_INTEGERS + 16
};

/// Everything that is compiled once for each instruction set.
typedef struct dn_kernel_table {
  dn_element_kernel bits[4][DN_BITS_COUNT];
  dn_element_kernel integers[8][DN_INTEGER_COUNT];
  /// NULL where only the per-element kernel exists.
  dn_element_kernel floats[2][DN_FLOAT_COUNT];
  /// Indexed by source and result type; NULL where a conversion takes more than one step.
  dn_element_kernel conversions[13][13];
  dn_transpose_kernel transposes[4];
  dn_fill_kernel fills[4];
  dn_reduction_kernels reductions[DN_REDUCE_KERNEL_COUNT];
  dn_element_kernel keyed_bits;
  void (*random_bits)(uint32_t *destination, uint32_t key0, uint32_t key1, uint64_t first, int64_t count);
} dn_kernel_table;

extern const dn_kernel_table dn_kernels_baseline;
#if defined(__x86_64__)
extern const dn_kernel_table dn_kernels_avx2;
extern const dn_kernel_table dn_kernels_avx512;
#endif

/// The table for this machine.
const dn_kernel_table *dn_kernels(void);

/// The kernel that computes element by element: `DN_DIV`, `DN_REM`, `DN_POW` of integers, and float32 and float64
/// functions that have no vector form. NULL where the operation does not exist for the type.
dn_element_kernel dn_scalar_kernel(int opcode, dn_type type);

/// The kernel of an operation on operands of a type, that of the table where there is one; NULL where the operation does
/// not exist for the type.
dn_element_kernel dn_find_kernel(const dn_kernel_table *table, int opcode, dn_type type);

/// Rough nanoseconds for a hundred elements.
int64_t dn_operation_cost(int opcode, dn_type type);

/// log2 of an element size of 1, 2, 4 or 8.
static inline int dn_size_index(size_t size) {
  return size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;
}

#endif
