// Transposition of matrices in tiles of 8 × 8. Part of elementwise_kernels.h.

/// Interleaves the lanes of the lower and upper halves of two vectors; three rounds over eight rows, each with the row
/// that is four further on, transpose a tile.
#define DN_ZIP_LOW(x, y) __builtin_shufflevector(x, y, 0, 8, 1, 9, 2, 10, 3, 11)
#define DN_ZIP_HIGH(x, y) __builtin_shufflevector(x, y, 4, 12, 5, 13, 6, 14, 7, 15)

#define DN_ZIP_ROUND(V, a, b)                                                       \
  const V b##0 = DN_ZIP_LOW(a##0, a##4), b##1 = DN_ZIP_HIGH(a##0, a##4);            \
  const V b##2 = DN_ZIP_LOW(a##1, a##5), b##3 = DN_ZIP_HIGH(a##1, a##5);            \
  const V b##4 = DN_ZIP_LOW(a##2, a##6), b##5 = DN_ZIP_HIGH(a##2, a##6);            \
  const V b##6 = DN_ZIP_LOW(a##3, a##7), b##7 = DN_ZIP_HIGH(a##3, a##7);

#define DN_TRANSPOSE_KERNEL(name, T, V)                                                                        \
  static void name(void *destination, int64_t destination_stride, const void *source, int64_t source_stride,   \
                   int64_t rows, int64_t columns) {                                                            \
    const T *from = source;                                                                                    \
    T *to = destination;                                                                                       \
    const int64_t s = source_stride, d = destination_stride;                                                   \
    const int64_t whole_rows = rows & ~(int64_t)7, whole_columns = columns & ~(int64_t)7;                      \
    for (int64_t column = 0; column < whole_columns; column += 8) {                                            \
      for (int64_t row = 0; row < whole_rows; row += 8) {                                                      \
        const T *p = from + row * s + column;                                                                  \
        T *q = to + column * d + row;                                                                          \
        const V a0 = DN_LOAD(V, p), a1 = DN_LOAD(V, p + s), a2 = DN_LOAD(V, p + 2 * s);                        \
        const V a3 = DN_LOAD(V, p + 3 * s), a4 = DN_LOAD(V, p + 4 * s), a5 = DN_LOAD(V, p + 5 * s);            \
        const V a6 = DN_LOAD(V, p + 6 * s), a7 = DN_LOAD(V, p + 7 * s);                                        \
        DN_ZIP_ROUND(V, a, b)                                                                                  \
        DN_ZIP_ROUND(V, b, c)                                                                                  \
        DN_ZIP_ROUND(V, c, e)                                                                                  \
        DN_STORE(V, q) = e0;                                                                                   \
        DN_STORE(V, q + d) = e1;                                                                               \
        DN_STORE(V, q + 2 * d) = e2;                                                                           \
        DN_STORE(V, q + 3 * d) = e3;                                                                           \
        DN_STORE(V, q + 4 * d) = e4;                                                                           \
        DN_STORE(V, q + 5 * d) = e5;                                                                           \
        DN_STORE(V, q + 6 * d) = e6;                                                                           \
        DN_STORE(V, q + 7 * d) = e7;                                                                           \
      }                                                                                                        \
    }                                                                                                          \
    for (int64_t row = 0; row < rows; row++) {                                                                 \
      for (int64_t column = row < whole_rows ? whole_columns : 0; column < columns; column++) {                \
        to[column * d + row] = from[row * s + column];                                                         \
      }                                                                                                        \
    }                                                                                                          \
  }

DN_TRANSPOSE_KERNEL(transpose_8, uint8_t, u8_8)
DN_TRANSPOSE_KERNEL(transpose_16, uint16_t, u16_8)
DN_TRANSPOSE_KERNEL(transpose_32, uint32_t, u32_8)
DN_TRANSPOSE_KERNEL(transpose_64, uint64_t, u64_8)
