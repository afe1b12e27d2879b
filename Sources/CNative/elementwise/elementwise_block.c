// Runs a block of a program through all operations.

#include <string.h>

#include "elementwise_program.h"

/// Elements times cost below which a range is not worth a thread of its own.
enum { DN_WORTHWHILE = 200000 };
/// Operations from which on a block's successor is fetched in advance.
enum { DN_LONG_CHAIN = 4 };

// MARK: Position

int64_t dn_program_grain(const dn_program *program) {
  return DN_WORTHWHILE / (program->cost * program->capacity) + 1;
}

void dn_program_positions(const dn_program *program, bool is_reduced, int64_t number, int64_t *position) {
  for (int axis = program->rank - 1; axis >= 0; axis--) {
    if (program->axes[axis].is_reduced != is_reduced) continue;
    position[axis] = number % program->axes[axis].pieces;
    number /= program->axes[axis].pieces;
  }
}

void dn_block_run_move(dn_block_run *run, const int64_t *position) {
  run->count = 1;
  for (int axis = 0; axis < run->program->rank; axis++) {
    const dn_axis *a = &run->program->axes[axis];
    run->begin[axis] = position[axis] * a->piece;
    const int64_t left = a->size - run->begin[axis];
    run->extent[axis] = left < a->piece ? left : a->piece;
    run->count *= run->extent[axis];
  }
}

char *dn_block_run_address(const dn_block_run *run, const dn_operand *operand, const void *memory) {
  int64_t element = operand->offset;
  for (int axis = 0; axis < run->program->rank; axis++) element += run->begin[axis] * operand->strides[axis];
  return (char *)memory + element * (int64_t)operand->size;
}

void dn_block_run_dense(const dn_block_run *run, int64_t *strides) {
  int64_t stride = 1;
  for (int axis = run->program->rank - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= run->extent[axis];
  }
}

// MARK: Operations

static void execute(const dn_operation *operations, int32_t operation_count, char *const *pointers, int64_t count) {
  dn_kernel_call call;
  call.count = count;
  const dn_operation *end = operations + operation_count;
  for (const dn_operation *operation = operations; operation < end; operation++) {
    call.destination = pointers[operation->destination];
    call.a = pointers[operation->a];
    call.b = pointers[operation->b];
    call.c = pointers[operation->c];
    call.a_step = operation->a_step;
    call.b_step = operation->b_step;
    call.c_step = operation->c_step;
    operation->kernel(&call);
  }
}

static void execute_all(const dn_operation_list *list, const dn_block_run *run, int64_t count) {
  execute(list->items, list->count, run->pointers, count);
}

/// Runs the operations on a block. A long chain computes for longer than memory needs: a share of what follows the
/// block in the inputs, most often the next block, is asked for before each operation.
static void execute_ahead(const dn_block_run *run, int64_t count) {
  const dn_program *program = run->program;
  const dn_operation_list *list = &program->operations[DN_RATE_ELEMENT];
  if (list->count < DN_LONG_CHAIN) {
    execute_all(list, run, count);
    return;
  }
  for (int32_t step = 0; step < list->count; step++) {
    for (int32_t i = 0; i < program->input_count; i++) {
      const dn_operand *input = &program->inputs[i];
      if (input->layout != DN_OPERAND_DIRECT) continue;
      const int64_t bytes = count * (int64_t)input->size;
      const char *next = run->pointers[input->reg] + bytes;
      const int64_t end = bytes * (step + 1) / list->count;
      for (int64_t at = bytes * step / list->count; at < end; at += 64) __builtin_prefetch(next + at, 0, 2);
    }
    execute(list->items + step, 1, run->pointers, count);
  }
}

/// Points the registers that live in slots at the values from element `first` of the block on.
static void point_at_slots(dn_block_run *run, int64_t first) {
  const dn_program *program = run->program;
  for (int32_t r = 0; r < program->register_count; r++) {
    const dn_register *reg = &program->registers[r];
    if (reg->slot == DN_NO_SLOT || reg->kind == DN_REGISTER_CONSTANT) continue;
    const int64_t row = reg->is_reduced ? run->row * program->capacity : 0;
    run->pointers[r] = run->scratch + reg->slot + (first + row) * (int64_t)reg->size;
  }
}

bool dn_block_run_begin(dn_block_run *run, const dn_program *program, const void *const *inputs, void *const *outputs) {
  *run = (dn_block_run){.program = program, .inputs = inputs, .outputs = outputs};
  run->scratch = dn_thread_scratch((size_t)program->scratch_bytes);
  if (run->scratch == NULL) return false;
  run->pointers = (char **)run->scratch;
  run->is_copied = (bool *)(run->scratch + program->copied_at);
  for (int32_t r = 0; r < program->register_count; r++) {
    const dn_register *reg = &program->registers[r];
    run->pointers[r] = reg->kind == DN_REGISTER_CONSTANT ? (char *)program->constants + reg->slot
                                                         : run->scratch + reg->group;
  }
  point_at_slots(run, 0);
  for (int32_t i = 0; i < program->input_count; i++) {
    const dn_operand *input = &program->inputs[i];
    if (input->layout != DN_OPERAND_INVARIANT) continue;
    program->kernels->fills[dn_size_index(input->size)](
        run->pointers[input->reg], (const char *)inputs[i] + input->offset * (int64_t)input->size, DN_GROUP);
  }
  execute_all(&program->operations[DN_RATE_PROGRAM], run, DN_GROUP);
  for (int32_t o = 0; o < program->output_count; o++) {
    const dn_operand *output = &program->outputs[o];
    run->is_copied[o] = false;
    if (output->reg < 0 || output->layout != DN_OPERAND_DIRECT) continue;
    const char *memory = (const char *)outputs[o] + output->offset * (int64_t)output->size;
    for (int32_t i = 0; i < program->input_count; i++) {
      const dn_operand *input = &program->inputs[i];
      if (input->layout != DN_OPERAND_DIRECT) continue;
      const bool is_read_later = program->registers[input->reg].last_use > program->registers[output->reg].definition;
      const char *read = (const char *)inputs[i] + input->offset * (int64_t)input->size;
      if (is_read_later && read == memory) run->is_copied[o] = true;
    }
  }
  return true;
}

// MARK: Generators

static void fill_iota(const dn_block_run *run, const dn_register *reg, int64_t *destination) {
  int64_t inside = 1;
  for (int axis = reg->source + 1; axis < run->program->rank; axis++) inside *= run->extent[axis];
  const int64_t first = run->begin[reg->source], length = run->extent[reg->source];
  for (int64_t done = 0; done < run->count;) {
    for (int64_t i = 0; i < length; i++) {
      for (int64_t j = 0; j < inside; j++) destination[done++] = first + i;
    }
  }
}

static void fill_random(const dn_block_run *run, const dn_register *reg, uint32_t *destination) {
  const dn_program *program = run->program;
  uint32_t keys[2];
  memcpy(&keys[0], run->pointers[program->inputs[reg->source].reg], sizeof keys[0]);
  memcpy(&keys[1], run->pointers[program->inputs[reg->second].reg], sizeof keys[1]);
  uint64_t index = (uint64_t)reg->first;
  for (int axis = 0; axis < program->rank; axis++) {
    index += (uint64_t)(run->begin[axis] * program->axes[axis].linear_stride);
  }
  if (program->is_linear) {
    program->kernels->random_bits(destination, keys[0], keys[1], index, run->count);
    return;
  }
  const int last = program->rank - 1;
  int64_t position[DN_MAXIMUM_RANK] = {0};
  for (;;) {
    uint64_t row = index;
    for (int axis = 0; axis < last; axis++) row += (uint64_t)(position[axis] * program->axes[axis].linear_stride);
    program->kernels->random_bits(destination, keys[0], keys[1], row, run->extent[last]);
    destination += run->extent[last];
    int axis = last - 1;
    for (; axis >= 0 && ++position[axis] == run->extent[axis]; axis--) position[axis] = 0;
    if (axis < 0) return;
  }
}

static void generate(const dn_block_run *run) {
  const dn_program *program = run->program;
  for (int32_t r = 0; r < program->register_count; r++) {
    const dn_register *reg = &program->registers[r];
    char *slot = run->scratch + reg->slot;
    if (reg->kind == DN_REGISTER_IOTA) fill_iota(run, reg, (int64_t *)slot);
    if (reg->kind == DN_REGISTER_RANDOM) fill_random(run, reg, (uint32_t *)slot);
  }
}

// MARK: Blocks

static void read_inputs(dn_block_run *run, const int64_t *dense) {
  const dn_program *program = run->program;
  for (int32_t i = 0; i < program->input_count; i++) {
    const dn_operand *input = &program->inputs[i];
    if (input->layout == DN_OPERAND_INVARIANT) continue;
    char *address = dn_block_run_address(run, input, run->inputs[i]);
    if (input->layout == DN_OPERAND_DIRECT) {
      run->pointers[input->reg] = address;
    } else if (input->layout == DN_OPERAND_UNIFORM) {
      program->kernels->fills[dn_size_index(input->size)](run->pointers[input->reg], address, DN_GROUP);
    } else {
      dn_copy_strided(program->kernels, input->size, program->rank, run->extent,
                      run->scratch + program->registers[input->reg].slot, dense, address, input->strides);
    }
  }
  if (program->has_generators) generate(run);
  execute_all(&program->operations[DN_RATE_BLOCK], run, DN_GROUP);
}

/// The last elements of a block, at most `DN_TAIL`: through copies, since kernels handle whole groups.
static void evaluate_tail(dn_block_run *run, int64_t first, int64_t tail, char *const *memory) {
  const dn_program *program = run->program;
  point_at_slots(run, first);
  for (int32_t i = 0; i < program->input_count; i++) {
    const dn_operand *input = &program->inputs[i];
    if (input->layout != DN_OPERAND_DIRECT) continue;
    char *group = run->scratch + program->registers[input->reg].group;
    const char *source = run->pointers[input->reg] + first * (int64_t)input->size;
    memcpy(group, source, (size_t)tail * input->size);
    run->pointers[input->reg] = group;
  }
  for (int32_t o = 0; o < program->output_count; o++) {
    if (memory[o] == NULL || run->is_copied[o]) continue;
    run->pointers[program->outputs[o].reg] = run->scratch + program->registers[program->outputs[o].reg].group;
  }
  execute_all(&program->operations[DN_RATE_ELEMENT], run, (tail + DN_GROUP - 1) & ~(int64_t)(DN_GROUP - 1));
  for (int32_t o = 0; o < program->output_count; o++) {
    const dn_operand *output = &program->outputs[o];
    if (memory[o] == NULL || run->is_copied[o]) continue;
    memcpy(memory[o] + first * (int64_t)output->size, run->pointers[output->reg], (size_t)tail * output->size);
  }
  point_at_slots(run, 0);
}

void dn_block_run_evaluate(dn_block_run *run) {
  const dn_program *program = run->program;
  int64_t dense[DN_MAXIMUM_RANK];
  dn_block_run_dense(run, dense);
  if (program->is_batched) point_at_slots(run, 0);
  read_inputs(run, dense);
  // Of each output that lies in one piece: where the block goes.
  char *memory[program->output_count + 1];
  for (int32_t o = 0; o < program->output_count; o++) {
    const dn_operand *output = &program->outputs[o];
    memory[o] = NULL;
    if (output->reg < 0 || output->layout != DN_OPERAND_DIRECT) continue;
    memory[o] = dn_block_run_address(run, output, run->outputs[o]);
    if (!run->is_copied[o]) run->pointers[output->reg] = memory[o];
  }
  const int64_t groups = run->count & ~(int64_t)(DN_GROUP - 1);
  const int64_t whole = run->count == groups || run->count > DN_TAIL ? groups : 0;
  if (whole > 0) execute_ahead(run, whole);
  if (run->count > whole) evaluate_tail(run, whole, run->count - whole, memory);
  for (int32_t o = 0; o < program->output_count; o++) {
    const dn_operand *output = &program->outputs[o];
    if (output->reg < 0) continue;
    const char *slot = run->scratch + program->registers[output->reg].slot;
    if (memory[o] == NULL) {
      dn_copy_strided(program->kernels, output->size, program->rank, run->extent,
                      dn_block_run_address(run, output, run->outputs[o]), output->strides, slot, dense);
    } else if (run->is_copied[o]) {
      memcpy(memory[o], slot, (size_t)run->count * output->size);
    }
  }
}
