#ifndef DN_LINEAR_ALGEBRA_INTERNAL_H
#define DN_LINEAR_ALGEBRA_INTERNAL_H

#include "linear_algebra.h"

/// LAPACK's functions for one element type. Their interface is Fortran's: every argument by address, followed by
/// the lengths of those that are text.
typedef struct dn_lapack {
  void *potrf, *getrf, *getrs, *gelqf, *orglq, *syevd, *gesdd;
} dn_lapack;

/// The lengths of LAPACK's working arrays for one matrix, in elements; `-1` in `work` where they are too large.
typedef struct dn_lapack_sizes {
  int work, integers;
} dn_lapack_sizes;

dn_lapack_sizes dn_lapack_sizes_f32(const dn_lapack *lapack, const dn_decomposition *task);
dn_lapack_sizes dn_lapack_sizes_f64(const dn_lapack *lapack, const dn_decomposition *task);

/// Decomposes matrix `index`, with working arrays of which `space` is the first byte.
void dn_decompose_f32(const dn_lapack *lapack, const dn_decomposition *task, dn_lapack_sizes sizes, const void *matrices,
                      void *const *results, int64_t index, void *space);
void dn_decompose_f64(const dn_lapack *lapack, const dn_decomposition *task, dn_lapack_sizes sizes, const void *matrices,
                      void *const *results, int64_t index, void *space);

/// Solves the system of matrix `index`, with working arrays of which `space` is the first byte.
void dn_solve_f32(const dn_lapack *lapack, const dn_linear_system *system, const void *a, const void *b, void *x,
                  int64_t index, void *space);
void dn_solve_f64(const dn_lapack *lapack, const dn_linear_system *system, const void *a, const void *b, void *x,
                  int64_t index, void *space);

/// Elements of working space that a decomposition needs in addition to LAPACK's working arrays: a copy and the scalars of
/// reflections.
static inline size_t dn_decomposition_elements(const dn_decomposition *task) {
  size_t smaller = (size_t)(task->m < task->n ? task->m : task->n);
  return (size_t)task->m * (size_t)task->n + smaller;
}

#endif
