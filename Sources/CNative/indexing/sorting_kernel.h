// A template: sorting items of type ITEM, no two of which are equal. LESS(a, b) orders them; KEY(item) is the number of
// KEY_BITS bits that decides between items which do not ascend by their index already.

enum { DN_JOIN(DN_DIGITS, NAME) = (KEY_BITS + DIGIT_BITS - 1) / DIGIT_BITS };

/// Merges two runs that stand one after the other, from the items `left` and `right` on, into `count` items.
static void DN_JOIN(merge, NAME)(const ITEM *left, const ITEM *left_end, const ITEM *right, const ITEM *right_end,
                                 ITEM *target, int64_t count) {
  while (count > 0 && left < left_end && right < right_end) {
    const bool is_right = LESS(*right, *left);
    *target++ = is_right ? *right : *left;
    right += is_right;
    left += !is_right;
    count--;
  }
  if (count > 0) memcpy(target, left < left_end ? left : right, (size_t)count * sizeof(ITEM));
}

/// Few items, or in any order: runs put into order by insertion, then merged.
void DN_JOIN(dn_sort_unordered, NAME)(ITEM *items, ITEM *spare, int64_t count) {
  enum { RUN = 16 };
  for (int64_t first = 0; first < count; first += RUN) {
    const int64_t last = first + RUN < count ? first + RUN : count;
    for (int64_t i = first + 1; i < last; i++) {
      const ITEM item = items[i];
      int64_t at = i;
      for (; at > first && LESS(item, items[at - 1]); at--) items[at] = items[at - 1];
      items[at] = item;
    }
  }
  ITEM *source = items, *target = spare;
  for (int64_t width = RUN; width < count; width *= 2) {
    for (int64_t first = 0; first < count; first += 2 * width) {
      const int64_t middle = first + width < count ? first + width : count;
      const int64_t last = middle + width < count ? middle + width : count;
      DN_JOIN(merge, NAME)(source + first, source + middle, source + middle, source + last, target + first,
                           last - first);
    }
    ITEM *const other = source;
    source = target;
    target = other;
  }
  if (source != items) memcpy(items, source, (size_t)count * sizeof(ITEM));
}

/// Many items: digit by digit from the lowest, passing over digits that are the same in all.
static void DN_JOIN(sort_many, NAME)(ITEM *items, ITEM *spare, int64_t count) {
  enum { DIGITS = DN_JOIN(DN_DIGITS, NAME), VALUES = 1 << DIGIT_BITS };
  uint32_t counts[DIGITS][VALUES];
  memset(counts, 0, sizeof counts);
  for (int64_t i = 0; i < count; i++) {
    const uint64_t key = KEY(items[i]);
    for (int digit = 0; digit < DIGITS; digit++) counts[digit][key >> digit * DIGIT_BITS & (VALUES - 1)]++;
  }
  ITEM *source = items, *target = spare;
  for (int digit = 0; digit < DIGITS; digit++) {
    const int shift = digit * DIGIT_BITS;
    uint32_t *const starts = counts[digit];
    if (starts[KEY(source[0]) >> shift & (VALUES - 1)] == (uint32_t)count) continue;
    uint32_t start = 0;
    for (int value = 0; value < VALUES; value++) {
      const uint32_t size = starts[value];
      starts[value] = start;
      start += size;
    }
    for (int64_t i = 0; i < count; i++) target[starts[KEY(source[i]) >> shift & (VALUES - 1)]++] = source[i];
    ITEM *const other = source;
    source = target;
    target = other;
  }
  if (source != items) memcpy(items, source, (size_t)count * sizeof(ITEM));
}

static void DN_JOIN(sort_alone, NAME)(ITEM *items, ITEM *spare, int64_t count) {
  if (count < FEW_ITEMS) DN_JOIN(dn_sort_unordered, NAME)(items, spare, count);
  else DN_JOIN(sort_many, NAME)(items, spare, count);
}

// MARK: In parallel

typedef struct DN_JOIN(piece_run, NAME) {
  ITEM *source, *target;
  int64_t count, width;
} DN_JOIN(piece_run, NAME);

/// Sorts pieces `begin ..< end`, each `width` long.
static void DN_JOIN(sort_pieces, NAME)(void *context, int64_t begin, int64_t end) {
  const DN_JOIN(piece_run, NAME) *run = context;
  for (int64_t piece = begin; piece < end; piece++) {
    const int64_t first = piece * run->width, left = run->count - first;
    DN_JOIN(sort_alone, NAME)(run->source + first, run->target + first, left < run->width ? left : run->width);
  }
}

/// How many of the first `count` items of a merge come from the left run.
static int64_t DN_JOIN(split, NAME)(const ITEM *left, int64_t left_count, const ITEM *right, int64_t right_count,
                                    int64_t count) {
  int64_t low = count > right_count ? count - right_count : 0, high = count < left_count ? count : left_count;
  while (low < high) {
    const int64_t middle = low + (high - low) / 2;
    if (LESS(left[middle], right[count - middle - 1])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/// Writes items `begin ..< end` of all merges of neighboring pieces.
static void DN_JOIN(merge_pieces, NAME)(void *context, int64_t begin, int64_t end) {
  const DN_JOIN(piece_run, NAME) *run = context;
  while (begin < end) {
    const int64_t first = begin / (2 * run->width) * 2 * run->width;
    const int64_t middle = first + run->width < run->count ? first + run->width : run->count;
    const int64_t last = middle + run->width < run->count ? middle + run->width : run->count;
    const int64_t stop = end < last ? end : last;
    const ITEM *left = run->source + first, *right = run->source + middle;
    const int64_t taken = DN_JOIN(split, NAME)(left, middle - first, right, last - middle, begin - first);
    DN_JOIN(merge, NAME)(left + taken, right, right + (begin - first - taken), run->source + last,
                         run->target + begin, stop - begin);
    begin = stop;
  }
}

static void DN_JOIN(copy_items, NAME)(void *context, int64_t begin, int64_t end) {
  const DN_JOIN(piece_run, NAME) *run = context;
  memcpy(run->target + begin, run->source + begin, (size_t)(end - begin) * sizeof(ITEM));
}

void DN_JOIN(dn_sort_items, NAME)(ITEM *items, ITEM *spare, int64_t count) {
  const int64_t pieces = dn_parallel_ranges(count, WORTHWHILE_ITEMS);
  if (pieces <= 1) {
    DN_JOIN(sort_alone, NAME)(items, spare, count);
    return;
  }
  DN_JOIN(piece_run, NAME) run = {items, spare, count, (count + pieces - 1) / pieces};
  dn_parallel(pieces, 1, DN_JOIN(sort_pieces, NAME), &run);
  for (; run.width < count; run.width *= 2) {
    dn_parallel(count, WORTHWHILE_ITEMS, DN_JOIN(merge_pieces, NAME), &run);
    ITEM *const other = run.source;
    run.source = run.target;
    run.target = other;
  }
  if (run.source != items) dn_parallel(count, WORTHWHILE_ITEMS, DN_JOIN(copy_items, NAME), &run);
}

// MARK: The least

int64_t DN_JOIN(dn_keep_least, NAME)(ITEM *heap, int64_t filled, int64_t kept, const ITEM *items, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const ITEM item = items[i];
    if (filled == kept) {
      if (!LESS(item, heap[0])) continue;
      // The largest, on top, makes room: smaller ones below stay where they are.
      int64_t at = 0;
      for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= kept) break;
        if (child + 1 < kept && LESS(heap[child], heap[child + 1])) child++;
        if (!LESS(item, heap[child])) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = item;
      continue;
    }
    int64_t at = filled++;
    for (; at > 0 && LESS(heap[(at - 1) / 2], item); at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
    heap[at] = item;
  }
  return filled;
}

#undef ITEM
#undef NAME
#undef LESS
#undef KEY
#undef KEY_BITS
#undef DIGIT_BITS
#undef FEW_ITEMS
