#ifndef DN_PARALLEL_H
#define DN_PARALLEL_H

#include <stdbool.h>
#include <stdint.h>

/// A piece of a parallel loop: handles the indices `begin ..< end`.
typedef void (*dn_parallel_body)(void *context, int64_t begin, int64_t end);

/// Runs `body` over `0 ..< count`, cut into contiguous ranges, on the one thread pool of the process.
///
/// The ranges depend on `count`, `grain` and `dn_thread_count()` alone: there are at most `dn_thread_count()` of them
/// and none but the only one is shorter than `grain` (1 when smaller). The loop is one plain call where
/// `count <= grain`, inside another parallel loop, and where libgomp is missing or switched off. Returns after every
/// range is done. May be called from several threads at once.
void dn_parallel(int64_t count, int64_t grain, dn_parallel_body body, void *context);

/// The number of ranges into which `dn_parallel(count, grain, …)` cuts its loop when called from this thread now.
int64_t dn_parallel_ranges(int64_t count, int64_t grain);

/// True on a thread that is inside a parallel loop, where `dn_parallel` runs serially.
bool dn_in_parallel(void);

/// The number of threads a parallel loop uses: the environment's DESCENT_THREADS, or the usable cores (affinity mask and
/// control-group quota).
int dn_thread_count(void);

#endif
