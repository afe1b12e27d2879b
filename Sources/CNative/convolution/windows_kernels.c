#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "processor/instructions_internal.h"
#include "types/join.h"
#include "windows_internal.h"

/// The places of a window that are inside the input along one axis.
typedef struct span {
  /// The first one's coordinate, which of the window's it is, and how many there are. The others follow at the distance
  /// of the dilation.
  int64_t place, first, count;
} span;

static span taps_inside(const dn_window_shape *s, int axis, int64_t output) {
  int64_t place = output * s->stride[axis] - s->pad_low[axis], dilation = s->dilation[axis], taps = s->window[axis];
  int64_t before = place < 0 ? -place : 0, after = s->input[axis] - 1 - place;
  // A division takes longer than a window of four.
  int64_t first = dilation == 1 ? before : (before + dilation - 1) / dilation;
  int64_t last = after < 0 ? 0 : (dilation == 1 ? after : after / dilation) + 1;
  if (last > taps) last = taps;
  return last > first ? (span){place + first * dilation, first, last - first} : (span){0, 0, 0};
}

/// The windows that may hold a place along one axis, to be advanced from place to place.
typedef struct covers {
  int64_t low, high;
} covers;

static void advance(covers *covers, const dn_window_shape *s, int axis, int64_t place) {
  int64_t padded = place + s->pad_low[axis], stride = s->stride[axis];
  int64_t reach = (s->window[axis] - 1) * s->dilation[axis];
  if (padded - covers->low * stride > reach) covers->low = (padded - reach + stride - 1) / stride;
  while (covers->high + 1 < s->output[axis] && (covers->high + 1) * stride <= padded) covers->high++;
}

/// Which of a window's taps lies at a place that the window covers; −1 where the dilation passes it over.
static int64_t tap_of(const dn_window_shape *s, int axis, int64_t place, int64_t window) {
  int64_t offset = place + s->pad_low[axis] - window * s->stride[axis], dilation = s->dilation[axis];
  return dilation == 1 ? offset : offset % dilation == 0 ? offset / dilation : -1;
}

/// The window whose tap number `tap` lies at a place along one axis, or −1.
static int64_t window_of(const dn_window_shape *s, int axis, int64_t place, int64_t tap) {
  int64_t offset = place + s->pad_low[axis] - tap * s->dilation[axis];
  if (offset < 0 || offset % s->stride[axis] != 0 || offset / s->stride[axis] >= s->output[axis]) return -1;
  return offset / s->stride[axis];
}

#define KERNEL "convolution/windows_kernel.h"
#define EACH "processor/float_and_double.h"
#include "processor/each_instruction_set.h"

const dn_window_kernels *dn_window_kernels_for(dn_type type, int64_t channel_bytes) {
  bool single = type == DN_F32;
#if defined(__x86_64__)
  dn_instructions instructions = dn_instructions_chosen();
  if (instructions == DN_AVX512 && channel_bytes > 32) {
    return single ? &kernels_float_avx512 : &kernels_double_avx512;
  }
  if (instructions != DN_BASELINE && channel_bytes > 16) return single ? &kernels_float_avx2 : &kernels_double_avx2;
#endif
  (void)channel_bytes;
  return single ? &kernels_float_baseline : &kernels_double_baseline;
}
