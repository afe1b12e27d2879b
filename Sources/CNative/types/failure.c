#include "failure.h"

#include <stdarg.h>
#include <stdio.h>

int dn_fail(char *error, size_t error_capacity, const char *format, ...) {
  if (error != NULL && error_capacity > 0) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, error_capacity, format, arguments);
    va_end(arguments);
  }
  return 1;
}
