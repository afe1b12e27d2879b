#include <stdbool.h>
#include <string.h>

#include "parallel.h"
#include "sorting_internal.h"
#include "types/join.h"

#define WORTHWHILE_ITEMS 32768

#define ITEM uint64_t
#define NAME packed
#define LESS(a, b) ((a) < (b))
#define KEY(item) ((item) >> 32)
#define KEY_BITS 32
#define DIGIT_BITS 11
#define FEW_ITEMS 512
#include "sorting_kernel.h"

#define ITEM dn_wide_item
#define NAME wide
#define LESS(a, b) ((a).key < (b).key || ((a).key == (b).key && (a).index < (b).index))
#define KEY(item) ((item).key)
#define KEY_BITS 64
#define DIGIT_BITS 8
#define FEW_ITEMS 512
#include "sorting_kernel.h"
