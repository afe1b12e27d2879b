// The table of choices of a process: what it found in the file, and what it added.

#define _GNU_SOURCE
#include "tuning.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "failure.h"
#include "tuning_file.h"
#include "tuning_trial.h"

struct dn_tuning_table {
  pthread_mutex_t lock;
  dn_tuning_mode mode;
  char path[PATH_MAX];
  char machine[512];
  dn_tuning_choice *choices;
  int count, room;
  /// Whether the file was looked at.
  bool read;
  dn_tuning_place place;
  dn_tuning_allowance allowance;
  char problem[512];
};

// MARK: Opening

dn_tuning_table *dn_tuning_open(const char *path, const char *machine, dn_tuning_mode mode) {
  dn_tuning_table *table = calloc(1, sizeof *table);
  if (table == NULL) return NULL;
  pthread_mutex_init(&table->lock, NULL);
  table->mode = mode;
  snprintf(table->machine, sizeof table->machine, "%s", machine);
  if (snprintf(table->path, sizeof table->path, "%s", path) >= (int)sizeof table->path) {
    table->path[0] = '\0';
    dn_fail(table->problem, sizeof table->problem, "the path of the file is too long");
  }
  return table;
}

void dn_tuning_close(dn_tuning_table *table) {
  if (table == NULL) return;
  for (int i = 0; i < table->count; i++) free((char *)table->choices[i].key);
  free(table->choices);
  pthread_mutex_destroy(&table->lock);
  free(table);
}

int dn_tuning_parse(const char *text, dn_tuning_mode *mode) {
  static const char *const words[] = {[DN_TUNING_ON] = "on", [DN_TUNING_PINNED] = "pinned", [DN_TUNING_OFF] = "off"};
  *mode = DN_TUNING_ON;
  if (text == NULL || text[0] == '\0') return 0;
  for (int i = 0; i < 3; i++) {
    if (strcasecmp(text, words[i]) != 0) continue;
    *mode = (dn_tuning_mode)i;
    return 0;
  }
  // Whoever wrote something there did not want what happens anyway.
  *mode = DN_TUNING_OFF;
  return 1;
}

static dn_tuning_table *shared;

static void open_shared(void) {
  dn_tuning_mode mode;
  dn_tuning_parse(getenv("DESCENT_TUNING"), &mode);
  const char *file = getenv("DESCENT_TUNING_FILE"), *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  char path[PATH_MAX + 64] = "";
  if (file != NULL && file[0] != '\0') {
    snprintf(path, sizeof path, "%s", file);
  } else if (cache != NULL && cache[0] == '/') {
    snprintf(path, sizeof path, "%s/descent/tuning.txt", cache);
  } else if (home != NULL && home[0] == '/') {
    snprintf(path, sizeof path, "%s/.cache/descent/tuning.txt", home);
  }
  shared = dn_tuning_open(path, dn_machine(), mode);
}

dn_tuning_table *dn_tuning_shared(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_shared);
  return shared;
}

// MARK: Looking up

/// Keeps a choice; false where there is no memory. The caller holds the lock.
static bool keep(dn_tuning_table *table, const dn_tuning_choice *choice) {
  if (table->count == table->room) {
    int room = table->room == 0 ? 64 : 2 * table->room;
    dn_tuning_choice *larger = realloc(table->choices, (size_t)room * sizeof *larger);
    if (larger == NULL) return false;
    table->choices = larger;
    table->room = room;
  }
  const char *texts[] = {choice->key, choice->choice, choice->times, choice->machine};
  size_t sizes[4], size = 0;
  for (int i = 0; i < 4; i++) size += sizes[i] = strlen(texts[i]) + 1;
  char *memory = malloc(size);
  if (memory == NULL) return false;
  const char *copies[4];
  for (int i = 0; i < 4; i++) {
    copies[i] = memcpy(memory, texts[i], sizes[i]);
    memory += sizes[i];
  }
  table->choices[table->count++] = (dn_tuning_choice){copies[0], copies[1], copies[2], copies[3]};
  return true;
}

static void take(void *context, const dn_tuning_choice *choice) {
  dn_tuning_table *table = context;
  if (table->count < DN_TUNING_MOST_LINES) keep(table, choice);
}

/// True where nothing is added any more: what was computed by fixed rules before is to stay computed by them.
static bool is_settled(const dn_tuning_table *table) {
  return table->mode != DN_TUNING_ON || table->problem[0] != '\0';
}

/// Reads what other processes added. The caller holds the lock.
static void refresh(dn_tuning_table *table) {
  if (table->path[0] == '\0' || table->mode == DN_TUNING_OFF || (table->read && is_settled(table))) return;
  table->read = true;
  char problem[sizeof table->problem];
  if (dn_tuning_read(table->path, &table->place, take, table, problem, sizeof problem)) {
    memcpy(table->problem, problem, sizeof problem);
  }
}

/// The candidate that is remembered, or −1. Names that this process does not know are passed over.
static int find(const dn_tuning_table *table, const dn_tuning_trial *trial) {
  for (int i = 0; i < table->count; i++) {
    const dn_tuning_choice *choice = &table->choices[i];
    if (strcmp(choice->key, trial->key) != 0 || strcmp(choice->machine, table->machine) != 0) continue;
    for (int candidate = 0; candidate < trial->count; candidate++) {
      if (strcmp(choice->choice, trial->names[candidate]) == 0) return candidate;
    }
  }
  return -1;
}

// MARK: Choosing

/// True where a choice can be written down, as far as that can be told before. The caller holds the lock.
static bool has_room(dn_tuning_table *table) {
  size_t capacity = sizeof table->problem;
  if (table->path[0] == '\0') {
    dn_fail(table->problem, capacity, "none of DESCENT_TUNING_FILE, XDG_CACHE_HOME and HOME says where");
    return false;
  }
  if (table->count >= DN_TUNING_MOST_LINES || table->place.offset >= DN_TUNING_MOST_BYTES) {
    dn_fail(table->problem, capacity, "%s: is full, and has to be deleted before it takes new choices", table->path);
    return false;
  }
  return dn_tuning_append(table->path, NULL, table->problem, capacity) == 0;
}

/// Tries the candidates and writes down which it is to be; −1 where that fails. The caller holds the lock.
static int decide(dn_tuning_table *table, const dn_tuning_trial *trial) {
  if (is_settled(table) || !has_room(table)) return -1;
  char times[512];
  int candidate = dn_tuning_try(trial, &table->allowance, times, sizeof times);
  const dn_tuning_choice choice = {trial->key, trial->names[candidate], times, table->machine};
  if (dn_tuning_append(table->path, &choice, table->problem, sizeof table->problem)) return -1;
  // Another process may have been faster, and then its line stands.
  refresh(table);
  int standing = find(table, trial);
  if (standing >= 0) return standing;
  keep(table, &choice);
  return candidate;
}

int dn_tuning_choose(dn_tuning_table *table, const dn_tuning_trial *trial) {
  if (table == NULL || table->mode == DN_TUNING_OFF || trial->count < 2) return trial->usual;
  pthread_mutex_lock(&table->lock);
  int found = find(table, trial);
  if (found < 0) {
    refresh(table);
    found = find(table, trial);
  }
  if (found < 0) found = decide(table, trial);
  pthread_mutex_unlock(&table->lock);
  return found < 0 ? trial->usual : found;
}

// MARK: Looking at it

dn_tuning_mode dn_tuning_mode_of(const dn_tuning_table *table) { return table->mode; }
const char *dn_tuning_path(const dn_tuning_table *table) { return table->path; }
const char *dn_tuning_machine(const dn_tuning_table *table) { return table->machine; }

int dn_tuning_count(dn_tuning_table *table) {
  pthread_mutex_lock(&table->lock);
  refresh(table);
  int count = table->count;
  pthread_mutex_unlock(&table->lock);
  return count;
}

dn_tuning_choice dn_tuning_at(dn_tuning_table *table, int index) {
  pthread_mutex_lock(&table->lock);
  dn_tuning_choice choice = {"", "", "", ""};
  if (index >= 0 && index < table->count) choice = table->choices[index];
  pthread_mutex_unlock(&table->lock);
  return choice;
}

void dn_tuning_problem(dn_tuning_table *table, char *problem, size_t capacity) {
  pthread_mutex_lock(&table->lock);
  snprintf(problem, capacity, "%s", table->problem);
  pthread_mutex_unlock(&table->lock);
}
