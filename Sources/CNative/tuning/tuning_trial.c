#include "tuning_trial.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MOST_CANDIDATES = 8, FEWEST_ROUNDS = 3, MOST_ROUNDS = 50 };

/// Seconds that a trial takes where it is not disturbed, and after which it ends in any case; each candidate is run
/// twice at least.
static const double trial_seconds = 0.005, longest_trial_seconds = 0.06;
/// What all trials of a process may take, and which part of the time since the first in addition.
static const double allowed_seconds = 2, allowed_part = 0.05;
/// How close the two shortest runs of a candidate have to be to be believed: other work on the machine makes runs longer
/// at random, and hardly twice by the same.
static const double agreement = 1.1;
/// A candidate that took this many times the least is run no more.
static const double hopeless = 1.5;
/// How many times the fastest candidate's time another one may take that is chosen before it.
static const double hardly_longer = 1.05;

/// The two shortest runs of a candidate, in seconds.
typedef struct record {
  bool runs;
  double least, second;
} record;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool is_believed(const record *record) { return record->second <= agreement * record->least; }

static double least_of(const record *records, int count) {
  double least = INFINITY;
  for (int i = 0; i < count; i++) least = fmin(least, records[i].least);
  return least;
}

static void run_once(const dn_tuning_trial *trial, int candidate, record *record) {
  double start = now();
  if (trial->run(trial->context, candidate)) {
    *record = (struct record){false, INFINITY, INFINITY};
    return;
  }
  double seconds = now() - start;
  record->second = fmin(record->second, fmax(seconds, record->least));
  record->least = fmin(record->least, seconds);
}

/// Runs the candidates in turns, so that what else the machine does meets all of them.
static void run_in_turns(const dn_tuning_trial *trial, record *records) {
  for (int i = 0; i < trial->count; i++) records[i] = (record){true, INFINITY, INFINITY};
  double began = now();
  for (int round = 0; round < MOST_ROUNDS; round++) {
    double seconds = now() - began;
    if (round > 1 && seconds > longest_trial_seconds) break;
    for (int i = 0; i < trial->count; i++) {
      if (records[i].runs) run_once(trial, i, &records[i]);
    }
    double least = least_of(records, trial->count);
    int left = 0;
    bool believed = true;
    for (int i = 0; i < trial->count; i++) {
      record *record = &records[i];
      record->runs = record->runs && !(is_believed(record) && record->least > hopeless * least);
      left += record->runs;
      believed = believed && (!record->runs || is_believed(record));
    }
    if (left < 2 || (believed && round + 1 >= FEWEST_ROUNDS && now() - began > trial_seconds)) break;
  }
}

/// The candidate to choose after all runs: the usual one, or else the first, of those that take hardly longer than the
/// fastest. What a candidate took at least is more than it takes undisturbed, so that only the usual one has to be believed.
static int choose(const dn_tuning_trial *trial, const record *records) {
  const record *usual = &records[trial->usual];
  double limit = least_of(records, trial->count) * hardly_longer;
  if (isinf(limit) || usual->least <= limit || (!isinf(usual->least) && !is_believed(usual))) return trial->usual;
  int first = 0;
  while (records[first].least > limit) first++;
  return first;
}

int dn_tuning_try(const dn_tuning_trial *trial, dn_tuning_allowance *allowance, char *times, size_t capacity) {
  double began = now();
  if (allowance->began == 0) allowance->began = began;
  snprintf(times, capacity, "untried");
  if (trial->count > MOST_CANDIDATES) return trial->usual;
  if (allowance->spent > allowed_seconds + allowed_part * (began - allowance->began)) return trial->usual;
  record records[MOST_CANDIDATES];
  bool failed = trial->begin(trial->context) != 0;
  if (!failed) run_in_turns(trial, records);
  trial->end(trial->context);
  allowance->spent += now() - began;
  if (failed) return trial->usual;

  size_t length = 0;
  for (int i = 0; i < trial->count && length < capacity; i++) {
    const record *record = &records[i];
    const char *before = i == 0 ? "" : ", ", *most = is_believed(record) ? "" : "up to ";
    int written = isinf(record->least)
                    ? snprintf(times + length, capacity - length, "%s%s failed", before, trial->names[i])
                    : snprintf(times + length, capacity - length, "%s%s %s%.3g ms", before, trial->names[i], most,
                               record->least * 1e3);
    length += written > 0 ? (size_t)written : 0;
  }
  return choose(trial, records);
}
