#ifndef DN_TUNING_FILE_H
#define DN_TUNING_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "tuning.h"

// The file is text, a choice a line: what was asked, what was chosen, what was measured and for which machine, with tabs
// between and a checksum at the end. It only ever grows, by whole lines, so that no lock is needed: of several lines that
// answer the same question the first counts for every process. A line that is damaged or was cut off counts for none.

enum { DN_TUNING_LINE_BYTES = 2048, DN_TUNING_MOST_LINES = 4096, DN_TUNING_MOST_BYTES = 4 << 20 };

/// How far a file has been read, and which file that was.
typedef struct dn_tuning_place {
  dev_t device;
  ino_t file;
  off_t offset;
} dn_tuning_place;

/// Calls `take` with every intact choice that was added since the last call, or with all where another file took the
/// place of the one read before. A file that is not there has none. Returns nonzero, with the reason in `problem`, where
/// the file cannot be read.
int dn_tuning_read(const char *path, dn_tuning_place *place,
                   void (*take)(void *context, const dn_tuning_choice *choice), void *context, char *problem,
                   size_t capacity);

/// Appends a choice; with none, sees to it that one could be. Makes the folders on the way. Returns nonzero, with the
/// reason in `problem`, where that fails.
int dn_tuning_append(const char *path, const dn_tuning_choice *choice, char *problem, size_t capacity);

#endif
