#ifndef DN_FAILURE_H
#define DN_FAILURE_H

#include <stddef.h>

/// Writes one line to `error` (if there is room for any) and returns 1, for functions that return nonzero on failure.
int dn_fail(char *error, size_t error_capacity, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
