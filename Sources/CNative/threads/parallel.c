#define _GNU_SOURCE
#include "parallel.h"

#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doors/blas.h"
#include "libraries.h"
#include "threads.h"

typedef struct runtime {
  void (*parallel)(void (*)(void *), void *, unsigned, unsigned);
  int (*thread_number)(void);
  int (*team_size)(void);
  void (*set_threads)(int);
  int (*thread_limit)(void);
  int (*in_parallel)(void);
  void (*set_dynamic)(int);
} runtime;

static runtime openmp;
static pthread_once_t openmp_once = PTHREAD_ONCE_INIT;

static _Thread_local bool inside_loop;
/// The number of threads that this thread last told the libraries.
static _Thread_local int announced;

static void load_openmp(void) {
  *(void **)&openmp.thread_number = dn_library_symbol(DN_LIB_GOMP, "omp_get_thread_num");
  *(void **)&openmp.team_size = dn_library_symbol(DN_LIB_GOMP, "omp_get_num_threads");
  *(void **)&openmp.set_threads = dn_library_symbol(DN_LIB_GOMP, "omp_set_num_threads");
  *(void **)&openmp.thread_limit = dn_library_symbol(DN_LIB_GOMP, "omp_get_thread_limit");
  *(void **)&openmp.in_parallel = dn_library_symbol(DN_LIB_GOMP, "omp_in_parallel");
  *(void **)&openmp.set_dynamic = dn_library_symbol(DN_LIB_GOMP, "omp_set_dynamic");
  *(void **)&openmp.parallel = dn_library_symbol(DN_LIB_GOMP, "GOMP_parallel");
}

static const runtime *openmp_runtime(void) {
  pthread_once(&openmp_once, load_openmp);
  return &openmp;
}

// MARK: Counting cores

static long long read_number(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return -1;
  long long value = -1;
  if (fscanf(file, "%lld", &value) != 1) value = -1;
  fclose(file);
  return value;
}

/// The cores that the control group grants, or infinity. Looks at the group's own files (a container sees them at the
/// root of the hierarchy) in version 2, then version 1.
static double group_quota(void) {
  double quota = INFINITY;
  FILE *groups = fopen("/proc/self/cgroup", "r");
  char line[1024];
  while (groups != NULL && fgets(line, sizeof line, groups) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "0::", 3) != 0) continue;
    // Each enclosing group limits as well.
    char *group = line + 3;
    for (;;) {
      char path[1200];
      snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
      FILE *file = fopen(path, "r");
      long long limit, period;
      if (file != NULL) {
        if (fscanf(file, "%lld %lld", &limit, &period) == 2 && limit > 0 && period > 0) {
          quota = fmin(quota, (double)limit / (double)period);
        }
        fclose(file);
      }
      char *slash = strrchr(group, '/');
      if (slash == NULL) break;
      *slash = '\0';
    }
  }
  if (groups != NULL) fclose(groups);
  long long limit = read_number("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  long long period = read_number("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (limit > 0 && period > 0) quota = fmin(quota, (double)limit / (double)period);
  return quota;
}

/// The number of cores this process may use: affinity mask and control-group quota, at least 1.
static int usable_cores(void) {
  int cores = 1;
  for (int capacity = CPU_SETSIZE; capacity <= 1 << 20; capacity *= 4) {
    cpu_set_t *set = CPU_ALLOC((size_t)capacity);
    if (set == NULL) break;
    size_t size = CPU_ALLOC_SIZE((size_t)capacity);
    CPU_ZERO_S(size, set);
    int failed = sched_getaffinity(0, size, set);
    if (!failed) cores = CPU_COUNT_S(size, set);
    CPU_FREE(set);
    if (!failed) break;
  }
  double quota = group_quota();
  if (quota < cores) cores = (int)ceil(quota);
  return cores > 0 ? cores : 1;
}

enum { MOST_THREADS = 4096 };

int dn_threads_parse(const char *text) {
  if (text == NULL || *text == '\0') return 0;
  char *end;
  long count = strtol(text, &end, 10);
  return *end == '\0' && count >= 1 && count <= MOST_THREADS ? (int)count : 0;
}

static int default_threads;

static void compute_default(void) {
  int count = dn_threads_parse(getenv("DESCENT_THREADS"));
  default_threads = count > 0 ? count : usable_cores();
  const runtime *openmp = openmp_runtime();
  int limit = openmp->thread_limit != NULL ? openmp->thread_limit() : MOST_THREADS;
  if (limit < default_threads) default_threads = limit;
}

int dn_thread_count(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, compute_default);
  return default_threads;
}

void dn_threads_prepare(void) {
  int count = dn_thread_count();
  if (announced == count || dn_in_parallel()) return;
  announced = count;
  const runtime *openmp = openmp_runtime();
  // BLIS and OpenBLAS bring libgomp with them even where Descent was told not to use it for its own loops.
  if (openmp->set_dynamic != NULL) openmp->set_dynamic(0);
  if (openmp->set_threads != NULL) openmp->set_threads(count);
  dn_blas_set_threads(count);
}

// MARK: The loop

// libgomp hands a loop to its threads and collects them again in code that the thread sanitizer does not see. Where that
// is compiled in, it is told so.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DN_SANITIZES_THREADS 1
#endif
#endif

#ifdef DN_SANITIZES_THREADS
#include <sanitizer/tsan_interface.h>
static void hand_over(void *loop) { __tsan_release(loop); }
static void take_over(void *loop) { __tsan_acquire(loop); }
#else
static void hand_over(void *loop) { (void)loop; }
static void take_over(void *loop) { (void)loop; }
#endif

typedef struct loop {
  dn_parallel_body body;
  void *context;
  int64_t count, ranges;
} loop;

static void run_share(void *data) {
  take_over(data);
  const loop *loop = data;
  int64_t first = openmp.thread_number(), step = openmp.team_size();
  bool before = inside_loop;
  inside_loop = true;
  // The team is smaller than asked for where the system has no thread left: the ranges stay the same.
  for (int64_t i = first; i < loop->ranges; i += step) {
    loop->body(
      loop->context, dn_share_begin(loop->count, loop->ranges, i), dn_share_begin(loop->count, loop->ranges, i + 1));
  }
  inside_loop = before;
  hand_over(data);
}

bool dn_in_parallel(void) {
  return inside_loop || (openmp_runtime()->in_parallel != NULL && openmp.in_parallel());
}

int64_t dn_parallel_ranges(int64_t count, int64_t grain) {
  if (count <= 0) return 0;
  if (grain < 1) grain = 1;
  if (count <= grain || openmp_runtime()->parallel == NULL || dn_in_parallel()) return 1;
  int64_t ranges = count / grain, threads = dn_thread_count();
  return ranges < threads ? ranges : threads;
}

void dn_parallel(int64_t count, int64_t grain, dn_parallel_body body, void *context) {
  int64_t ranges = dn_parallel_ranges(count, grain);
  if (ranges == 0) return;
  if (ranges == 1) {
    body(context, 0, count);
    return;
  }
  loop loop = {body, context, count, ranges};
  hand_over(&loop);
  openmp.parallel(run_share, &loop, (unsigned)ranges, 0);
  take_over(&loop);
}
