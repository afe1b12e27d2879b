#ifndef DN_IMAGES_INTERNAL_H
#define DN_IMAGES_INTERNAL_H

#include "images.h"

/// Checks an image's size against the limit and allocates its pixels. `format` begins the error's line.
int dn_image_allocate(dn_image *image, const char *format, int64_t width, int64_t height, int32_t channels,
                      int64_t pixel_limit, char *error, size_t error_capacity);

/// Decodes a PNG file to gray, or to RGB and opacity where it has color or opacity. Needs libpng.
///
/// The size is read from the header first: where it is above `pixel_limit` pixels nothing is decoded. Returns nonzero,
/// with a line in `error`, for that and for data that is damaged or cut short.
int dn_png_decode(const void *data, size_t size, int64_t pixel_limit, dn_image *image, char *error,
                  size_t error_capacity);

/// Decodes a JPEG file to gray, or to RGB where it has color. Needs TurboJPEG. Limits and errors as for PNG.
int dn_jpeg_decode(const void *data, size_t size, int64_t pixel_limit, dn_image *image, char *error,
                   size_t error_capacity);

/// Decodes a TIFF file of one page to gray, or to RGB where it has color; opacity is composed over white. Needs libtiff.
/// Limits and errors as for PNG; nothing that libtiff allocates may be larger than half a gibibyte.
int dn_tiff_decode(const void *data, size_t size, int64_t pixel_limit, dn_image *image, char *error,
                   size_t error_capacity);

#endif
