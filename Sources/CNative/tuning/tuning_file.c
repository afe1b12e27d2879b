#define _GNU_SOURCE
#include "tuning_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checksums.h"
#include "failure.h"

enum { FIELDS = 5 };

static int fail(const char *path, char *problem, size_t capacity) {
  return dn_fail(problem, capacity, "%s: %s", path, strerror(errno));
}

/// Opens what has to be a plain file: nothing else is waited for or written to.
static int open_plain(const char *path, int flags, struct stat *status, char *problem, size_t capacity) {
  int file = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
  if (file < 0 || fstat(file, status) != 0) {
    fail(path, problem, capacity);
    if (file >= 0) close(file);
    return -1;
  }
  if (!S_ISREG(status->st_mode)) {
    dn_fail(problem, capacity, "%s: is not a plain file", path);
    close(file);
    return -1;
  }
  return file;
}

// MARK: Reading

/// Cuts a line into its fields, in place; false where it is not an intact choice.
static bool parse(char *line, size_t length, dn_tuning_choice *choice) {
  char *fields[FIELDS];
  int count = 0;
  if (length >= DN_TUNING_LINE_BYTES || memchr(line, '\0', length) != NULL) return false;
  const char *sum = memrchr(line, '\t', length);
  if (sum == NULL) return false;
  char wanted[16];
  snprintf(wanted, sizeof wanted, "%08x", (unsigned)dn_crc32(0, line, (size_t)(sum - line)));
  if (strcmp(sum + 1, wanted) != 0) return false;
  for (char *next = line; next != NULL; count++) {
    if (count == FIELDS) return false;
    fields[count] = next;
    next = strchr(next, '\t');
    if (next != NULL) *next++ = '\0';
  }
  if (count != FIELDS) return false;
  *choice = (dn_tuning_choice){.key = fields[0], .choice = fields[1], .times = fields[2], .machine = fields[3]};
  return true;
}

int dn_tuning_read(const char *path, dn_tuning_place *place,
                   void (*take)(void *context, const dn_tuning_choice *choice), void *context, char *problem,
                   size_t capacity) {
  struct stat status;
  if (stat(path, &status) != 0) return errno == ENOENT || errno == ENOTDIR ? 0 : fail(path, problem, capacity);
  int file = open_plain(path, O_RDONLY, &status, problem, capacity);
  if (file < 0) return 1;
  if (status.st_dev != place->device || status.st_ino != place->file || status.st_size < place->offset) {
    *place = (dn_tuning_place){status.st_dev, status.st_ino, 0};
  }
  off_t end = status.st_size < DN_TUNING_MOST_BYTES ? status.st_size : DN_TUNING_MOST_BYTES;
  size_t size = end > place->offset ? (size_t)(end - place->offset) : 0, filled = 0;
  char *text = malloc(size + 1);
  int failed = text == NULL;
  while (!failed && filled < size) {
    ssize_t count = pread(file, text + filled, size - filled, place->offset + (off_t)filled);
    if (count < 0 && errno == EINTR) continue;
    failed = count < 0;
    if (count <= 0) break;
    filled += (size_t)count;
  }
  if (failed) fail(path, problem, capacity);
  close(file);
  // What follows the last line's end is being written, or was cut off.
  char *begin = text, *newline;
  while (!failed && (newline = memchr(begin, '\n', filled - (size_t)(begin - text))) != NULL) {
    *newline = '\0';
    dn_tuning_choice choice;
    if (parse(begin, (size_t)(newline - begin), &choice)) take(context, &choice);
    begin = newline + 1;
  }
  if (!failed) place->offset += begin - text;
  free(text);
  return failed;
}

// MARK: Writing

static void make_folders(const char *path) {
  char folder[PATH_MAX];
  if (snprintf(folder, sizeof folder, "%s", path) >= (int)sizeof folder) return;
  for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(folder, 0777);
    *slash = '/';
  }
}

/// Writes a line at the end of a file, all of it or as much as there is room for; returns nonzero with `errno` set where
/// it is not all.
static int write_line(int file, off_t size, const char *line, size_t length) {
  // Past this limit a write ends the process.
  struct rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      (rlim_t)size + length > limit.rlim_cur) {
    errno = EFBIG;
    return 1;
  }
  ssize_t count;
  do count = write(file, line, length);
  while (count < 0 && errno == EINTR);
  if (count < 0) return 1;
  if ((size_t)count < length) {
    errno = ENOSPC;
    return 1;
  }
  // Results that were computed with a choice may be kept: the choice has to be as safe as they are.
  return fdatasync(file) != 0 && errno != EINVAL && errno != EROFS;
}

int dn_tuning_append(const char *path, const dn_tuning_choice *choice, char *problem, size_t capacity) {
  struct stat status;
  make_folders(path);
  int file = open_plain(path, O_RDWR | O_CREAT | O_APPEND, &status, problem, capacity);
  if (file < 0) return 1;
  char line[DN_TUNING_LINE_BYTES + 32], last = '\n';
  int length = 0, failed = 0;
  if (choice != NULL) {
    // A line that was cut off is ended first, or this one would be lost with it.
    if (status.st_size > 0 && pread(file, &last, 1, status.st_size - 1) == 1 && last != '\n') line[length++] = '\n';
    char *begin = line + length;
    int written = snprintf(begin, DN_TUNING_LINE_BYTES - 16, "%s\t%s\t%s\t%s", choice->key, choice->choice,
                           choice->times, choice->machine);
    if (written < 0 || written >= DN_TUNING_LINE_BYTES - 16) {
      close(file);
      return dn_fail(problem, capacity, "%s: no room for a line of %d bytes", path, written);
    }
    length += written;
    length += snprintf(line + length, 16, "\t%08x\n", (unsigned)dn_crc32(0, begin, (size_t)written));
    failed = write_line(file, status.st_size, line, (size_t)length);
    if (failed) fail(path, problem, capacity);
  }
  if (close(file) != 0 && !failed && choice != NULL) failed = fail(path, problem, capacity);
  return failed;
}
