#ifndef DN_ELEMENTWISE_PROGRAM_H
#define DN_ELEMENTWISE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "elementwise_internal.h"

/// How an operand's elements in one block lie in memory.
typedef enum dn_operand_layout {
  /// One after the other: used in place.
  DN_OPERAND_DIRECT,
  /// All the same element.
  DN_OPERAND_UNIFORM,
  /// All the same element in every block.
  DN_OPERAND_INVARIANT,
  /// Otherwise: copied to or from scratch memory.
  DN_OPERAND_STRIDED
} dn_operand_layout;

/// An input or output, with strides of the program's own axes.
typedef struct dn_operand {
  dn_type type;
  size_t size;
  int64_t offset;
  int64_t strides[DN_MAXIMUM_RANK];
  dn_operand_layout layout;
  int32_t reg;
  /// Of an output: the register of the description.
  int32_t source;
} dn_operand;

/// Where a register's values come from.
typedef enum dn_register_kind {
  DN_REGISTER_INPUT,
  DN_REGISTER_CONSTANT,
  DN_REGISTER_IOTA,
  DN_REGISTER_RANDOM,
  DN_REGISTER_COMPUTED
} dn_register_kind;

/// How often a register's value changes; the operands of an operation decide for its result.
typedef enum dn_register_rate {
  DN_RATE_ELEMENT,
  DN_RATE_BLOCK,
  DN_RATE_PROGRAM
} dn_register_rate;

enum { DN_NO_SLOT = -1 };

/// The most elements at the end of a block that are computed in copies, because the block is not a whole number of groups.
/// Several groups, so that a small program is one pass and not two.
enum { DN_TAIL = 4 * DN_GROUP };

typedef struct dn_register {
  dn_type type;
  size_t size;
  dn_register_kind kind;
  dn_register_rate rate;
  /// The input, the axis of an iota, or the key of random bits (`source`, `second`: inputs).
  int32_t source, second;
  /// The first value of an iota or a random counter.
  int64_t first;
  /// A constant's bits.
  uint64_t bits;
  /// The float32 form of a half-precision register, or 0 (which is a register that cannot be one).
  int32_t as_float;
  /// Positions among the operations of rate element: where it is written and last read.
  int32_t definition, last_use;
  /// The output that is written in place, or −1.
  int32_t output;
  /// A reduced output reads it from the slot after the block.
  bool is_reduced;
  /// Bytes from the start of the scratch memory (of a constant: of the constants) to a block of values, or `DN_NO_SLOT`.
  int64_t slot;
  /// Bytes to one group for a uniform value, or to `DN_TAIL` elements for the end of a block in an input or output.
  int64_t group;
} dn_register;

typedef struct dn_operation {
  dn_element_kernel kernel;
  int32_t destination, a, b, c;
  uint8_t a_step, b_step, c_step;
} dn_operation;

typedef struct dn_operation_list {
  dn_operation *items;
  int32_t count, capacity;
} dn_operation_list;

/// A reduced output.
typedef struct dn_reduction {
  /// The output's number.
  int32_t output;
  int32_t reg;
  dn_type value_type, accumulator_type;
  size_t accumulator_size;
  /// The accumulator's bits when nothing has been added.
  uint64_t identity;
  dn_reduction_kernels kernels;
  /// Combines accumulators.
  dn_reduction_kernels combine;
  /// From the accumulator to the output's type; NULL for none.
  dn_element_kernel conversions[2];
  /// Bytes from the start of the scratch memory.
  int64_t accumulator_at;
} dn_reduction;

/// One iteration axis. Blocks take `piece` of its indices; the last of the `pieces` may be shorter.
typedef struct dn_axis {
  int64_t size, piece, pieces;
  /// What one step adds to the row-major index of the described iteration shape.
  int64_t linear_stride;
  bool is_reduced;
} dn_axis;

struct dn_program {
  const dn_kernel_table *kernels;
  int rank;
  dn_axis axes[DN_MAXIMUM_RANK];
  /// The axis of the description after each axis; meaningful for those that an iota counts.
  int described[DN_MAXIMUM_RANK];
  /// Elements of the iteration space, and the most in one block (a multiple of `DN_GROUP`).
  int64_t count, capacity;
  int32_t input_count, output_count, register_count, reduction_count;
  dn_operand *inputs, *outputs;
  dn_register *registers;
  dn_reduction *reductions;
  /// By the rate of their results.
  dn_operation_list operations[3];
  /// The cost of one element, about one for each arithmetic operation.
  int64_t cost;
  /// The only output copies an input.
  bool only_copies;
  /// Some outputs are not reduced.
  bool has_full_outputs;

  /// Reductions: the first of the trailing axes of the same kind (reduced or kept) as the last one, that are whole in a
  /// block; the most kept elements in a block; the rows of accumulators side by side where those are few; and whether
  /// blocks are single rows of kept elements, gathered before they are added.
  int split;
  int64_t width, ways;
  bool is_batched;
  int64_t chunks;

  /// The row-major index of the description is consecutive in a block.
  bool is_linear;
  bool has_generators;
  /// Scratch memory of a thread: the registers' pointers, which outputs are copied, groups, slots, and for reductions a
  /// transposed block and the accumulators.
  int64_t copied_at, transposed_at, scratch_bytes;
  void *constants;
};

/// The most blocks whose rows a batched reduction collects.
enum { DN_BATCH = 8 };

/// Merges and orders the axes and cuts them into blocks.
void dn_program_lay_out(dn_program *program, const dn_program_description *description);

/// Chooses kernels for the instructions. False with the reason in `error`.
bool dn_program_lower(dn_program *program, const dn_program_description *description, char *error, size_t capacity);

/// How an operand with these strides lies in a block.
dn_operand_layout dn_program_classify(const dn_program *program, const int64_t *strides);

/// The functions that add registers return their numbers, negative when out of memory.
int32_t dn_program_add_input(dn_program *program, int32_t input);
int32_t dn_program_constant(dn_program *program, dn_type type, uint64_t bits);
/// The index along an axis of the program (not of its description), an int64.
int32_t dn_program_iota(dn_program *program, int32_t axis);
/// `key0` and `key1` are inputs.
int32_t dn_program_random_bits(dn_program *program, int32_t key0, int32_t key1, int64_t first);
/// The result of a kernel; operands it lacks are −1.
int32_t dn_program_emit(dn_program *program, dn_element_kernel kernel, dn_type type, int32_t a, int32_t b, int32_t c);
/// A copy of a register that has a value for each element.
int32_t dn_program_copy(dn_program *program, int32_t reg);
/// The value of a register, of type `from`, in another type.
int32_t dn_program_convert(dn_program *program, int32_t reg, dn_type from, dn_type to);

/// Sets how a reduced output of a register of type `type` is computed. False where the reducer does not exist for it.
bool dn_program_lower_reduction(dn_program *program, const dn_program_output *output, int32_t index, int32_t reg,
                                dn_type type);

/// Assigns registers to slots by liveness and lays out the scratch memory; fills the constants. False when out of
/// memory.
bool dn_program_allocate(dn_program *program);

/// The blocks that are worth a thread of their own.
int64_t dn_program_grain(const dn_program *program);

/// Decides how blocks of a program with reduced axes are combined.
void dn_program_plan_reductions(dn_program *program);

/// Runs a program with reduced outputs. False when out of memory.
bool dn_program_run_reductions(const dn_program *program, const void *const *inputs, void *const *outputs);

/// A range of blocks being run by one thread.
typedef struct dn_block_run {
  const dn_program *program;
  const void *const *inputs;
  void *const *outputs;
  char *scratch;
  /// Of each register: its values in the current block.
  char **pointers;
  /// Of each output: it is computed in a slot, because an input in the same memory is read later.
  bool *is_copied;
  int64_t begin[DN_MAXIMUM_RANK], extent[DN_MAXIMUM_RANK];
  /// Elements of the current block.
  int64_t count;
  /// Which row of a batch the current block is.
  int64_t row;
} dn_block_run;

/// Takes the thread's scratch memory and computes what does not change between blocks. False when out of memory.
bool dn_block_run_begin(dn_block_run *run, const dn_program *program, const void *const *inputs, void *const *outputs);

/// Runs all operations on the block at `begin`, `extent` and writes the outputs that are not reduced.
void dn_block_run_evaluate(dn_block_run *run);

/// Copies elements between two strided arrays of the same shape.
void dn_copy_strided(const dn_kernel_table *kernels, size_t size, int rank, const int64_t *shape, char *destination,
                     const int64_t *destination_strides, const char *source, const int64_t *source_strides);

/// Sets `begin`, `extent` and `count` of the block that has these positions among the pieces of each axis.
void dn_block_run_move(dn_block_run *run, const int64_t *position);

/// Splits a number into positions along the axes for which `is_reduced` is as given; others are left as they are.
void dn_program_positions(const dn_program *program, bool is_reduced, int64_t number, int64_t *position);

/// Where an operand's first element of the current block is.
char *dn_block_run_address(const dn_block_run *run, const dn_operand *operand, const void *memory);

/// The shape of the current block as strides of a dense array.
void dn_block_run_dense(const dn_block_run *run, int64_t *strides);

/// The current thread's scratch memory, at least `bytes` long, aligned to 64; NULL when out of memory.
void *dn_thread_scratch(size_t bytes);

#endif
