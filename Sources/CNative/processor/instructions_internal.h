#ifndef DN_INSTRUCTIONS_INTERNAL_H
#define DN_INSTRUCTIONS_INTERNAL_H

#include "instructions.h"

/// Which code a processor can run. A template is included once for each of them, by `each_instruction_set.h`.
typedef enum dn_instructions { DN_BASELINE, DN_AVX2, DN_AVX512 } dn_instructions;

/// The widest instructions that this processor has and Descent's own kernels are compiled for, or those of the lesser
/// processor that the environment's DESCENT_INSTRUCTION_SET names. All kernels ask this, so that they are of one set.
dn_instructions dn_instructions_chosen(void);

#endif
