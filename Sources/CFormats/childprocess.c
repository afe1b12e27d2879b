#define _GNU_SOURCE
#include "childprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

extern char **environ;

// Threads of a pool block signals, and a program they start would inherit that: it could be neither ended nor told
// that nobody reads its output any more.
static int prepare(posix_spawnattr_t *attributes, int leads_group) {
  sigset_t none, restored;
  sigemptyset(&none);
  sigemptyset(&restored);
  sigaddset(&restored, SIGPIPE);
  sigaddset(&restored, SIGTERM);
  int error = posix_spawnattr_setsigmask(attributes, &none);
  if (!error) error = posix_spawnattr_setsigdefault(attributes, &restored);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (!error && leads_group) {
    flags |= POSIX_SPAWN_SETPGROUP;
    error = posix_spawnattr_setpgroup(attributes, 0);
  }
  if (!error) error = posix_spawnattr_setflags(attributes, flags);
  return error;
}

static int spawned(char *const *arguments, int leads_group, dn_child *child, int output, int complaints) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawnattr_init(&attributes);
  if (!error) {
    error = prepare(&attributes, leads_group);
    if (!error) error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    if (!error) error = posix_spawnp(&child->identifier, arguments[0], &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int dn_child_start(char *const *arguments, int leads_group, dn_child *child) {
  // Closed on exec from the start: a program that another thread starts meanwhile would hold them open for ever.
  int output[2], complaints[2];
  if (pipe2(output, O_CLOEXEC) != 0) return errno;
  if (pipe2(complaints, O_CLOEXEC) != 0) {
    int error = errno;
    close(output[0]);
    close(output[1]);
    return error;
  }
  int error = spawned(arguments, leads_group, child, output[1], complaints[1]);
  close(output[1]);
  close(complaints[1]);
  if (error) {
    close(output[0]);
    close(complaints[0]);
    return error;
  }
  child->output = output[0];
  child->complaints = complaints[0];
  return 0;
}
