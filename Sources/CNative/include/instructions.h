#ifndef DN_INSTRUCTIONS_H
#define DN_INSTRUCTIONS_H

/// The instruction set the kernels use: "avx512", "avx2" or "baseline". The environment's DESCENT_INSTRUCTION_SET,
/// read at the first use, may name a lesser one than the machine has.
const char *dn_instruction_set(void);

#endif
