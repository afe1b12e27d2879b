#ifndef DN_VECTORS_H
#define DN_VECTORS_H

/// Which code a processor can run. A template header is included once for each of them.
typedef enum dn_instructions { DN_BASELINE, DN_AVX2, DN_AVX512 } dn_instructions;

/// The widest instructions that this processor has and Descent's own kernels are compiled for, or those of the lesser
/// processor that the environment's DESCENT_INSTRUCTION_SET names. All kernels ask this, so that they are of one set.
dn_instructions dn_instructions_chosen(void);

#define DN_JOIN2(a, b) a##_##b
#define DN_JOIN(a, b) DN_JOIN2(a, b)

#endif
