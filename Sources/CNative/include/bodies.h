#ifndef DN_BODIES_H
#define DN_BODIES_H

#include <stdbool.h>
#include <stdint.h>

/// A prepared kernel: its parameters, and the addresses of its operands and results.
///
/// Nonzero, with a line in `error`, where the kernel failed.
typedef int32_t (*dn_kernel)(
    const void *_Nonnull parameters, void *_Nullable const *_Nonnull addresses, char *_Nonnull error);

/// A kernel in a list, with the place of its first address in the table of addresses.
typedef struct {
  dn_kernel _Nonnull function;
  const void *_Nonnull parameters;
  int64_t first_address;
} dn_call;

/// A place in a table of addresses that points into one of several tensors, or into the arena.
typedef struct {
  int64_t slot;
  int64_t offset;
  int64_t number;
} dn_place;

/// A place in a table of addresses that never changes.
typedef struct {
  int64_t slot;
  void *_Nullable memory;
} dn_fixed_place;

/// A function as kernels in order, run in memory that the caller gives.
typedef struct {
  const dn_call *_Nonnull calls;
  int64_t call_count;
  const dn_fixed_place *_Nonnull constants;
  int64_t constant_count;
  const dn_place *_Nonnull arena;
  int64_t arena_count;
  const dn_place *_Nonnull inputs;
  int64_t input_count;
  const dn_place *_Nonnull outputs;
  int64_t output_count;
  /// Where in the given memory the table of addresses begins; the arena is at the beginning.
  int64_t table_offset;
} dn_body;

/// A loop of a known number of steps. Its addresses are those of the first carried values, the sequences, the
/// constants, then of the last carried values, the outputs, and of working memory. A carried value that steps write in
/// place may begin where it ends.
typedef struct {
  dn_body body;
  /// The places of those arguments that lie elsewhere in each step.
  const dn_place *_Nonnull moving;
  int64_t moving_count;
  int64_t length;
  bool reversed;
  int64_t carry_count;
  int64_t sequence_count;
  int64_t constant_count;
  int64_t output_count;
  /// The bytes of each carried value, of a slice of each sequence, and of a slice of each output.
  const int64_t *_Nonnull carry_bytes;
  const int64_t *_Nonnull sequence_bytes;
  const int64_t *_Nonnull output_bytes;
  /// Where in the working memory each carried value has its second place; negative for one that steps write in place.
  const int64_t *_Nonnull carry_offsets;
  /// Where in the working memory the addresses of a step's arguments and results are kept.
  int64_t pointer_offset;
} dn_scan;

/// A loop that goes on as long as a condition holds. Its addresses are those of the first carried values, the
/// constants, then of the last carried values, and of working memory.
typedef struct {
  dn_body condition;
  dn_body body;
  int64_t carry_count;
  int64_t constant_count;
  const int64_t *_Nonnull carry_bytes;
  /// As those of a `dn_scan`.
  const int64_t *_Nonnull carry_offsets;
  int64_t pointer_offset;
  /// Where in the working memory the condition leaves its answer.
  int64_t answer_offset;
} dn_while;

/// One of several functions. Its addresses are those of the index, an int32, of the arguments, of the results, and of
/// working memory.
typedef struct {
  const dn_body *_Nonnull branches;
  int64_t branch_count;
  int64_t argument_count;
  int64_t result_count;
} dn_cond;

/// Runs a `dn_scan`.
int32_t dn_scan_run(
    const void *_Nonnull parameters, void *_Nullable const *_Nonnull addresses, char *_Nonnull error);
/// Runs a `dn_while`.
int32_t dn_while_run(
    const void *_Nonnull parameters, void *_Nullable const *_Nonnull addresses, char *_Nonnull error);
/// Runs a `dn_cond`.
int32_t dn_cond_run(
    const void *_Nonnull parameters, void *_Nullable const *_Nonnull addresses, char *_Nonnull error);

#endif
