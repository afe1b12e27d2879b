// All kernels of one instruction set and their table, dn_kernels_*. Takes SET, BYTES and TARGET; see
// each_instruction_set.h. The names of the kernels do not tell the sets apart, so that each set has a file of its own.

#include <math.h>
#include <string.h>

#include "elementwise_internal.h"
#include "types/join.h"

/// Larger than a machine register, so that unoptimized builds do more work for each statement; the compiler splits it.
#define DN_VECTOR_BYTES (4 * BYTES)

#if BYTES > 16
#pragma clang attribute push(TARGET, apply_to = function)
#endif

#include "elementwise_vector.h"
//
#include "elementwise_integer.h"
//
#include "elementwise_float.h"
//
#include "elementwise_math32.h"
//
#include "elementwise_math64.h"
//
#include "elementwise_convert.h"
//
#include "elementwise_move.h"
//
#include "reduction_kernels.h"

#define DN_BITS_ROW(width)                                                                                        \
  {copy_##width, add_##width, sub_##width, mul_##width, and_##width, or_##width,  xor_##width,    not_##width,    \
   neg_##width,  shl_##width, shr_##width, sar_##width, eq_##width,  ne_##width,  select_##width, popcount_##width}

#define DN_INTEGER_ROW(name, abs, sign) {lt_##name, le_##name, max_##name, min_##name, abs, sign}

#define DN_FLOAT_ROW(name)                                                                                         \
  [DN_FLOAT_NEG] = neg_##name, [DN_FLOAT_ABS] = abs_##name, [DN_FLOAT_SIGN] = sign_##name,                         \
  [DN_FLOAT_SQRT] = sqrt_##name, [DN_FLOAT_RSQRT] = rsqrt_##name, [DN_FLOAT_FLOOR] = floor_##name,                 \
  [DN_FLOAT_CEIL] = ceil_##name, [DN_FLOAT_ROUND] = round_##name, [DN_FLOAT_IS_FINITE] = is_finite_##name,         \
  [DN_FLOAT_ADD] = add_##name, [DN_FLOAT_SUB] = sub_##name, [DN_FLOAT_MUL] = mul_##name,                           \
  [DN_FLOAT_DIV] = div_##name, [DN_FLOAT_MAX] = max_##name, [DN_FLOAT_MIN] = min_##name, [DN_FLOAT_EQ] = eq_##name, \
  [DN_FLOAT_NE] = ne_##name, [DN_FLOAT_LT] = lt_##name, [DN_FLOAT_LE] = le_##name, [DN_FLOAT_FMA] = fma_##name,    \
  [DN_FLOAT_EXP] = exp_##name, [DN_FLOAT_LOG] = log_##name, [DN_FLOAT_TANH] = tanh_##name,                         \
  [DN_FLOAT_LOGISTIC] = logistic_##name

#define DN_REDUCTION_ROW(name) {accumulate_##name, fold_##name}

const dn_kernel_table DN_JOIN(dn_kernels, SET) = {
    .bits = {DN_BITS_ROW(8), DN_BITS_ROW(16), DN_BITS_ROW(32), DN_BITS_ROW(64)},
    .integers = {DN_INTEGER_ROW(i8, abs_i8, sign_i8), DN_INTEGER_ROW(i16, abs_i16, sign_i16),
                 DN_INTEGER_ROW(i32, abs_i32, sign_i32), DN_INTEGER_ROW(i64, abs_i64, sign_i64),
                 DN_INTEGER_ROW(u8, copy_8, sign_u8), DN_INTEGER_ROW(u16, copy_16, sign_u16),
                 DN_INTEGER_ROW(u32, copy_32, sign_u32), DN_INTEGER_ROW(u64, copy_64, sign_u64)},
    .floats = {{DN_FLOAT_ROW(f32), [DN_FLOAT_EXPM1] = expm1_f32, [DN_FLOAT_LOG1P] = log1p_f32,
                [DN_FLOAT_CBRT] = cbrt_f32, [DN_FLOAT_SIN] = sin_f32, [DN_FLOAT_COS] = cos_f32,
                [DN_FLOAT_TAN] = tan_f32, [DN_FLOAT_ERF] = erf_f32},
               {DN_FLOAT_ROW(f64)}},
    // Booleans are bytes 0 and 1; integers of equal size have equal bits.
    .conversions = {[DN_F32] = {[DN_F64] = f32_to_f64, [DN_BF16] = f32_to_bf16, [DN_F16] = f32_to_f16},
                    [DN_F64] = {[DN_F32] = f64_to_f32, [DN_I8] = f64_to_i8, [DN_I16] = f64_to_i16,
                                [DN_I32] = f64_to_i32, [DN_I64] = f64_to_i64, [DN_U8] = f64_to_u8,
                                [DN_U16] = f64_to_u16, [DN_U32] = f64_to_u32, [DN_U64] = f64_to_u64},
                    [DN_BF16] = {[DN_F32] = bf16_to_f32},
                    [DN_F16] = {[DN_F32] = f16_to_f32},
                    [DN_I8] = {[DN_I64] = i8_to_i64, [DN_U8] = copy_8, [DN_F32] = i8_to_f32},
                    [DN_I16] = {[DN_I64] = i16_to_i64, [DN_U16] = copy_16, [DN_F32] = i16_to_f32},
                    [DN_I32] = {[DN_I64] = i32_to_i64, [DN_U32] = copy_32, [DN_F32] = i32_to_f32,
                                [DN_F64] = i32_to_f64},
                    [DN_I64] = {[DN_I8] = i64_to_i8, [DN_U8] = i64_to_i8, [DN_I16] = i64_to_i16,
                                [DN_U16] = i64_to_i16, [DN_I32] = i64_to_i32, [DN_U32] = i64_to_i32,
                                [DN_U64] = copy_64, [DN_F32] = i64_to_f32, [DN_F64] = i64_to_f64},
                    [DN_U8] = {[DN_I64] = u8_to_i64, [DN_I8] = copy_8, [DN_F32] = u8_to_f32},
                    [DN_U16] = {[DN_I64] = u16_to_i64, [DN_I16] = copy_16, [DN_F32] = u16_to_f32},
                    [DN_U32] = {[DN_I64] = u32_to_i64, [DN_I32] = copy_32, [DN_F32] = u32_to_f32,
                                [DN_F64] = u32_to_f64},
                    [DN_U64] = {[DN_I64] = copy_64, [DN_F32] = u64_to_f32, [DN_F64] = u64_to_f64},
                    [DN_BOOL] = {[DN_U8] = copy_8, [DN_I8] = copy_8, [DN_I64] = u8_to_i64, [DN_F32] = u8_to_f32}},
    .transposes = {transpose_8, transpose_16, transpose_32, transpose_64},
    .fills = {fill_8, fill_16, fill_32, fill_64},
    .reductions = {DN_REDUCTION_ROW(f32_sum), DN_REDUCTION_ROW(f32_product), DN_REDUCTION_ROW(f32_max),
                   DN_REDUCTION_ROW(f32_min), DN_REDUCTION_ROW(f64_sum), DN_REDUCTION_ROW(f64_product),
                   DN_REDUCTION_ROW(f64_max), DN_REDUCTION_ROW(f64_min),
                   DN_REDUCTION_ROW(sum_8), DN_REDUCTION_ROW(product_8), DN_REDUCTION_ROW(and_8),
                   DN_REDUCTION_ROW(or_8),
                   DN_REDUCTION_ROW(sum_16), DN_REDUCTION_ROW(product_16), DN_REDUCTION_ROW(and_16),
                   DN_REDUCTION_ROW(or_16),
                   DN_REDUCTION_ROW(sum_32), DN_REDUCTION_ROW(product_32), DN_REDUCTION_ROW(and_32),
                   DN_REDUCTION_ROW(or_32),
                   DN_REDUCTION_ROW(sum_64), DN_REDUCTION_ROW(product_64), DN_REDUCTION_ROW(and_64),
                   DN_REDUCTION_ROW(or_64),
                   DN_REDUCTION_ROW(max_i8), DN_REDUCTION_ROW(min_i8), DN_REDUCTION_ROW(max_i16),
                   DN_REDUCTION_ROW(min_i16), DN_REDUCTION_ROW(max_i32), DN_REDUCTION_ROW(min_i32),
                   DN_REDUCTION_ROW(max_i64), DN_REDUCTION_ROW(min_i64), DN_REDUCTION_ROW(max_u8),
                   DN_REDUCTION_ROW(min_u8), DN_REDUCTION_ROW(max_u16), DN_REDUCTION_ROW(min_u16),
                   DN_REDUCTION_ROW(max_u32), DN_REDUCTION_ROW(min_u32), DN_REDUCTION_ROW(max_u64),
                   DN_REDUCTION_ROW(min_u64)},
    .keyed_bits = keyed_bits,
    .random_bits = random_bits,
};

#if BYTES > 16
#pragma clang attribute pop
#endif
