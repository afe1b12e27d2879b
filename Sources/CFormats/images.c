#include "images.h"

#include <string.h>

#include "failure.h"
#include "images_internal.h"

int dn_image_decode(const void *data, size_t size, int64_t pixel_limit, dn_image *image, char *error,
                    size_t error_capacity) {
  const uint8_t *bytes = data;
  memset(image, 0, sizeof *image);
  if (size == 0) return dn_fail(error, error_capacity, "image: empty");
  if (size >= 4 && memcmp(bytes, "\x89PNG", 4) == 0) {
    return dn_png_decode(data, size, pixel_limit, image, error, error_capacity);
  }
  if (size >= 2 && bytes[0] == 0xff && bytes[1] == 0xd8) {
    return dn_jpeg_decode(data, size, pixel_limit, image, error, error_capacity);
  }
  if (size >= 4 && (memcmp(bytes, "II", 2) == 0 || memcmp(bytes, "MM", 2) == 0)) {
    return dn_tiff_decode(data, size, pixel_limit, image, error, error_capacity);
  }
  return dn_fail(error, error_capacity, "image: neither PNG nor JPEG nor TIFF");
}
