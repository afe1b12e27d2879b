#ifndef DN_SORTING_INTERNAL_H
#define DN_SORTING_INTERNAL_H

#include "sorting.h"

/// A key of 64 bits with the index that it had.
typedef struct dn_wide_item {
  uint64_t key, index;
} dn_wide_item;

/// Sorts items, no two of which are equal, in parallel where there are many. Items whose keys are equal, or whose high 32
/// bits are, must ascend already. `spare` has room for as many.
void dn_sort_items_packed(uint64_t *items, uint64_t *spare, int64_t count);
void dn_sort_items_wide(dn_wide_item *items, dn_wide_item *spare, int64_t count);

/// Sorts items, no two of which are equal, whatever their order.
void dn_sort_unordered_packed(uint64_t *items, uint64_t *spare, int64_t count);
void dn_sort_unordered_wide(dn_wide_item *items, dn_wide_item *spare, int64_t count);

/// Keeps the `kept` least items in `heap`, in no order, after `filled` were put there by calls before; returns how many
/// there are now.
int64_t dn_keep_least_packed(uint64_t *heap, int64_t filled, int64_t kept, const uint64_t *items, int64_t count);
int64_t dn_keep_least_wide(dn_wide_item *heap, int64_t filled, int64_t kept, const dn_wide_item *items,
                           int64_t count);

/// Whether the keys of a type fit into 32 bits.
bool dn_has_narrow_keys(dn_type type);

/// Writes items whose order is that of elements `first ..< first + count` of a line, `stride` elements apart.
void dn_extract_packed(const dn_sort_shape *shape, const void *line, int64_t stride, int64_t first, int64_t count,
                       uint64_t *items);
void dn_extract_wide(const dn_sort_shape *shape, const void *line, int64_t stride, int64_t first, int64_t count,
                     dn_wide_item *items);

#endif
