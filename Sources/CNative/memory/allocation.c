#define _GNU_SOURCE
#include "allocation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { CACHE_LINE = 64 };
static const size_t huge_page = (size_t)2 << 20;

void *dn_allocate(size_t bytes) {
  // A page twice over: below this, rounding up to whole huge pages would waste too large a part of the allocation.
  size_t alignment = bytes >= 4 * huge_page ? huge_page : CACHE_LINE;
  if (bytes > SIZE_MAX - alignment) return NULL;
  size_t size = (bytes + alignment - 1) / alignment * alignment;
  void *memory = aligned_alloc(alignment, size > 0 ? size : alignment);
#ifdef MADV_HUGEPAGE
  if (memory != NULL && alignment == huge_page) (void)madvise(memory, size, MADV_HUGEPAGE);
#endif
  return memory;
}

void dn_free(void *memory) { free(memory); }

int64_t dn_peak_memory_bytes(void) {
  // Not getrusage first: its peak is inherited from the program that started this one.
  FILE *status = fopen("/proc/self/status", "r");
  if (status != NULL) {
    char line[256];
    long long kibibytes = -1;
    while (kibibytes < 0 && fgets(line, sizeof line, status) != NULL) {
      if (strncmp(line, "VmHWM:", 6) == 0) sscanf(line + 6, "%lld", &kibibytes);
    }
    fclose(status);
    if (kibibytes >= 0) return (int64_t)kibibytes * 1024;
  }
  struct rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0;
}
