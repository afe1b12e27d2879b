#ifndef DN_CDATABASES_H
#define DN_CDATABASES_H

// Thin doors to the C client libraries of databases, which are opened at run time through CNative like every native
// library.

#include "postgres.h"
#include "sqlite.h"

#endif
