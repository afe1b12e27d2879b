#ifndef DN_CHILDPROCESS_H
#define DN_CHILDPROCESS_H

#include <sys/types.h>

/// A running program and the reading ends of its two outputs.
typedef struct {
  pid_t identifier;
  int output;
  int complaints;
  /// What ends the program's group where this process goes away, 0 where nothing does, and what it notices that by.
  pid_t watcher;
  int lifeline;
} dn_child;

/// Starts the program arguments[0], looked up in the search path, with nothing at its standard input.
///
/// `arguments` ends with a null pointer. Where `leads_group` is not 0, the program and those that it starts are a group of
/// their own, which can be ended together, and which is ended where this process is, by whatever signal. Returns 0, or the
/// system's error number where it cannot be started. The caller closes both ends, calls `dn_child_release` and waits for the
/// program, in this order.
int dn_child_start(char *const *arguments, int leads_group, dn_child *child);

/// Leaves what the program has started to itself.
void dn_child_release(dn_child *child);

#endif
