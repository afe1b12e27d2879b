#include "warp.h"

#include <math.h>
#include <string.h>

/// A picture, and whether its elements are bytes.
typedef struct {
  const uint8_t *bytes;
  const float *floats;
  int64_t height, width;
  int32_t channels;
} picture;

static int64_t within(int64_t value, int64_t count) { return value < 0 ? 0 : value < count ? value : count - 1; }

static float element(const picture *from, int64_t at) {
  return from->bytes != NULL ? (float)from->bytes[at] * (1.0f / 255) : from->floats[at];
}

/// Adds what lies at a place of which some of the four pixels around it are beyond the edge.
static void add_at_edge(float *sum, const picture *from, int64_t column, int64_t row, float right, float bottom,
                        const dn_warp *warp) {
  for (int corner = 0; corner < 4; corner++) {
    int64_t u = column + (corner & 1), v = row + (corner >> 1);
    float weight = (corner & 1 ? right : 1 - right) * (corner >> 1 ? bottom : 1 - bottom);
    bool inside = u >= 0 && u < from->width && v >= 0 && v < from->height;
    int64_t at = (within(v, from->height) * from->width + within(u, from->width)) * from->channels;
    for (int32_t channel = 0; channel < from->channels; channel++)
      sum[channel] += weight * (inside || warp->repeats_edges ? element(from, at + channel) : warp->fill[channel]);
  }
}

/// Adds what lies at a place in the picture, interpolated between the four pixels around it.
static void add(float *sum, const picture *from, double x, double y, const dn_warp *warp) {
  // Places far outside are all the same, and have to fit an integer; what is not a number is outside, too.
  x = x > -3 ? x < (double)from->width + 3 ? x : (double)from->width + 3 : -3;
  y = y > -3 ? y < (double)from->height + 3 ? y : (double)from->height + 3 : -3;
  // Positive numbers are rounded down by a conversion, which a call of floor would cost many times.
  double left = x + 3.5, top = y + 3.5;
  int64_t column = (int64_t)left, row = (int64_t)top;
  float right = (float)(left - (double)column), bottom = (float)(top - (double)row);
  column -= 4;
  row -= 4;
  if (column < 0 || column + 1 >= from->width || row < 0 || row + 1 >= from->height) {
    add_at_edge(sum, from, column, row, right, bottom, warp);
    return;
  }
  int32_t channels = from->channels;
  int64_t at = (row * from->width + column) * channels, below = at + from->width * channels;
  float w3 = right * bottom, w2 = bottom - w3, w1 = right - w3, w0 = 1 - right - w2;
  if (from->bytes != NULL) {
    const uint8_t *p = from->bytes + at, *q = from->bytes + below;
    w0 *= 1.0f / 255, w1 *= 1.0f / 255, w2 *= 1.0f / 255, w3 *= 1.0f / 255;
    for (int32_t k = 0; k < channels; k++)
      sum[k] += w0 * (float)p[k] + w1 * (float)p[k + channels] + w2 * (float)q[k] + w3 * (float)q[k + channels];
  } else {
    const float *p = from->floats + at, *q = from->floats + below;
    for (int32_t k = 0; k < channels; k++) sum[k] += w0 * p[k] + w1 * p[k + channels] + w2 * q[k] + w3 * q[k + channels];
  }
}

/// How many places are averaged along an axis of which a step in the result is so many pixels long.
static int samples(double step) { return step > 1.25 ? (step < 16 ? (int)ceil(step) : 16) : 1; }

static void sample(float *to, int64_t to_height, int64_t to_width, const picture *from, const dn_warp *warp) {
  int columns = samples(hypot(warp->a, warp->d)), rows = samples(hypot(warp->b, warp->e));
  float share = 1.0f / (float)(columns * rows);
  for (int64_t y = 0; y < to_height; y++) {
    for (int64_t x = 0; x < to_width; x++, to += from->channels) {
      float sum[4] = {0, 0, 0, 0};
      for (int j = 0; j < rows; j++) {
        for (int i = 0; i < columns; i++) {
          double u = (double)x + (i + 0.5) / columns, v = (double)y + (j + 0.5) / rows;
          add(sum, from, warp->a * u + warp->b * v + warp->c, warp->d * u + warp->e * v + warp->f, warp);
        }
      }
      for (int32_t channel = 0; channel < from->channels; channel++) to[channel] = sum[channel] * share;
    }
  }
}

/// The light of a pixel by the weights of ITU-R BT.601.
static float light(const float *pixel, int32_t channels) {
  return channels < 3 ? pixel[0] : 0.299f * pixel[0] + 0.587f * pixel[1] + 0.114f * pixel[2];
}

static float clamped(float value) { return value < 0 ? 0 : value > 1 ? 1 : value; }

static void recolor(float *to, int64_t count, int32_t channels, const dn_warp *warp) {
  static const float plain[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  bool has_color = memcmp(warp->color, plain, sizeof plain) != 0;
  if (!has_color && warp->contrast == 1) return;
  double sum = 0;
  if (warp->contrast != 1)
    for (int64_t i = 0; i < count; i++) sum += light(to + i * channels, channels);
  float mean = count > 0 ? (float)(sum / (double)count) : 0, gain = warp->contrast;
  for (int64_t i = 0; i < count; i++, to += channels) {
    float color[3];
    int32_t colors = channels < 3 ? 1 : 3;
    for (int32_t k = 0; k < colors; k++) color[k] = gain * to[k] + (1 - gain) * mean;
    if (colors == 1) {
      to[0] = clamped(warp->color[0] * color[0]);
    } else {
      for (int32_t k = 0; k < 3; k++) {
        const float *row = warp->color + 3 * k;
        to[k] = clamped(row[0] * color[0] + row[1] * color[1] + row[2] * color[2]);
      }
    }
  }
}

static uint64_t mixed(uint64_t state) {
  state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9u;
  state = (state ^ (state >> 27)) * 0x94D049BB133111EBu;
  return state ^ (state >> 31);
}

/// Adds normally distributed numbers, two from each number of a counter (Box and Muller).
static void add_noise(float *to, int64_t count, float deviation, uint64_t seed) {
  for (int64_t i = 0; i < count; i += 2) {
    uint64_t bits = mixed(seed + (uint64_t)(i / 2 + 1) * 0x9E3779B97F4A7C15u);
    float radius = sqrtf(-2 * logf(((float)(bits >> 40) + 1) * 0x1p-24f));
    float angle = (float)(bits & 0xFFFFFF) * (6.283185307f * 0x1p-24f);
    to[i] = clamped(to[i] + deviation * radius * cosf(angle));
    if (i + 1 < count) to[i + 1] = clamped(to[i + 1] + deviation * radius * sinf(angle));
  }
}

static void warp_picture(float *to, int64_t to_height, int64_t to_width, const picture *from, const dn_warp *warp) {
  int32_t channels = from->channels;
  int64_t count = to_height * to_width;
  sample(to, to_height, to_width, from, warp);
  recolor(to, count, channels, warp);
  if (warp->noise > 0) add_noise(to, count * channels, warp->noise, warp->seed);
  for (int64_t y = warp->hole_top; y < warp->hole_bottom; y++)
    for (int64_t x = warp->hole_left; x < warp->hole_right; x++)
      for (int32_t channel = 0; channel < channels; channel++)
        to[(y * to_width + x) * channels + channel] = warp->fill[channel];
  for (int32_t channel = 0; channel < channels; channel++) {
    float shift = warp->shift[channel], factor = warp->factor[channel];
    if (shift == 0 && factor == 1) continue;
    for (int64_t i = 0; i < count; i++) to[i * channels + channel] = (to[i * channels + channel] - shift) * factor;
  }
}

void dn_warp_bytes(float *to, int64_t to_height, int64_t to_width, const uint8_t *from, int64_t height, int64_t width,
                   int32_t channels, const dn_warp *warp) {
  picture source = {from, NULL, height, width, channels};
  warp_picture(to, to_height, to_width, &source, warp);
}

void dn_warp_floats(float *to, int64_t to_height, int64_t to_width, const float *from, int64_t height, int64_t width,
                    int32_t channels, const dn_warp *warp) {
  picture source = {NULL, from, height, width, channels};
  warp_picture(to, to_height, to_width, &source, warp);
}
