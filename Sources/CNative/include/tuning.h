#ifndef DN_TUNING_H
#define DN_TUNING_H

#include <stdbool.h>
#include <stddef.h>

// Where several implementations compute the same, which of them is the fastest depends on the machine. They are timed
// once for each shape, layout and number of threads, when the first plan that needs them is compiled, and the choice is
// remembered in a file for all later processes on machines of the same kind.
//
// The environment steers it: DESCENT_TUNING=off uses fixed rules alone and touches no file; DESCENT_TUNING=pinned uses
// what is remembered, and fixed rules elsewhere, and neither measures nor writes; DESCENT_TUNING_FILE names the file,
// which is otherwise `descent/tuning.txt` in $XDG_CACHE_HOME or in `.cache` of $HOME.

typedef enum dn_tuning_mode { DN_TUNING_ON, DN_TUNING_PINNED, DN_TUNING_OFF } dn_tuning_mode;

/// A file of choices, as one process sees it: what was once found in it or written to it stays as it is.
typedef struct dn_tuning_table dn_tuning_table;

/// A remembered choice. The texts live as long as the table.
typedef struct dn_tuning_choice {
  /// What was asked: "product float32 [128, 784]·[784, 512], 2 threads".
  const char *key;
  /// What was chosen: "blis".
  const char *choice;
  /// What was measured: "blis 1.21 ms, openblas 1.63 ms"; or why nothing was.
  const char *times;
  /// The processor and the libraries that it holds for.
  const char *machine;
} dn_tuning_choice;

/// Implementations of the same that are to be timed.
typedef struct dn_tuning_trial {
  /// What they compute, with everything that the time depends on but the machine. No control characters.
  const char *key;
  /// The candidates' names, and which of them the fixed rules choose.
  const char *const *names;
  int count, usual;
  /// Sets up what the candidates work on; nonzero where that cannot be had. Called before the first run.
  int (*begin)(void *context);
  /// Runs a candidate; nonzero where it fails, which rules it out.
  int (*run)(void *context, int candidate);
  /// Called after the last run, after a failed `begin` too.
  void (*end)(void *context);
  void *context;
} dn_tuning_trial;

/// The table of this process, by the environment.
dn_tuning_table *dn_tuning_shared(void);

/// A table of its own in the file `path` for a machine; NULL where there is no memory. An empty path is not a file.
dn_tuning_table *dn_tuning_open(const char *path, const char *machine, dn_tuning_mode mode);
void dn_tuning_close(dn_tuning_table *table);

/// The candidate to use: the one remembered, or the fastest after a trial, which is then remembered, or the usual one. Of
/// candidates that differ by less than a twentieth the usual one is chosen, or else the first.
///
/// A trial takes 5 ms, or up to 60 ms and two runs of each candidate where those are long or the machine is busy; all trials
/// of a process together take two seconds and a twentieth of the time since the first. Past that the usual candidate is
/// remembered untried. Where the choice cannot be written down, the usual candidate
/// is used, so that the next process does the same, and `dn_tuning_problem` says why.
int dn_tuning_choose(dn_tuning_table *table, const dn_tuning_trial *trial);

dn_tuning_mode dn_tuning_mode_of(const dn_tuning_table *table);

/// The file's path, or "" where there is none.
const char *dn_tuning_path(const dn_tuning_table *table);

/// What the table is for: the processor and the libraries.
const char *dn_tuning_machine(const dn_tuning_table *table);

/// Copies the number of the table's choices, after a look at the file; of those, `dn_tuning_at` gives each.
int dn_tuning_count(dn_tuning_table *table);
dn_tuning_choice dn_tuning_at(dn_tuning_table *table, int index);

/// Copies why choices cannot be remembered, in one line, to `problem`; "" where they can, as far as was tried.
void dn_tuning_problem(dn_tuning_table *table, char *problem, size_t capacity);

/// The processor of this machine and the libraries that compute on it, in one line.
const char *dn_machine(void);

#endif
