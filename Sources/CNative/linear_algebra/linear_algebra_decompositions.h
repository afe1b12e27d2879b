// The decompositions for one element type: included with T, its type, and DN_NAME(name), which adds its suffix.
//
// LAPACK keeps matrices column after column, so that it sees the transpose of a matrix kept row after row. The QR
// decomposition of a matrix is the LQ decomposition of its transpose, the singular vectors of both are the same with the
// sides exchanged, and a symmetric matrix is its own transpose: nothing is moved. Only LU, whose pivots are rows, and
// eigenvectors, which are to be columns, are transposed.

typedef void (*DN_NAME(potrf))(const char *, const int *, T *, const int *, int *, size_t);
typedef void (*DN_NAME(getrf))(const int *, const int *, T *, const int *, int *, int *);
typedef void (*DN_NAME(getrs))(const char *, const int *, const int *, const T *, const int *, const int *, T *,
                               const int *, int *, size_t);
typedef void (*DN_NAME(gelqf))(const int *, const int *, T *, const int *, T *, T *, const int *, int *);
typedef void (*DN_NAME(orglq))(const int *, const int *, const int *, T *, const int *, const T *, T *, const int *,
                               int *);
typedef void (*DN_NAME(syevd))(const char *, const char *, const int *, T *, const int *, T *, T *, const int *, int *,
                               const int *, int *, size_t, size_t);
typedef void (*DN_NAME(gesdd))(const char *, const int *, const int *, T *, const int *, T *, T *, const int *, T *,
                               const int *, T *, const int *, int *, int *, size_t);

/// A length that LAPACK answered as a number of type T, whose digits may not suffice for it.
static int DN_NAME(length)(T answer) {
  double length = ceil((double)answer * (sizeof(T) == 4 ? 1.000001 : 1));
  return length > INT32_MAX ? -1 : length < 1 ? 1 : (int)length;
}

static int DN_NAME(longer)(int a, int b) { return a < 0 || b < 0 ? -1 : a > b ? a : b; }

dn_lapack_sizes DN_NAME(dn_lapack_sizes)(const dn_lapack *lapack, const dn_decomposition *task) {
  const int m = (int)task->m, n = (int)task->n, k = m < n ? m : n, rows = task->full ? m : k, ask = -1;
  int info = 0, integer = 1;
  T answer = 1, none = 0;
  dn_lapack_sizes sizes = {1, 1};
  if (k == 0) return sizes;
  switch (task->kind) {
  case DN_CHOLESKY: break;
  case DN_LU: sizes.integers = k; break;
  case DN_QR:
    ((DN_NAME(gelqf))lapack->gelqf)(&n, &m, &none, &n, &none, &answer, &ask, &info);
    sizes.work = DN_NAME(length)(answer);
    ((DN_NAME(orglq))lapack->orglq)(&rows, &m, &k, &none, &rows, &none, &answer, &ask, &info);
    sizes.work = DN_NAME(longer)(sizes.work, DN_NAME(length)(answer));
    break;
  case DN_EIGH:
    // Within LAPACK 2·n² is counted in 32 bits.
    if (n > 32000) return (dn_lapack_sizes){-1, 1};
    ((DN_NAME(syevd))lapack->syevd)("V", "U", &n, &none, &n, &none, &answer, &ask, &integer, &ask, &info, 1, 1);
    sizes.work = DN_NAME(length)(answer);
    sizes.integers = integer;
    break;
  case DN_SVD:
    if (k > 20000) return (dn_lapack_sizes){-1, 1};
    ((DN_NAME(gesdd))lapack->gesdd)("S", &n, &m, &none, &n, &none, &none, &n, &none, &k, &answer, &ask, &integer, &info,
                                    1);
    sizes.work = DN_NAME(length)(answer);
    sizes.integers = 8 * k;
    break;
  }
  return sizes;
}

static bool DN_NAME(finite)(const T *x, size_t count) {
  // Nothing times a number is 0 where the number is finite and NaN elsewhere, and such sums cannot overflow.
  T total = 0;
  for (size_t i = 0; i < count; i++) total += x[i] * 0;
  return total == 0;
}

static void DN_NAME(fill)(T *x, size_t count, T value) {
  for (size_t i = 0; i < count; i++) x[i] = value;
}

/// Copies a matrix `[rows, columns]` transposed, in tiles that stay in cache.
static void DN_NAME(transpose)(const T *source, int64_t rows, int64_t columns, T *target) {
  enum { TILE = 32 };
  for (int64_t i0 = 0; i0 < rows; i0 += TILE) {
    for (int64_t j0 = 0; j0 < columns; j0 += TILE) {
      const int64_t i1 = i0 + TILE < rows ? i0 + TILE : rows, j1 = j0 + TILE < columns ? j0 + TILE : columns;
      for (int64_t i = i0; i < i1; i++) {
        for (int64_t j = j0; j < j1; j++) target[j * rows + i] = source[i * columns + j];
      }
    }
  }
}

/// Half the sum of a matrix and its transpose.
static void DN_NAME(symmetrize)(const T *source, int64_t n, T *target) {
  for (int64_t i = 0; i < n; i++) {
    for (int64_t j = 0; j <= i; j++) {
      const T a = source[i * n + j], b = source[j * n + i];
      target[i * n + j] = target[j * n + i] = a == b ? a : (T)0.5 * a + (T)0.5 * b;
    }
  }
}

/// Whether the first of `count` numbers, `step` apart, that is about as large as the largest of them is negative.
static bool DN_NAME(negative)(const T *x, int64_t count, int64_t step) {
  T largest = 0;
  for (int64_t i = 0; i < count; i++) {
    const T size = x[i * step] < 0 ? -x[i * step] : x[i * step];
    if (size > largest) largest = size;
  }
  for (int64_t i = 0; i < count; i++) {
    const T value = x[i * step];
    if ((value < 0 ? -value : value) >= (T)0.9 * largest) return value < 0;
  }
  return false;
}

static void DN_NAME(negate)(T *x, int64_t count, int64_t step) {
  for (int64_t i = 0; i < count; i++) x[i * step] = -x[i * step];
}

static void DN_NAME(cholesky)(const dn_lapack *lapack, int n, const T *matrix, T *factor) {
  int info = 0;
  DN_NAME(symmetrize)(matrix, n, factor);
  ((DN_NAME(potrf))lapack->potrf)("U", &n, factor, &n, &info, 1);
  for (int64_t i = 0; i < n; i++) {
    if (!isfinite(factor[i * n + i])) info = 1;
    DN_NAME(fill)(factor + i * n + i + 1, (size_t)(n - i - 1), 0);
  }
  if (info != 0) DN_NAME(fill)(factor, (size_t)n * (size_t)n, (T)NAN);
}

static void DN_NAME(lu)(const dn_lapack *lapack, int m, int n, const T *matrix, T *factors, int32_t *pivots,
                        int32_t *order, T *copy, int *exchanged, bool finite) {
  const int k = m < n ? m : n;
  int info = 0;
  for (int i = 0; i < m; i++) order[i] = i;
  for (int i = 0; i < k; i++) pivots[i] = i;
  if (!finite) {
    DN_NAME(fill)(factors, (size_t)m * (size_t)n, (T)NAN);
    return;
  }
  DN_NAME(transpose)(matrix, m, n, copy);
  ((DN_NAME(getrf))lapack->getrf)(&m, &n, copy, &m, exchanged, &info);
  DN_NAME(transpose)(copy, n, m, factors);
  for (int i = 0; i < k; i++) {
    const int pivot = exchanged[i] - 1;
    if (pivot < i || pivot >= m) continue;
    pivots[i] = pivot;
    const int32_t row = order[i];
    order[i] = order[pivot];
    order[pivot] = row;
  }
}

static void DN_NAME(qr)(const dn_lapack *lapack, int m, int n, bool full, const T *matrix, T *q, T *r, T *copy,
                        T *scalars, T *work, int length) {
  const int k = m < n ? m : n, columns = full ? m : k;
  int info = 0;
  memcpy(copy, matrix, (size_t)m * (size_t)n * sizeof(T));
  ((DN_NAME(gelqf))lapack->gelqf)(&n, &m, copy, &n, scalars, work, &length, &info);
  DN_NAME(fill)(r, (size_t)columns * (size_t)n, 0);
  for (int64_t i = 0; i < k; i++) memcpy(r + i * n + i, copy + i * n + i, (size_t)(n - i) * sizeof(T));
  for (int64_t i = 0; i < m; i++) memcpy(q + i * columns, copy + i * n, (size_t)k * sizeof(T));
  ((DN_NAME(orglq))lapack->orglq)(&columns, &m, &k, q, &columns, scalars, work, &length, &info);
  for (int64_t i = 0; i < k; i++) {
    if (!(r[i * n + i] < 0)) continue;
    DN_NAME(negate)(r + i * n + i, n - i, 1);
    DN_NAME(negate)(q + i, m, columns);
  }
}

static bool DN_NAME(eigh)(const dn_lapack *lapack, int n, const T *matrix, T *values, T *vectors, T *copy, T *work,
                          dn_lapack_sizes sizes, int *integers) {
  int info = 0;
  DN_NAME(symmetrize)(matrix, n, copy);
  ((DN_NAME(syevd))lapack->syevd)("V", "U", &n, copy, &n, values, work, &sizes.work, integers, &sizes.integers, &info,
                                  1, 1);
  for (int64_t i = 0; i < n; i++) {
    if (DN_NAME(negative)(copy + i * n, n, 1)) DN_NAME(negate)(copy + i * n, n, 1);
  }
  DN_NAME(transpose)(copy, n, n, vectors);
  return info == 0;
}

static bool DN_NAME(svd)(const dn_lapack *lapack, int m, int n, const T *matrix, T *u, T *values, T *vt, T *copy,
                         T *work, int length, int *integers) {
  const int k = m < n ? m : n;
  int info = 0;
  memcpy(copy, matrix, (size_t)m * (size_t)n * sizeof(T));
  ((DN_NAME(gesdd))lapack->gesdd)("S", &n, &m, copy, &n, values, vt, &n, u, &k, work, &length, integers, &info, 1);
  for (int64_t i = 0; i < k; i++) {
    if (!DN_NAME(negative)(u + i, m, k)) continue;
    DN_NAME(negate)(u + i, m, k);
    DN_NAME(negate)(vt + i * n, n, 1);
  }
  return info == 0;
}

void DN_NAME(dn_decompose)(const dn_lapack *lapack, const dn_decomposition *task, dn_lapack_sizes sizes,
                           const void *matrices, void *const *results, int64_t index, void *space) {
  const int m = (int)task->m, n = (int)task->n, k = m < n ? m : n, columns = task->full ? m : k;
  const size_t count = (size_t)m * (size_t)n;
  const T *matrix = (const T *)matrices + (size_t)index * count;
  T *copy = space, *scalars = copy + count, *work = scalars + k;
  int *integers = (int *)(work + sizes.work);
  const bool finite = DN_NAME(finite)(matrix, count);
  switch (task->kind) {
  case DN_CHOLESKY: {
    T *factor = (T *)results[0] + (size_t)index * count;
    if (finite && n > 0) DN_NAME(cholesky)(lapack, n, matrix, factor);
    else DN_NAME(fill)(factor, count, (T)NAN);
    break;
  }
  case DN_LU:
    DN_NAME(lu)(lapack, m, n, matrix, (T *)results[0] + (size_t)index * count, (int32_t *)results[1] + index * k,
                (int32_t *)results[2] + index * m, copy, integers, finite && k > 0);
    break;
  case DN_QR: {
    const size_t q_count = (size_t)m * (size_t)columns, r_count = (size_t)columns * (size_t)n;
    T *q = (T *)results[0] + (size_t)index * q_count, *r = (T *)results[1] + (size_t)index * r_count;
    if (finite && k > 0) {
      DN_NAME(qr)(lapack, m, n, task->full, matrix, q, r, copy, scalars, work, sizes.work);
    } else {
      // Of nothing, every basis will do.
      DN_NAME(fill)(q, q_count, finite ? 0 : (T)NAN);
      DN_NAME(fill)(r, r_count, (T)NAN);
      for (int64_t i = 0; finite && i < columns; i++) q[i * columns + i] = 1;
    }
    break;
  }
  case DN_EIGH: {
    T *values = (T *)results[0] + index * n, *vectors = (T *)results[1] + (size_t)index * count;
    if (finite && n > 0 &&
        DN_NAME(eigh)(lapack, n, matrix, values, vectors, copy, work, sizes, integers)) {
      break;
    }
    DN_NAME(fill)(values, (size_t)n, (T)NAN);
    DN_NAME(fill)(vectors, count, (T)NAN);
    break;
  }
  case DN_SVD: {
    const size_t u_count = (size_t)m * (size_t)k, vt_count = (size_t)k * (size_t)n;
    T *u = (T *)results[0] + (size_t)index * u_count, *values = (T *)results[1] + index * k;
    T *vt = (T *)results[2] + (size_t)index * vt_count;
    if (finite && k > 0 &&
        DN_NAME(svd)(lapack, m, n, matrix, u, values, vt, copy, work, sizes.work, integers)) {
      break;
    }
    DN_NAME(fill)(u, u_count, (T)NAN);
    DN_NAME(fill)(values, (size_t)k, (T)NAN);
    DN_NAME(fill)(vt, vt_count, (T)NAN);
    break;
  }
  }
}

void DN_NAME(dn_solve)(const dn_lapack *lapack, const dn_linear_system *system, const void *a, const void *b, void *x,
                       int64_t index, void *space) {
  const int size = (int)system->size, others = (int)system->others;
  const size_t count = (size_t)size * (size_t)size, sides = (size_t)size * (size_t)others;
  const T *matrix = (const T *)a + (size_t)index * count, *right = (const T *)b + (size_t)index * sides;
  T *solution = (T *)x + (size_t)index * sides, *factors = space, *turned = factors + count;
  int *pivots = (int *)(turned + sides), info = 0;
  if (!DN_NAME(finite)(matrix, count)) {
    DN_NAME(fill)(solution, sides, (T)NAN);
    return;
  }
  // LAPACK sees the transpose of the matrix, and is asked for the other system.
  memcpy(factors, matrix, count * sizeof(T));
  ((DN_NAME(getrf))lapack->getrf)(&size, &size, factors, &size, pivots, &info);
  DN_NAME(transpose)(right, size, others, turned);
  ((DN_NAME(getrs))lapack->getrs)(system->transposed ? "N" : "T", &size, &others, factors, &size, pivots, turned, &size,
                                  &info, 1);
  DN_NAME(transpose)(turned, others, size, solution);
}
