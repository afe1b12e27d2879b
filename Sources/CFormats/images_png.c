#include <stdbool.h>
#include <string.h>

#include "allocation.h"
#include "checksums.h"
#include "compression.h"
#include "failure.h"
#include "images_internal.h"
#include "libraries.h"

/// The control structure of libpng's simplified interface, version 1, as its header declares it.
typedef struct png_image {
  void *opaque;
  uint32_t version, width, height, format, flags, colormap_entries, warning_or_error;
  char message[64];
} png_image;

enum { HAS_OPACITY = 1, HAS_COLOR = 2, FORMAT_GRAY = 0, FORMAT_RGBA = HAS_OPACITY | HAS_COLOR };
enum { SIXTEEN_BITS_ARE_NOT_LINEAR = 4 };

static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

static uint32_t read_32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/// Walks through the chunks: libpng's own complaints do not say where, and it does not read to the end.
static int check_chunks(const uint8_t *data, size_t size, uint32_t *width, uint32_t *height, char *error,
                        size_t capacity) {
  if (size < 8 || memcmp(data, signature, 8) != 0) return dn_fail(error, capacity, "PNG: has no PNG signature");
  size_t at = 8;
  for (bool ended = false; !ended;) {
    if (size - at < 12) return dn_fail(error, capacity, "PNG: cut short after %zu bytes", size);
    uint32_t length = read_32(data + at);
    const uint8_t *name = data + at + 4;
    if (length > size - at - 12) {
      return dn_fail(error, capacity, "PNG: cut short: the chunk at byte %zu claims %u bytes of the %zu that are left",
                     at, length, size - at - 12);
    }
    bool critical = (name[0] & 0x20) == 0;
    if (critical && dn_crc32(0, name, length + 4) != read_32(name + 4 + length)) {
      return dn_fail(error, capacity, "PNG: the checksum of the chunk at byte %zu does not fit", at);
    }
    if (at == 8) {
      if (memcmp(name, "IHDR", 4) != 0 || length != 13) return dn_fail(error, capacity, "PNG: has no header");
      *width = read_32(name + 4);
      *height = read_32(name + 8);
    }
    ended = memcmp(name, "IEND", 4) == 0;
    at += 12 + length;
  }
  return 0;
}

int dn_png_decode(const void *data, size_t size, int64_t pixel_limit, dn_image *image, char *error,
                  size_t error_capacity) {
  memset(image, 0, sizeof *image);
  int (*begin)(png_image *, const void *, size_t) = NULL;
  int (*finish)(png_image *, const void *, void *, int32_t, void *) = NULL;
  void (*release)(png_image *) = NULL;
  *(void **)&begin = dn_library_symbol(DN_LIB_PNG, "png_image_begin_read_from_memory");
  *(void **)&finish = dn_library_symbol(DN_LIB_PNG, "png_image_finish_read");
  *(void **)&release = dn_library_symbol(DN_LIB_PNG, "png_image_free");
  if (begin == NULL) {
    return dn_fail(error, error_capacity, "PNG: needs libpng, which is not available: install %s",
                   dn_library_package(DN_LIB_PNG));
  }
  uint32_t width, height;
  if (check_chunks(data, size, &width, &height, error, error_capacity)) return 1;
  if ((int64_t)width * height > pixel_limit) {
    return dn_fail(error, error_capacity, "PNG: %u by %u pixels are more than the %lld allowed", width, height,
                   (long long)pixel_limit);
  }
  png_image png = {.version = 1};
  if (!begin(&png, data, size)) {
    int failed = dn_fail(error, error_capacity, "PNG: %.63s", png.message);
    release(&png);
    return failed;
  }
  png.flags |= SIXTEEN_BITS_ARE_NOT_LINEAR;
  png.format = (png.format & (HAS_OPACITY | HAS_COLOR)) != 0 ? FORMAT_RGBA : FORMAT_GRAY;
  int channels = png.format == FORMAT_RGBA ? 4 : 1;
  if (dn_image_allocate(image, "PNG", png.width, png.height, channels, pixel_limit, error, error_capacity)) {
    release(&png);
    return 1;
  }
  if (!finish(&png, NULL, image->pixels, 0, NULL)) {
    dn_image_free(image);
    return dn_fail(error, error_capacity, "PNG: %.63s", png.message);
  }
  return 0;
}

// MARK: Writing

static uint8_t *put_32(uint8_t *to, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) *to++ = (uint8_t)(value >> shift);
  return to;
}

static uint8_t *put_chunk(uint8_t *to, const char *name, const void *data, size_t size) {
  to = put_32(to, (uint32_t)size);
  memcpy(to, name, 4);
  if (size > 0) memcpy(to + 4, data, size);
  return put_32(to + 4 + size, dn_crc32(0, to, size + 4));
}

int dn_png_encode(const uint8_t *pixels, int64_t width, int64_t height, int32_t channels, void **output,
                  size_t *output_size, char *error, size_t error_capacity) {
  *output = NULL;
  *output_size = 0;
  if (channels != 1 && channels != 3) {
    return dn_fail(error, error_capacity, "PNG: 1 or 3 channels wanted, %d given", (int)channels);
  }
  if (width < 1 || height < 1 || width > INT32_MAX || height > INT32_MAX ||
      (width * channels + 1) > ((int64_t)1 << 30) / height) {
    return dn_fail(error, error_capacity, "PNG: an image of %lld by %lld pixels cannot be written", (long long)width,
                   (long long)height);
  }
  size_t line = (size_t)(width * channels), raw_size = (line + 1) * (size_t)height;
  uint8_t *raw = dn_allocate(raw_size);
  if (raw == NULL) return dn_fail(error, error_capacity, "PNG: no memory left");
  for (size_t y = 0; y < (size_t)height; y++) {
    enum { UNFILTERED = 0 };
    raw[y * (line + 1)] = UNFILTERED;
    memcpy(raw + y * (line + 1) + 1, pixels + y * line, line);
  }
  void *compressed;
  size_t compressed_size;
  int failed = dn_deflate(raw, raw_size, &compressed, &compressed_size, error, error_capacity);
  dn_free(raw);
  if (failed) return 1;

  uint8_t *file = dn_allocate(sizeof signature + 3 * 12 + 13 + compressed_size);
  if (file == NULL) {
    dn_free(compressed);
    return dn_fail(error, error_capacity, "PNG: no memory left");
  }
  enum { DEPTH = 8, GRAY = 0, RGB = 2 };
  uint8_t header[13] = {[8] = DEPTH, channels == 1 ? GRAY : RGB, 0, 0, 0};
  put_32(put_32(header, (uint32_t)width), (uint32_t)height);
  memcpy(file, signature, sizeof signature);
  uint8_t *to = put_chunk(file + sizeof signature, "IHDR", header, sizeof header);
  to = put_chunk(to, "IDAT", compressed, compressed_size);
  to = put_chunk(to, "IEND", NULL, 0);
  dn_free(compressed);
  *output = file;
  *output_size = (size_t)(to - file);
  return 0;
}
