#ifndef DN_PIXELS_H
#define DN_PIXELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Copies `count` pixels between pictures of 1 (gray), 3 (red, green, blue) or 4 (and opacity) samples a pixel.
///
/// Color becomes gray by the luma weights of ITU-R BT.601; opacity that is lost is composed over white, and opacity
/// that is gained is full.
void dn_convert_pixels(uint8_t *to, int to_channels, const uint8_t *from, int from_channels, size_t count);

/// Whether each of `count` pixels of four samples is fully opaque.
bool dn_pixels_opaque(const uint8_t *pixels, size_t count);

#endif
