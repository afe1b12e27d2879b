// A template: the inner kernel of Descent's own matrix product for one element type and one set of instructions.
// Takes REAL, BYTES, TARGET and NAME(x); see float_and_double.h.

typedef REAL NAME(vector) __attribute__((vector_size(BYTES), aligned(sizeof(REAL))));

#define LANES ((int64_t)(BYTES / sizeof(REAL)))

// Accumulators are separate variables and their updates separate statements, so that code compiled without
// optimization still does a whole vector's work with a few instructions.
#define DECLARE(r) \
  NAME(vector) sum_##r##_0 = {0}, sum_##r##_1 = {0}; \
  const REAL *a_##r = a + (r < rows ? r : 0) * row_distance;
#define UPDATE(r) \
  sum_##r##_0 += b_0 * *a_##r; \
  sum_##r##_1 += b_1 * *a_##r; \
  a_##r += column_distance;
#define STORE(r) \
  *(NAME(vector) *)(tile + r * 2 * LANES) = sum_##r##_0; \
  *(NAME(vector) *)(tile + r * 2 * LANES + LANES) = sum_##r##_1;
// With 32 registers, eight rows of the result have room; with 16, six.
#if BYTES == 64
#define EACH_ROW(step) step(0) step(1) step(2) step(3) step(4) step(5) step(6) step(7)
#define ROWS 8
#else
#define EACH_ROW(step) step(0) step(1) step(2) step(3) step(4) step(5)
#define ROWS 6
#endif

/// Multiplies `rows` (at most ROWS) rows of `a` with a packed panel of two vectors' width; fills `tile`.
TARGET static void NAME(multiply)(int64_t k, const REAL *a, int64_t row_distance, int64_t column_distance,
                                  int64_t rows, const REAL *panel, REAL *tile) {
  EACH_ROW(DECLARE)
  for (const REAL *end = panel + k * 2 * LANES; panel < end; panel += 2 * LANES) {
    NAME(vector) b_0 = *(const NAME(vector) *)panel;
    NAME(vector) b_1 = *(const NAME(vector) *)(panel + LANES);
    EACH_ROW(UPDATE)
  }
  EACH_ROW(STORE)
}

/// Packs columns of `b` into a panel of two vectors' width for each of `k` rows, with zeros beyond `columns`.
TARGET static void NAME(pack)(int64_t k, const REAL *b, int64_t row_distance, int64_t column_distance, int64_t columns,
                              REAL *panel) {
  for (int64_t p = 0; p < k; p++, b += row_distance, panel += 2 * LANES) {
    if (columns == 2 * LANES && column_distance == 1) {
      *(NAME(vector) *)panel = *(const NAME(vector) *)b;
      *(NAME(vector) *)(panel + LANES) = *(const NAME(vector) *)(b + LANES);
    } else {
      for (int64_t j = 0; j < columns; j++) panel[j] = b[j * column_distance];
      for (int64_t j = columns; j < 2 * LANES; j++) panel[j] = 0;
    }
  }
}

/// Adds a tile to the result, or replaces it where `beta` is zero.
TARGET static void NAME(merge)(const REAL *tile, int64_t rows, int64_t columns, REAL alpha, REAL beta, REAL *c,
                               int64_t ldc) {
  for (int64_t i = 0; i < rows; i++, tile += 2 * LANES, c += ldc) {
    if (columns == 2 * LANES) {
      NAME(vector) low = *(const NAME(vector) *)tile * alpha, high = *(const NAME(vector) *)(tile + LANES) * alpha;
      if (beta != 0) {
        low += *(const NAME(vector) *)c * beta;
        high += *(const NAME(vector) *)(c + LANES) * beta;
      }
      *(NAME(vector) *)c = low;
      *(NAME(vector) *)(c + LANES) = high;
    } else {
      for (int64_t j = 0; j < columns; j++) c[j] = alpha * tile[j] + (beta != 0 ? beta * c[j] : 0);
    }
  }
}

/// Computes rows `row_begin ..< row_end` and columns `column_begin ..< column_end` of the result. `panels` has room for
/// DEPTH_BLOCK rows of the columns, rounded up to whole panels.
TARGET static void NAME(block)(const dn_product *product, int64_t row_begin, int64_t row_end, int64_t column_begin,
                               int64_t column_end, void *workspace) {
  const REAL *a = product->a, *b = product->b;
  REAL *c = product->c, *panels = workspace;
  int64_t a_row = product->transpose_a ? 1 : product->lda, a_column = product->transpose_a ? product->lda : 1;
  int64_t b_row = product->transpose_b ? 1 : product->ldb, b_column = product->transpose_b ? product->ldb : 1;
  REAL tile[ROWS * 2 * (BYTES / sizeof(REAL))];
  for (int64_t p = 0; p < product->k || p == 0; p += DEPTH_BLOCK) {
    int64_t depth = product->k - p < DEPTH_BLOCK ? product->k - p : DEPTH_BLOCK;
    REAL beta = p == 0 ? (REAL)product->beta : 1;
    for (int64_t j = column_begin; j < column_end; j += 2 * LANES) {
      int64_t columns = column_end - j < 2 * LANES ? column_end - j : 2 * LANES;
      NAME(pack)(depth, b + p * b_row + j * b_column, b_row, b_column, columns, panels + (j - column_begin) * depth);
    }
    for (int64_t i = row_begin; i < row_end; i += ROWS) {
      int64_t rows = row_end - i < ROWS ? row_end - i : ROWS;
      for (int64_t j = column_begin; j < column_end; j += 2 * LANES) {
        int64_t columns = column_end - j < 2 * LANES ? column_end - j : 2 * LANES;
        NAME(multiply)(depth, a + i * a_row + p * a_column, a_row, a_column, rows,
                       panels + (j - column_begin) * depth, tile);
        NAME(merge)(tile, rows, columns, (REAL)product->alpha, beta, c + i * product->ldc + j, product->ldc);
      }
    }
  }
}

#undef LANES
#undef DECLARE
#undef UPDATE
#undef STORE
#undef EACH_ROW
#undef ROWS
