// The decompositions of float64 matrices.

#include <math.h>
#include <string.h>

#include "linear_algebra_internal.h"
#include "types/join.h"

#define T double
#define DN_NAME(name) DN_JOIN(name, f64)
#include "linear_algebra_decompositions.h"
