#ifndef DN_ALLOCATION_H
#define DN_ALLOCATION_H

#include <stddef.h>
#include <stdint.h>

/// Allocates `bytes` bytes, aligned to 64, or to 2 MiB and on huge pages where large. Their values are undefined.
///
/// Returns NULL where the memory cannot be had; an allocation of no bytes succeeds. To be given to `dn_free`.
void *dn_allocate(size_t bytes);

/// Frees what `dn_allocate` returned; NULL is allowed.
void dn_free(void *memory);

/// The most memory this process has occupied so far, in bytes; 0 where the system does not say.
int64_t dn_peak_memory_bytes(void);

#endif
