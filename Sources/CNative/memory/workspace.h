#ifndef DN_WORKSPACE_H
#define DN_WORKSPACE_H

#include <stddef.h>

/// Working memory for one call, aligned to a cache line; NULL where there is none. Its pages are kept for the next.
void *dn_workspace_acquire(size_t bytes);
void dn_workspace_release(void *memory);

#endif
