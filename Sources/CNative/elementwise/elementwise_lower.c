// From instructions to kernels.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "elementwise_program.h"

/// A register of the description.
typedef struct named {
  int32_t reg;
  dn_type type;
  bool is_defined;
} named;

typedef struct lowering {
  dn_program *program;
  const dn_program_description *description;
  named *names;
  char *error;
  size_t capacity;
} lowering;

static bool fail(lowering *l, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (l->capacity > 0) vsnprintf(l->error, l->capacity, format, arguments);
  va_end(arguments);
  return false;
}

static bool is_half(dn_type type) { return type == DN_BF16 || type == DN_F16; }
static bool is_float(dn_type type) { return type <= DN_F16; }

static int operand_count(int opcode) {
  if (opcode <= DN_IOTA) return 0;
  if (opcode == DN_RANDOM_BITS) return 2;
  return opcode < DN_ADD ? 1 : opcode < DN_SELECT ? 2 : 3;
}

// MARK: Instructions

static int32_t emit(lowering *l, int opcode, dn_type result, dn_type operand, int32_t a, int32_t b, int32_t c) {
  l->program->cost += dn_operation_cost(opcode, operand);
  return dn_program_emit(l->program, dn_find_kernel(l->program->kernels, opcode, operand), result, a, b, c);
}

static int32_t one(lowering *l, dn_type type) {
  return dn_program_constant(l->program, type,
                             type == DN_F32 ? 0x3f800000u : type == DN_F64 ? 0x3ff0000000000000u : 1);
}

/// A whole number as a constant of a type.
static int32_t number(lowering *l, dn_type type, int64_t value) {
  union { float f; double d; uint64_t bits; } constant = {.bits = (uint64_t)value};
  if (type == DN_F32) constant.bits = 0, constant.f = (float)value;
  if (type == DN_F64) constant.d = (double)value;
  return dn_program_constant(l->program, type, constant.bits);
}

/// `a` to a power of at least 1.
static int32_t square_repeatedly(lowering *l, dn_type type, int32_t a, uint64_t exponent) {
  int32_t result = -1, square = a;
  for (uint64_t left = exponent; left != 0;) {
    if ((left & 1) != 0) result = result < 0 ? square : emit(l, DN_MUL, type, type, result, square, -1);
    left >>= 1;
    if (left != 0) square = emit(l, DN_MUL, type, type, square, square, -1);
    if (square < 0) return -1;
  }
  return result;
}

/// Repeated squaring loses a digit with every few factors and overflows on the way to a small reciprocal, so that
/// float32 is multiplied in float64, and float64 is left to the library beyond the cube.
static int32_t lower_integer_power(lowering *l, dn_type type, int32_t a, int64_t exponent) {
  if (exponent == 0) return one(l, type);
  if (!is_float(type)) return exponent < 0 ? -1 : square_repeatedly(l, type, a, (uint64_t)exponent);
  if (exponent > 0 && exponent <= 3) return square_repeatedly(l, type, a, (uint64_t)exponent);
  if (exponent == -1) {
    const int32_t numerator = one(l, type);
    return numerator < 0 ? -1 : emit(l, DN_DIV, type, type, numerator, a, -1);
  }
  if (type == DN_F64 || exponent > 64 || exponent < -7) {
    const int32_t constant = number(l, type, exponent);
    return constant < 0 ? -1 : emit(l, DN_POW, type, type, a, constant, -1);
  }
  const int32_t wide = dn_program_convert(l->program, a, DN_F32, DN_F64);
  if (wide < 0) return -1;
  int32_t power = square_repeatedly(l, DN_F64, wide, (uint64_t)(exponent < 0 ? -exponent : exponent));
  if (exponent < 0 && power >= 0) {
    const int32_t numerator = one(l, DN_F64);
    power = numerator < 0 ? -1 : emit(l, DN_DIV, DN_F64, DN_F64, numerator, power, -1);
  }
  return power < 0 ? -1 : dn_program_convert(l->program, power, DN_F64, DN_F32);
}

/// An instruction whose operands are not half precision (any more).
static int32_t lower_operation(lowering *l, const dn_instruction *i, dn_type type, dn_type result, const int32_t *r) {
  switch (i->opcode) {
    case DN_SQUARE: return emit(l, DN_MUL, type, type, r[0], r[0], -1);
    case DN_INTEGER_POWER: return lower_integer_power(l, type, r[0], i->immediate);
    case DN_POLYGAMMA: {
      const int32_t order = is_float(type) ? number(l, type, i->immediate) : -1;
      return order < 0 ? -1 : emit(l, DN_POLYGAMMA, type, type, r[0], order, -1);
    }
    case DN_GT: return emit(l, DN_LT, DN_BOOL, type, r[1], r[0], -1);
    case DN_GE: return emit(l, DN_LE, DN_BOOL, type, r[1], r[0], -1);
    case DN_CLAMP: {
      const int32_t raised = emit(l, DN_MAX, type, type, r[1], r[0], -1);
      return raised < 0 ? -1 : emit(l, DN_MIN, type, type, raised, r[2], -1);
    }
    case DN_FMA: {
      if (is_float(type)) break;
      const int32_t product = emit(l, DN_MUL, type, type, r[0], r[1], -1);
      return product < 0 ? -1 : emit(l, DN_ADD, type, type, product, r[2], -1);
    }
    case DN_NOT: {
      if (type != DN_BOOL) break;
      const int32_t truth = one(l, DN_BOOL);
      return truth < 0 ? -1 : emit(l, DN_XOR, DN_BOOL, DN_BOOL, r[0], truth, -1);
    }
    default: break;
  }
  return emit(l, i->opcode, result, type, r[0], operand_count(i->opcode) > 1 ? r[1] : -1,
              operand_count(i->opcode) > 2 ? r[2] : -1);
}

static bool result_is_bool(int opcode) {
  return opcode == DN_IS_FINITE || (opcode >= DN_EQ && opcode <= DN_GE);
}

/// The register of an instruction's result; negative where the operation does not exist for its types.
static int32_t lower(lowering *l, const dn_instruction *i, const int32_t *r) {
  dn_program *program = l->program;
  const dn_type type = (dn_type)i->type, source = (dn_type)i->source_type;
  switch (i->opcode) {
    case DN_CONSTANT: return dn_program_constant(program, type, (uint64_t)i->immediate);
    case DN_IOTA: {
      int axis = program->rank - 1;
      while (axis >= 0 && program->described[axis] != i->immediate) axis--;
      // An axis of one index has been dropped.
      if (axis < 0 || program->axes[axis].size == 1) return dn_program_constant(program, type, 0);
      return dn_program_convert(program, dn_program_iota(program, axis), DN_I64, type);
    }
    case DN_RANDOM_BITS: return dn_program_random_bits(program, i->a, i->b, i->immediate);
    case DN_CONVERT:
      program->cost++;
      return dn_program_convert(program, r[0], source, type);
    case DN_BITCAST: return r[0];
    case DN_SELECT: {
      program->cost++;
      const dn_element_kernel select = program->kernels->bits[dn_size_index(dn_type_size(type))][DN_BITS_SELECT];
      return dn_program_emit(program, select, type, r[0], r[1], r[2]);
    }
    default: break;
  }
  if (!is_half(source)) return lower_operation(l, i, source, type, r);
  int32_t wide[3] = {-1, -1, -1};
  for (int operand = 0; operand < operand_count(i->opcode); operand++) {
    wide[operand] = dn_program_convert(program, r[operand], source, DN_F32);
    if (wide[operand] < 0) return -1;
  }
  const int32_t result = lower_operation(l, i, DN_F32, result_is_bool(i->opcode) ? DN_BOOL : DN_F32, wide);
  return result_is_bool(i->opcode) ? result : dn_program_convert(program, result, DN_F32, source);
}

// MARK: Checks

static bool check_operand(lowering *l, int32_t number, int32_t reg, dn_type type) {
  const int32_t limit = l->description->input_count + l->description->instruction_count;
  if (reg < 0 || reg >= limit || !l->names[reg].is_defined) {
    return fail(l, "instruction %d reads register %d, which is not written before", number, reg);
  }
  if (l->names[reg].type != type) {
    return fail(l, "instruction %d reads register %d as %s, but it holds %s", number, reg, dn_type_name(type),
                dn_type_name(l->names[reg].type));
  }
  return true;
}

static bool check_instruction(lowering *l, int32_t number) {
  const dn_program_description *d = l->description;
  const dn_instruction *i = &d->instructions[number];
  const int32_t limit = d->input_count + d->instruction_count;
  const dn_type type = (dn_type)i->type, source = (dn_type)i->source_type;
  if (i->opcode >= DN_OPCODE_COUNT) return fail(l, "instruction %d has the unknown opcode %d", number, i->opcode);
  const int operands = operand_count(i->opcode);
  if (type > DN_BOOL || (operands > 0 && source > DN_BOOL)) return fail(l, "instruction %d has no valid type", number);
  if (i->destination < d->input_count || i->destination >= limit || l->names[i->destination].is_defined) {
    return fail(l, "instruction %d may not write register %d", number, i->destination);
  }
  if (i->opcode == DN_RANDOM_BITS) {
    const int32_t keys[2] = {i->a, i->b};
    for (int k = 0; k < 2; k++) {
      if (!check_operand(l, number, keys[k], DN_U32)) return false;
      if (keys[k] >= d->input_count || l->program->inputs[keys[k]].layout != DN_OPERAND_INVARIANT) {
        return fail(l, "instruction %d: the key %d of random bits is not a uniform input", number, keys[k]);
      }
    }
    return type == DN_U32 || fail(l, "instruction %d: random bits are uint32", number);
  }
  const int32_t registers[3] = {i->a, i->b, i->c};
  for (int operand = 0; operand < operands; operand++) {
    const dn_type expected = i->opcode == DN_SELECT && operand == 0 ? DN_BOOL : source;
    if (!check_operand(l, number, registers[operand], expected)) return false;
  }
  if (i->opcode == DN_IOTA && (i->immediate < 0 || i->immediate >= d->rank)) {
    return fail(l, "instruction %d counts along axis %lld of %d", number, (long long)i->immediate, d->rank);
  }
  if (i->opcode == DN_BITCAST) {
    return dn_type_size(type) == dn_type_size(source) || fail(l, "instruction %d: bitcast from %s to %s", number,
                                                              dn_type_name(source), dn_type_name(type));
  }
  if (operands == 0 || i->opcode == DN_CONVERT) return true;
  const dn_type result = result_is_bool(i->opcode) ? DN_BOOL : source;
  return type == result || fail(l, "instruction %d: operands are %s, the result cannot be %s", number,
                                dn_type_name(source), dn_type_name(type));
}

static bool lower_instructions(lowering *l) {
  const dn_program_description *d = l->description;
  for (int32_t i = 0; i < d->input_count; i++) {
    const int32_t reg = dn_program_add_input(l->program, i);
    if (reg < 0) return fail(l, "out of memory");
    l->program->inputs[i].reg = reg;
    l->names[i] = (named){reg, l->program->inputs[i].type, true};
  }
  for (int32_t number = 0; number < d->instruction_count; number++) {
    if (!check_instruction(l, number)) return false;
    const dn_instruction *i = &d->instructions[number];
    const int32_t operands[3] = {i->a, i->b, i->c};
    int32_t registers[3] = {-1, -1, -1};
    for (int operand = 0; operand < operand_count(i->opcode); operand++) {
      registers[operand] = l->names[operands[operand]].reg;
    }
    const int32_t reg = lower(l, i, registers);
    if (reg < 0) {
      return fail(l, "instruction %d: opcode %d does not exist for %s", number, i->opcode,
                  dn_type_name(operand_count(i->opcode) > 0 ? i->source_type : i->type));
    }
    l->names[i->destination] = (named){reg, (dn_type)i->type, true};
  }
  return true;
}

/// The register that an output is made of.
static bool find_source(lowering *l, int32_t number, named *source) {
  const dn_program_output *output = &l->description->outputs[number];
  const int32_t limit = l->description->input_count + l->description->instruction_count;
  if (output->source < 0 || output->source >= limit || !l->names[output->source].is_defined) {
    return fail(l, "output %d reads register %d, which is not written", number, output->source);
  }
  *source = l->names[output->source];
  return source->type == output->type ||
         fail(l, "output %d is %s, but register %d holds %s", number, dn_type_name(output->type), output->source,
              dn_type_name(source->type));
}

/// Every output of full shape gets a register of its own with a value for each element, which may then lie in the
/// output's memory.
static bool lower_outputs(lowering *l) {
  const dn_program_description *d = l->description;
  dn_program *program = l->program;
  named source;
  for (int32_t o = 0; o < d->output_count; o++) {
    if (d->outputs[o].reduced == 0) continue;
    if (!find_source(l, o, &source)) return false;
    if (!dn_program_lower_reduction(program, &d->outputs[o], o, source.reg, source.type)) {
      return fail(l, "output %d: reducer %d does not exist for %s", o, d->outputs[o].reducer,
                  dn_type_name(source.type));
    }
  }
  for (int32_t o = 0; o < d->output_count; o++) {
    if (d->outputs[o].reduced != 0) continue;
    if (!find_source(l, o, &source)) return false;
    const dn_register *reg = &program->registers[source.reg];
    const bool is_own = reg->kind == DN_REGISTER_COMPUTED && reg->rate == DN_RATE_ELEMENT && reg->output < 0 &&
                        !reg->is_reduced;
    program->cost++;
    const int32_t own = is_own ? source.reg : dn_program_copy(program, source.reg);
    if (own < 0) return fail(l, "out of memory");
    program->registers[own].output = o;
    program->outputs[o].reg = own;
    program->outputs[o].source = d->outputs[o].source;
  }
  program->only_copies = d->instruction_count == 0 && d->output_count == 1 && program->reduction_count == 0;
  return true;
}

bool dn_program_lower(dn_program *program, const dn_program_description *description, char *error, size_t capacity) {
  const size_t count = (size_t)description->input_count + (size_t)description->instruction_count;
  lowering l = {program, description, calloc(count + 1, sizeof(named)), error, capacity};
  if (l.names == NULL) return fail(&l, "out of memory");
  program->cost = 1;
  const bool done = lower_instructions(&l) && lower_outputs(&l);
  free(l.names);
  return done;
}
