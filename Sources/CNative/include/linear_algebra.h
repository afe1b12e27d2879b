#ifndef DN_LINEAR_ALGEBRA_H
#define DN_LINEAR_ALGEBRA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types.h"

/// A decomposition of a matrix, done by LAPACK.
typedef enum dn_decomposition_kind {
  /// Of a symmetric positive definite matrix: the lower factor. NaN everywhere where it is not positive definite.
  DN_CHOLESKY,
  /// L and U in one matrix `[m, n]`, the pivots (int32, `[min(m, n)]`) and the order of the rows (int32, `[m]`).
  DN_LU,
  /// Q `[m, k]` and R `[k, n]`, whose diagonal is not negative; k is min(m, n), or m where `full`.
  DN_QR,
  /// Of a symmetric matrix: the eigenvalues `[n]`, increasing, and the eigenvectors in the columns of `[n, n]`.
  DN_EIGH,
  /// U `[m, k]`, the singular values `[k]`, decreasing, and the transpose of V, `[k, n]`; k is min(m, n).
  DN_SVD
} dn_decomposition_kind;

/// Decompositions of `batch` row-major matrices `[m, n]` of DN_F32 or DN_F64 that lie one after the other.
typedef struct dn_decomposition {
  dn_decomposition_kind kind;
  dn_type type;
  int64_t m, n, batch;
  bool full;
} dn_decomposition;

/// True where the functions of LAPACK that decompositions need were found, in OpenBLAS or in a library of their own.
bool dn_lapack_available(void);

/// True where a library that solves triangular systems was found.
bool dn_triangular_solve_available(void);

/// Decomposes matrices. A matrix that is not finite, or for which LAPACK's iteration does not end, gives NaN.
///
/// Symmetric matrices are replaced by half the sum of themselves and their transposes. Vectors are unique but for their
/// sign, which makes the first element of a column (of U, of the eigenvectors) positive that has at least nine tenths of
/// the magnitude of its largest.
///
/// Of `results` only as many are read as the kind has. Returns nonzero, with a line in `error`, where LAPACK is missing,
/// the matrices are larger than its 32-bit integers can say, or memory for its working space cannot be had.
int dn_decompose(const dn_decomposition *decomposition, const void *matrices, void *const *results, char *error,
                 size_t error_capacity);

/// The working space that `dn_decompose` takes, in bytes; 0 where it would fail.
size_t dn_decomposition_scratch(const dn_decomposition *decomposition);

/// Systems of equations with square matrices `a` `[size, size]`: `op(a) · x = b` for `x` and `b` of `[size, others]`;
/// `op` transposes where `transposed`.
typedef struct dn_linear_system {
  dn_type type;
  bool transposed;
  int64_t size, others, batch;
} dn_linear_system;

/// Solves systems of DN_F32 or DN_F64 by elimination with pivots. A singular matrix gives infinities or NaN, one that is
/// not finite NaN. Returns nonzero, with a line in `error`, as `dn_decompose` does.
int dn_solve(const dn_linear_system *system, const void *a, const void *b, void *x, char *error, size_t error_capacity);

/// The working space that `dn_solve` takes, in bytes; 0 where it would fail.
size_t dn_solve_scratch(const dn_linear_system *system);

/// Systems of equations with triangular matrices `a` `[size, size]`: `op(a) · x = b` for `x` and `b` of `[size, others]`
/// where `left`, else `x · op(a) = b` for `[others, size]`; `op` transposes where `transposed`.
typedef struct dn_triangular_system {
  dn_type type;
  bool left, lower, transposed, unit_diagonal;
  int64_t size, others, batch;
} dn_triangular_system;

/// Solves triangular systems of DN_F32 or DN_F64. Returns nonzero, with a line in `error`, where no library does it or
/// the matrices are too large for one.
int dn_triangular_solve(const dn_triangular_system *system, const void *a, const void *b, void *x, char *error,
                        size_t error_capacity);

#endif
