#ifndef DN_CFORMATS_H
#define DN_CFORMATS_H

// File formats and what their contents are made of: compressed data, pictures, digests, numbers in text, and programs
// whose output is read. What a native library reads, it reads through the doors of CNative.

#include "childprocess.h"
#include "compression.h"
#include "images.h"
#include "numbertext.h"
#include "pixels.h"
#include "planes.h"
#include "separated.h"
#include "sha256.h"
#include "textnumbers.h"
#include "textpool.h"
#include "warp.h"

#endif
