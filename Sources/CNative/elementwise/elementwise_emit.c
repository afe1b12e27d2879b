// Registers and operations of a program under construction, and the operations that others are made of: conversions,
// copies, constants.

#include <stdlib.h>
#include <string.h>

#include "elementwise_program.h"

static bool is_half(dn_type type) { return type == DN_BF16 || type == DN_F16; }

static bool is_bits(dn_type type) { return type >= DN_I8; }

/// Makes room for one more element in an array that grows by doubling. NULL when out of memory.
static void *grown(void *items, int32_t count, size_t size) {
  if (count != 0 && (count < 16 || (count & (count - 1)) != 0)) return items;
  return realloc(items, (size_t)(count < 16 ? 16 : 2 * count) * size);
}

static int32_t add_register(dn_program *program, dn_register value) {
  dn_register *registers = grown(program->registers, program->register_count, sizeof *registers);
  if (registers == NULL) return -1;
  program->registers = registers;
  value.size = dn_type_size(value.type);
  value.definition = value.last_use = value.output = -1;
  value.slot = DN_NO_SLOT;
  registers[program->register_count] = value;
  return program->register_count++;
}

int32_t dn_program_add_input(dn_program *program, int32_t input) {
  const dn_operand *operand = &program->inputs[input];
  const dn_register_rate rate = operand->layout == DN_OPERAND_INVARIANT ? DN_RATE_PROGRAM
                                : operand->layout == DN_OPERAND_UNIFORM ? DN_RATE_BLOCK
                                                                        : DN_RATE_ELEMENT;
  return add_register(program, (dn_register){.type = operand->type, .kind = DN_REGISTER_INPUT, .rate = rate,
                                             .source = input});
}

int32_t dn_program_constant(dn_program *program, dn_type type, uint64_t bits) {
  return add_register(program, (dn_register){.type = type, .kind = DN_REGISTER_CONSTANT, .rate = DN_RATE_PROGRAM,
                                             .bits = bits});
}

int32_t dn_program_iota(dn_program *program, int32_t axis) {
  return add_register(program, (dn_register){.type = DN_I64, .kind = DN_REGISTER_IOTA, .rate = DN_RATE_ELEMENT,
                                             .source = axis});
}

int32_t dn_program_random_bits(dn_program *program, int32_t key0, int32_t key1, int64_t first) {
  return add_register(program, (dn_register){.type = DN_U32, .kind = DN_REGISTER_RANDOM, .rate = DN_RATE_ELEMENT,
                                             .source = key0, .second = key1, .first = first});
}

static int32_t emit_at_rate(dn_program *program, dn_element_kernel kernel, dn_type type, int32_t a, int32_t b, int32_t c,
                            dn_register_rate rate) {
  if (kernel == NULL || a < 0) return -1;
  dn_operation_list *list = &program->operations[rate];
  dn_operation *items = grown(list->items, list->count, sizeof *items);
  if (items == NULL) return -1;
  list->items = items;
  const int32_t result = add_register(program, (dn_register){.type = type, .kind = DN_REGISTER_COMPUTED, .rate = rate});
  if (result < 0) return -1;
  dn_register *registers = program->registers;
  // An absent operand names a register as well, so that the loop over operations need not ask.
  const int32_t operands[3] = {a, b < 0 ? a : b, c < 0 ? a : c};
  dn_operation operation = {kernel, result, operands[0], operands[1], operands[2], 0, 0, 0};
  operation.a_step = registers[operands[0]].rate == DN_RATE_ELEMENT;
  operation.b_step = registers[operands[1]].rate == DN_RATE_ELEMENT;
  operation.c_step = registers[operands[2]].rate == DN_RATE_ELEMENT;
  if (rate == DN_RATE_ELEMENT) {
    registers[result].definition = list->count;
    for (int i = 0; i < 3; i++) registers[operands[i]].last_use = list->count;
  }
  items[list->count++] = operation;
  return result;
}

int32_t dn_program_emit(dn_program *program, dn_element_kernel kernel, dn_type type, int32_t a, int32_t b, int32_t c) {
  dn_register_rate rate = DN_RATE_PROGRAM;
  const int32_t operands[3] = {a, b, c};
  for (int i = 0; i < 3; i++) {
    if (operands[i] >= 0 && program->registers[operands[i]].rate < rate) rate = program->registers[operands[i]].rate;
  }
  return emit_at_rate(program, kernel, type, a, b, c, rate);
}

int32_t dn_program_copy(dn_program *program, int32_t reg) {
  const dn_register *source = &program->registers[reg];
  const dn_element_kernel copy = program->kernels->bits[dn_size_index(source->size)][DN_BITS_COPY];
  return emit_at_rate(program, copy, source->type, reg, -1, -1, DN_RATE_ELEMENT);
}

/// The type to convert to first where there is no kernel for the whole way.
static dn_type conversion_step(dn_type from, dn_type to) {
  if (is_half(from) || is_half(to)) return DN_F32;
  if (from == DN_F32) return DN_F64;
  if (from == DN_BOOL) return to == DN_F64 ? DN_F32 : DN_I64;
  // Integers of 8 and 16 bits are exact in float32; among integers int64 holds the bits of all.
  return to == DN_F64 ? DN_F32 : DN_I64;
}

int32_t dn_program_convert(dn_program *program, int32_t reg, dn_type from, dn_type to) {
  if (reg < 0) return -1;
  const size_t size = dn_type_size(from);
  if (from == to) return reg;
  // Integers of equal size share their bits.
  if (is_bits(from) && is_bits(to) && to != DN_BOOL && size == dn_type_size(to)) return reg;
  if (program->registers[reg].type == from && program->registers[reg].as_float > 0) {
    return dn_program_convert(program, program->registers[reg].as_float, DN_F32, to);
  }
  if (to == DN_BOOL && !is_half(from)) {
    const dn_element_kernel differs = is_bits(from) ? program->kernels->bits[dn_size_index(size)][DN_BITS_NE]
                                            : program->kernels->floats[from][DN_FLOAT_NE];
    const int32_t zero = dn_program_constant(program, from, 0);
    return zero < 0 ? -1 : dn_program_emit(program, differs, DN_BOOL, reg, zero, -1);
  }
  const dn_element_kernel kernel = program->kernels->conversions[from][to];
  if (kernel == NULL) {
    const dn_type middle = conversion_step(from, to);
    return dn_program_convert(program, dn_program_convert(program, reg, from, middle), middle, to);
  }
  const int32_t result = dn_program_emit(program, kernel, to, reg, -1, -1);
  if (result > 0 && is_half(from) && program->registers[reg].type == from) program->registers[reg].as_float = result;
  return result;
}
