#include "pixels.h"

#include <string.h>

static uint8_t over_white(uint8_t sample, uint8_t opacity) {
  return (uint8_t)((sample * opacity + 255 * (255 - opacity) + 127) / 255);
}

static uint8_t luma(uint8_t red, uint8_t green, uint8_t blue) {
  // The weights sum to 1000, so that white stays white.
  return (uint8_t)((299 * red + 587 * green + 114 * blue + 500) / 1000);
}

void dn_convert_pixels(uint8_t *to, int to_channels, const uint8_t *from, int from_channels, size_t count) {
  if (to_channels == from_channels) {
    if (count > 0) memcpy(to, from, count * (size_t)from_channels);
    return;
  }
  for (; count > 0; count--, to += to_channels, from += from_channels) {
    uint8_t red = from[0], green = from[0], blue = from[0];
    if (from_channels >= 3) {
      green = from[1];
      blue = from[2];
    }
    if (from_channels == 4) {
      red = over_white(red, from[3]);
      green = over_white(green, from[3]);
      blue = over_white(blue, from[3]);
    }
    if (to_channels == 1) {
      to[0] = from_channels == 1 ? red : luma(red, green, blue);
      continue;
    }
    to[0] = red;
    to[1] = green;
    to[2] = blue;
    if (to_channels == 4) to[3] = 255;
  }
}

bool dn_pixels_opaque(const uint8_t *pixels, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (pixels[4 * i + 3] != 255) return false;
  return true;
}
