#ifndef DN_INDEXING_INTERNAL_H
#define DN_INDEXING_INTERNAL_H

#include "indexing.h"

enum { DN_INDEX_BLOCK = 256 };

/// What follows from a geometry: windows as rows of neighboring elements.
typedef struct dn_index_rows {
  /// How many windows' parts stand before the places, and how many elements after each.
  int64_t before, after;
  /// The elements of a row, and how many rows make up `after`.
  int64_t run, rows;
  /// The loops over rows.
  dn_index_loop row_loop;
} dn_index_rows;

dn_index_rows dn_index_rows_of(const dn_index_geometry *geometry);

/// Where index `index` of a loop lies.
int64_t dn_index_loop_offset(const dn_index_loop *loop, int64_t index);

/// The offsets of the windows that index vectors `first ..< first + count` address; −1 for those left out.
void dn_index_offsets(const dn_index_geometry *geometry, const void *indices, int64_t first, int64_t count,
                      int64_t *offsets);

/// Updates in the order in which an element meets them.
typedef struct dn_fold_list {
  /// The first update's row of a place, and the distance between places, in bytes.
  const char *updates;
  int64_t stride;
  /// The numbers of the places in the low 32 bits, or NULL for 0, 1, 2 …
  const uint64_t *places;
  int64_t count;
} dn_fold_list;

/// Combines a row of `run` elements with the rows of some updates, in order; NULL where a type has no such combination.
typedef void (*dn_fold_rows)(dn_scatter_kind kind, void *row, const dn_fold_list *list, int64_t run);
dn_fold_rows dn_fold_rows_for(dn_scatter_kind kind, dn_type type);

/// Combines single elements with updates whose targets lie in `low ..< high`, in order; other targets are passed over.
/// `sums` holds an accumulator for each element, or is NULL where they accumulate where they are.
typedef void (*dn_fold_elements)(dn_scatter_kind kind, void *elements, double *sums, const void *updates,
                                 const int64_t *targets, int64_t count, int64_t low, int64_t high);
dn_fold_elements dn_fold_elements_for(dn_scatter_kind kind, dn_type type);

#endif
