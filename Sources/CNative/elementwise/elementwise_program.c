// Makes and frees programs.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elementwise_program.h"

/// Between slots, so that equal positions of two blocks are not a multiple of the page size apart, where a processor
/// takes a load for the store before it.
enum { DN_SLOT_GAP = 192 };

static int64_t aligned(int64_t bytes) { return (bytes + 63) & ~(int64_t)63; }

// MARK: Slots

/// Slots no longer used, by element size.
typedef struct slot_pool {
  int64_t *free[4];
  int32_t free_count[4];
  int64_t *end;
  int64_t capacity;
} slot_pool;

static int64_t take_slot(slot_pool *pool, size_t size, int64_t blocks) {
  const int index = dn_size_index(size);
  if (blocks == 1 && pool->free_count[index] > 0) return pool->free[index][--pool->free_count[index]];
  const int64_t slot = *pool->end;
  *pool->end += aligned(blocks * pool->capacity * (int64_t)size) + DN_SLOT_GAP;
  return slot;
}

static void release(const dn_program *program, slot_pool *pool, int32_t number, int32_t position) {
  dn_register *reg = &program->registers[number];
  // What the end of the block reads stays; an operand named twice is released once.
  if (reg->slot == DN_NO_SLOT || reg->last_use != position || reg->output >= 0 || reg->is_reduced) return;
  if (reg->kind == DN_REGISTER_CONSTANT) return;
  const int index = dn_size_index(reg->size);
  pool->free[index][pool->free_count[index]++] = reg->slot;
  reg->last_use = INT32_MAX;
}

/// An output in place needs no slot unless an input that is read in place may lie in the same memory and is read later.
static bool needs_slot(const dn_program *program, const dn_register *reg) {
  if (reg->output < 0 || program->outputs[reg->output].layout != DN_OPERAND_DIRECT) return true;
  for (int32_t i = 0; i < program->input_count; i++) {
    const dn_operand *input = &program->inputs[i];
    if (input->layout == DN_OPERAND_DIRECT && program->registers[input->reg].last_use > reg->definition) return true;
  }
  return false;
}

static void assign_slots(dn_program *program, slot_pool *pool) {
  for (int32_t r = 0; r < program->register_count; r++) {
    dn_register *reg = &program->registers[r];
    const bool is_generator = reg->kind == DN_REGISTER_IOTA || reg->kind == DN_REGISTER_RANDOM;
    const bool is_gathered =
        reg->kind == DN_REGISTER_INPUT && program->inputs[reg->source].layout == DN_OPERAND_STRIDED;
    if (is_generator || is_gathered) reg->slot = take_slot(pool, reg->size, 1);
    program->has_generators = program->has_generators || is_generator;
  }
  const dn_operation_list *list = &program->operations[DN_RATE_ELEMENT];
  for (int32_t i = 0; i < list->count; i++) {
    const dn_operation *operation = &list->items[i];
    release(program, pool, operation->a, i);
    release(program, pool, operation->b, i);
    release(program, pool, operation->c, i);
    dn_register *result = &program->registers[operation->destination];
    if (!needs_slot(program, result)) continue;
    result->slot = take_slot(pool, result->size, result->is_reduced && program->is_batched ? DN_BATCH : 1);
    // A result that nobody reads still needs a place until the next operation.
    if (result->last_use < 0) {
      result->last_use = i;
      release(program, pool, operation->destination, i);
    }
  }
}

static void assign_groups(dn_program *program, int64_t *end) {
  for (int32_t r = 0; r < program->register_count; r++) {
    dn_register *reg = &program->registers[r];
    const bool is_uniform = reg->rate != DN_RATE_ELEMENT && reg->kind != DN_REGISTER_CONSTANT;
    const bool is_direct_input =
        reg->kind == DN_REGISTER_INPUT && program->inputs[reg->source].layout == DN_OPERAND_DIRECT;
    const bool is_direct_output = reg->output >= 0 && program->outputs[reg->output].layout == DN_OPERAND_DIRECT;
    if (!is_uniform && !is_direct_input && !is_direct_output) continue;
    reg->group = *end;
    *end += (is_uniform ? DN_GROUP : DN_TAIL) * (int64_t)reg->size;
  }
}

static bool fill_constants(dn_program *program) {
  int64_t bytes = 0;
  for (int32_t r = 0; r < program->register_count; r++) {
    dn_register *reg = &program->registers[r];
    if (reg->kind != DN_REGISTER_CONSTANT) continue;
    reg->slot = bytes;
    bytes += DN_GROUP * (int64_t)reg->size;
  }
  program->constants = malloc(bytes > 0 ? (size_t)bytes : 1);
  if (program->constants == NULL) return false;
  for (int32_t r = 0; r < program->register_count; r++) {
    const dn_register *reg = &program->registers[r];
    // The low bytes come first in memory.
    if (reg->kind == DN_REGISTER_CONSTANT) {
      program->kernels->fills[dn_size_index(reg->size)]((char *)program->constants + reg->slot, &reg->bits, DN_GROUP);
    }
  }
  return true;
}

bool dn_program_allocate(dn_program *program) {
  if (!fill_constants(program)) return false;
  program->copied_at = program->register_count * (int64_t)sizeof(char *);
  int64_t end = aligned(program->copied_at + program->output_count);
  assign_groups(program, &end);
  slot_pool pool = {.end = &end, .capacity = program->capacity};
  bool has_room = true;
  for (int i = 0; i < 4; i++) {
    pool.free[i] = malloc(((size_t)program->register_count + 1) * sizeof(int64_t));
    has_room = has_room && pool.free[i] != NULL;
  }
  if (has_room) assign_slots(program, &pool);
  for (int i = 0; i < 4; i++) free(pool.free[i]);
  program->transposed_at = end;
  int64_t widest = 0;
  for (int32_t i = 0; i < program->reduction_count; i++) {
    const int64_t size = (int64_t)dn_type_size(program->reductions[i].value_type);
    if (size > widest) widest = size;
  }
  end += aligned(program->capacity * widest) + DN_SLOT_GAP;
  for (int32_t i = 0; i < program->reduction_count; i++) {
    dn_reduction *reduction = &program->reductions[i];
    reduction->accumulator_at = end;
    // Whole groups, which the conversion of the result handles, and room for it beside.
    const int64_t elements = (program->width * program->ways + DN_GROUP) / DN_GROUP * DN_GROUP;
    end += aligned(elements * (int64_t)reduction->accumulator_size) + DN_SLOT_GAP;
  }
  program->scratch_bytes = end;
  return has_room;
}

// MARK: Creation

static bool refuse(char *error, size_t capacity, const char *reason) {
  if (capacity > 0) snprintf(error, capacity, "%s", reason);
  return false;
}

static bool check(const dn_program_description *d, char *error, size_t capacity) {
  if (d->rank < 0 || d->rank > DN_MAXIMUM_RANK) return refuse(error, capacity, "the rank is not in 0 ... 8");
  if (d->input_count < 0 || d->output_count < 0 || d->instruction_count < 0) {
    return refuse(error, capacity, "a negative count");
  }
  int64_t count = 1;
  for (int axis = 0; axis < d->rank; axis++) {
    if (d->shape[axis] < 0) return refuse(error, capacity, "a negative size in the shape");
    if (__builtin_mul_overflow(count, d->shape[axis] > 0 ? d->shape[axis] : 1, &count)) {
      return refuse(error, capacity, "the shape has too many elements");
    }
  }
  for (int32_t i = 0; i < d->input_count; i++) {
    if (d->inputs[i].type > DN_BOOL) return refuse(error, capacity, "an input has no valid type");
  }
  for (int32_t i = 0; i < d->output_count; i++) {
    if (d->outputs[i].type > DN_BOOL) return refuse(error, capacity, "an output has no valid type");
  }
  return true;
}

static dn_operand operand(uint8_t type, int64_t offset, const int64_t *strides, int32_t rank) {
  dn_operand result = {.type = (dn_type)type, .size = dn_type_size((dn_type)type), .offset = offset, .reg = -1};
  memcpy(result.strides, strides, (size_t)rank * sizeof *strides);
  return result;
}

static bool prepare(dn_program *program, const dn_program_description *d, char *error, size_t capacity) {
  program->kernels = dn_kernels();
  program->inputs = calloc((size_t)d->input_count + 1, sizeof *program->inputs);
  program->outputs = calloc((size_t)d->output_count + 1, sizeof *program->outputs);
  program->reductions = calloc((size_t)d->output_count + 1, sizeof *program->reductions);
  if (program->inputs == NULL || program->outputs == NULL || program->reductions == NULL) {
    return refuse(error, capacity, "out of memory");
  }
  program->input_count = d->input_count;
  program->output_count = d->output_count;
  for (int32_t i = 0; i < d->input_count; i++) {
    program->inputs[i] = operand(d->inputs[i].type, d->inputs[i].offset, d->inputs[i].strides, d->rank);
  }
  for (int32_t i = 0; i < d->output_count; i++) {
    program->outputs[i] = operand(d->outputs[i].type, d->outputs[i].offset, d->outputs[i].strides, d->rank);
    if (d->outputs[i].reduced != 0) program->reduction_count++;
    else program->has_full_outputs = true;
  }
  dn_program_lay_out(program, d);
  program->reduction_count = 0;
  if (!dn_program_lower(program, d, error, capacity)) return false;
  return dn_program_allocate(program) || refuse(error, capacity, "out of memory");
}

dn_program *dn_program_create(const dn_program_description *description, char *error, size_t capacity) {
  if (!check(description, error, capacity)) return NULL;
  dn_program *program = calloc(1, sizeof *program);
  if (program == NULL) {
    refuse(error, capacity, "out of memory");
    return NULL;
  }
  if (prepare(program, description, error, capacity)) return program;
  dn_program_destroy(program);
  return NULL;
}

void dn_program_destroy(dn_program *program) {
  if (program == NULL) return;
  for (int rate = 0; rate < 3; rate++) free(program->operations[rate].items);
  free(program->inputs);
  free(program->outputs);
  free(program->registers);
  free(program->reductions);
  free(program->constants);
  free(program);
}
