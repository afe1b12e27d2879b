// Runs programs: blocks in parallel.

#include <stdatomic.h>

#include "elementwise_program.h"
#include "parallel.h"

typedef struct program_run {
  const dn_program *program;
  const void *const *inputs;
  void *const *outputs;
  atomic_bool has_failed;
} program_run;

static void run_blocks(void *context, int64_t begin, int64_t end) {
  program_run *whole = context;
  dn_block_run run;
  if (!dn_block_run_begin(&run, whole->program, whole->inputs, whole->outputs)) {
    atomic_store(&whole->has_failed, true);
    return;
  }
  int64_t position[DN_MAXIMUM_RANK];
  for (int64_t block = begin; block < end; block++) {
    dn_program_positions(whole->program, false, block, position);
    dn_block_run_move(&run, position);
    dn_block_run_evaluate(&run);
  }
}

static void copy_blocks(void *context, int64_t begin, int64_t end) {
  const program_run *whole = context;
  const dn_program *program = whole->program;
  dn_block_run run = {.program = program};
  int64_t position[DN_MAXIMUM_RANK];
  for (int64_t block = begin; block < end; block++) {
    dn_program_positions(program, false, block, position);
    dn_block_run_move(&run, position);
    for (int32_t o = 0; o < program->output_count; o++) {
      const dn_operand *output = &program->outputs[o], *input = &program->inputs[output->source];
      dn_copy_strided(program->kernels, output->size, program->rank, run.extent,
                      dn_block_run_address(&run, output, whole->outputs[o]), output->strides,
                      dn_block_run_address(&run, input, whole->inputs[output->source]), input->strides);
    }
  }
}

bool dn_program_run(const dn_program *program, const void *const *inputs, void *const *outputs) {
  if (program->reduction_count > 0) return dn_program_run_reductions(program, inputs, outputs);
  if (program->count == 0) return true;
  int64_t blocks = 1;
  for (int axis = 0; axis < program->rank; axis++) blocks *= program->axes[axis].pieces;
  program_run run = {program, inputs, outputs, false};
  dn_parallel(blocks, dn_program_grain(program), program->only_copies ? copy_blocks : run_blocks, &run);
  return !atomic_load(&run.has_failed);
}
