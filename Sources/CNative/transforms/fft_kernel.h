// A template: the loops of the Fourier transform for one element type and one set of instructions. Takes REAL,
// SINGLE, TARGET and NAME(x); see float_and_double.h.
//
// A vector holds the same number of several transforms, so that every step is one of whole vectors, whatever the length.

typedef REAL NAME(vector) __attribute__((vector_size(DN_FFT_VECTOR_BYTES)));
typedef REAL NAME(loose) __attribute__((vector_size(DN_FFT_VECTOR_BYTES), aligned(sizeof(REAL))));

#define V NAME(vector)
#define LANES ((int64_t)(DN_FFT_VECTOR_BYTES / sizeof(REAL)))

/// (x + iy)·(c + is), stored at place `i` of the result.
#define STORE_TURNED(i, x, y, c, s)            \
  do {                                         \
    const V turned_x = (x), turned_y = (y);    \
    out_real[i] = turned_x * (c)-turned_y * (s); \
    out_imaginary[i] = turned_x * (s) + turned_y * (c); \
  } while (0)

#define PASS_ARGUMENTS const dn_fft_pass *pass, const V *real, const V *imaginary, V *out_real, V *out_imaginary

TARGET static void NAME(radix2)(PASS_ARGUMENTS) {
  const int64_t s = pass->distance, m = pass->length / 2, far = s * m;
  const REAL *w = pass->factors;
  for (int64_t p = 0; p < m; p++, w += 2) {
    const REAL c = w[0], d = w[1];
    for (int64_t q = 0; q < s; q++) {
      const int64_t i = q + s * p, o = q + 2 * s * p;
      const V ax = real[i], ay = imaginary[i], bx = real[i + far], by = imaginary[i + far];
      out_real[o] = ax + bx;
      out_imaginary[o] = ay + by;
      STORE_TURNED(o + s, ax - bx, ay - by, c, d);
    }
  }
}

TARGET static void NAME(radix3)(PASS_ARGUMENTS) {
  const int64_t s = pass->distance, m = pass->length / 3, far = s * m;
  const REAL *w = pass->factors;
  const REAL sine = (REAL)0.86602540378443864676;
  for (int64_t p = 0; p < m; p++, w += 4) {
    for (int64_t q = 0; q < s; q++) {
      const int64_t i = q + s * p, o = q + 3 * s * p;
      const V ax = real[i], ay = imaginary[i];
      const V sum_x = real[i + far] + real[i + 2 * far], sum_y = imaginary[i + far] + imaginary[i + 2 * far];
      const V dx = (real[i + far] - real[i + 2 * far]) * sine, dy = (imaginary[i + far] - imaginary[i + 2 * far]) * sine;
      const V hx = ax - sum_x * (REAL)0.5, hy = ay - sum_y * (REAL)0.5;
      out_real[o] = ax + sum_x;
      out_imaginary[o] = ay + sum_y;
      STORE_TURNED(o + s, hx + dy, hy - dx, w[0], w[1]);
      STORE_TURNED(o + 2 * s, hx - dy, hy + dx, w[2], w[3]);
    }
  }
}

TARGET static void NAME(radix4)(PASS_ARGUMENTS) {
  const int64_t s = pass->distance, m = pass->length / 4, far = s * m;
  const REAL *w = pass->factors;
  for (int64_t p = 0; p < m; p++, w += 6) {
    const REAL c1 = w[0], d1 = w[1], c2 = w[2], d2 = w[3], c3 = w[4], d3 = w[5];
    for (int64_t q = 0; q < s; q++) {
      const int64_t i = q + s * p, o = q + 4 * s * p;
      const V ax = real[i], bx = real[i + far], cx = real[i + 2 * far], dx = real[i + 3 * far];
      const V ay = imaginary[i], by = imaginary[i + far], cy = imaginary[i + 2 * far], dy = imaginary[i + 3 * far];
      const V even_x = ax + cx, even_y = ay + cy, odd_x = bx + dx, odd_y = by + dy;
      const V left_x = ax - cx, left_y = ay - cy, right_x = by - dy, right_y = dx - bx;
      out_real[o] = even_x + odd_x;
      out_imaginary[o] = even_y + odd_y;
      STORE_TURNED(o + s, left_x + right_x, left_y + right_y, c1, d1);
      STORE_TURNED(o + 2 * s, even_x - odd_x, even_y - odd_y, c2, d2);
      STORE_TURNED(o + 3 * s, left_x - right_x, left_y - right_y, c3, d3);
    }
  }
}

TARGET static void NAME(radix5)(PASS_ARGUMENTS) {
  const int64_t s = pass->distance, m = pass->length / 5, far = s * m;
  const REAL *w = pass->factors;
  const REAL c1 = (REAL)0.30901699437494742410, c2 = (REAL)-0.80901699437494742410;
  const REAL s1 = (REAL)0.95105651629515357212, s2 = (REAL)0.58778525229247312917;
  for (int64_t p = 0; p < m; p++, w += 8) {
    for (int64_t q = 0; q < s; q++) {
      const int64_t i = q + s * p, o = q + 5 * s * p;
      const V ax = real[i], ay = imaginary[i];
      const V bx = real[i + far], by = imaginary[i + far], ex = real[i + 4 * far], ey = imaginary[i + 4 * far];
      const V cx = real[i + 2 * far], cy = imaginary[i + 2 * far], dx = real[i + 3 * far], dy = imaginary[i + 3 * far];
      const V near_x = bx + ex, near_y = by + ey, wide_x = cx + dx, wide_y = cy + dy;
      const V turn_x = bx - ex, turn_y = by - ey, twirl_x = cx - dx, twirl_y = cy - dy;
      const V p1x = ax + near_x * c1 + wide_x * c2, p1y = ay + near_y * c1 + wide_y * c2;
      const V p2x = ax + near_x * c2 + wide_x * c1, p2y = ay + near_y * c2 + wide_y * c1;
      const V q1x = turn_x * s1 + twirl_x * s2, q1y = turn_y * s1 + twirl_y * s2;
      const V q2x = turn_x * s2 - twirl_x * s1, q2y = turn_y * s2 - twirl_y * s1;
      out_real[o] = ax + near_x + wide_x;
      out_imaginary[o] = ay + near_y + wide_y;
      STORE_TURNED(o + s, p1x + q1y, p1y - q1x, w[0], w[1]);
      STORE_TURNED(o + 2 * s, p2x + q2y, p2y - q2x, w[2], w[3]);
      STORE_TURNED(o + 3 * s, p2x - q2y, p2y + q2x, w[4], w[5]);
      STORE_TURNED(o + 4 * s, p1x - q1y, p1y + q1x, w[6], w[7]);
    }
  }
}

/// A pass for any other radix, by the definition of the transform.
TARGET static void NAME(radix_any)(PASS_ARGUMENTS) {
  const int64_t r = pass->radix, s = pass->distance, m = pass->length / r, far = s * m;
  const REAL *w = pass->factors, *roots = pass->roots;
  for (int64_t p = 0; p < m; p++, w += 2 * (r - 1)) {
    for (int64_t q = 0; q < s; q++) {
      const int64_t i = q + s * p, o = q + r * s * p;
      for (int64_t j = 0; j < r; j++) {
        V x = real[i], y = imaginary[i];
        for (int64_t k = 1; k < r; k++) {
          const REAL *root = roots + 2 * (j * k % r);
          x += real[i + k * far] * root[0] - imaginary[i + k * far] * root[1];
          y += real[i + k * far] * root[1] + imaginary[i + k * far] * root[0];
        }
        if (j == 0) {
          out_real[o] = x;
          out_imaginary[o] = y;
        } else {
          STORE_TURNED(o + j * s, x, y, w[2 * j - 2], w[2 * j - 1]);
        }
      }
    }
  }
}

TARGET static dn_fft_pair NAME(transform)(const dn_fft_passes *passes, dn_fft_pair x, dn_fft_pair y) {
  for (int i = 0; i < passes->pass_count; i++) {
    const dn_fft_pass *pass = &passes->pass[i];
    switch (pass->radix) {
    case 2: NAME(radix2)(pass, x.real, x.imaginary, y.real, y.imaginary); break;
    case 3: NAME(radix3)(pass, x.real, x.imaginary, y.real, y.imaginary); break;
    case 4: NAME(radix4)(pass, x.real, x.imaginary, y.real, y.imaginary); break;
    case 5: NAME(radix5)(pass, x.real, x.imaginary, y.real, y.imaginary); break;
    default: NAME(radix_any)(pass, x.real, x.imaginary, y.real, y.imaginary); break;
    }
    const dn_fft_pair other = x;
    x = y;
    y = other;
  }
  return x;
}

#define EXCHANGE(b, low, high)                                                  \
  for (int64_t i = 0; i < LANES; i++) {                                         \
    if (i & (b)) continue;                                                      \
    const V first = tile[i], second = tile[i + (b)];                            \
    tile[i] = __builtin_shufflevector(first, second, low);                      \
    tile[i + (b)] = __builtin_shufflevector(first, second, high);               \
  }

/// Exchanges rows and columns of a square tile of vectors.
TARGET static void NAME(turn)(V *tile) {
#if SINGLE
  EXCHANGE(8, DN_LIST(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
           DN_LIST(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
  EXCHANGE(4, DN_LIST(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
           DN_LIST(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
  EXCHANGE(2, DN_LIST(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
           DN_LIST(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
  EXCHANGE(1, DN_LIST(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
           DN_LIST(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
#else
  EXCHANGE(4, DN_LIST(0, 1, 2, 3, 8, 9, 10, 11), DN_LIST(4, 5, 6, 7, 12, 13, 14, 15))
  EXCHANGE(2, DN_LIST(0, 1, 8, 9, 4, 5, 12, 13), DN_LIST(2, 3, 10, 11, 6, 7, 14, 15))
  EXCHANGE(1, DN_LIST(0, 8, 2, 10, 4, 12, 6, 14), DN_LIST(1, 9, 3, 11, 5, 13, 7, 15))
#endif
}

TARGET static void NAME(load_one)(const REAL *from, int64_t lane, int64_t step, int64_t lanes, int64_t count, V *x) {
  int64_t done = 0;
  if (lane == 1 && lanes == LANES) {
    for (; done < count; done++) x[done] = *(const NAME(loose) *)(from + done * step);
  } else if (step == 1 && lanes == LANES) {
    for (; done + LANES <= count; done += LANES) {
      for (int64_t j = 0; j < LANES; j++) x[done + j] = *(const NAME(loose) *)(from + j * lane + done);
      NAME(turn)(x + done);
    }
  }
  for (; done < count; done++) {
    REAL *to = (REAL *)(x + done);
    for (int64_t j = 0; j < LANES; j++) to[j] = j < lanes ? from[j * lane + done * step] : 0;
  }
}

TARGET static void NAME(load)(dn_fft_place from, int64_t lanes, int64_t count, dn_fft_pair x) {
  NAME(load_one)(from.numbers.real, from.lane, from.step, lanes, count, x.real);
  NAME(load_one)(from.numbers.imaginary, from.lane, from.step, lanes, count, x.imaginary);
}

TARGET static void NAME(store_one)(const V *x, int64_t lanes, int64_t count, REAL *to, int64_t lane, int64_t step) {
  int64_t done = 0;
  if (lane == 1 && lanes == LANES) {
    for (; done < count; done++) *(NAME(loose) *)(to + done * step) = x[done];
  } else if (step == 1 && lanes == LANES) {
    V tile[LANES];
    for (; done + LANES <= count; done += LANES) {
      for (int64_t j = 0; j < LANES; j++) tile[j] = x[done + j];
      NAME(turn)(tile);
      for (int64_t j = 0; j < LANES; j++) *(NAME(loose) *)(to + j * lane + done) = tile[j];
    }
  }
  for (; done < count; done++) {
    const REAL *from = (const REAL *)(x + done);
    for (int64_t j = 0; j < lanes; j++) to[j * lane + done * step] = from[j];
  }
}

TARGET static void NAME(store)(dn_fft_pair x, int64_t lanes, int64_t count, dn_fft_place to) {
  NAME(store_one)(x.real, lanes, count, to.numbers.real, to.lane, to.step);
  NAME(store_one)(x.imaginary, lanes, count, to.numbers.imaginary, to.lane, to.step);
}

TARGET static void NAME(multiply)(dn_fft_pair pair, int64_t count, int64_t total, dn_fft_pair factors) {
  V *out_real = pair.real, *out_imaginary = pair.imaginary;
  const REAL *cosines = factors.real, *sines = factors.imaginary;
  for (int64_t i = 0; i < count; i++) STORE_TURNED(i, out_real[i], out_imaginary[i], cosines[i], sines[i]);
  memset(out_real + count, 0, (size_t)(total - count) * sizeof(V));
  memset(out_imaginary + count, 0, (size_t)(total - count) * sizeof(V));
}

TARGET static void NAME(twist)(dn_fft_pair pair, int64_t count, dn_fft_pair factors, int64_t width) {
  V *out_real = pair.real, *out_imaginary = pair.imaginary;
  const REAL *cosines = factors.real, *sines = factors.imaginary;
  for (int64_t i = 0; i < count; i++) {
    const V c = *(const NAME(loose) *)(cosines + i * width), s = *(const NAME(loose) *)(sines + i * width);
    STORE_TURNED(i, out_real[i], out_imaginary[i], c, s);
  }
}

static const dn_fft_kernels NAME(kernels) = {NAME(transform), NAME(load), NAME(store), NAME(multiply), NAME(twist)};

#undef EXCHANGE
#undef STORE_TURNED
#undef PASS_ARGUMENTS
#undef V
#undef LANES
