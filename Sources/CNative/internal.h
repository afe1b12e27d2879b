#ifndef DN_INTERNAL_H
#define DN_INTERNAL_H

#include <stddef.h>

#include "libraries.h"
#include "types.h"

/// The address of a function of a native library, or NULL where the library is not available or lacks it.
void *dn_library_symbol(dn_library library, const char *name);

/// Writes one line to `error` (if there is room for any) and returns 1, for functions that return nonzero on failure.
int dn_fail(char *error, size_t error_capacity, const char *format, ...) __attribute__((format(printf, 3, 4)));

/// Tells the native libraries how many threads the calling thread wants, where it has not done so yet.
///
/// OpenMP keeps that number for each thread, so every call into a library that runs OpenMP loops comes after this one.
void dn_threads_prepare(void);

/// Settles the environment that libgomp reads when it is loaded. Called once, before the first library is opened.
void dn_threads_environment(void);

/// The number of threads a text asks for, or 0 where it asks for none that can be had.
int dn_threads_parse(const char *text);

/// Tells BLIS and OpenBLAS how many threads to use.
void dn_products_set_threads(int count);

/// Working memory for one call, aligned to a cache line; NULL where there is none. Its pages are kept for the next.
void *dn_workspace_acquire(size_t bytes);
void dn_workspace_release(void *memory);

/// The least index of equal shares: where share `index` of `shares` shares of `count` begins.
static inline int64_t dn_share_begin(int64_t count, int64_t shares, int64_t index) {
  int64_t quotient = count / shares, remainder = count % shares;
  return index * quotient + (index < remainder ? index : remainder);
}

#endif
