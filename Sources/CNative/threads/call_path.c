#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "call_path.h"

#include <pthread.h>
#include <stddef.h>

enum { MOST_CALLS = 32 };

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

uint64_t dn_call_path(void) {
  static _Thread_local uintptr_t begin;
  if (begin == 0) begin = stack_begin();
  // A frame holds the caller's frame and, next to it, where the caller goes on.
  const uintptr_t *frame = __builtin_frame_address(0);
  uint64_t path = 0;
  for (int call = 0; call < MOST_CALLS; call++) {
    // Each frame lies above the one before it and below the stack's begin, so that what is read is there.
    const uintptr_t next = frame[0];
    path = (path ^ (uint64_t)frame[1]) * 0x9e3779b97f4a7c15u;
    path ^= path >> 29;
    if (next <= (uintptr_t)frame || next % sizeof(uintptr_t) != 0 || next + 2 * sizeof(uintptr_t) > begin) break;
    frame = (const uintptr_t *)next;
  }
  return path;
}
