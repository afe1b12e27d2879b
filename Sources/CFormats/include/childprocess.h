#ifndef DN_CHILDPROCESS_H
#define DN_CHILDPROCESS_H

#include <sys/types.h>

/// A running program and the reading ends of its two outputs.
typedef struct {
  pid_t identifier;
  int output;
  int complaints;
} dn_child;

/// Starts the program arguments[0], looked up in the search path, with nothing at its standard input.
///
/// `arguments` ends with a null pointer. Where `leads_group` is not 0, the program and those that it starts are a group of
/// their own, which can be ended together. Returns 0, or the system's error number where it cannot be started. The caller
/// closes both ends and waits for the program.
int dn_child_start(char *const *arguments, int leads_group, dn_child *child);

#endif
