#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "allocation.h"
#include "failure.h"
#include "images_internal.h"
#include "libraries.h"

// libtiff's types and values, as its headers declare them since version 4.5.
typedef struct tiff tiff;
typedef struct options options;
typedef int64_t (*transfer)(void *, void *, int64_t);
typedef uint64_t (*seek)(void *, uint64_t, int);
typedef int (*shut)(void *);
typedef uint64_t (*measure)(void *);
typedef int (*map)(void *, void **, uint64_t *);
typedef void (*unmap)(void *, void *, uint64_t);
typedef int (*report)(tiff *, void *, const char *, const char *, va_list);
enum { TAG_SUBFILE = 254, TAG_WIDTH = 256, TAG_HEIGHT = 257, TAG_PHOTOMETRIC = 262, TAG_ORIENTATION = 274, TAG_SAMPLES = 277 };
enum { REDUCED_SUBFILE = 1, PHOTOMETRIC_BLACK_IS_LEAST = 1 };

/// No allocation within libtiff may be larger, whatever a file claims of itself.
static const int64_t allocation_limit = (int64_t)1 << 29;

typedef struct library {
  options *(*new_options)(void);
  void (*free_options)(options *);
  void (*limit)(options *, int64_t);
  void (*on_error)(options *, report, void *);
  void (*on_warning)(options *, report, void *);
  tiff *(*open)(const char *, const char *, void *, transfer, transfer, seek, shut, measure, map, unmap, options *);
  int (*field)(tiff *, uint32_t, ...);
  int (*read)(tiff *, uint32_t, uint32_t, uint32_t *, int, int);
  int (*next)(tiff *);
  void (*close)(tiff *);
} library;

static int look_up(library *found) {
  *(void **)&found->new_options = dn_library_symbol(DN_LIB_TIFF, "TIFFOpenOptionsAlloc");
  *(void **)&found->free_options = dn_library_symbol(DN_LIB_TIFF, "TIFFOpenOptionsFree");
  *(void **)&found->limit = dn_library_symbol(DN_LIB_TIFF, "TIFFOpenOptionsSetMaxSingleMemAlloc");
  *(void **)&found->on_error = dn_library_symbol(DN_LIB_TIFF, "TIFFOpenOptionsSetErrorHandlerExtR");
  *(void **)&found->on_warning = dn_library_symbol(DN_LIB_TIFF, "TIFFOpenOptionsSetWarningHandlerExtR");
  *(void **)&found->open = dn_library_symbol(DN_LIB_TIFF, "TIFFClientOpenExt");
  *(void **)&found->field = dn_library_symbol(DN_LIB_TIFF, "TIFFGetField");
  *(void **)&found->read = dn_library_symbol(DN_LIB_TIFF, "TIFFReadRGBAImageOriented");
  *(void **)&found->next = dn_library_symbol(DN_LIB_TIFF, "TIFFReadDirectory");
  *(void **)&found->close = dn_library_symbol(DN_LIB_TIFF, "TIFFClose");
  return found->new_options && found->free_options && found->limit && found->on_error && found->on_warning &&
         found->open && found->field && found->read && found->next && found->close;
}

// MARK: A file in memory

typedef struct memory {
  const uint8_t *bytes;
  uint64_t size, at;
  /// The first complaint about the file.
  char complaint[256];
} memory;

static int64_t memory_read(void *file, void *to, int64_t count) {
  memory *memory = file;
  uint64_t left = memory->at < memory->size ? memory->size - memory->at : 0;
  uint64_t taken = count < 0 ? 0 : (uint64_t)count < left ? (uint64_t)count : left;
  memcpy(to, memory->bytes + (taken > 0 ? memory->at : 0), taken);
  memory->at += taken;
  return (int64_t)taken;
}

static int64_t memory_write(void *file, void *from, int64_t count) {
  (void)file, (void)from, (void)count;
  return 0;
}

static uint64_t memory_seek(void *file, uint64_t offset, int whence) {
  memory *memory = file;
  uint64_t base = whence == SEEK_CUR ? memory->at : whence == SEEK_END ? memory->size : 0;
  return memory->at = base + offset;
}

static int memory_close(void *file) {
  (void)file;
  return 0;
}

static uint64_t memory_size(void *file) { return ((memory *)file)->size; }

static int memory_map(void *file, void **base, uint64_t *size) {
  (void)file, (void)base, (void)size;
  return 0;
}

static void memory_unmap(void *file, void *base, uint64_t size) { (void)file, (void)base, (void)size; }

static int keep_complaint(tiff *image, void *file, const char *module, const char *format, va_list arguments) {
  (void)image, (void)module;
  memory *memory = file;
  if (memory->complaint[0] == '\0') vsnprintf(memory->complaint, sizeof memory->complaint, format, arguments);
  return 1;
}

static int drop_warning(tiff *image, void *file, const char *module, const char *format, va_list arguments) {
  (void)image, (void)file, (void)module, (void)format, (void)arguments;
  return 1;
}

// MARK: Decoding

/// Copies libtiff's pixels, red in the lowest byte and colors already multiplied by opacity, over white paper.
static void copy_over_white(uint8_t *to, int channels, const uint32_t *from, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    uint32_t pixel = from[i], paper = 255 - (pixel >> 24);
    for (int channel = 0; channel < channels; channel++) {
      uint32_t value = (pixel >> 8 * channel & 255) + paper;
      *to++ = (uint8_t)(value < 255 ? value : 255);
    }
  }
}

static int decode(const library *tiffs, tiff *file, memory *memory, int64_t pixel_limit, dn_image *image, char *error,
                  size_t capacity) {
  uint32_t width = 0, height = 0, kind = 0;
  uint16_t photometric = UINT16_MAX, orientation = 1, samples = 1;
  tiffs->field(file, TAG_WIDTH, &width);
  tiffs->field(file, TAG_HEIGHT, &height);
  tiffs->field(file, TAG_PHOTOMETRIC, &photometric);
  tiffs->field(file, TAG_SAMPLES, &samples);
  tiffs->field(file, TAG_ORIENTATION, &orientation);
  if (orientation < 1 || orientation > 8) orientation = 1;
  int channels = photometric <= PHOTOMETRIC_BLACK_IS_LEAST && samples == 1 ? 1 : 3;
  if (dn_image_allocate(image, "TIFF", width, height, channels, pixel_limit, error, capacity)) return 1;
  int64_t count = image->width * image->height;
  uint32_t *pixels = dn_allocate((size_t)count * sizeof *pixels);
  if (pixels == NULL) {
    dn_image_free(image);
    return dn_fail(error, capacity, "TIFF: no memory for %u by %u pixels", width, height);
  }
  // Asked for as they are stored: turning them is left to who knows all eight orientations.
  if (!tiffs->read(file, width, height, pixels, orientation, 1) || memory->complaint[0] != '\0') {
    dn_free(pixels);
    dn_image_free(image);
    return dn_fail(error, capacity, "TIFF: %s", memory->complaint[0] ? memory->complaint : "cannot be decoded");
  }
  copy_over_white(image->pixels, channels, pixels, count);
  dn_free(pixels);
  image->orientation = orientation;
  // A smaller copy of the picture, for a preview, is not a page.
  while (tiffs->next(file)) {
    kind = 0;
    tiffs->field(file, TAG_SUBFILE, &kind);
    if ((kind & REDUCED_SUBFILE) == 0) {
      dn_image_free(image);
      return dn_fail(error, capacity, "TIFF: holds several pages: a file for each is needed");
    }
  }
  return 0;
}

int dn_tiff_decode(const void *data, size_t size, int64_t pixel_limit, dn_image *image, char *error,
                   size_t error_capacity) {
  memset(image, 0, sizeof *image);
  library tiffs;
  if (!look_up(&tiffs)) {
    return dn_fail(error, error_capacity, "TIFF: needs libtiff 4.5 or newer, which is not available: install %s",
                   dn_library_package(DN_LIB_TIFF));
  }
  options *options = tiffs.new_options();
  if (options == NULL) return dn_fail(error, error_capacity, "TIFF: no memory left");
  memory memory = {.bytes = data, .size = size};
  tiffs.limit(options, allocation_limit);
  tiffs.on_error(options, keep_complaint, &memory);
  tiffs.on_warning(options, drop_warning, NULL);
  tiff *file = tiffs.open("memory", "r", &memory, memory_read, memory_write, memory_seek, memory_close, memory_size,
                          memory_map, memory_unmap, options);
  tiffs.free_options(options);
  if (file == NULL) {
    return dn_fail(error, error_capacity, "TIFF: %s", memory.complaint[0] ? memory.complaint : "cannot be opened");
  }
  int failed = decode(&tiffs, file, &memory, pixel_limit, image, error, error_capacity);
  tiffs.close(file);
  return failed;
}
