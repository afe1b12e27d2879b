#ifndef DN_IMAGES_H
#define DN_IMAGES_H

#include <stddef.h>
#include <stdint.h>

/// Pixels of 8 bits a channel, `[height, width, channels]`: 1 channel is gray, 3 are RGB, 4 are RGB and opacity.
typedef struct dn_image {
  int64_t width, height;
  int32_t channels;
  /// How the pixels lie in the picture that they show, 1 to 8 as EXIF and TIFF number it: 1, or 0, is upright.
  int32_t orientation;
  /// To be given to `dn_image_free`.
  uint8_t *pixels;
} dn_image;

/// Decodes a PNG, a JPEG or a TIFF file, whichever its first bytes say it is.
///
/// The size is read from the header first: where it is above `pixel_limit` pixels nothing is decoded. Returns nonzero,
/// with a line in `error`, for that and for data that is damaged or cut short.
int dn_image_decode(const void *data, size_t size, int64_t pixel_limit, dn_image *image, char *error,
                    size_t error_capacity);

void dn_image_free(dn_image *image);

/// Encodes gray (1 channel) or RGB (3 channels) pixels as a PNG file in new memory, to be given to `dn_free`.
///
/// Needs no library; the file is smaller where zlib is available.
int dn_png_encode(const uint8_t *pixels, int64_t width, int64_t height, int32_t channels, void **output,
                  size_t *output_size, char *error, size_t error_capacity);

#endif
