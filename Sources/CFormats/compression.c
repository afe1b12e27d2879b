#include "compression.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "allocation.h"
#include "checksums.h"
#include "failure.h"
#include "libraries.h"

/// zlib's stream, as its header declares it.
typedef struct z_stream {
  const uint8_t *next_in;
  unsigned avail_in;
  unsigned long total_in;
  uint8_t *next_out;
  unsigned avail_out;
  unsigned long total_out;
  const char *msg;
  void *state;
  void *(*zalloc)(void *, unsigned, unsigned);
  void (*zfree)(void *, void *);
  void *opaque;
  int data_type;
  unsigned long adler, reserved;
} z_stream;

enum { Z_OK = 0, Z_STREAM_END = 1, Z_NEED_DICT = 2, Z_MEM_ERROR = -4, Z_BUF_ERROR = -5 };
enum { Z_NO_FLUSH = 0, Z_FINISH = 4, GZIP_OR_ZLIB = 15 + 32, BARE = -15 };

static int (*inflate_init)(z_stream *, int, const char *, int);
static int (*inflate_step)(z_stream *, int);
static int (*inflate_end)(z_stream *);
static int (*deflate_init)(z_stream *, int, int, int, int, int, const char *, int);
static int (*deflate_step)(z_stream *, int);
static int (*deflate_end)(z_stream *);

static void load(void) {
  *(void **)&inflate_init = dn_library_symbol(DN_LIB_ZLIB, "inflateInit2_");
  *(void **)&inflate_step = dn_library_symbol(DN_LIB_ZLIB, "inflate");
  *(void **)&inflate_end = dn_library_symbol(DN_LIB_ZLIB, "inflateEnd");
  *(void **)&deflate_init = dn_library_symbol(DN_LIB_ZLIB, "deflateInit2_");
  *(void **)&deflate_step = dn_library_symbol(DN_LIB_ZLIB, "deflate");
  *(void **)&deflate_end = dn_library_symbol(DN_LIB_ZLIB, "deflateEnd");
}

static bool available(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return inflate_init != NULL && deflate_init != NULL;
}

// MARK: Reading

struct dn_inflater {
  z_stream stream;
  /// Whether zlib's state is set up, that is, whether a member has begun and not ended.
  bool open;
  bool any_ended;
  /// How zlib is told what stands around the data: GZIP_OR_ZLIB, or BARE where nothing does.
  int form;
  size_t position;
};
typedef struct dn_inflater inflater;

static inflater *create(int form, char *error, size_t error_capacity) {
  if (!available()) {
    dn_fail(error, error_capacity, "compressed data needs zlib, which is not available: install %s",
            dn_library_package(DN_LIB_ZLIB));
    return NULL;
  }
  inflater *inflater = calloc(1, sizeof *inflater);
  if (inflater == NULL) dn_fail(error, error_capacity, "no memory left");
  else inflater->form = form;
  return inflater;
}

static int begin_member(inflater *inflater, char *error, size_t capacity) {
  memset(&inflater->stream, 0, sizeof inflater->stream);
  if (inflate_init(&inflater->stream, inflater->form, "1.2.11", (int)sizeof inflater->stream) != Z_OK) {
    return dn_fail(error, capacity, "zlib could not be set up");
  }
  inflater->open = true;
  return 0;
}

static unsigned at_most_unsigned(size_t size) { return size < (1u << 30) ? (unsigned)size : 1u << 30; }

/// Reads from `input` and writes to `output` until one of them is used up or the stream has ended.
///
/// `consumed` and `produced` say how far it got. What follows the end of a member has to be another member, or zeros; no
/// member sees what came out of those before it. Returns nonzero, with a line in `error`, for data that is damaged.
static int run(inflater *inflater, const void *input, size_t input_size, size_t *consumed, void *output,
               size_t output_capacity, size_t *produced, char *error, size_t error_capacity) {
  const uint8_t *next = input, *end = next + input_size;
  uint8_t *to = output;
  size_t room = output_capacity;
  int failed = 0;
  while (!failed) {
    if (!inflater->open) {
      // Tapes and some writers fill the last block with zeros.
      while (inflater->any_ended && next < end && *next == 0) next++, inflater->position++;
      if (next == end) break;
      if (inflater->any_ended && (inflater->form == BARE || *next != 0x1f)) {
        failed = dn_fail(error, error_capacity, "compressed data: something else follows its end at byte %zu",
                         inflater->position);
        break;
      }
      if ((failed = begin_member(inflater, error, error_capacity))) break;
    }
    z_stream *stream = &inflater->stream;
    stream->next_in = next;
    stream->avail_in = at_most_unsigned((size_t)(end - next));
    stream->next_out = to;
    stream->avail_out = at_most_unsigned(room);
    int status = inflate_step(stream, Z_NO_FLUSH);
    size_t taken = (size_t)(stream->next_in - next), made = (size_t)(stream->next_out - to);
    next += taken;
    to += made;
    room -= made;
    inflater->position += taken;
    if (status == Z_STREAM_END) {
      inflate_end(stream);
      inflater->open = false;
      inflater->any_ended = true;
    } else if (status == Z_MEM_ERROR) {
      failed = dn_fail(error, error_capacity, "compressed data: no memory left");
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      failed = dn_fail(error, error_capacity, "compressed data: damaged near byte %zu (%s)", inflater->position,
                       status == Z_NEED_DICT ? "wants a dictionary" : stream->msg != NULL ? stream->msg : "no reason");
    } else if (taken == 0 && made == 0) {
      break;
    }
  }
  *consumed = (size_t)(next - (const uint8_t *)input);
  *produced = (size_t)(to - (uint8_t *)output);
  return failed;
}

/// Ends the reading: returns nonzero, with a line in `error`, where the stream has not come to its end.
static int finish(const inflater *inflater, char *error, size_t error_capacity) {
  if (inflater->any_ended && !inflater->open) return 0;
  if (inflater->position == 0) return dn_fail(error, error_capacity, "compressed data: empty");
  return dn_fail(error, error_capacity, "compressed data: cut short after %zu bytes", inflater->position);
}

static void destroy(inflater *inflater) {
  if (inflater == NULL) return;
  if (inflater->open) inflate_end(&inflater->stream);
  free(inflater);
}

/// Makes room for more output, doubling it up to one byte beyond the limit, where too much shows.
static int grow(uint8_t **memory, size_t *capacity, size_t used, size_t limit) {
  size_t wanted = *capacity > SIZE_MAX / 2 ? SIZE_MAX : *capacity * 2;
  if (limit < SIZE_MAX && wanted > limit + 1) wanted = limit + 1;
  uint8_t *larger = dn_allocate(wanted);
  if (larger == NULL) return 1;
  memcpy(larger, *memory, used);
  dn_free(*memory);
  *memory = larger;
  *capacity = wanted;
  return 0;
}

static int inflate_all(int form, const void *input, size_t input_size, size_t limit, void **output,
                       size_t *output_size, char *error, size_t error_capacity) {
  *output = NULL;
  *output_size = 0;
  inflater *inflater = create(form, error, error_capacity);
  if (inflater == NULL) return 1;
  const uint8_t *next = input;
  size_t left = input_size, used = 0, capacity = limit < 65536 ? limit + 1 : 65536;
  uint8_t *memory = dn_allocate(capacity);
  int failed = memory == NULL ? dn_fail(error, error_capacity, "compressed data: no memory left") : 0;
  while (!failed) {
    size_t consumed, produced;
    failed = run(inflater, next, left, &consumed, memory + used, capacity - used, &produced, error, error_capacity);
    next += consumed;
    left -= consumed;
    used += produced;
    if (failed) break;
    if (used > limit) {
      failed = dn_fail(error, error_capacity, "compressed data: holds more than the %zu bytes allowed", limit);
    } else if (used == capacity) {
      if (grow(&memory, &capacity, used, limit)) {
        failed = dn_fail(error, error_capacity, "compressed data: no memory left for more than %zu bytes", used);
      }
    } else if (left == 0 || (consumed == 0 && produced == 0)) {
      failed = finish(inflater, error, error_capacity);
      break;
    }
  }
  destroy(inflater);
  if (failed) {
    dn_free(memory);
    return 1;
  }
  *output = memory;
  *output_size = used;
  return 0;
}

int dn_inflate(const void *input, size_t input_size, size_t limit, void **output, size_t *output_size, char *error,
               size_t error_capacity) {
  return inflate_all(GZIP_OR_ZLIB, input, input_size, limit, output, output_size, error, error_capacity);
}

int dn_inflate_bare(const void *input, size_t input_size, size_t limit, void **output, size_t *output_size, char *error,
                    size_t error_capacity) {
  return inflate_all(BARE, input, input_size, limit, output, output_size, error, error_capacity);
}

dn_inflater *dn_inflater_make(char *error, size_t error_capacity) {
  return create(GZIP_OR_ZLIB, error, error_capacity);
}

int dn_inflater_run(dn_inflater *inflater, const void *input, size_t input_size, size_t *consumed, void *output,
                    size_t output_capacity, size_t *produced, char *error, size_t error_capacity) {
  return run(inflater, input, input_size, consumed, output, output_capacity, produced, error, error_capacity);
}

int dn_inflater_finish(const dn_inflater *inflater, char *error, size_t error_capacity) {
  return finish(inflater, error, error_capacity);
}

void dn_inflater_free(dn_inflater *inflater) { destroy(inflater); }

// MARK: Writing

/// A zlib stream of stored blocks: what every reader takes and nobody has to compress.
static int wrap(const uint8_t *input, size_t size, void **output, size_t *output_size) {
  enum { LARGEST_BLOCK = 65535 };
  size_t blocks = size / LARGEST_BLOCK + (size % LARGEST_BLOCK != 0 || size == 0);
  uint8_t *memory = dn_allocate(2 + blocks * 5 + size + 4), *to = memory;
  if (memory == NULL) return 1;
  *to++ = 0x78;
  *to++ = 0x01;
  size_t left = size;
  for (size_t block = 0; block < blocks; block++) {
    size_t length = left < LARGEST_BLOCK ? left : LARGEST_BLOCK;
    const uint8_t header[5] = {block + 1 == blocks, (uint8_t)length, (uint8_t)(length >> 8), (uint8_t)~length,
                               (uint8_t)(~length >> 8)};
    memcpy(to, header, sizeof header);
    if (length > 0) memcpy(to + sizeof header, input + (size - left), length);
    to += sizeof header + length;
    left -= length;
  }
  uint32_t adler = dn_adler32(1, input, size);
  for (int shift = 24; shift >= 0; shift -= 8) *to++ = (uint8_t)(adler >> shift);
  *output = memory;
  *output_size = (size_t)(to - memory);
  return 0;
}

int dn_deflate(const void *input, size_t input_size, void **output, size_t *output_size, char *error,
               size_t error_capacity) {
  *output = NULL;
  *output_size = 0;
  z_stream stream = {0};
  enum { LEVEL = 6, METHOD = 8, WINDOW = 15, MEMORY = 8 };
  if (!available() || input_size > 1u << 30 ||
      deflate_init(&stream, LEVEL, METHOD, WINDOW, MEMORY, 0, "1.2.11", (int)sizeof stream) != Z_OK) {
    return wrap(input, input_size, output, output_size) ? dn_fail(error, error_capacity, "no memory left") : 0;
  }
  // zlib's own bound for these settings, with some to spare.
  size_t capacity = input_size + input_size / 1000 + 1024;
  uint8_t *memory = dn_allocate(capacity);
  if (memory == NULL) {
    deflate_end(&stream);
    return dn_fail(error, error_capacity, "no memory left");
  }
  stream.next_in = input;
  stream.avail_in = (unsigned)input_size;
  stream.next_out = memory;
  stream.avail_out = (unsigned)capacity;
  int status = deflate_step(&stream, Z_FINISH);
  size_t size = (size_t)(stream.next_out - memory);
  deflate_end(&stream);
  if (status != Z_STREAM_END) {
    dn_free(memory);
    return dn_fail(error, error_capacity, "zlib failed with status %d", status);
  }
  *output = memory;
  *output_size = size;
  return 0;
}
