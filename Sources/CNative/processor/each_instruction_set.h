// Includes the file that EACH names once for each set of instructions that the kernels are compiled for, with
//
//   SET     the set's name: baseline, avx2 or avx512
//   BYTES   the size of its vectors
//   TARGET  the attribute that lets a function use it, or nothing
//
// The sets are those between which dn_instructions_chosen decides. Where ONLY is defined, it is the size of the vectors
// of the one set that is meant: kernels whose names do not tell the sets apart are compiled in a file for each.

#ifndef ONLY
#define ONLY 0
#endif

#if ONLY == 0 || ONLY == 16
#define SET baseline
#define BYTES 16
#define TARGET
#include EACH
#undef SET
#undef BYTES
#undef TARGET
#endif

#if defined(__x86_64__)

#if ONLY == 0 || ONLY == 32
#define SET avx2
#define BYTES 32
#define TARGET __attribute__((target("avx2,fma")))
#include EACH
#undef SET
#undef BYTES
#undef TARGET
#endif

#if ONLY == 0 || ONLY == 64
#define SET avx512
#define BYTES 64
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma")))
#include EACH
#undef SET
#undef BYTES
#undef TARGET
#endif

#endif

#undef ONLY
#undef EACH
