// Kernels of reductions. Part of elementwise_kernels.h.
//
// Sums of float32 add up to 8 values in float32, pairwise where they lie in one row, and continue in float64: as fast
// as memory, and as accurate as pairwise summation at any length.

#define DN_SUM(x, y) ((x) + (y))
#define DN_PRODUCT(x, y) ((x) * (y))
#define DN_BOTH(x, y) ((x) & (y))
#define DN_EITHER(x, y) ((x) | (y))
#define DN_INTEGER_LARGER(x, y) (((x) > (y)) ? (x) : (y))
#define DN_INTEGER_SMALLER(x, y) (((x) < (y)) ? (x) : (y))

/// Combines the lanes of a vector of 64, 32 or 16, by halves.
#define DN_LANES_FOLD_64(prefix, OP, t) DN_LANES_FOLD_32(prefix, OP, (OP((t).lo, (t).hi)))
#define DN_LANES_FOLD_32(prefix, OP, t) \
  prefix##_32 half32 = t;               \
  DN_LANES_FOLD_16(prefix, OP, OP(half32.lo, half32.hi))
#define DN_LANES_FOLD_16(prefix, OP, t)              \
  prefix##_16 half16 = t;                            \
  prefix##_8 half8 = OP(half16.lo, half16.hi);       \
  prefix##_4 half4 = OP(half8.lo, half8.hi);         \
  half4 = OP(half4, half4.zwxy);                     \
  half4 = OP(half4, half4.yxwz);

/// Elements and accumulators of one type. Rows shorter than a vector are padded with the identity.
#define DN_PLAIN_REDUCTION(name, T, prefix, lanes, OP, identity)                                                  \
  static void accumulate_##name(void *accumulator, const void *const *rows, int64_t row_count, int64_t width) {   \
    T *total = accumulator;                                                                                       \
    int64_t i = 0;                                                                                                \
    for (; i + lanes <= width; i += lanes) {                                                                      \
      prefix##_##lanes x = DN_LOAD(prefix##_##lanes, total + i);                                                  \
      for (int64_t row = 0; row < row_count; row++) {                                                             \
        const prefix##_##lanes y = DN_LOAD(prefix##_##lanes, (const T *)rows[row] + i);                           \
        x = OP(x, y);                                                                                             \
      }                                                                                                           \
      DN_STORE(prefix##_##lanes, total + i) = x;                                                                  \
    }                                                                                                             \
    if (i == width) return;                                                                                       \
    const size_t rest = (size_t)(width - i) * sizeof(T);                                                          \
    prefix##_##lanes x = (T)0, y = (T)0;                                                                          \
    memcpy(&x, total + i, rest);                                                                                  \
    for (int64_t row = 0; row < row_count; row++) {                                                               \
      memcpy(&y, (const T *)rows[row] + i, rest);                                                                 \
      x = OP(x, y);                                                                                               \
    }                                                                                                             \
    memcpy(total + i, &x, rest);                                                                                  \
  }                                                                                                               \
  static void fold_##name(void *accumulator, const void *source, int64_t row_count, int64_t width) {              \
    T *total = accumulator;                                                                                       \
    const T *row = source;                                                                                        \
    for (int64_t r = 0; r < row_count; r++, row += width) {                                                       \
      prefix##_##lanes x = (T)(identity), y = (T)(identity);                                                      \
      int64_t i = 0;                                                                                              \
      for (; i + lanes <= width; i += lanes) {                                                                    \
        y = DN_LOAD(prefix##_##lanes, row + i);                                                                   \
        x = OP(x, y);                                                                                             \
      }                                                                                                           \
      if (i < width) {                                                                                            \
        y = (T)(identity);                                                                                        \
        memcpy(&y, row + i, (size_t)(width - i) * sizeof(T));                                                     \
        x = OP(x, y);                                                                                             \
      }                                                                                                           \
      DN_LANES_FOLD_##lanes(prefix, OP, x) prefix##_4 result = total[r];                                          \
      result = OP(result, half4);                                                                                 \
      total[r] = result[0];                                                                                       \
    }                                                                                                             \
  }

#define DN_WIDENED(x) __builtin_convertvector((x), f64_16)

/// One strip of columns, `lanes` wide.
#define DN_WIDENED_STRIP(OP, lanes, group)                                                   \
  {                                                                                          \
    f64_##lanes sum = DN_LOAD(f64_##lanes, total + i);                                       \
    for (int64_t row = 0; row < row_count;) {                                                \
      const int64_t end = row_count - row < group ? row_count : row + group;                 \
      f32_##lanes x = DN_LOAD(f32_##lanes, (const float *)rows[row] + i);                    \
      for (row++; row < end; row++) {                                                        \
        const f32_##lanes y = DN_LOAD(f32_##lanes, (const float *)rows[row] + i);            \
        x = OP(x, y);                                                                        \
      }                                                                                      \
      sum = OP(sum, __builtin_convertvector(x, f64_##lanes));                                \
    }                                                                                        \
    DN_STORE(f64_##lanes, total + i) = sum;                                                  \
  }

/// Elements of float32, accumulators of float64; `group` elements are combined before they are widened.
#define DN_WIDENED_REDUCTION(name, OP, group)                                                                     \
  static void accumulate_##name(void *accumulator, const void *const *rows, int64_t row_count, int64_t width) {   \
    double *total = accumulator;                                                                                  \
    int64_t i = 0;                                                                                                \
    for (; i + 64 <= width; i += 64) DN_WIDENED_STRIP(OP, 64, group)                                              \
    for (; i + 8 <= width; i += 8) DN_WIDENED_STRIP(OP, 8, group)                                                 \
    for (; i < width; i++) {                                                                                      \
      double sum = total[i];                                                                                      \
      for (int64_t row = 0; row < row_count; row++) sum = OP(sum, (double)((const float *)rows[row])[i]);         \
      total[i] = sum;                                                                                             \
    }                                                                                                             \
  }

DN_WIDENED_REDUCTION(f32_sum, DN_SUM, 8)
DN_WIDENED_REDUCTION(f32_product, DN_PRODUCT, 1)

static void fold_f32_sum(void *accumulator, const void *source, int64_t row_count, int64_t width) {
  double *total = accumulator;
  const float *row = source;
  for (int64_t r = 0; r < row_count; r++, row += width) {
    f64_16 sum = 0;
    int64_t i = 0;
    for (; i + 128 <= width; i += 128) {
      sum += DN_WIDENED(((DN_LOAD(f32_16, row + i) + DN_LOAD(f32_16, row + i + 16)) +
                         (DN_LOAD(f32_16, row + i + 32) + DN_LOAD(f32_16, row + i + 48))) +
                        ((DN_LOAD(f32_16, row + i + 64) + DN_LOAD(f32_16, row + i + 80)) +
                         (DN_LOAD(f32_16, row + i + 96) + DN_LOAD(f32_16, row + i + 112))));
    }
    for (; i + 16 <= width; i += 16) sum += DN_WIDENED(DN_LOAD(f32_16, row + i));
    if (i < width) {
      f32_16 rest = 0;
      memcpy(&rest, row + i, (size_t)(width - i) * sizeof(float));
      sum += DN_WIDENED(rest);
    }
    DN_LANES_FOLD_16(f64, DN_SUM, sum)
    total[r] += half4[0];
  }
}

static void fold_f32_product(void *accumulator, const void *source, int64_t row_count, int64_t width) {
  double *total = accumulator;
  const float *row = source;
  for (int64_t r = 0; r < row_count; r++, row += width) {
    f64_16 product = 1;
    for (int64_t i = 0; i < width; i += 16) {
      f32_16 x = 1;
      memcpy(&x, row + i, (size_t)(width - i < 16 ? width - i : 16) * sizeof(float));
      product *= DN_WIDENED(x);
    }
    DN_LANES_FOLD_16(f64, DN_PRODUCT, product)
    total[r] *= half4[0];
  }
}

DN_PLAIN_REDUCTION(f32_max, float, f32, 64, DN_LARGER, -__builtin_inff())
DN_PLAIN_REDUCTION(f32_min, float, f32, 64, DN_SMALLER, __builtin_inff())
DN_PLAIN_REDUCTION(f64_sum, double, f64, 32, DN_SUM, 0)
DN_PLAIN_REDUCTION(f64_product, double, f64, 32, DN_PRODUCT, 1)
DN_PLAIN_REDUCTION(f64_max, double, f64, 32, DN_LARGER, -__builtin_inf())
DN_PLAIN_REDUCTION(f64_min, double, f64, 32, DN_SMALLER, __builtin_inf())

#define DN_BITS_REDUCTIONS(width, lanes)                                               \
  DN_PLAIN_REDUCTION(sum_##width, uint##width##_t, u##width, lanes, DN_SUM, 0)         \
  DN_PLAIN_REDUCTION(product_##width, uint##width##_t, u##width, lanes, DN_PRODUCT, 1) \
  DN_PLAIN_REDUCTION(and_##width, uint##width##_t, u##width, lanes, DN_BOTH, -1)       \
  DN_PLAIN_REDUCTION(or_##width, uint##width##_t, u##width, lanes, DN_EITHER, 0)

DN_BITS_REDUCTIONS(8, 64)
DN_BITS_REDUCTIONS(16, 64)
DN_BITS_REDUCTIONS(32, 32)
DN_BITS_REDUCTIONS(64, 16)

#define DN_INTEGER_REDUCTIONS(name, lanes, least, largest)                               \
  DN_PLAIN_REDUCTION(max_##name, name##_element, name, lanes, DN_INTEGER_LARGER, least)  \
  DN_PLAIN_REDUCTION(min_##name, name##_element, name, lanes, DN_INTEGER_SMALLER, largest)

typedef int8_t i8_element;
typedef int16_t i16_element;
typedef int32_t i32_element;
typedef int64_t i64_element;
typedef uint8_t u8_element;
typedef uint16_t u16_element;
typedef uint32_t u32_element;
typedef uint64_t u64_element;

DN_INTEGER_REDUCTIONS(i8, 64, INT8_MIN, INT8_MAX)
DN_INTEGER_REDUCTIONS(i16, 64, INT16_MIN, INT16_MAX)
DN_INTEGER_REDUCTIONS(i32, 32, INT32_MIN, INT32_MAX)
DN_INTEGER_REDUCTIONS(i64, 16, INT64_MIN, INT64_MAX)
DN_INTEGER_REDUCTIONS(u8, 64, 0, UINT8_MAX)
DN_INTEGER_REDUCTIONS(u16, 64, 0, UINT16_MAX)
DN_INTEGER_REDUCTIONS(u32, 32, 0, UINT32_MAX)
DN_INTEGER_REDUCTIONS(u64, 16, 0, UINT64_MAX)
