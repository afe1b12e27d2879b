#define _GNU_SOURCE
#include "libraries.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/// What is known of a library before it is opened.
typedef struct description {
  const char *name, *package, *purpose, *cost;
  const char *files[5];
  const char *needed[8];
} description;

static const description descriptions[DN_LIB_COUNT] = {
  [DN_LIB_BLIS] = {
    "blis", "libblis4-openmp", "matrix products",
    "narrow products are slower in the other libraries",
    {"libblis.so.4", "libblis-mt.so.4", "libblis.so.3", "libblis.so", "libblis-mt.so"},
    {"cblas_sgemm", "cblas_dgemm"},
  },
  [DN_LIB_OPENBLAS] = {
    "openblas", "libopenblas0-openmp", "matrix products and linear algebra",
    "small products take up to ten times longer, decompositions of matrices a thousand times",
    {"libopenblas.so.0", "libopenblas.so"},
    {"cblas_sgemm", "cblas_dgemm", "cblas_sgemv", "cblas_dgemv", "openblas_get_config", "openblas_get_parallel"},
  },
  [DN_LIB_LAPACK] = {
    "lapack", "liblapack3", "linear algebra where OpenBLAS brings none",
    "decompositions of matrices run up to a thousand times slower where OpenBLAS is missing too",
    {"liblapack.so.3", "liblapack.so"},
    {"sgetrf_", "dgetrf_", "sgesdd_", "dgesdd_"},
  },
  [DN_LIB_ONEDNN] = {
    "onednn", "libdnnl2", "convolution, forward and backward, and matrix products",
    "convolutions run as matrix products, up to ten times slower",
    {"libdnnl.so.3", "libdnnl.so.2", "libdnnl.so"},
    {"dnnl_version", "dnnl_engine_create", "dnnl_primitive_create", "dnnl_primitive_execute"},
  },
  [DN_LIB_GOMP] = {
    "gomp", "libgomp1", "the thread pool", "Descent's own loops run on one core",
    {"libgomp.so.1", "libgomp.so"},
    {"GOMP_parallel", "omp_get_thread_num", "omp_get_num_threads", "omp_set_num_threads"},
  },
  [DN_LIB_ZLIB] = {
    "zlib", "zlib1g", "reading gzip files, and smaller PNG files",
    "gzip files cannot be read; PNG files are written without compression",
    {"libz.so.1", "libz.so"},
    {"zlibVersion", "inflateInit2_", "inflate", "inflateEnd", "deflateInit2_", "deflate", "deflateEnd"},
  },
  [DN_LIB_PNG] = {
    "png", "libpng16-16", "reading PNG files", "PNG files cannot be read",
    {"libpng16.so.16", "libpng16.so", "libpng.so"},
    {"png_image_begin_read_from_memory", "png_image_finish_read", "png_image_free", "png_get_libpng_ver"},
  },
  [DN_LIB_TURBOJPEG] = {
    "turbojpeg", "libturbojpeg0", "reading JPEG files", "JPEG files cannot be read",
    {"libturbojpeg.so.0", "libturbojpeg.so"},
    {"tjInitDecompress", "tjDecompressHeader3", "tjDecompress2", "tjDestroy"},
  },
  [DN_LIB_TIFF] = {
    "tiff", "libtiff6", "reading TIFF files", "TIFF files cannot be read",
    {"libtiff.so.6", "libtiff.so"},
    {"TIFFClientOpenExt", "TIFFOpenOptionsSetMaxSingleMemAlloc", "TIFFReadRGBAImageOriented", "TIFFReadDirectory"},
  },
  [DN_LIB_SQLITE] = {
    "sqlite", "libsqlite3-0", "studies in SQLite files", "trials cannot be kept in SQLite files",
    {"libsqlite3.so.0", "libsqlite3.so", "libsqlite3.dylib"},
    {"sqlite3_libversion", "sqlite3_open_v2", "sqlite3_prepare_v2", "sqlite3_step", "sqlite3_bind_text64"},
  },
  [DN_LIB_POSTGRES] = {
    "postgres", "libpq5", "studies in PostgreSQL databases", "trials cannot be kept in PostgreSQL databases",
    {"libpq.so.5", "libpq.so"},
    {"PQlibVersion", "PQconnectdbParams", "PQexecParams", "PQresultErrorField"},
  },
};

/// What is known of a library once an attempt was made to open it. Written under `lock`, then published by `tried`.
typedef struct state {
  atomic_bool tried;
  void *handle;
  char path[PATH_MAX];
  char version[64];
  char problem[512];
} state;

static state states[DN_LIB_COUNT];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t environment_once = PTHREAD_ONCE_INIT;
static bool switched_off[DN_LIB_COUNT];
static char complaint[512];

static void complain(const char *format, const char *what) {
  size_t length = strlen(complaint);
  if (length > 0 && length + 2 < sizeof complaint) {
    memcpy(complaint + length, "; ", 3);
    length += 2;
  }
  snprintf(complaint + length, sizeof complaint - length, format, what);
}

static void switch_off(const char *word) {
  if (strcasecmp(word, "off") == 0) {
    memset(switched_off, true, sizeof switched_off);
    return;
  }
  if (strcasecmp(word, "on") == 0) return;
  for (int i = 0; i < DN_LIB_COUNT; i++) {
    if (word[0] == '-' && strcasecmp(word + 1, descriptions[i].name) == 0) {
      switched_off[i] = true;
      return;
    }
  }
  complain("DESCENT_NATIVE: '%s' is none of on, off, -blis, -openblas, -lapack, -onednn, -gomp, -zlib, -png, -turbojpeg, -tiff, -sqlite, -postgres", word);
}

/// Settles the environment that libgomp reads once, when it is loaded.
static void settle_openmp(void) {
  // Left alone, an idle worker spins for milliseconds, which next to other processes takes the core from the thread that
  // it waits for. Some tens of microseconds bridge the gaps between the loops of one step, and are about what waking a
  // sleeping thread takes.
  if (getenv("OMP_WAIT_POLICY") == NULL) setenv("GOMP_SPINCOUNT", "1000", 0);
}

static void read_environment(void) {
  const char *value = getenv("DESCENT_NATIVE");
  while (value != NULL && *value != '\0') {
    size_t length = strcspn(value, ", ");
    if (length > 0) {
      char word[64];
      snprintf(word, sizeof word, "%.*s", (int)(length < 63 ? length : 63), value);
      switch_off(word);
    }
    value += length + (value[length] != '\0');
  }
  value = getenv("DESCENT_LIBRARY_PATH");
  while (value != NULL && *value != '\0') {
    size_t length = strcspn(value, ":");
    char directory[PATH_MAX];
    snprintf(directory, sizeof directory, "%.*s", (int)(length < PATH_MAX ? length : PATH_MAX - 1), value);
    if (length > 0 && access(directory, R_OK | X_OK) != 0) {
      complain("DESCENT_LIBRARY_PATH: '%s' is not a directory that can be read", directory);
    }
    value += length + (value[length] != '\0');
  }
}

/// True where an OpenMP runtime other than libgomp is in the process: it would keep a second pool of threads, which
/// fights with the first for the cores.
static bool other_openmp(void) {
  static const char *const names[] = {"libiomp5.so", "libomp.so.5", "libomp.so"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    void *handle = dlopen(names[i], RTLD_LAZY | RTLD_NOLOAD);
    if (handle != NULL) {
      dlclose(handle);
      return true;
    }
  }
  return false;
}

/// Opens one file and checks that it has what is needed. Returns NULL, with the reason, where it does not.
static void *open_file(const description *library, const char *file, char *problem, size_t capacity) {
  bool other_before = other_openmp();
  void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) {
    const char *reason = dlerror();
    snprintf(problem, capacity, "%s", reason != NULL ? reason : file);
    return NULL;
  }
  for (size_t i = 0; i < sizeof library->needed / sizeof *library->needed && library->needed[i] != NULL; i++) {
    if (dlsym(handle, library->needed[i]) == NULL) {
      snprintf(problem, capacity, "%s: has no function %s", file, library->needed[i]);
      dlclose(handle);
      return NULL;
    }
  }
  if (!other_before && other_openmp()) {
    snprintf(problem, capacity, "%s: runs on an OpenMP runtime other than libgomp", file);
    dlclose(handle);
    return NULL;
  }
  return handle;
}

/// The version that a file's full name ends in: "1.0.0" of libgomp.so.1.0.0.
static void version_from_path(const char *path, char *version, size_t capacity) {
  const char *suffix = strstr(path, ".so.");
  snprintf(version, capacity, "%s", suffix != NULL ? suffix + 4 : "");
}

typedef struct dnnl_version_info {
  int major, minor, patch;
  const char *hash;
  unsigned cpu_runtime, gpu_runtime;
} dnnl_version_info;

static void read_version(dn_library library, state *state) {
  void *handle = state->handle;
  char *version = state->version;
  size_t capacity = sizeof state->version;
  const char *(*text)(void) = NULL;
  const char *(*text_of)(const void *) = NULL;
  const dnnl_version_info *(*information)(void) = NULL;
  switch (library) {
  case DN_LIB_BLIS: *(void **)&text = dlsym(handle, "bli_info_get_version_str"); break;
  case DN_LIB_OPENBLAS: *(void **)&text = dlsym(handle, "openblas_get_config"); break;
  case DN_LIB_ZLIB: *(void **)&text = dlsym(handle, "zlibVersion"); break;
  case DN_LIB_SQLITE: *(void **)&text = dlsym(handle, "sqlite3_libversion"); break;
  case DN_LIB_PNG: *(void **)&text_of = dlsym(handle, "png_get_libpng_ver"); break;
  case DN_LIB_ONEDNN: *(void **)&information = dlsym(handle, "dnnl_version"); break;
  default: break;
  }
  const char *found = text != NULL ? text() : text_of != NULL ? text_of(NULL) : NULL;
  if (information != NULL) {
    const dnnl_version_info *numbers = information();
    snprintf(version, capacity, "%d.%d.%d", numbers->major, numbers->minor, numbers->patch);
  } else if (found != NULL) {
    // OpenBLAS says "OpenBLAS 0.3.21 NO_LAPACKE …".
    if (strncmp(found, "OpenBLAS ", 9) == 0) found += 9;
    snprintf(version, capacity, "%.*s", (int)strcspn(found, " "), found);
  } else {
    version_from_path(state->path, version, capacity);
  }
}

static void read_path(state *state) {
  struct link_map *map = NULL;
  if (dlinfo(state->handle, RTLD_DI_LINKMAP, &map) != 0 || map == NULL || map->l_name == NULL) return;
  if (realpath(map->l_name, state->path) == NULL) snprintf(state->path, sizeof state->path, "%s", map->l_name);
}

/// Why an opened library cannot be used after all, or NULL.
static const char *unusable(dn_library library, const state *state) {
  if (library == DN_LIB_ONEDNN && strncmp(state->version, "2.", 2) != 0 && strncmp(state->version, "3.", 2) != 0) {
    return "neither of oneDNN's versions 2 and 3, which Descent knows";
  }
  if (library == DN_LIB_ONEDNN) {
    enum { RUNTIME_OPENMP = 2 };
    const dnnl_version_info *(*information)(void) = NULL;
    *(void **)&information = dlsym(state->handle, "dnnl_version");
    if (information()->cpu_runtime != RUNTIME_OPENMP) return "its threads are not OpenMP's";
  }
  if (library == DN_LIB_OPENBLAS) {
    const char *(*configuration)(void) = NULL;
    *(void **)&configuration = dlsym(state->handle, "openblas_get_config");
    if (strstr(configuration(), "USE64BITINT") != NULL) return "its BLAS integers are not 32 bits wide";
  }
  if (library == DN_LIB_BLIS) {
    long (*blas_integer_bits)(void) = NULL;
    *(void **)&blas_integer_bits = dlsym(state->handle, "bli_info_get_blas_int_type_size");
    if (blas_integer_bits != NULL && blas_integer_bits() != 32) return "its BLAS integers are not 32 bits wide";
  }
  return NULL;
}

static void open_any(dn_library library, state *state) {
  const description *description = &descriptions[library];
  char problem[512] = "";
  const char *directories = getenv("DESCENT_LIBRARY_PATH");
  while (state->handle == NULL && directories != NULL && *directories != '\0') {
    size_t length = strcspn(directories, ":");
    for (int i = 0; length > 0 && i < 5 && description->files[i] != NULL && state->handle == NULL; i++) {
      char file[PATH_MAX];
      int written = snprintf(file, sizeof file, "%.*s/%s", (int)length, directories, description->files[i]);
      if (written < 0 || written >= (int)sizeof file || access(file, F_OK) != 0) continue;
      state->handle = open_file(description, file, problem, sizeof problem);
    }
    directories += length + (directories[length] != '\0');
  }
  for (int i = 0; i < 5 && description->files[i] != NULL && state->handle == NULL; i++) {
    char reason[512] = "";
    state->handle = open_file(description, description->files[i], reason, sizeof reason);
    // That a later candidate's file is missing says less than why an earlier one, which is there, would not do.
    if (problem[0] == '\0' || strstr(problem, "No such file") != NULL) memcpy(problem, reason, sizeof problem);
  }
  if (state->handle == NULL) {
    bool missing = strstr(problem, "No such file") != NULL;
    snprintf(state->problem, sizeof state->problem, "%s", missing ? "not installed" : problem);
    return;
  }
  read_path(state);
  read_version(library, state);
  const char *reason = unusable(library, state);
  if (reason != NULL) {
    snprintf(state->problem, sizeof state->problem, "%.300s: %s", state->path, reason);
    dlclose(state->handle);
    state->handle = NULL;
    state->path[0] = state->version[0] = '\0';
  }
}

/// Opens a library unless that was tried before; the caller holds the lock.
static void open_locked(dn_library library) {
  state *state = &states[library];
  if (atomic_load_explicit(&state->tried, memory_order_relaxed)) return;
  if (switched_off[library]) {
    snprintf(state->problem, sizeof state->problem, "switched off by DESCENT_NATIVE");
  } else {
    if (library <= DN_LIB_GOMP) settle_openmp();
    open_any(library, state);
  }
  atomic_store_explicit(&state->tried, true, memory_order_release);
}

static const state *state_of(dn_library library) {
  static const state none;
  if ((unsigned)library >= DN_LIB_COUNT) return &none;
  if (!atomic_load_explicit(&states[library].tried, memory_order_acquire)) {
    pthread_once(&environment_once, read_environment);
    pthread_mutex_lock(&lock);
    open_locked(library);
    pthread_mutex_unlock(&lock);
  }
  return &states[library];
}

static const description *description_of(dn_library library) {
  static const description none = {.name = "", .package = "", .purpose = "", .cost = ""};
  return (unsigned)library < DN_LIB_COUNT ? &descriptions[library] : &none;
}

bool dn_library_available(dn_library library) { return state_of(library)->handle != NULL; }
const char *dn_library_version(dn_library library) { return state_of(library)->version; }
const char *dn_library_path(dn_library library) { return state_of(library)->path; }
const char *dn_library_problem(dn_library library) { return state_of(library)->problem; }
const char *dn_library_name(dn_library library) { return description_of(library)->name; }
const char *dn_library_package(dn_library library) { return description_of(library)->package; }
const char *dn_library_purpose(dn_library library) { return description_of(library)->purpose; }
const char *dn_library_cost(dn_library library) { return description_of(library)->cost; }

const char *dn_libraries_complaint(void) {
  pthread_once(&environment_once, read_environment);
  return complaint;
}

void *dn_library_symbol(dn_library library, const char *name) {
  void *handle = state_of(library)->handle;
  return handle != NULL ? dlsym(handle, name) : NULL;
}

bool dn_library_symbols(dn_library library, const dn_symbol *symbols, size_t count) {
  bool complete = true;
  for (size_t i = 0; i < count; i++) {
    void *found = dn_library_symbol(library, symbols[i].name);
    *(void **)symbols[i].place = found;
    complete = complete && found != NULL;
  }
  return complete;
}
