#ifndef DN_ELEMENTWISE_H
#define DN_ELEMENTWISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reduction.h"
#include "types.h"

/// What one instruction of a program does. The order is part of the contract with the Swift floors.
///
/// bfloat16 and float16 arithmetic computes in float32 and rounds each result to nearest even. Booleans are bytes 0
/// and 1; add and max are "or" on them, mul and min are "and".
typedef enum dn_opcode {
  // MARK: Generators, without operands.

  /// The value whose bits, as an element of the result type, are the low bits of `immediate`.
  DN_CONSTANT,
  /// The index along the iteration axis `immediate`, converted to the result type.
  DN_IOTA,
  /// Random bits (uint32) from Threefry-2x32-20 with the key (`a`, `b`), two uint32 inputs with all strides 0.
  ///
  /// With n = `immediate` + the row-major index into the iteration shape (as described, before any reordering), the
  /// counter is (high 32 bits of n, low 32 bits of n) and the result is the exclusive or of the two output words. The
  /// cipher itself has the known answers of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011):
  /// counter (0, 0), key (0, 0) gives (6b200159, 99ba4efe); all ones gives (1cb996fc, bb002be7).
  DN_RANDOM_BITS,

  // MARK: Unary, on `a`.

  /// Converts `source_type` to `type`. To a floating type it rounds to nearest even; to an integer it truncates
  /// toward zero and saturates, NaN to 0; between integers it wraps; to bool it compares with 0.
  DN_CONVERT,
  /// Reads the bits as another type of the same size.
  DN_BITCAST,
  DN_NEG,
  DN_ABS,
  /// −1, 0 or 1; zeros and NaN are returned as they are.
  DN_SIGN,
  DN_EXP,
  DN_EXPM1,
  DN_LOG,
  DN_LOG1P,
  DN_SQRT,
  DN_RSQRT,
  DN_CBRT,
  DN_SIN,
  DN_COS,
  DN_TAN,
  DN_TANH,
  DN_LOGISTIC,
  DN_ERF,
  DN_ERFC,
  DN_ERF_INVERSE,
  DN_SQUARE,
  DN_LGAMMA,
  DN_DIGAMMA,
  /// The derivative of order `immediate` (at least 1) of digamma.
  DN_POLYGAMMA,
  DN_FLOOR,
  DN_CEIL,
  /// To the nearest integer, ties to even.
  DN_ROUND,
  /// Result type bool.
  DN_IS_FINITE,
  /// Logical for bool, bitwise for integers.
  DN_NOT,
  DN_POPCOUNT,
  /// `a` to the power `immediate`, rounded at most twice for float32 and float64; integers wrap, and take no negative
  /// power.
  DN_INTEGER_POWER,

  // MARK: Binary, on `a` and `b`.

  DN_ADD,
  DN_SUB,
  DN_MUL,
  /// Integers truncate toward zero; division by 0 gives all ones (−1); the least value divided by −1 gives itself.
  DN_DIV,
  /// The remainder with the sign of the dividend; for integers by 0 the dividend, and by −1 0.
  DN_REM,
  /// NaN where either is NaN; +0 is larger than −0.
  DN_MAX,
  DN_MIN,
  /// Integers wrap; to a negative power they give 0, or ±1 for a base of ±1.
  DN_POW,
  DN_ATAN2,
  DN_AND,
  DN_OR,
  DN_XOR,
  /// Shifts by the width or more (read as unsigned) give 0, or copies of the sign for the arithmetic one.
  DN_SHIFT_LEFT,
  DN_SHIFT_RIGHT_LOGICAL,
  DN_SHIFT_RIGHT_ARITHMETIC,
  /// Comparisons of `source_type`; result type bool.
  DN_EQ,
  DN_NE,
  DN_LT,
  DN_LE,
  DN_GT,
  DN_GE,

  // MARK: Ternary, on `a`, `b` and `c`.

  /// `b` where the bool `a` is true, else `c`. `source_type` is the type of `b` and `c`.
  DN_SELECT,
  /// min(max(`b`, `a`), `c`): `a` is the lower bound, `b` the value, `c` the upper bound.
  DN_CLAMP,
  /// `a` · `b` + `c`, rounded once for float32 and float64.
  DN_FMA,
  /// Random bits as of `DN_RANDOM_BITS` under the key (`a`, `b`) for the counter (0, `c`); all are uint32.
  DN_KEYED_BITS,

  DN_OPCODE_COUNT
} dn_opcode;

/// One operation on registers, each of which is written once.
///
/// Unless the opcode says otherwise all operands have the type `source_type`, which equals `type`.
typedef struct dn_instruction {
  uint16_t opcode;
  /// The `dn_type` of the result.
  uint8_t type;
  /// The `dn_type` of the operands; ignored for generators.
  uint8_t source_type;
  /// Registers: 0 ..< `input_count` are the inputs, larger numbers the results of instructions.
  int32_t destination, a, b, c;
  int64_t immediate;
} dn_instruction;

enum { DN_MAXIMUM_RANK = 8 };

/// An operand in memory: the element at iteration index i is at `offset` + Σ i[axis] · `strides`[axis] elements from
/// the pointer given to `dn_program_run`. Strides of 0 broadcast, negative ones reverse.
typedef struct dn_program_input {
  uint8_t type;
  int64_t offset;
  int64_t strides[DN_MAXIMUM_RANK];
} dn_program_input;

/// A result in memory, addressed as an input is. Two iterations may not write the same element.
typedef struct dn_program_output {
  /// The `dn_type` of the source register.
  uint8_t type;
  /// Not 0: the source register is reduced over `reduced_axes` by `reducer`; strides of those axes are ignored.
  uint8_t reduced;
  uint8_t reducer;
  int32_t source;
  int64_t offset;
  int64_t strides[DN_MAXIMUM_RANK];
} dn_program_output;

/// A chain of elementwise operations over an iteration space, with reductions of its results.
typedef struct dn_program_description {
  int32_t rank;
  int64_t shape[DN_MAXIMUM_RANK];
  /// Bit i: axis i is summed over (or what each reduced output's reducer says).
  uint32_t reduced_axes;
  int32_t input_count, output_count, instruction_count;
  const dn_program_input *inputs;
  const dn_program_output *outputs;
  const dn_instruction *instructions;
} dn_program_description;

/// A program made ready to run: instructions chosen for this machine, axes merged and ordered, blocks and registers
/// laid out. Immutable.
typedef struct dn_program dn_program;

/// Prepares a program, or returns NULL and writes why (at most `capacity` bytes with the closing 0) to `error`.
dn_program *dn_program_create(const dn_program_description *description, char *error, size_t capacity);

/// Runs a program in parallel over blocks of the iteration space; the pointers are in the order of the description.
///
/// The result depends on shapes and values alone, not on the number of threads. Several threads may run one program at
/// once. An output may be the same memory as an input that has the same strides and offset; any other overlap of an
/// output with an input or output is undefined. Returns false, with unfinished outputs, only when out of memory.
bool dn_program_run(const dn_program *program, const void *const *inputs, void *const *outputs);

/// Frees a program; NULL is allowed.
void dn_program_destroy(dn_program *program);

#endif
