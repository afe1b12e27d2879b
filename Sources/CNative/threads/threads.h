#ifndef DN_THREADS_H
#define DN_THREADS_H

#include <stdint.h>

/// Tells the native libraries how many threads the calling thread wants, where it has not done so yet.
///
/// OpenMP keeps that number for each thread, so every call into a library that runs OpenMP loops comes after this one.
void dn_threads_prepare(void);

/// The number of threads a text asks for, or 0 where it asks for none that can be had.
int dn_threads_parse(const char *text);

/// The least index of equal shares: where share `index` of `shares` shares of `count` begins.
static inline int64_t dn_share_begin(int64_t count, int64_t shares, int64_t index) {
  int64_t quotient = count / shares, remainder = count % shares;
  return index * quotient + (index < remainder ? index : remainder);
}

#endif
