#ifndef DN_IMAGES_INTERNAL_H
#define DN_IMAGES_INTERNAL_H

#include "images.h"

/// Checks an image's size against the limit and allocates its pixels. `format` begins the error's line.
int dn_image_allocate(dn_image *image, const char *format, int64_t width, int64_t height, int32_t channels,
                      int64_t pixel_limit, char *error, size_t error_capacity);

#endif
