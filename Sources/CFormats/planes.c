#include "planes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

typedef float four_rows __attribute__((vector_size(16)));

void dn_plane_row_means(float *values, int64_t width, int64_t height, int64_t reach) {
  enum { kept = 2 * (DN_ROW_MEANS_REACH + 1) };
  float scale = 1 / (float)(2 * reach + 1);
  for (int64_t y = 0; y < height; y += 4) {
    // Four sums at once, each of which waits for its own last addition. Below the last row the last one is done again.
    float *row[4];
    for (int64_t i = 0; i < 4; i++) row[i] = values + (y + i < height ? y + i : height - 1) * width;
    // A value is overwritten before its turn to be taken out of the sum has come.
    four_rows ring[kept], sum = {0};
    for (int64_t x = -reach; x < width; x++) {
      if (x + reach < width) {
        four_rows next = {row[0][x + reach], row[1][x + reach], row[2][x + reach], row[3][x + reach]};
        ring[(x + reach) % kept] = next;
        sum += next;
      }
      if (x < 0) continue;
      if (x > reach) sum -= ring[(x - reach - 1) % kept];
      four_rows mean = sum * scale;
      for (int64_t i = 0; i < 4; i++) row[i][x] = mean[i];
    }
  }
}

void dn_plane_sample(float *to, const float *values, int64_t width, int64_t height, const float *xs, const float *ys,
                     int64_t count) {
  float last_x = (float)(width - 2), last_y = (float)(height - 2);
  for (int64_t i = 0; i < count; i++) {
    // Written so that a place that is not a number is moved inside as well.
    float x = xs[i] > 0 ? xs[i] : 0, y = ys[i] > 0 ? ys[i] : 0;
    x = x < last_x ? x : last_x;
    y = y < last_y ? y : last_y;
    int32_t column = (int32_t)x, row = (int32_t)y;
    float part_x = x - (float)column, part_y = y - (float)row;
    const float *upper = values + row * width + column, *lower = upper + width;
    float above = upper[0] + part_x * (upper[1] - upper[0]);
    float below = lower[0] + part_x * (lower[1] - lower[0]);
    to[i] = above + part_y * (below - above);
  }
}

void dn_plane_from_bytes(float *to, int64_t width, int64_t height, const uint8_t *from, int64_t pitch, int64_t factor,
                         float scale) {
  for (int64_t y = 0; y < height; y++, from += factor * pitch, to += width) {
    if (factor == 1) {
      for (int64_t x = 0; x < width; x++) to[x] = (float)from[x] * scale;
      continue;
    }
    for (int64_t x = 0; x < width; x++) {
      int64_t sum = 0;
      const uint8_t *square = from + x * factor;
      for (int64_t i = 0; i < factor; i++, square += pitch)
        for (int64_t j = 0; j < factor; j++) sum += square[j];
      to[x] = (float)sum * scale;
    }
  }
}

int64_t dn_first_above(const float *values, int64_t from, int64_t count, float limit) {
  // Most of a picture is paper: eight places at a time.
  for (; from + 8 <= count; from += 8) {
    int found = 0;
    for (int64_t i = 0; i < 8; i++) found |= values[from + i] > limit;
    if (found) break;
  }
  while (from < count && !(values[from] > limit)) from++;
  return from;
}

/// The middle one of a pixel's neighbors where it is a speck among them, or the pixel itself.
static uint8_t without_speck(const uint8_t *from, int64_t width, int64_t height, int64_t x, int64_t y, int contrast) {
  uint8_t neighbors[8];
  int count = 0, lighter = 0, darker = 0, pixel = from[y * width + x];
  for (int64_t row = y > 0 ? y - 1 : 0; row <= y + 1 && row < height; row++) {
    for (int64_t column = x > 0 ? x - 1 : 0; column <= x + 1 && column < width; column++) {
      if (row == y && column == x) continue;
      uint8_t neighbor = from[row * width + column];
      lighter += neighbor > pixel + contrast;
      darker += neighbor < pixel - contrast;
      neighbors[count++] = neighbor;
    }
  }
  if (lighter < count - 1 && darker < count - 1) return (uint8_t)pixel;
  for (int i = 1; i < count; i++) {
    uint8_t moved = neighbors[i];
    int place = i;
    for (; place > 0 && neighbors[place - 1] > moved; place--) neighbors[place] = neighbors[place - 1];
    neighbors[place] = moved;
  }
  return neighbors[count / 2];
}

void dn_despeckle(uint8_t *to, const uint8_t *from, int64_t width, int64_t height, int32_t contrast) {
  memcpy(to, from, (size_t)(width * height));
  if (width < 3 || height < 3) return;
  for (int64_t y = 0; y < height; y++) {
    const uint8_t *row = from + y * width;
    for (int64_t x = 0; x < width; x++) {
      // A speck of one or two pixels differs from its neighbor on one side at least; most pixels do not.
      bool differs = (x > 0 && abs(row[x] - row[x - 1]) > contrast) || (x + 1 < width && abs(row[x] - row[x + 1]) > contrast);
      if (differs) to[y * width + x] = without_speck(from, width, height, x, y, contrast);
    }
  }
}
