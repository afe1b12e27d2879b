// The decompositions of float32 matrices.

#include <math.h>
#include <string.h>

#include "linear_algebra_internal.h"
#include "types/join.h"

#define T float
#define DN_NAME(name) DN_JOIN(name, f32)
#include "linear_algebra_decompositions.h"
