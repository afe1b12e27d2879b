// Which kernel computes an operation on a type.

#include "elementwise_internal.h"

static int float_kernel(int opcode) {
  switch (opcode) {
    case DN_NEG: return DN_FLOAT_NEG;
    case DN_ABS: return DN_FLOAT_ABS;
    case DN_SIGN: return DN_FLOAT_SIGN;
    case DN_EXP: return DN_FLOAT_EXP;
    case DN_EXPM1: return DN_FLOAT_EXPM1;
    case DN_LOG: return DN_FLOAT_LOG;
    case DN_LOG1P: return DN_FLOAT_LOG1P;
    case DN_SQRT: return DN_FLOAT_SQRT;
    case DN_RSQRT: return DN_FLOAT_RSQRT;
    case DN_CBRT: return DN_FLOAT_CBRT;
    case DN_SIN: return DN_FLOAT_SIN;
    case DN_COS: return DN_FLOAT_COS;
    case DN_TAN: return DN_FLOAT_TAN;
    case DN_TANH: return DN_FLOAT_TANH;
    case DN_LOGISTIC: return DN_FLOAT_LOGISTIC;
    case DN_ERF: return DN_FLOAT_ERF;
    case DN_FLOOR: return DN_FLOAT_FLOOR;
    case DN_CEIL: return DN_FLOAT_CEIL;
    case DN_ROUND: return DN_FLOAT_ROUND;
    case DN_IS_FINITE: return DN_FLOAT_IS_FINITE;
    case DN_ADD: return DN_FLOAT_ADD;
    case DN_SUB: return DN_FLOAT_SUB;
    case DN_MUL: return DN_FLOAT_MUL;
    case DN_DIV: return DN_FLOAT_DIV;
    case DN_MAX: return DN_FLOAT_MAX;
    case DN_MIN: return DN_FLOAT_MIN;
    case DN_EQ: return DN_FLOAT_EQ;
    case DN_NE: return DN_FLOAT_NE;
    case DN_LT: return DN_FLOAT_LT;
    case DN_LE: return DN_FLOAT_LE;
    case DN_FMA: return DN_FLOAT_FMA;
    default: return -1;
  }
}

static int bits_kernel(int opcode) {
  switch (opcode) {
    case DN_NEG: return DN_BITS_NEG;
    case DN_NOT: return DN_BITS_NOT;
    case DN_POPCOUNT: return DN_BITS_POPCOUNT;
    case DN_ADD: return DN_BITS_ADD;
    case DN_SUB: return DN_BITS_SUB;
    case DN_MUL: return DN_BITS_MUL;
    case DN_AND: return DN_BITS_AND;
    case DN_OR: return DN_BITS_OR;
    case DN_XOR: return DN_BITS_XOR;
    case DN_SHIFT_LEFT: return DN_BITS_SHIFT_LEFT;
    case DN_SHIFT_RIGHT_LOGICAL: return DN_BITS_SHIFT_RIGHT;
    case DN_SHIFT_RIGHT_ARITHMETIC: return DN_BITS_SHIFT_RIGHT_SIGNED;
    case DN_EQ: return DN_BITS_EQ;
    case DN_NE: return DN_BITS_NE;
    default: return -1;
  }
}

static int integer_kernel(int opcode) {
  switch (opcode) {
    case DN_ABS: return DN_INTEGER_ABS;
    case DN_SIGN: return DN_INTEGER_SIGN;
    case DN_MAX: return DN_INTEGER_MAX;
    case DN_MIN: return DN_INTEGER_MIN;
    case DN_LT: return DN_INTEGER_LT;
    case DN_LE: return DN_INTEGER_LE;
    default: return -1;
  }
}

/// Arithmetic on truth values, as the lattice of two elements.
static int boolean_opcode(int opcode) {
  switch (opcode) {
    case DN_ADD: case DN_MAX: case DN_OR: return DN_OR;
    case DN_MUL: case DN_MIN: case DN_AND: return DN_AND;
    case DN_XOR: case DN_EQ: case DN_NE: case DN_LT: case DN_LE: return opcode;
    default: return -1;
  }
}

dn_element_kernel dn_find_kernel(const dn_kernel_table *table, int opcode, dn_type type) {
  if (type == DN_BOOL) {
    const int boolean = boolean_opcode(opcode);
    if (boolean < 0) return NULL;
    return dn_find_kernel(table, boolean, DN_U8);
  }
  if (type <= DN_F16) {
    const int kernel = float_kernel(opcode);
    const dn_element_kernel vector = kernel < 0 ? NULL : table->floats[type][kernel];
    return vector != NULL ? vector : dn_scalar_kernel(opcode, type);
  }
  if (opcode == DN_KEYED_BITS) return type == DN_U32 ? table->keyed_bits : NULL;
  const int bits = bits_kernel(opcode), integer = integer_kernel(opcode);
  if (bits >= 0) return table->bits[dn_size_index(dn_type_size(type))][bits];
  if (integer >= 0) return table->integers[type - DN_I8][integer];
  return dn_scalar_kernel(opcode, type);
}

int64_t dn_operation_cost(int opcode, dn_type type) {
  if (opcode == DN_KEYED_BITS) return 8;
  if (opcode >= DN_EXP && opcode <= DN_ERF && type == DN_F32) return 8;
  return dn_scalar_kernel(opcode, type) != NULL ? 100 : 1;
}
