// A template: the inner kernels of products of a matrix and a vector for one element type and one set of instructions.
// Takes REAL, BYTES, TARGET and NAME(x); see float_and_double.h.

typedef REAL NAME(vector) __attribute__((vector_size(BYTES), aligned(sizeof(REAL))));

#define LANES ((int64_t)(BYTES / sizeof(REAL)))
#define AT(pointer, offset) (*(NAME(vector) *)((pointer) + (offset)))

TARGET static REAL NAME(total)(const NAME(vector) *sum) {
  REAL total = 0;
  for (int64_t lane = 0; lane < LANES; lane++) total += (*sum)[lane];
  return total;
}

/// Adds the dot products of `rows` (at most 4) rows of `a` with `x` to `results`.
TARGET static void NAME(dot)(const REAL *a, int64_t lda, int64_t rows, const REAL *x, int64_t length, REAL *results) {
  // Rows that are not there are computed as copies of the first.
  REAL *a_0 = (REAL *)a, *a_1 = a_0 + (rows > 1 ? lda : 0), *a_2 = a_0 + (rows > 2 ? 2 * lda : 0);
  REAL *a_3 = a_0 + (rows > 3 ? 3 * lda : 0);
  NAME(vector) even[4] = {{0}}, odd[4] = {{0}};
  int64_t p = 0;
  for (; p + 2 * LANES <= length; p += 2 * LANES) {
    NAME(vector) x_0 = AT((REAL *)x, p), x_1 = AT((REAL *)x, p + LANES);
    even[0] += AT(a_0, p) * x_0;
    even[1] += AT(a_1, p) * x_0;
    even[2] += AT(a_2, p) * x_0;
    even[3] += AT(a_3, p) * x_0;
    odd[0] += AT(a_0, p + LANES) * x_1;
    odd[1] += AT(a_1, p + LANES) * x_1;
    odd[2] += AT(a_2, p + LANES) * x_1;
    odd[3] += AT(a_3, p + LANES) * x_1;
  }
  for (int64_t r = 0; r < rows; r++) {
    even[r] += odd[r];
    REAL rest = 0;
    for (int64_t q = p; q < length; q++) rest += a[r * lda + q] * x[q];
    results[r] += NAME(total)(&even[r]) + rest;
  }
}

/// Adds `rows` (at most 4) rows of `a`, each times its element of `x`, to `results`.
TARGET static void NAME(combine)(const REAL *a, int64_t lda, int64_t rows, const REAL *x, int64_t length,
                                 REAL *results) {
  int64_t j = 0;
  if (rows == 4) {
    REAL *a_0 = (REAL *)a, *a_1 = a_0 + lda, *a_2 = a_1 + lda, *a_3 = a_2 + lda;
    REAL x_0 = x[0], x_1 = x[1], x_2 = x[2], x_3 = x[3];
    for (; j + LANES <= length; j += LANES) {
      NAME(vector) low = AT(a_0, j) * x_0 + AT(a_1, j) * x_1, high = AT(a_2, j) * x_2 + AT(a_3, j) * x_3;
      AT(results, j) += low + high;
    }
  } else {
    for (; j + LANES <= length; j += LANES) {
      NAME(vector) sum = AT(results, j);
      for (int64_t r = 0; r < rows; r++) sum += AT((REAL *)a, r * lda + j) * x[r];
      AT(results, j) = sum;
    }
  }
  for (; j < length; j++) {
    for (int64_t r = 0; r < rows; r++) results[j] += a[r * lda + j] * x[r];
  }
}

/// Handles outputs `begin ..< end` over the inner indices `inner_begin ..< inner_end`; leaves the sums in `results`.
TARGET static void NAME(sweep)(const sweep *sweep, int64_t begin, int64_t end, int64_t inner_begin, int64_t inner_end,
                               void *output) {
  REAL *results = output;
  const REAL *matrix = sweep->matrix, *x = sweep->x;
  int64_t ld = sweep->distance;
  for (int64_t i = begin; i < end; i++) results[i] = 0;
  if (sweep->rows_are_outputs) {
    for (int64_t p = inner_begin; p < inner_end; p += BLOCK) {
      int64_t length = inner_end - p < BLOCK ? inner_end - p : BLOCK;
      for (int64_t i = begin; i < end; i += 4) {
        NAME(dot)(matrix + i * ld + p, ld, end - i < 4 ? end - i : 4, x + p, length, results + i);
      }
    }
  } else {
    for (int64_t j = begin; j < end; j += BLOCK) {
      int64_t length = end - j < BLOCK ? end - j : BLOCK;
      for (int64_t p = inner_begin; p < inner_end; p += 4) {
        int64_t rows = inner_end - p < 4 ? inner_end - p : 4;
        NAME(combine)(matrix + p * ld + j, ld, rows, x + p, length, results + j);
      }
    }
  }
}

/// Finishes outputs `begin ..< end`: adds the parts, scales, and writes them out.
TARGET static void NAME(finish)(const sweep *sweep, int64_t begin, int64_t end) {
  REAL *sums = sweep->results, *y = sweep->y, alpha = (REAL)sweep->alpha, beta = (REAL)sweep->beta;
  for (int64_t part = 1; part < sweep->parts; part++) {
    for (int64_t i = begin; i < end; i++) sums[i] += sums[part * sweep->outputs + i];
  }
  int64_t i = begin;
  if (sweep->y_distance == 1 && beta == 0) {
    for (; i + LANES <= end; i += LANES) AT(y, i) = AT(sums, i) * alpha;
  }
  for (; i < end; i++) {
    REAL *place = y + i * sweep->y_distance;
    *place = alpha * sums[i] + (beta != 0 ? beta * *place : 0);
  }
}

#undef LANES
#undef AT
