#ifndef DN_LIBRARIES_H
#define DN_LIBRARIES_H

#include <stdbool.h>
#include <stddef.h>

/// The native libraries that Descent uses where it finds them. Each is opened at run time, at its first use.
///
/// The environment steers them: DESCENT_LIBRARY_PATH names directories (separated by colons) to look in first;
/// DESCENT_NATIVE=off leaves all of them out, and DESCENT_NATIVE=-blis,-onednn those named.
typedef enum dn_library {
  DN_LIB_BLIS,
  DN_LIB_OPENBLAS,
  DN_LIB_LAPACK,
  DN_LIB_ONEDNN,
  DN_LIB_GOMP,
  DN_LIB_ZLIB,
  DN_LIB_PNG,
  DN_LIB_TURBOJPEG,
  DN_LIB_TIFF,
  DN_LIB_SQLITE,
  DN_LIB_POSTGRES,
  DN_LIB_COUNT
} dn_library;

/// True where the library was found, can be used, and is not switched off. Opens it at the first call.
bool dn_library_available(dn_library library);

/// The version the library reports of itself, or "" where it is not available.
const char *dn_library_version(dn_library library);

/// The file the library was loaded from, or "" where it is not available.
const char *dn_library_path(dn_library library);

/// Why the library is not available, in one line, or "" where it is.
const char *dn_library_problem(dn_library library);

/// The library's short name, as DESCENT_NATIVE takes it: "blis".
const char *dn_library_name(dn_library library);

/// The Debian package that installs it.
const char *dn_library_package(dn_library library);

/// What Descent uses the library for.
const char *dn_library_purpose(dn_library library);

/// What its absence costs.
const char *dn_library_cost(dn_library library);

/// The address of a function of a native library, or NULL where the library is not available or lacks it.
void *dn_library_symbol(dn_library library, const char *name);

/// A function of a native library, and the place of its address.
typedef struct {
  void *place;
  const char *name;
} dn_symbol;

/// Writes the addresses of functions of a native library into their places; NULL where it lacks them.
///
/// Returns whether the library has all of them.
bool dn_library_symbols(dn_library library, const dn_symbol *symbols, size_t count);

/// What was wrong with DESCENT_NATIVE and DESCENT_LIBRARY_PATH, in one line, or "" where nothing was.
const char *dn_libraries_complaint(void);

#endif
