#include "linear_algebra.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "libraries.h"
#include "linear_algebra_internal.h"
#include "memory/workspace.h"
#include "parallel.h"
#include "threads/threads.h"

enum { CBLAS_ROW_MAJOR = 101, CBLAS_NO_TRANSPOSE = 111, CBLAS_TRANSPOSE = 112, CBLAS_UPPER = 121, CBLAS_LOWER = 122 };
enum { CBLAS_NON_UNIT = 131, CBLAS_UNIT = 132, CBLAS_LEFT = 141, CBLAS_RIGHT = 142 };

typedef void (*cblas_strsm)(int, int, int, int, int, int, int, float, const float *, int, float *, int);
typedef void (*cblas_dtrsm)(int, int, int, int, int, int, int, double, const double *, int, double *, int);

static dn_lapack lapack_f32, lapack_f64;
static bool has_lapack;
static cblas_strsm solve_f32;
static cblas_dtrsm solve_f64;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/// A function of LAPACK, whose name Fortran compilers end with an underscore or leave alone.
static void *function(dn_library library, char prefix, const char *name) {
  char symbol[32];
  snprintf(symbol, sizeof symbol, "%c%s_", prefix, name);
  void *found = dn_library_symbol(library, symbol);
  symbol[strlen(symbol) - 1] = '\0';
  return found != NULL ? found : dn_library_symbol(library, symbol);
}

static bool load_lapack(dn_library library, char prefix, dn_lapack *lapack) {
  lapack->potrf = function(library, prefix, "potrf");
  lapack->getrf = function(library, prefix, "getrf");
  lapack->getrs = function(library, prefix, "getrs");
  lapack->gelqf = function(library, prefix, "gelqf");
  lapack->orglq = function(library, prefix, "orglq");
  lapack->syevd = function(library, prefix, "syevd");
  lapack->gesdd = function(library, prefix, "gesdd");
  return lapack->potrf && lapack->getrf && lapack->getrs && lapack->gelqf && lapack->orglq && lapack->syevd &&
         lapack->gesdd;
}

static void load(void) {
  static const dn_library lapacks[] = {DN_LIB_OPENBLAS, DN_LIB_LAPACK};
  for (int i = 0; i < 2 && !has_lapack; i++) {
    has_lapack = load_lapack(lapacks[i], 's', &lapack_f32) && load_lapack(lapacks[i], 'd', &lapack_f64);
  }
  static const dn_library products[] = {DN_LIB_OPENBLAS, DN_LIB_BLIS};
  for (int i = 0; i < 2 && (solve_f32 == NULL || solve_f64 == NULL); i++) {
    *(void **)&solve_f32 = dn_library_symbol(products[i], "cblas_strsm");
    *(void **)&solve_f64 = dn_library_symbol(products[i], "cblas_dtrsm");
  }
}

bool dn_lapack_available(void) {
  pthread_once(&once, load);
  return has_lapack;
}

bool dn_triangular_solve_available(void) {
  pthread_once(&once, load);
  return solve_f32 != NULL && solve_f64 != NULL;
}

/// Whether matrices are shared out among threads, each decomposed by one, rather than each decomposed by all of them.
static bool is_shared(int64_t batch, double work) {
  const int threads = dn_thread_count();
  return batch >= 4 * threads || (batch >= threads && work < 3e7);
}

static int64_t grain_of(double work) {
  const double grain = 1e5 / (work > 1 ? work : 1);
  return grain < 1 ? 1 : (int64_t)grain;
}

// MARK: Decompositions

typedef struct decomposition_run {
  const dn_decomposition *task;
  const void *matrices;
  void *const *results;
  dn_lapack_sizes sizes;
  size_t bytes;
  atomic_bool failed;
} decomposition_run;

static void run_decompositions(void *context, int64_t begin, int64_t end) {
  decomposition_run *run = context;
  void *space = dn_workspace_acquire(run->bytes);
  if (space == NULL) {
    atomic_store(&run->failed, true);
    return;
  }
  for (int64_t i = begin; i < end; i++) {
    if (run->task->type == DN_F32) {
      dn_decompose_f32(&lapack_f32, run->task, run->sizes, run->matrices, run->results, i, space);
    } else {
      dn_decompose_f64(&lapack_f64, run->task, run->sizes, run->matrices, run->results, i, space);
    }
  }
  dn_workspace_release(space);
}

static double work_of(const dn_decomposition *task) {
  const double m = (double)task->m, n = (double)task->n, smaller = m < n ? m : n;
  const double passes[] = {[DN_CHOLESKY] = 0.4, [DN_LU] = 1, [DN_QR] = 4, [DN_EIGH] = 9, [DN_SVD] = 20};
  return passes[task->kind] * m * n * smaller + 1000;
}

/// The sizes of LAPACK's arrays and the bytes that one thread takes; nonzero where they are too large.
static int prepare(const dn_decomposition *task, dn_lapack_sizes *sizes, size_t *bytes) {
  if (task->m > INT32_MAX || task->n > INT32_MAX) return 1;
  const double elements = (double)task->m * (double)task->n;
  if (elements > INT32_MAX || (task->full && (double)task->m * (double)task->m > INT32_MAX)) return 1;
  *sizes = task->type == DN_F32 ? dn_lapack_sizes_f32(&lapack_f32, task) : dn_lapack_sizes_f64(&lapack_f64, task);
  if (sizes->work < 0) return 1;
  *bytes = (dn_decomposition_elements(task) + (size_t)sizes->work) * dn_type_size(task->type) +
           (size_t)sizes->integers * sizeof(int);
  return 0;
}

int dn_decompose(const dn_decomposition *task, const void *matrices, void *const *results, char *error,
                 size_t error_capacity) {
  if (!dn_lapack_available()) return dn_fail(error, error_capacity, "decomposition: LAPACK is missing");
  decomposition_run run = {.task = task, .matrices = matrices, .results = results};
  if (prepare(task, &run.sizes, &run.bytes)) {
    return dn_fail(error, error_capacity, "decomposition: %lld × %lld is more than LAPACK can take",
                   (long long)task->m, (long long)task->n);
  }
  dn_threads_prepare();
  const double work = work_of(task);
  if (is_shared(task->batch, work)) {
    dn_parallel(task->batch, grain_of(work), run_decompositions, &run);
  } else if (task->batch > 0) {
    run_decompositions(&run, 0, task->batch);
  }
  if (!atomic_load(&run.failed)) return 0;
  return dn_fail(error, error_capacity, "decomposition: no memory left for its working space");
}

size_t dn_decomposition_scratch(const dn_decomposition *task) {
  dn_lapack_sizes sizes;
  size_t bytes;
  if (!dn_lapack_available() || prepare(task, &sizes, &bytes)) return 0;
  return is_shared(task->batch, work_of(task)) ? bytes * (size_t)dn_thread_count() : bytes;
}

// MARK: Systems

typedef struct solve_run {
  const dn_linear_system *system;
  const void *a, *b;
  void *x;
  size_t bytes;
  atomic_bool failed;
} solve_run;

static void run_solves(void *context, int64_t begin, int64_t end) {
  solve_run *run = context;
  void *space = dn_workspace_acquire(run->bytes);
  if (space == NULL) {
    atomic_store(&run->failed, true);
    return;
  }
  for (int64_t i = begin; i < end; i++) {
    if (run->system->type == DN_F32) dn_solve_f32(&lapack_f32, run->system, run->a, run->b, run->x, i, space);
    else dn_solve_f64(&lapack_f64, run->system, run->a, run->b, run->x, i, space);
  }
  dn_workspace_release(space);
}

static double solve_work(const dn_linear_system *system) {
  const double size = (double)system->size;
  return size * size * (size + 2 * (double)system->others) + 500;
}

/// The bytes that one thread takes for a system; 0 where it is too large.
static size_t solve_bytes(const dn_linear_system *system) {
  const int64_t size = system->size, others = system->others;
  if (size > 46340 || others > INT32_MAX || (double)size * (double)others > INT32_MAX) return 0;
  return (size_t)(size * (size + others)) * dn_type_size(system->type) + ((size_t)size + 1) * sizeof(int);
}

int dn_solve(const dn_linear_system *system, const void *a, const void *b, void *x, char *error,
             size_t error_capacity) {
  if (!dn_lapack_available()) return dn_fail(error, error_capacity, "solve: LAPACK is missing");
  if (system->size == 0 || system->others == 0 || system->batch == 0) return 0;
  solve_run run = {.system = system, .a = a, .b = b, .x = x, .bytes = solve_bytes(system)};
  if (run.bytes == 0) {
    return dn_fail(error, error_capacity, "solve: %lld equations with %lld right-hand sides are more than LAPACK can take",
                   (long long)system->size, (long long)system->others);
  }
  dn_threads_prepare();
  const double work = solve_work(system);
  if (is_shared(system->batch, work)) dn_parallel(system->batch, grain_of(work), run_solves, &run);
  else run_solves(&run, 0, system->batch);
  if (!atomic_load(&run.failed)) return 0;
  return dn_fail(error, error_capacity, "solve: no memory left for its working space");
}

size_t dn_solve_scratch(const dn_linear_system *system) {
  if (!dn_lapack_available()) return 0;
  return solve_bytes(system) * (is_shared(system->batch, solve_work(system)) ? (size_t)dn_thread_count() : 1);
}

// MARK: Triangular systems

typedef struct system_run {
  const dn_triangular_system *system;
  const void *a;
  void *x;
} system_run;

static void run_systems(void *context, int64_t begin, int64_t end) {
  const system_run *run = context;
  const dn_triangular_system *s = run->system;
  const int size = (int)s->size, others = (int)s->others;
  const int rows = s->left ? size : others, columns = s->left ? others : size;
  const int side = s->left ? CBLAS_LEFT : CBLAS_RIGHT, triangle = s->lower ? CBLAS_LOWER : CBLAS_UPPER;
  const int transpose = s->transposed ? CBLAS_TRANSPOSE : CBLAS_NO_TRANSPOSE;
  const int diagonal = s->unit_diagonal ? CBLAS_UNIT : CBLAS_NON_UNIT;
  for (int64_t i = begin; i < end; i++) {
    const size_t a = (size_t)i * (size_t)size * (size_t)size, x = (size_t)i * (size_t)size * (size_t)others;
    if (s->type == DN_F32) {
      solve_f32(CBLAS_ROW_MAJOR, side, triangle, transpose, diagonal, rows, columns, 1, (const float *)run->a + a, size,
                (float *)run->x + x, columns);
    } else {
      solve_f64(CBLAS_ROW_MAJOR, side, triangle, transpose, diagonal, rows, columns, 1, (const double *)run->a + a,
                size, (double *)run->x + x, columns);
    }
  }
}

int dn_triangular_solve(const dn_triangular_system *system, const void *a, const void *b, void *x, char *error,
                        size_t error_capacity) {
  if (!dn_triangular_solve_available()) {
    return dn_fail(error, error_capacity, "triangular solve: neither OpenBLAS nor BLIS is there");
  }
  if (system->size > INT32_MAX || system->others > INT32_MAX) {
    return dn_fail(error, error_capacity, "triangular solve: %lld × %lld is more than BLAS can take",
                   (long long)system->size, (long long)system->others);
  }
  if (system->size == 0 || system->others == 0 || system->batch == 0) return 0;
  const size_t count = (size_t)system->batch * (size_t)system->size * (size_t)system->others;
  memcpy(x, b, count * dn_type_size(system->type));
  dn_threads_prepare();
  system_run run = {system, a, x};
  const double work = (double)system->size * (double)system->size * (double)system->others + 200;
  if (is_shared(system->batch, work)) {
    dn_parallel(system->batch, grain_of(work), run_systems, &run);
  } else {
    run_systems(&run, 0, system->batch);
  }
  return 0;
}
