// Memory for blocks: one piece for each thread, kept from run to run.

#include <pthread.h>
#include <stdlib.h>

#include "elementwise_program.h"

typedef struct scratch {
  size_t bytes;
  void *memory;
} scratch;

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static _Thread_local scratch *current_scratch;

static void free_scratch(void *value) {
  scratch *s = value;
  free(s->memory);
  free(s);
}

static void make_scratch_key(void) { pthread_key_create(&scratch_key, free_scratch); }

void *dn_thread_scratch(size_t bytes) {
  scratch *s = current_scratch;
  if (s != NULL && s->bytes >= bytes) return s->memory;
  if (s == NULL) {
    pthread_once(&scratch_once, make_scratch_key);
    s = calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    // The key's only purpose is to free the memory when the thread ends.
    pthread_setspecific(scratch_key, s);
    current_scratch = s;
  }
  free(s->memory);
  const size_t size = (bytes * 3 / 2 + 4095) & ~(size_t)4095;
  s->memory = aligned_alloc(4096, size);
  s->bytes = s->memory == NULL ? 0 : size;
  return s->memory;
}
