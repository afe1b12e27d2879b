#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "calls.h"

#include <pthread.h>
#include <stddef.h>

/// Where the stack of the current thread begins, its largest address; 0 where the system does not say.
static uintptr_t stack_begin(void) {
#ifdef __APPLE__
  return (uintptr_t)pthread_get_stackaddr_np(pthread_self());
#else
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void *lowest = NULL;
  size_t size = 0;
  const int status = pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return status == 0 ? (uintptr_t)lowest + size : 0;
#endif
}

int dn_calls(uintptr_t calls[DN_MOST_CALLS]) {
  static _Thread_local uintptr_t begin;
  if (begin == 0) begin = stack_begin();
  // A frame holds the caller's frame and, next to it, where the caller goes on.
  const uintptr_t *frame = __builtin_frame_address(0);
  for (int call = 0; call < DN_MOST_CALLS; call++) {
    calls[call] = frame[1];
    const uintptr_t next = frame[0];
    // Each frame lies above the one before it and below the stack's begin, so that what is read is there.
    if (next <= (uintptr_t)frame || next % sizeof(uintptr_t) != 0 || next + 2 * sizeof(uintptr_t) > begin) return call + 1;
    frame = (const uintptr_t *)next;
  }
  return DN_MOST_CALLS;
}
