// The iteration space: merges and orders axes, cuts them into blocks, and classifies how operands lie in a block.

#include <stdlib.h>

#include "elementwise_program.h"

/// Bytes of a block of the widest element: several blocks fit in the first-level cache together.
enum { DN_BLOCK_BYTES = 8192 };
/// An axis this long makes blocks of its own; shorter ones share blocks with the next axis.
enum { DN_LONG_AXIS = 512 };
enum { DN_TILE = 128 };

static int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

static int64_t *operand_strides(const dn_program *program, int32_t operand) {
  return operand < program->input_count ? program->inputs[operand].strides
                                        : program->outputs[operand - program->input_count].strides;
}

static int32_t operand_count(const dn_program *program) { return program->input_count + program->output_count; }

/// Axes that iota instructions count along: these stay as they are.
static uint32_t counted_axes(const dn_program_description *description) {
  uint32_t mask = 0;
  for (int32_t i = 0; i < description->instruction_count; i++) {
    const dn_instruction *instruction = &description->instructions[i];
    if (instruction->opcode != DN_IOTA || instruction->immediate < 0) continue;
    if (instruction->immediate < DN_MAXIMUM_RANK) mask |= 1u << instruction->immediate;
  }
  return mask;
}

static bool has_random_bits(const dn_program_description *description) {
  for (int32_t i = 0; i < description->instruction_count; i++) {
    if (description->instructions[i].opcode == DN_RANDOM_BITS) return true;
  }
  return false;
}

static void swap_axes(dn_program *program, int *described, int first, int second) {
  const dn_axis axis = program->axes[first];
  program->axes[first] = program->axes[second];
  program->axes[second] = axis;
  const int number = described[first];
  described[first] = described[second];
  described[second] = number;
  for (int32_t operand = 0; operand < operand_count(program); operand++) {
    int64_t *strides = operand_strides(program, operand);
    const int64_t stride = strides[first];
    strides[first] = strides[second];
    strides[second] = stride;
  }
}

static void remove_axis(dn_program *program, int *described, int axis) {
  for (int i = axis; i + 1 < program->rank; i++) swap_axes(program, described, i, i + 1);
  program->rank--;
}

/// The operand whose memory order the loops follow: the first output, or of a reduction the largest input.
static const int64_t *leading_strides(const dn_program *program, bool reduces) {
  if (!reduces) return program->output_count > 0 ? program->outputs[0].strides : NULL;
  const int64_t *result = NULL;
  int64_t most = 0;
  for (int32_t i = 0; i < program->input_count; i++) {
    int64_t bytes = (int64_t)program->inputs[i].size;
    for (int axis = 0; axis < program->rank; axis++) {
      if (program->inputs[i].strides[axis] != 0) bytes *= program->axes[axis].size;
    }
    if (bytes > most) {
      most = bytes;
      result = program->inputs[i].strides;
    }
  }
  return result;
}

static void sort_axes(dn_program *program, int *described, bool reduces) {
  const int64_t *strides = leading_strides(program, reduces);
  if (strides == NULL) return;
  for (int pass = 1; pass < program->rank; pass++) {
    for (int axis = 0; axis + 1 < program->rank; axis++) {
      const int64_t outer = magnitude(strides[axis]), inner = magnitude(strides[axis + 1]);
      if (outer != 0 && inner != 0 && outer < inner) swap_axes(program, described, axis, axis + 1);
    }
  }
}

/// Every operand steps from the last index of `axis + 1` to the next of `axis` as between its own indices.
static bool can_merge(const dn_program *program, int axis) {
  const dn_axis *outer = &program->axes[axis], *inner = &program->axes[axis + 1];
  if (outer->is_reduced != inner->is_reduced) return false;
  if (outer->linear_stride != inner->linear_stride * inner->size) return false;
  for (int32_t operand = 0; operand < operand_count(program); operand++) {
    const int64_t *strides = operand_strides(program, operand);
    if (strides[axis] != strides[axis + 1] * inner->size) return false;
  }
  return true;
}

static void merge_axes(dn_program *program, int *described, uint32_t counted, bool is_ordered) {
  for (int axis = 0; axis + 1 < program->rank;) {
    // Without random bits nobody asks for the row-major index.
    if (!is_ordered) program->axes[axis].linear_stride = program->axes[axis + 1].linear_stride *
                                                         program->axes[axis + 1].size;
    const bool is_counted = ((counted >> described[axis]) & 1) != 0 || ((counted >> described[axis + 1]) & 1) != 0;
    if (is_counted || !can_merge(program, axis)) {
      axis++;
      continue;
    }
    program->axes[axis + 1].size *= program->axes[axis].size;
    remove_axis(program, described, axis);
    axis = 0;
  }
}

// MARK: Blocks

/// Takes whole axes from the last one outwards while they fit, then a piece of the next.
static void cut_whole_axes(dn_program *program, int64_t capacity, bool reduces) {
  int64_t taken = 1;
  int axis = program->rank - 1;
  const bool kind = program->axes[axis].is_reduced;
  program->split = program->rank;
  for (; axis >= 0; axis--) {
    if (reduces && program->axes[axis].is_reduced != kind) break;
    program->split = axis;
    if (taken * program->axes[axis].size > capacity) break;
    program->axes[axis].piece = program->axes[axis].size;
    taken *= program->axes[axis].size;
  }
  if (axis < 0) return;
  program->axes[axis].piece = smaller(program->axes[axis].size, capacity / taken > 0 ? capacity / taken : 1);
}

/// An axis along which some operand is contiguous though not along the last one, or −1.
static int transposed_axis(const dn_program *program) {
  const int last = program->rank - 1;
  for (int32_t operand = 0; operand < operand_count(program); operand++) {
    const int64_t *strides = operand_strides(program, operand);
    if (magnitude(strides[last]) <= 1) continue;
    for (int axis = 0; axis < last; axis++) {
      if (magnitude(strides[axis]) == 1 && program->axes[axis].size >= 8) return axis;
    }
  }
  return -1;
}

static void cut(dn_program *program, bool reduces, bool computes) {
  size_t widest = 1;
  for (int32_t i = 0; i < program->input_count; i++) {
    if (program->inputs[i].size > widest) widest = program->inputs[i].size;
  }
  for (int32_t i = 0; i < program->output_count; i++) {
    if (program->outputs[i].size > widest) widest = program->outputs[i].size;
  }
  // A block that is only read or copied need not stay in the cache.
  const int64_t bytes = computes ? DN_BLOCK_BYTES : 4 * DN_BLOCK_BYTES;
  const int64_t capacity = bytes / (int64_t)(widest < 4 ? 4 : widest);
  const int last = program->rank - 1;
  for (int axis = 0; axis <= last; axis++) program->axes[axis].piece = 1;
  const int across = reduces ? -1 : transposed_axis(program);
  int64_t inside = 1;
  for (int axis = across; across >= 0 && axis <= last; axis++) inside *= program->axes[axis].size;
  if (across >= 0 && inside > capacity && program->axes[last].size >= 8) {
    program->axes[last].piece = smaller(program->axes[last].size, DN_TILE);
    program->axes[across].piece = smaller(program->axes[across].size, DN_TILE);
    program->split = last;
  } else if (program->axes[last].size >= DN_LONG_AXIS) {
    // Pieces of nearly equal length, in whole groups.
    const int64_t size = program->axes[last].size, parts = (size + capacity - 1) / capacity;
    const int64_t part = ((size + parts - 1) / parts + DN_GROUP - 1) / DN_GROUP * DN_GROUP;
    program->axes[last].piece = smaller(size, part);
    program->split = last;
  } else {
    cut_whole_axes(program, capacity, reduces);
  }
  int64_t block = 1;
  for (int axis = 0; axis <= last; axis++) {
    dn_axis *a = &program->axes[axis];
    a->pieces = (a->size + a->piece - 1) / a->piece;
    block *= a->piece;
  }
  program->capacity = (block + DN_GROUP - 1) / DN_GROUP * DN_GROUP;
}

dn_operand_layout dn_program_classify(const dn_program *program, const int64_t *strides) {
  bool is_invariant = true, is_uniform = true, is_direct = true, is_whole = true;
  int64_t expected = 1;
  for (int axis = program->rank - 1; axis >= 0; axis--) {
    const dn_axis *a = &program->axes[axis];
    if (strides[axis] == 0) {
      if (a->piece > 1) is_direct = false;
      continue;
    }
    is_invariant = false;
    if (a->piece == 1) continue;
    is_uniform = false;
    // Beyond an axis that is cut, elements of one block are not contiguous.
    if (!is_whole || strides[axis] != expected) is_direct = false;
    is_whole = is_whole && a->piece == a->size;
    expected *= a->size;
  }
  if (is_invariant) return DN_OPERAND_INVARIANT;
  if (is_uniform) return DN_OPERAND_UNIFORM;
  return is_direct ? DN_OPERAND_DIRECT : DN_OPERAND_STRIDED;
}

void dn_program_lay_out(dn_program *program, const dn_program_description *description) {
  int described[DN_MAXIMUM_RANK] = {0};
  program->rank = description->rank;
  program->count = 1;
  for (int axis = description->rank - 1; axis >= 0; axis--) {
    program->axes[axis] = (dn_axis){.size = description->shape[axis], .linear_stride = program->count,
                                    .is_reduced = ((description->reduced_axes >> axis) & 1) != 0};
    program->count *= description->shape[axis];
    described[axis] = axis;
  }
  // A reduced output does not move along reduced axes.
  for (int32_t i = 0; i < program->output_count; i++) {
    for (int axis = 0; axis < program->rank; axis++) {
      if (description->outputs[i].reduced && program->axes[axis].is_reduced) program->outputs[i].strides[axis] = 0;
    }
  }
  for (int axis = program->rank - 1; axis >= 0; axis--) {
    if (program->axes[axis].size == 1) remove_axis(program, described, axis);
  }
  const bool reduces = program->reduction_count > 0;
  if (!reduces) {
    for (int axis = 0; axis < program->rank; axis++) program->axes[axis].is_reduced = false;
  }
  const bool is_ordered = has_random_bits(description);
  if (!is_ordered) sort_axes(program, described, reduces);
  merge_axes(program, described, counted_axes(description), is_ordered);
  if (program->rank == 0) {
    program->rank = 1;
    program->axes[0] = (dn_axis){.size = 1, .linear_stride = 1, .is_reduced = false};
    for (int32_t i = 0; i < operand_count(program); i++) operand_strides(program, i)[0] = 0;
  }
  if (program->count == 0) {
    for (int axis = 0; axis < program->rank; axis++) program->axes[axis].piece = program->axes[axis].pieces = 1;
  } else {
    cut(program, reduces, description->instruction_count > 0);
  }
  for (int32_t i = 0; i < program->input_count; i++) {
    program->inputs[i].layout = dn_program_classify(program, program->inputs[i].strides);
  }
  for (int32_t i = 0; i < program->output_count; i++) {
    program->outputs[i].layout = dn_program_classify(program, program->outputs[i].strides);
  }
  if (reduces && program->count > 0) dn_program_plan_reductions(program);
  int64_t linear[DN_MAXIMUM_RANK] = {0};
  for (int axis = 0; axis < program->rank; axis++) linear[axis] = program->axes[axis].linear_stride;
  program->is_linear = dn_program_classify(program, linear) == DN_OPERAND_DIRECT;
  for (int axis = 0; axis < program->rank; axis++) program->described[axis] = described[axis];
}
