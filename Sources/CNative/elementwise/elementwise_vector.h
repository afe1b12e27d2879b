// Vector types and loops. Takes DN_VECTOR_BYTES, the size of the vectors of simple kernels; see elementwise_kernels.h.

// Wide vectors are passed only to functions that are always inlined, where there is no calling convention to differ.
#pragma clang diagnostic ignored "-Wpsabi"

#define DN_INLINE static inline __attribute__((always_inline))

/// Vectors of `lanes` elements: floats, integers, and the unaligned forms for memory. `x_##lanes`.
#define DN_VECTOR(element, name, lanes)                                           \
  typedef element name##_##lanes __attribute__((ext_vector_type(lanes)));         \
  typedef name##_##lanes name##_##lanes##_u __attribute__((aligned(1), may_alias));

#define DN_VECTORS(lanes)           \
  DN_VECTOR(float, f32, lanes)      \
  DN_VECTOR(double, f64, lanes)     \
  DN_VECTOR(int8_t, i8, lanes)      \
  DN_VECTOR(int16_t, i16, lanes)    \
  DN_VECTOR(int32_t, i32, lanes)    \
  DN_VECTOR(int64_t, i64, lanes)    \
  DN_VECTOR(uint8_t, u8, lanes)     \
  DN_VECTOR(uint16_t, u16, lanes)   \
  DN_VECTOR(uint32_t, u32, lanes)   \
  DN_VECTOR(uint64_t, u64, lanes)

DN_VECTORS(4)
DN_VECTORS(8)
DN_VECTORS(16)
DN_VECTORS(32)
DN_VECTORS(64)

// The lanes of simple kernels by element size.
#define DN_LANES_8 64
#if DN_VECTOR_BYTES == 256
#define DN_LANES_16 64
#define DN_LANES_32 64
#define DN_LANES_64 32
#elif DN_VECTOR_BYTES == 128
#define DN_LANES_16 64
#define DN_LANES_32 32
#define DN_LANES_64 16
#else
#define DN_LANES_16 32
#define DN_LANES_32 16
#define DN_LANES_64 8
#endif

#define DN_PASTE_(a, b) a##_##b
#define DN_PASTE(a, b) DN_PASTE_(a, b)
#define DN_UNALIGNED_(a) a##_u
#define DN_UNALIGNED(a) DN_UNALIGNED_(a)

/// Loads and stores of any vector type at any address.
#define DN_LOAD(vector, pointer) (*(const DN_UNALIGNED(vector) *)(pointer))
#define DN_STORE(vector, pointer) (*(DN_UNALIGNED(vector) *)(pointer))

/// The bits of a vector as another one of the same size: what a cast between vectors means.
#define DN_BITS(vector, value) ((vector)(value))

/// Kernels over vectors `R` of results and `A` of operands, `lanes` each: the expression reads x, y and z.
#define DN_UNARY_KERNEL(name, lanes, R, A, expression)                    \
  static void name(const dn_kernel_call *call) {                         \
    char *destination = call->destination;                               \
    const char *a = call->a;                                             \
    const int64_t a_step = call->a_step * (int64_t)sizeof(A);            \
    for (int64_t left = call->count; left > 0; left -= lanes) {          \
      const A x = DN_LOAD(A, a);                                         \
      DN_STORE(R, destination) = expression;                             \
      a += a_step;                                                       \
      destination += sizeof(R);                                          \
    }                                                                    \
  }

#define DN_BINARY_KERNEL(name, lanes, R, A, expression)                   \
  static void name(const dn_kernel_call *call) {                         \
    char *destination = call->destination;                               \
    const char *a = call->a, *b = call->b;                               \
    const int64_t a_step = call->a_step * (int64_t)sizeof(A);            \
    const int64_t b_step = call->b_step * (int64_t)sizeof(A);            \
    for (int64_t left = call->count; left > 0; left -= lanes) {          \
      const A x = DN_LOAD(A, a), y = DN_LOAD(A, b);                      \
      DN_STORE(R, destination) = expression;                             \
      a += a_step;                                                       \
      b += b_step;                                                       \
      destination += sizeof(R);                                          \
    }                                                                    \
  }

#define DN_TERNARY_KERNEL(name, lanes, R, A, B, C, expression)            \
  static void name(const dn_kernel_call *call) {                         \
    char *destination = call->destination;                               \
    const char *a = call->a, *b = call->b, *c = call->c;                 \
    const int64_t a_step = call->a_step * (int64_t)sizeof(A);            \
    const int64_t b_step = call->b_step * (int64_t)sizeof(B);            \
    const int64_t c_step = call->c_step * (int64_t)sizeof(C);            \
    for (int64_t left = call->count; left > 0; left -= lanes) {          \
      const A x = DN_LOAD(A, a);                                         \
      const B y = DN_LOAD(B, b);                                         \
      const C z = DN_LOAD(C, c);                                         \
      DN_STORE(R, destination) = expression;                             \
      a += a_step;                                                       \
      b += b_step;                                                       \
      c += c_step;                                                       \
      destination += sizeof(R);                                          \
    }                                                                    \
  }
