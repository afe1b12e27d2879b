#include <string.h>

#include "failure.h"
#include "images_internal.h"
#include "libraries.h"

// TurboJPEG's values, as its header declares them.
enum { SPACE_GRAY = 2, SPACE_CMYK = 3, SPACE_YCCK = 4, FORMAT_RGB = 0, FORMAT_GRAY = 6 };
enum { FLAG_ACCURATE = 4096, FLAG_LIMIT_SCANS = 32768 };

int dn_jpeg_decode(const void *data, size_t size, int64_t pixel_limit, dn_image *image, char *error,
                   size_t error_capacity) {
  memset(image, 0, sizeof *image);
  void *(*init)(void) = NULL;
  int (*header)(void *, const uint8_t *, unsigned long, int *, int *, int *, int *) = NULL;
  int (*decompress)(void *, const uint8_t *, unsigned long, uint8_t *, int, int, int, int, int) = NULL;
  int (*destroy)(void *) = NULL;
  char *(*reason)(void *) = NULL;
  *(void **)&init = dn_library_symbol(DN_LIB_TURBOJPEG, "tjInitDecompress");
  *(void **)&header = dn_library_symbol(DN_LIB_TURBOJPEG, "tjDecompressHeader3");
  *(void **)&decompress = dn_library_symbol(DN_LIB_TURBOJPEG, "tjDecompress2");
  *(void **)&destroy = dn_library_symbol(DN_LIB_TURBOJPEG, "tjDestroy");
  *(void **)&reason = dn_library_symbol(DN_LIB_TURBOJPEG, "tjGetErrorStr2");
  if (init == NULL || reason == NULL) {
    return dn_fail(error, error_capacity, "JPEG: needs TurboJPEG, which is not available: install %s",
                   dn_library_package(DN_LIB_TURBOJPEG));
  }
  void *handle = init();
  if (handle == NULL) return dn_fail(error, error_capacity, "JPEG: TurboJPEG could not be set up");
  int width = 0, height = 0, subsampling = 0, space = 0, failed = 0;
  if (header(handle, data, size, &width, &height, &subsampling, &space) != 0) {
    failed = dn_fail(error, error_capacity, "JPEG: %s", reason(handle));
  } else if (space == SPACE_CMYK || space == SPACE_YCCK) {
    failed = dn_fail(error, error_capacity, "JPEG: in the colors of print (CMYK), which are not read");
  }
  int channels = space == SPACE_GRAY ? 1 : 3;
  if (!failed) {
    failed = dn_image_allocate(image, "JPEG", width, height, channels, pixel_limit, error, error_capacity);
  }
  // What TurboJPEG only warns of is an image with gray where its data ran out; stray bytes alone do no harm.
  if (!failed && decompress(handle, data, size, image->pixels, width, 0, height,
                            space == SPACE_GRAY ? FORMAT_GRAY : FORMAT_RGB, FLAG_ACCURATE | FLAG_LIMIT_SCANS) != 0 &&
      strstr(reason(handle), "extraneous bytes") == NULL) {
    failed = dn_fail(error, error_capacity, "JPEG: %s", reason(handle));
    dn_image_free(image);
  }
  destroy(handle);
  return failed;
}
