#ifndef DN_CNATIVE_H
#define DN_CNATIVE_H

// Thin typed doors to native libraries, each opened at run time, with code of our own where they are missing; and the
// loops that have to be fast in every build.

#include "allocation.h"
#include "argreduce.h"
#include "bodies.h"
#include "childprocess.h"
#include "compression.h"
#include "convolution.h"
#include "cumulative.h"
#include "elementwise.h"
#include "elementwise_rows.h"
#include "fft.h"
#include "gzip.h"
#include "images.h"
#include "indexing.h"
#include "integer_products.h"
#include "libraries.h"
#include "linear_algebra.h"
#include "parallel.h"
#include "pixels.h"
#include "planes.h"
#include "products.h"
#include "ragged_products.h"
#include "ranges.h"
#include "reduction.h"
#include "sha256.h"
#include "sorting.h"
#include "textnumbers.h"
#include "tuning.h"
#include "types.h"
#include "windows.h"

#endif
