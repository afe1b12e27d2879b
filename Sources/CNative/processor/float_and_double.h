// Includes the file that KERNEL names for float and for double; to be the EACH of each_instruction_set.h. Adds
//
//   REAL     the type, and INTEGER one of the same width
//   SINGLE   1 for float
//   NAME(x)  the name x with type and set after it

#define REAL float
#define INTEGER int32_t
#define SINGLE 1
#define NAME(x) DN_JOIN(DN_JOIN(x, float), SET)
#include KERNEL
#undef REAL
#undef INTEGER
#undef SINGLE
#undef NAME

#define REAL double
#define INTEGER int64_t
#define SINGLE 0
#define NAME(x) DN_JOIN(DN_JOIN(x, double), SET)
#include KERNEL
#undef REAL
#undef INTEGER
#undef SINGLE
#undef NAME
