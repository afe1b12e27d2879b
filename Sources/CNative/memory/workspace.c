#include <stdatomic.h>

#include "allocation.h"
#include "workspace.h"

// The header of a piece of working memory, on a cache line of its own.
typedef struct workspace {
  _Alignas(64) size_t bytes;
} workspace;

/// The piece that was given back last. Most programs run one step at a time and use only this one.
static _Atomic(workspace *) idle;

void *dn_workspace_acquire(size_t bytes) {
  workspace *found = atomic_exchange(&idle, NULL);
  if (found != NULL && found->bytes >= bytes) return found + 1;
  dn_free(found);
  found = dn_allocate(bytes + sizeof *found);
  if (found == NULL) return NULL;
  found->bytes = bytes;
  return found + 1;
}

void dn_workspace_release(void *memory) {
  if (memory == NULL) return;
  workspace *piece = (workspace *)memory - 1, *none = NULL;
  if (!atomic_compare_exchange_strong(&idle, &none, piece)) dn_free(piece);
}
