// Kernels on integers and on bits. Part of elementwise_kernels.h.

/// A comparison's all-ones or zero lanes as the bytes 1 and 0.
#define DN_TRUTH(bytes, comparison) (__builtin_convertvector((comparison), bytes) & 1)

/// The number of ones in each lane, summed in parallel within pairs, nibbles and bytes; the product then adds the bytes
/// into the highest one.
#define DN_POPCOUNT_PAIRS(ones, x) ((x) - (((x) >> 1) & ((ones) * 0x55)))
#define DN_POPCOUNT_NIBBLES(ones, x) (((x) & ((ones) * 0x33)) + (((x) >> 2) & ((ones) * 0x33)))
#define DN_POPCOUNT_BYTES(ones, x) (((x) + ((x) >> 4)) & ((ones) * 0x0f))

#define DN_BITS_KERNELS(width, lanes)                                                                         \
  typedef DN_PASTE(u##width, lanes) bits_##width;                                                             \
  typedef DN_PASTE(i##width, lanes) signed_##width;                                                           \
  typedef DN_PASTE(u8, lanes) truth_##width;                                                                  \
  typedef DN_UNALIGNED(DN_PASTE(u##width, lanes)) bits_##width##_u;                                           \
  typedef DN_UNALIGNED(DN_PASTE(i##width, lanes)) signed_##width##_u;                                         \
  typedef DN_UNALIGNED(DN_PASTE(u8, lanes)) truth_##width##_u;                                                \
  DN_UNARY_KERNEL(copy_##width, lanes, bits_##width, bits_##width, x)                                         \
  DN_BINARY_KERNEL(add_##width, lanes, bits_##width, bits_##width, x + y)                                     \
  DN_BINARY_KERNEL(sub_##width, lanes, bits_##width, bits_##width, x - y)                                     \
  DN_BINARY_KERNEL(mul_##width, lanes, bits_##width, bits_##width, x *y)                                      \
  DN_BINARY_KERNEL(and_##width, lanes, bits_##width, bits_##width, x &y)                                      \
  DN_BINARY_KERNEL(or_##width, lanes, bits_##width, bits_##width, x | y)                                      \
  DN_BINARY_KERNEL(xor_##width, lanes, bits_##width, bits_##width, x ^ y)                                     \
  DN_UNARY_KERNEL(not_##width, lanes, bits_##width, bits_##width, ~x)                                         \
  DN_UNARY_KERNEL(neg_##width, lanes, bits_##width, bits_##width, -x)                                         \
  DN_BINARY_KERNEL(shl_##width, lanes, bits_##width, bits_##width, (y < width) ? x << (y & (width - 1)) : 0)  \
  DN_BINARY_KERNEL(shr_##width, lanes, bits_##width, bits_##width, (y < width) ? x >> (y & (width - 1)) : 0)  \
  DN_BINARY_KERNEL(sar_##width, lanes, signed_##width, bits_##width,                                          \
                   DN_BITS(signed_##width, x) >> DN_BITS(signed_##width, (y < width) ? y : width - 1))        \
  DN_BINARY_KERNEL(eq_##width, lanes, truth_##width, bits_##width, DN_TRUTH(truth_##width, x == y))           \
  DN_BINARY_KERNEL(ne_##width, lanes, truth_##width, bits_##width, DN_TRUTH(truth_##width, x != y))           \
  DN_TERNARY_KERNEL(select_##width, lanes, bits_##width, truth_##width, bits_##width, bits_##width,           \
                    (__builtin_convertvector(x, signed_##width) != 0) ? y : z)                                \
  static void popcount_##width(const dn_kernel_call *call) {                                                  \
    char *destination = call->destination;                                                                    \
    const char *a = call->a;                                                                                  \
    const int64_t a_step = call->a_step * (int64_t)sizeof(bits_##width);                                      \
    const uint##width##_t ones = (uint##width##_t)(UINT64_MAX / 255);                                         \
    for (int64_t left = call->count; left > 0; left -= lanes) {                                               \
      bits_##width x = DN_LOAD(bits_##width, a);                                                              \
      x = DN_POPCOUNT_PAIRS((bits_##width)ones, x);                                                           \
      x = DN_POPCOUNT_NIBBLES((bits_##width)ones, x);                                                         \
      x = DN_POPCOUNT_BYTES((bits_##width)ones, x);                                                           \
      DN_STORE(bits_##width, destination) = (x * ones) >> (width - 8);                                        \
      a += a_step;                                                                                            \
      destination += sizeof(bits_##width);                                                                    \
    }                                                                                                         \
  }

DN_BITS_KERNELS(8, DN_LANES_8)
DN_BITS_KERNELS(16, DN_LANES_16)
DN_BITS_KERNELS(32, DN_LANES_32)
DN_BITS_KERNELS(64, DN_LANES_64)

#define DN_INTEGER_KERNELS(name, width, V)                                                        \
  DN_BINARY_KERNEL(lt_##name, DN_LANES_##width, truth_##width, V, DN_TRUTH(truth_##width, x < y)) \
  DN_BINARY_KERNEL(le_##name, DN_LANES_##width, truth_##width, V, DN_TRUTH(truth_##width, x <= y)) \
  DN_BINARY_KERNEL(max_##name, DN_LANES_##width, V, V, (x > y) ? x : y)                           \
  DN_BINARY_KERNEL(min_##name, DN_LANES_##width, V, V, (x < y) ? x : y)

// A comparison is −1 where it holds.
#define DN_SIGNED_KERNELS(width)                                                                           \
  DN_INTEGER_KERNELS(i##width, width, signed_##width)                                                      \
  DN_UNARY_KERNEL(abs_i##width, DN_LANES_##width, bits_##width, bits_##width,                              \
                  (DN_BITS(signed_##width, x) < 0) ? -x : x)                                               \
  DN_UNARY_KERNEL(sign_i##width, DN_LANES_##width, signed_##width, signed_##width,                         \
                  __builtin_convertvector((x < 0), signed_##width) -                                       \
                      __builtin_convertvector((x > 0), signed_##width))

#define DN_UNSIGNED_KERNELS(width)                                                     \
  DN_INTEGER_KERNELS(u##width, width, bits_##width)                                    \
  DN_UNARY_KERNEL(sign_u##width, DN_LANES_##width, bits_##width, bits_##width,         \
                  -__builtin_convertvector((x != 0), bits_##width))

DN_SIGNED_KERNELS(8)
DN_SIGNED_KERNELS(16)
DN_SIGNED_KERNELS(32)
DN_SIGNED_KERNELS(64)
DN_UNSIGNED_KERNELS(8)
DN_UNSIGNED_KERNELS(16)
DN_UNSIGNED_KERNELS(32)
DN_UNSIGNED_KERNELS(64)

// MARK: Random bits

#define DN_ROTATE(x, distance) (((x) << (distance)) | ((x) >> (32 - (distance))))
#define DN_THREEFRY_ROUND(distance) \
  x0 += x1;                         \
  x1 = DN_ROTATE(x1, distance) ^ x0;
#define DN_THREEFRY_INJECT(first, second, number) \
  x0 += (first);                                  \
  x1 += (second) + (number);

/// The 20 rounds on the counter words x0 and x1.
#define DN_THREEFRY(key0, key1, key2)                                                     \
  x0 += key0;                                                                             \
  x1 += key1;                                                                             \
  DN_THREEFRY_ROUND(13) DN_THREEFRY_ROUND(15) DN_THREEFRY_ROUND(26) DN_THREEFRY_ROUND(6)  \
  DN_THREEFRY_INJECT(key1, key2, 1)                                                       \
  DN_THREEFRY_ROUND(17) DN_THREEFRY_ROUND(29) DN_THREEFRY_ROUND(16) DN_THREEFRY_ROUND(24) \
  DN_THREEFRY_INJECT(key2, key0, 2)                                                       \
  DN_THREEFRY_ROUND(13) DN_THREEFRY_ROUND(15) DN_THREEFRY_ROUND(26) DN_THREEFRY_ROUND(6)  \
  DN_THREEFRY_INJECT(key0, key1, 3)                                                       \
  DN_THREEFRY_ROUND(17) DN_THREEFRY_ROUND(29) DN_THREEFRY_ROUND(16) DN_THREEFRY_ROUND(24) \
  DN_THREEFRY_INJECT(key1, key2, 4)                                                       \
  DN_THREEFRY_ROUND(13) DN_THREEFRY_ROUND(15) DN_THREEFRY_ROUND(26) DN_THREEFRY_ROUND(6)  \
  DN_THREEFRY_INJECT(key2, key0, 5)

#if DN_VECTOR_BYTES == 256
#define DN_COUNTERS 64
#else
#define DN_COUNTERS 32
#endif
typedef DN_PASTE(u32, DN_COUNTERS) counters;
typedef DN_UNALIGNED(DN_PASTE(u32, DN_COUNTERS)) counters_u;

/// Threefry-2x32 with 20 rounds (Salmon et al. 2011) of the counters first, first + 1, …
static void random_bits(uint32_t *destination, uint32_t key0, uint32_t key1, uint64_t first, int64_t count) {
  const uint32_t key2 = 0x1bd11bda ^ key0 ^ key1;
  uint32_t numbers[DN_COUNTERS];
  for (uint32_t i = 0; i < DN_COUNTERS; i++) numbers[i] = i;
  const counters indices = DN_LOAD(counters, numbers);
  for (int64_t begin = 0; begin < count; begin += DN_COUNTERS) {
    const uint64_t n = first + (uint64_t)begin;
    const uint32_t low = (uint32_t)n;
    counters x1 = indices + low;
    // Lanes whose low word wrapped have the next high word; a comparison is −1 where it holds.
    counters x0 = (uint32_t)(n >> 32) - DN_BITS(counters, x1 < low);
    DN_THREEFRY(key0, key1, key2)
    const counters bits = x0 ^ x1;
    const int64_t left = count - begin;
    if (left >= DN_COUNTERS) DN_STORE(counters, destination + begin) = bits;
    else memcpy(destination + begin, &bits, (size_t)left * sizeof(uint32_t));
  }
}

/// The same under a key of each lane's own, (a, b), for the counter (0, c).
static void keyed_bits(const dn_kernel_call *call) {
  char *destination = call->destination;
  const char *a = call->a, *b = call->b, *c = call->c;
  const int64_t bytes = (int64_t)sizeof(counters);
  for (int64_t left = call->count; left > 0; left -= DN_COUNTERS) {
    const counters key0 = DN_LOAD(counters, a), key1 = DN_LOAD(counters, b), key2 = 0x1bd11bda ^ key0 ^ key1;
    counters x0 = 0, x1 = DN_LOAD(counters, c);
    DN_THREEFRY(key0, key1, key2)
    DN_STORE(counters, destination) = x0 ^ x1;
    a += call->a_step * bytes;
    b += call->b_step * bytes;
    c += call->c_step * bytes;
    destination += bytes;
  }
}
