// Moving elements. Part of elementwise_kernels.h.
//
// Matrices are transposed in tiles of 16 × 16, for elements of 8 bytes 8 × 8, so that a row of elements of 4 bytes or
// more is a whole cache line on both sides.

/// Interleaves the lanes of the lower and upper halves of two vectors. A round does so for every row and the one half
/// the rows further on; log2(lanes) rounds transpose a tile.
#define DN_ZIP_LOW_8(x, y) __builtin_shufflevector(x, y, 0, 8, 1, 9, 2, 10, 3, 11)
#define DN_ZIP_HIGH_8(x, y) __builtin_shufflevector(x, y, 4, 12, 5, 13, 6, 14, 7, 15)
#define DN_ZIP_LOW_16(x, y) __builtin_shufflevector(x, y, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define DN_ZIP_HIGH_16(x, y) \
  __builtin_shufflevector(x, y, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

#define DN_ZIP_PAIR(from, to, lanes, row, second, first_to, second_to)   \
  to[first_to] = DN_ZIP_LOW_##lanes(from[row], from[second]);            \
  to[second_to] = DN_ZIP_HIGH_##lanes(from[row], from[second]);

#define DN_ZIP_ROUND_8(from, to)                                                   \
  DN_ZIP_PAIR(from, to, 8, 0, 4, 0, 1) DN_ZIP_PAIR(from, to, 8, 1, 5, 2, 3)        \
  DN_ZIP_PAIR(from, to, 8, 2, 6, 4, 5) DN_ZIP_PAIR(from, to, 8, 3, 7, 6, 7)

#define DN_ZIP_ROUND_16(from, to)                                                          \
  DN_ZIP_PAIR(from, to, 16, 0, 8, 0, 1) DN_ZIP_PAIR(from, to, 16, 1, 9, 2, 3)              \
  DN_ZIP_PAIR(from, to, 16, 2, 10, 4, 5) DN_ZIP_PAIR(from, to, 16, 3, 11, 6, 7)            \
  DN_ZIP_PAIR(from, to, 16, 4, 12, 8, 9) DN_ZIP_PAIR(from, to, 16, 5, 13, 10, 11)          \
  DN_ZIP_PAIR(from, to, 16, 6, 14, 12, 13) DN_ZIP_PAIR(from, to, 16, 7, 15, 14, 15)

#define DN_ZIP_8(x, y) DN_ZIP_ROUND_8(x, y) DN_ZIP_ROUND_8(y, x) DN_ZIP_ROUND_8(x, y)
#define DN_ZIP_16(x, y) DN_ZIP_ROUND_16(x, y) DN_ZIP_ROUND_16(y, x) DN_ZIP_ROUND_16(x, y) DN_ZIP_ROUND_16(y, x)

#define DN_EACH_8(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7)
#define DN_EACH_16(M) DN_EACH_8(M) M(8) M(9) M(10) M(11) M(12) M(13) M(14) M(15)
#define DN_LOAD_ROW(i) x[i] = DN_LOAD(V, p + i * s);
#define DN_STORE_ROW(i) DN_STORE(V, q + i * d) = tile[i];
#define DN_STORE_ROW_INSIDE(i) \
  if (i < width) DN_STORE_ROW(i)

/// `result` names which of the two arrays holds the tile after all rounds. A tile that is narrower than a vector still
/// loads whole vectors, where that stays before the end of the matrix.
#define DN_TRANSPOSE_KERNEL(name, T, lane_type, lanes, result)                                                 \
  static void name(void *destination, int64_t destination_stride, const void *source, int64_t source_stride,   \
                   int64_t rows, int64_t columns) {                                                            \
    typedef lane_type V;                                                                                       \
    typedef DN_UNALIGNED(lane_type) V_u;                                                                       \
    const T *from = source;                                                                                    \
    T *to = destination;                                                                                       \
    const int64_t s = source_stride, d = destination_stride;                                                   \
    const T *end = from + (rows - 1) * s + columns;                                                            \
    V x[lanes], y[lanes], *const tile = result;                                                                \
    for (int64_t row = 0; row < rows; row += lanes) {                                                          \
      const int64_t height = rows - row < lanes ? rows - row : lanes;                                          \
      for (int64_t column = 0; column < columns; column += lanes) {                                            \
        const int64_t width = columns - column < lanes ? columns - column : lanes;                             \
        const T *p = from + row * s + column;                                                                  \
        T *q = to + column * d + row;                                                                          \
        if (height < lanes || s < columns || p + (lanes - 1) * s + lanes > end) {                              \
          for (int64_t i = 0; i < height; i++) {                                                               \
            for (int64_t j = 0; j < width; j++) q[j * d + i] = p[i * s + j];                                   \
          }                                                                                                    \
          continue;                                                                                            \
        }                                                                                                      \
        DN_EACH_##lanes(DN_LOAD_ROW) DN_ZIP_##lanes(x, y)                                                      \
        if (width == lanes) {                                                                                  \
          DN_EACH_##lanes(DN_STORE_ROW)                                                                        \
        } else {                                                                                               \
          DN_EACH_##lanes(DN_STORE_ROW_INSIDE)                                                                 \
        }                                                                                                      \
      }                                                                                                        \
    }                                                                                                          \
  }

DN_TRANSPOSE_KERNEL(transpose_8, uint8_t, u8_16, 16, x)
DN_TRANSPOSE_KERNEL(transpose_16, uint16_t, u16_16, 16, x)
DN_TRANSPOSE_KERNEL(transpose_32, uint32_t, u32_16, 16, x)
DN_TRANSPOSE_KERNEL(transpose_64, uint64_t, u64_8, 8, y)

// MARK: Filling

#define DN_FILL_KERNEL(name, T, V)                                                   \
  static void name(void *destination, const void *source, int64_t count) {           \
    T *to = destination, value;                                                      \
    memcpy(&value, source, sizeof value);                                            \
    const V values = value;                                                          \
    int64_t i = 0;                                                                   \
    for (; i + 16 <= count; i += 16) DN_STORE(V, to + i) = values;                   \
    if (i < count) memcpy(to + i, &values, (size_t)(count - i) * sizeof(T));         \
  }

DN_FILL_KERNEL(fill_8, uint8_t, u8_16)
DN_FILL_KERNEL(fill_16, uint16_t, u16_16)
DN_FILL_KERNEL(fill_32, uint32_t, u32_16)
DN_FILL_KERNEL(fill_64, uint64_t, u64_16)
