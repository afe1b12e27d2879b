#include <string.h>

#include "allocation.h"
#include "failure.h"
#include "images_internal.h"

int dn_image_allocate(dn_image *image, const char *format, int64_t width, int64_t height, int32_t channels,
                      int64_t pixel_limit, char *error, size_t capacity) {
  int64_t pixels, bytes;
  if (width < 1 || height < 1) {
    return dn_fail(error, capacity, "%s: %lld by %lld pixels", format, (long long)width, (long long)height);
  }
  if (__builtin_mul_overflow(width, height, &pixels) || pixels > pixel_limit) {
    return dn_fail(error, capacity, "%s: %lld by %lld pixels are more than the %lld allowed", format, (long long)width,
                   (long long)height, (long long)pixel_limit);
  }
  // The decoders count bytes in 32 bits.
  if (__builtin_mul_overflow(pixels, (int64_t)channels, &bytes) || bytes > INT32_MAX ||
      (image->pixels = dn_allocate((size_t)bytes)) == NULL) {
    return dn_fail(error, capacity, "%s: no memory for %lld by %lld pixels", format, (long long)width,
                   (long long)height);
  }
  image->width = width;
  image->height = height;
  image->channels = channels;
  return 0;
}

void dn_image_free(dn_image *image) {
  dn_free(image->pixels);
  memset(image, 0, sizeof *image);
}
