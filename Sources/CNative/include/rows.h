#ifndef DN_ROWS_H
#define DN_ROWS_H

#include <stdint.h>

/// Copies the rows `indices[0 ..< count]` of `source` one after the other to `destination`, in parallel.
///
/// `source` has `source_rows` rows of `row_bytes` bytes. Returns the position in `indices` of the first index outside
/// 0 ..< `source_rows`, in which case nothing is copied, or −1 when all are inside.
int64_t dn_gather_rows(const void *source, int64_t row_bytes, int64_t source_rows, const int64_t *indices,
                       int64_t count, void *destination);

#endif
