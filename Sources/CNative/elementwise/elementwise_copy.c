// Copies between strided arrays: inputs into blocks, blocks into outputs, transposes.

#include <stdlib.h>
#include <string.h>

#include "elementwise_program.h"

enum { DN_SHORT_ROW = 8 };

/// One axis of a copy; steps in elements.
typedef struct copy_axis {
  int64_t count, to, from;
} copy_axis;

#define DN_COPY_ROW(T)                                                                    \
  {                                                                                       \
    T *d = (T *)destination;                                                              \
    const T *s = (const T *)source;                                                       \
    int64_t i = 0;                                                                        \
    for (; i + 4 <= count; i += 4, d += 4 * to, s += 4 * from) {                          \
      const T x0 = s[0], x1 = s[from], x2 = s[2 * from], x3 = s[3 * from];                \
      d[0] = x0;                                                                          \
      d[to] = x1;                                                                         \
      d[2 * to] = x2;                                                                     \
      d[3 * to] = x3;                                                                     \
    }                                                                                     \
    for (; i < count; i++, d += to, s += from) *d = *s;                                   \
    return;                                                                               \
  }

static void copy_row(size_t size, char *destination, int64_t to, const char *source, int64_t from, int64_t count) {
  if (to == 1 && from == 1) {
    memcpy(destination, source, (size_t)count * size);
    return;
  }
  switch (size) {
    case 1: DN_COPY_ROW(uint8_t)
    case 2: DN_COPY_ROW(uint16_t)
    case 4: DN_COPY_ROW(uint32_t)
    default: DN_COPY_ROW(uint64_t)
  }
}

/// Drops axes of one index and merges neighbors that both sides step through evenly. Returns the number of axes.
static int simplify(copy_axis *axes, int rank) {
  int count = 0;
  for (int i = 0; i < rank; i++) {
    if (axes[i].count == 1) continue;
    copy_axis *outer = count > 0 ? &axes[count - 1] : NULL;
    if (outer != NULL && outer->to == axes[i].to * axes[i].count && outer->from == axes[i].from * axes[i].count) {
      *outer = (copy_axis){outer->count * axes[i].count, axes[i].to, axes[i].from};
    } else {
      axes[count++] = axes[i];
    }
  }
  return count;
}

static int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

/// Copies one row `count` times, by doubling what is there.
static void repeat(size_t size, char *destination, const char *source, const copy_axis *row, int64_t count) {
  copy_row(size, destination, 1, source, row->from, row->count);
  const size_t bytes = (size_t)(row->count * count) * size;
  for (size_t done = (size_t)row->count * size; done < bytes;) {
    const size_t next = bytes - done < done ? bytes - done : done;
    memcpy(destination + done, destination, next);
    done += next;
  }
}

/// The order of axes is free in a copy: where the last one is short, the longest takes its place.
static void prefer_long_rows(copy_axis *axes, int count) {
  copy_axis *last = &axes[count - 1];
  if (last->count >= DN_SHORT_ROW) return;
  copy_axis *longest = last;
  for (copy_axis *axis = axes; axis < last; axis++) {
    if (axis->count > longest->count) longest = axis;
  }
  const copy_axis moved = *longest;
  *longest = *last;
  *last = moved;
}

void dn_copy_strided(const dn_kernel_table *kernels, size_t size, int rank, const int64_t *shape, char *destination,
                     const int64_t *destination_strides, const char *source, const int64_t *source_strides) {
  copy_axis axes[DN_MAXIMUM_RANK + 1];
  for (int i = 0; i < rank; i++) {
    if (shape[i] == 0) return;
    axes[i] = (copy_axis){shape[i], destination_strides[i], source_strides[i]};
  }
  int count = simplify(axes, rank);
  if (count == 0) axes[count++] = (copy_axis){1, 1, 1};
  if (count == 2 && axes[0].from == 0 && axes[0].to == axes[1].count && axes[1].to == 1) {
    repeat(size, destination, source, &axes[1], axes[0].count);
    return;
  }
  prefer_long_rows(axes, count);
  const copy_axis inner = axes[count - 1];

  // Another axis along which one side is contiguous: together they are a matrix to transpose.
  int other = -1;
  if (inner.count >= 4 && (inner.to == 1 || inner.from == 1)) {
    for (int i = 0; i < count - 1; i++) {
      if (axes[i].count >= 4 && ((inner.to == 1 && axes[i].from == 1 && magnitude(inner.from) > 1) ||
                                 (inner.from == 1 && axes[i].to == 1 && magnitude(inner.to) > 1))) {
        other = i;
      }
    }
  }
  const copy_axis across = other >= 0 ? axes[other] : (copy_axis){1, 0, 0};
  count--;
  if (other >= 0) {
    for (int i = other; i + 1 < count; i++) axes[i] = axes[i + 1];
    count--;
  }

  const dn_transpose_kernel transpose = kernels->transposes[dn_size_index(size)];
  const dn_fill_kernel fill = kernels->fills[dn_size_index(size)];
  const int64_t bytes = (int64_t)size;
  int64_t index[DN_MAXIMUM_RANK] = {0};
  for (;;) {
    if (other >= 0 && inner.to == 1) {
      // The source is contiguous along `across`: its rows are the indices of the inner axis.
      transpose(destination, across.to, source, inner.from, inner.count, across.count);
    } else if (other >= 0) {
      transpose(destination, inner.to, source, across.from, across.count, inner.count);
    } else if (inner.from == 0 && inner.to == 1) {
      fill(destination, source, inner.count);
    } else {
      copy_row(size, destination, inner.to, source, inner.from, inner.count);
    }
    int axis = count - 1;
    for (; axis >= 0; axis--) {
      destination += axes[axis].to * bytes;
      source += axes[axis].from * bytes;
      if (++index[axis] < axes[axis].count) break;
      destination -= axes[axis].to * axes[axis].count * bytes;
      source -= axes[axis].from * axes[axis].count * bytes;
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}
