#ifndef DN_CNATIVE_H
#define DN_CNATIVE_H

// Thin typed doors to native libraries, each opened at run time, with code of our own where they are missing; and the
// loops that have to be fast in every build.

#include "allocation.h"
#include "argreduce.h"
#include "bodies.h"
#include "calls.h"
#include "checksums.h"
#include "convolution.h"
#include "cumulative.h"
#include "elementwise.h"
#include "environment.h"
#include "failure.h"
#include "fft.h"
#include "indexing.h"
#include "instructions.h"
#include "integer_products.h"
#include "libraries.h"
#include "linear_algebra.h"
#include "parallel.h"
#include "products.h"
#include "ragged_products.h"
#include "ranges.h"
#include "reduction.h"
#include "rows.h"
#include "sorting.h"
#include "tuning.h"
#include "types.h"
#include "windows.h"

#endif
