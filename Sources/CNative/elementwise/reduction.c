// Reduced outputs: partial results of pieces of the iteration space, whose cut depends on shapes alone, combined in a
// fixed order.
//
// The kept elements of a block are its columns when the last axis is kept (rows are added to each other), and its rows
// when the last axis is reduced (each row is folded into one element).

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "elementwise_program.h"
#include "parallel.h"

/// The reduced space is cut into chunks of at least this many elements, until there are `DN_PIECES` pieces.
enum { DN_CHUNK_ELEMENTS = 32768, DN_PIECES = 64 };
/// Rows shorter than this are transposed first, which turns folding within a vector into adding vectors.
enum { DN_SHORT_ROW = 32 };
/// Fewer columns than this are added several rows at a time, side by side.
enum { DN_FEW_COLUMNS = 64, DN_SIDE_BY_SIDE = 512 };
enum { DN_ROWS_AT_ONCE = 64 };

static bool is_half(dn_type type) { return type == DN_BF16 || type == DN_F16; }

// MARK: Preparation

void dn_program_plan_reductions(dn_program *program) {
  int64_t inner = 1, outer = 1, items = 1, blocks = 1;
  for (int axis = 0; axis < program->rank; axis++) {
    const dn_axis *a = &program->axes[axis];
    *(axis < program->split ? &outer : &inner) *= a->piece;
    *(a->is_reduced ? &blocks : &items) *= a->pieces;
  }
  const bool adds_rows = !program->axes[program->rank - 1].is_reduced;
  program->width = adds_rows ? inner : outer;
  program->is_batched = adds_rows && outer == 1;
  program->ways = 1;
  if (adds_rows && inner < DN_FEW_COLUMNS) {
    const int64_t ways = DN_SIDE_BY_SIDE / inner;
    program->ways = ways < outer ? ways : outer;
  }
  program->chunks = 1;
  const int64_t worthwhile = program->count / items / DN_CHUNK_ELEMENTS + 1;
  const int64_t wanted = (DN_PIECES + items - 1) / items;
  if (items < DN_PIECES) program->chunks = worthwhile < wanted ? worthwhile : wanted;
  if (program->chunks > blocks) program->chunks = blocks;
}

static uint64_t least(dn_type type) {
  switch (type) {
    case DN_F32: return 0xff800000;
    case DN_F64: return 0xfff0000000000000;
    case DN_I8: return 0x80;
    case DN_I16: return 0x8000;
    case DN_I32: return 0x80000000;
    case DN_I64: return 0x8000000000000000;
    default: return 0;
  }
}

static uint64_t largest(dn_type type) {
  switch (type) {
    case DN_F32: return 0x7f800000;
    case DN_F64: return 0x7ff0000000000000;
    case DN_I8: return 0x7f;
    case DN_I16: return 0x7fff;
    case DN_I32: return 0x7fffffff;
    case DN_I64: return 0x7fffffffffffffff;
    case DN_BOOL: return 1;
    default: return UINT64_MAX;
  }
}

static uint64_t identity(dn_type type, int reducer) {
  switch (reducer) {
    case DN_REDUCE_MAX: return least(type);
    case DN_REDUCE_MIN: return largest(type);
    case DN_REDUCE_PRODUCT: return type == DN_F64 ? 0x3ff0000000000000 : 1;
    case DN_REDUCE_AND: return type == DN_BOOL ? 1 : UINT64_MAX;
    default: return 0;
  }
}

/// The kernels' position in the table, or −1.
static int find_kernels(dn_type type, int reducer) {
  const bool is_extreme = reducer == DN_REDUCE_MAX || reducer == DN_REDUCE_MIN;
  if (type == DN_F32 || type == DN_F64) {
    static const int offsets[] = {[DN_REDUCE_SUM] = 0, [DN_REDUCE_PRODUCT] = 1, [DN_REDUCE_MAX] = 2,
                                  [DN_REDUCE_MIN] = 3};
    if (reducer > DN_REDUCE_PRODUCT) return -1;
    return (type == DN_F32 ? DN_REDUCE_F32_SUM : DN_REDUCE_F64_SUM) + offsets[reducer];
  }
  if (is_extreme) return DN_REDUCE_INTEGERS + 2 * (type - DN_I8) + (reducer == DN_REDUCE_MIN);
  static const int offsets[] = {[DN_REDUCE_SUM] = 0, [DN_REDUCE_PRODUCT] = 1, [DN_REDUCE_AND] = 2, [DN_REDUCE_OR] = 3};
  return DN_REDUCE_BITS + 4 * dn_size_index(dn_type_size(type)) + offsets[reducer];
}

/// On truth values the reducers are "and" and "or".
static int boolean_reducer(int reducer) {
  const bool is_and = reducer == DN_REDUCE_AND || reducer == DN_REDUCE_MIN || reducer == DN_REDUCE_PRODUCT;
  return is_and ? DN_REDUCE_AND : DN_REDUCE_OR;
}

bool dn_program_lower_reduction(dn_program *program, const dn_program_output *output, int32_t index, int32_t reg,
                                dn_type type) {
  const dn_kernel_table *table = program->kernels;
  if (output->reducer > DN_REDUCE_OR) return false;
  const int reducer = type == DN_BOOL ? boolean_reducer(output->reducer) : output->reducer;
  dn_reduction reduction = {.output = index, .value_type = is_half(type) ? DN_F32 : type};
  const int kernels = find_kernels(reduction.value_type, reducer);
  if (kernels < 0) return false;
  reduction.kernels = reduction.combine = table->reductions[kernels];
  reduction.accumulator_type = reduction.value_type;
  if (kernels == DN_REDUCE_F32_SUM || kernels == DN_REDUCE_F32_PRODUCT) {
    reduction.accumulator_type = DN_F64;
    reduction.combine = table->reductions[find_kernels(DN_F64, reducer)];
    reduction.conversions[0] = table->conversions[DN_F64][DN_F32];
  }
  if (is_half(type)) {
    reduction.conversions[reduction.conversions[0] == NULL ? 0 : 1] = table->conversions[DN_F32][type];
  }
  reduction.accumulator_size = dn_type_size(reduction.accumulator_type);
  reduction.identity = identity(reduction.accumulator_type, reducer);

  reg = dn_program_convert(program, reg, type, reduction.value_type);
  if (reg < 0) return false;
  const dn_register *values = &program->registers[reg];
  bool is_usable = values->kind == DN_REGISTER_COMPUTED && values->rate == DN_RATE_ELEMENT;
  if (values->kind == DN_REGISTER_INPUT) {
    const dn_operand_layout layout = program->inputs[values->source].layout;
    // Read in place after the block, it must not have been overwritten by an output in the same memory.
    is_usable = (layout == DN_OPERAND_DIRECT && !program->has_full_outputs) ||
                (layout == DN_OPERAND_STRIDED && !program->is_batched);
  }
  if (!is_usable) reg = dn_program_copy(program, reg);
  if (reg < 0) return false;
  program->registers[reg].is_reduced = true;
  reduction.reg = reg;
  program->reductions[program->reduction_count++] = reduction;
  program->cost++;
  return true;
}

// MARK: Pieces

typedef struct reduction_run {
  const dn_program *program;
  const void *const *inputs;
  void *const *outputs;
  /// Accumulators of every piece, by reduction, item and chunk; NULL where an item is one piece.
  char *partial;
  int64_t items, blocks;
  atomic_bool has_failed;
} reduction_run;

static char *accumulator(const dn_block_run *run, const dn_reduction *reduction) {
  return run->scratch + reduction->accumulator_at;
}

static char *partial_of(const reduction_run *whole, int32_t number, int64_t piece) {
  const dn_program *program = whole->program;
  char *start = whole->partial;
  for (int32_t i = 0; i < number; i++) {
    start += whole->items * program->chunks * program->width * (int64_t)program->reductions[i].accumulator_size;
  }
  return start + piece * program->width * (int64_t)program->reductions[number].accumulator_size;
}

static void clear(const dn_block_run *run, const dn_reduction *reduction, int64_t elements) {
  const int size = dn_size_index(reduction->accumulator_size);
  run->program->kernels->fills[size](accumulator(run, reduction), &reduction->identity, elements);
}

/// Where the current block's values of a reduction are.
static const char *block_values(const dn_block_run *run, const dn_reduction *reduction) {
  const dn_program *program = run->program;
  const dn_register *reg = &program->registers[reduction->reg];
  if (reg->slot == DN_NO_SLOT) {
    return dn_block_run_address(run, &program->inputs[reg->source], run->inputs[reg->source]);
  }
  return run->scratch + reg->slot + run->row * program->capacity * (int64_t)reg->size;
}

static void add_rows(const dn_reduction *reduction, void *to, const char *values, int64_t count, int64_t width,
                     int64_t row_bytes) {
  const void *rows[DN_ROWS_AT_ONCE];
  while (count > 0) {
    const int64_t now = count < DN_ROWS_AT_ONCE ? count : DN_ROWS_AT_ONCE;
    for (int64_t i = 0; i < now; i++, values += row_bytes) rows[i] = values;
    reduction->kernels.accumulate(to, rows, now, width);
    count -= now;
  }
}

static void add_block(const dn_block_run *run, const dn_reduction *reduction) {
  const dn_program *program = run->program;
  int64_t inner = 1, outer = 1;
  for (int axis = 0; axis < program->rank; axis++) *(axis < program->split ? &outer : &inner) *= run->extent[axis];
  const char *values = block_values(run, reduction);
  const int64_t size = (int64_t)dn_type_size(reduction->value_type);
  void *to = accumulator(run, reduction);
  if (program->axes[program->rank - 1].is_reduced) {
    if (inner >= DN_SHORT_ROW || outer < 8) {
      reduction->kernels.fold(to, values, outer, inner);
      return;
    }
    char *transposed = run->scratch + program->transposed_at;
    program->kernels->transposes[dn_size_index((size_t)size)](transposed, outer, values, inner, outer, inner);
    add_rows(reduction, to, transposed, inner, outer, outer * size);
    return;
  }
  const int64_t side_by_side = outer / program->ways, rest = outer % program->ways;
  const int64_t row_bytes = program->ways * inner * size;
  add_rows(reduction, to, values, side_by_side, program->ways * inner, row_bytes);
  if (rest > 0) add_rows(reduction, to, values + side_by_side * row_bytes, 1, rest * inner, row_bytes);
}

/// Converts an item's accumulators and writes them to the output; the run stands at one of its blocks.
static void finish(const dn_block_run *run, const dn_reduction *reduction) {
  const dn_program *program = run->program;
  const dn_operand *output = &program->outputs[reduction->output];
  char *values = accumulator(run, reduction);
  int64_t shape[DN_MAXIMUM_RANK], dense[DN_MAXIMUM_RANK], count = 1;
  for (int axis = program->rank - 1; axis >= 0; axis--) {
    shape[axis] = program->axes[axis].is_reduced ? 1 : run->extent[axis];
    dense[axis] = count;
    count *= shape[axis];
  }
  // In place: each conversion narrows, and reads ahead of what it writes.
  for (int i = 0; i < 2 && reduction->conversions[i] != NULL; i++) {
    reduction->conversions[i](&(dn_kernel_call){.destination = values, .a = values, .b = values, .c = values,
                                                .a_step = 1, .count = (count + DN_GROUP - 1) / DN_GROUP * DN_GROUP});
  }
  dn_copy_strided(program->kernels, output->size, program->rank, shape,
                  dn_block_run_address(run, output, run->outputs[reduction->output]), output->strides, values, dense);
}

/// Adds the blocks `begin ..< end` of the reduced space; `position` stands at the item.
static void add_blocks(dn_block_run *run, int64_t *position, int64_t begin, int64_t end) {
  const dn_program *program = run->program;
  const void *rows[program->reduction_count][DN_BATCH];
  for (int64_t block = begin; block < end; block++) {
    dn_program_positions(program, true, block, position);
    dn_block_run_move(run, position);
    run->row = program->is_batched ? (block - begin) % DN_BATCH : 0;
    dn_block_run_evaluate(run);
    const bool is_full = run->row == DN_BATCH - 1 || block == end - 1;
    for (int32_t i = 0; i < program->reduction_count; i++) {
      const dn_reduction *reduction = &program->reductions[i];
      if (!program->is_batched) {
        add_block(run, reduction);
        continue;
      }
      rows[i][run->row] = block_values(run, reduction);
      if (is_full) reduction->kernels.accumulate(accumulator(run, reduction), rows[i], run->row + 1, run->count);
    }
  }
}

static void run_pieces(void *context, int64_t begin, int64_t end) {
  reduction_run *whole = context;
  const dn_program *program = whole->program;
  dn_block_run run;
  if (!dn_block_run_begin(&run, program, whole->inputs, whole->outputs)) {
    atomic_store(&whole->has_failed, true);
    return;
  }
  int64_t position[DN_MAXIMUM_RANK];
  for (int64_t piece = begin; piece < end; piece++) {
    const int64_t item = piece / program->chunks, chunk = piece % program->chunks;
    dn_program_positions(program, false, item, position);
    for (int32_t i = 0; i < program->reduction_count; i++) {
      clear(&run, &program->reductions[i], program->width * program->ways);
    }
    add_blocks(&run, position, whole->blocks * chunk / program->chunks, whole->blocks * (chunk + 1) / program->chunks);
    for (int32_t i = 0; i < program->reduction_count; i++) {
      const dn_reduction *reduction = &program->reductions[i];
      char *values = accumulator(&run, reduction);
      const size_t row = (size_t)program->width * reduction->accumulator_size;
      for (int64_t way = 1; way < program->ways; way++) {
        const void *from = values + (size_t)way * row;
        reduction->combine.accumulate(values, &from, 1, program->width);
      }
      if (whole->partial == NULL) {
        finish(&run, reduction);
      } else {
        memcpy(partial_of(whole, i, piece), values, row);
      }
    }
  }
}

static void combine_chunks(void *context, int64_t begin, int64_t end) {
  reduction_run *whole = context;
  const dn_program *program = whole->program;
  dn_block_run run;
  if (!dn_block_run_begin(&run, program, whole->inputs, whole->outputs)) {
    atomic_store(&whole->has_failed, true);
    return;
  }
  int64_t position[DN_MAXIMUM_RANK];
  for (int64_t item = begin; item < end; item++) {
    dn_program_positions(program, false, item, position);
    dn_program_positions(program, true, 0, position);
    dn_block_run_move(&run, position);
    for (int32_t i = 0; i < program->reduction_count; i++) {
      const dn_reduction *reduction = &program->reductions[i];
      const void *rows[DN_PIECES];
      for (int64_t chunk = 0; chunk < program->chunks; chunk++) {
        rows[chunk] = partial_of(whole, i, item * program->chunks + chunk);
      }
      clear(&run, reduction, program->width);
      reduction->combine.accumulate(accumulator(&run, reduction), rows, program->chunks, program->width);
      finish(&run, reduction);
    }
  }
}

// MARK: Runs

/// No elements: each result is the identity.
static void write_identities(const dn_program *program, void *const *outputs) {
  for (int32_t i = 0; i < program->reduction_count; i++) {
    const dn_reduction *reduction = &program->reductions[i];
    const dn_operand *output = &program->outputs[reduction->output];
    _Alignas(64) char value[DN_GROUP * 8];
    program->kernels->fills[dn_size_index(reduction->accumulator_size)](value, &reduction->identity, DN_GROUP);
    for (int k = 0; k < 2 && reduction->conversions[k] != NULL; k++) {
      reduction->conversions[k](&(dn_kernel_call){.destination = value, .a = value, .b = value, .c = value,
                                                  .a_step = 1, .count = DN_GROUP});
    }
    int64_t shape[DN_MAXIMUM_RANK], still[DN_MAXIMUM_RANK] = {0};
    for (int axis = 0; axis < program->rank; axis++) {
      shape[axis] = program->axes[axis].is_reduced ? 1 : program->axes[axis].size;
    }
    dn_copy_strided(program->kernels, output->size, program->rank, shape,
                    (char *)outputs[reduction->output] + output->offset * (int64_t)output->size, output->strides, value,
                    still);
  }
}

bool dn_program_run_reductions(const dn_program *program, const void *const *inputs, void *const *outputs) {
  if (program->count == 0) {
    write_identities(program, outputs);
    return true;
  }
  reduction_run run = {.program = program, .inputs = inputs, .outputs = outputs, .items = 1, .blocks = 1};
  for (int axis = 0; axis < program->rank; axis++) {
    *(program->axes[axis].is_reduced ? &run.blocks : &run.items) *= program->axes[axis].pieces;
  }
  const int64_t blocks_per_piece = run.blocks / program->chunks > 0 ? run.blocks / program->chunks : 1;
  const int64_t grain = (dn_program_grain(program) + blocks_per_piece - 1) / blocks_per_piece;
  if (program->chunks == 1) {
    dn_parallel(run.items, grain, run_pieces, &run);
    return !atomic_load(&run.has_failed);
  }
  size_t bytes = 0;
  for (int32_t i = 0; i < program->reduction_count; i++) {
    bytes += (size_t)(run.items * program->chunks * program->width) * program->reductions[i].accumulator_size;
  }
  run.partial = malloc(bytes);
  if (run.partial == NULL) return false;
  dn_parallel(run.items * program->chunks, grain, run_pieces, &run);
  if (!atomic_load(&run.has_failed)) combine_chunks(&run, 0, run.items);
  free(run.partial);
  return !atomic_load(&run.has_failed);
}
