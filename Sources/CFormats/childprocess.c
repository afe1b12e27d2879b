#define _GNU_SOURCE
#include "childprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
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

static int redirect(posix_spawn_file_actions_t *actions, int from, int to, int mode) {
  if (from < 0) return posix_spawn_file_actions_addopen(actions, to, "/dev/null", mode, 0);
  return posix_spawn_file_actions_adddup2(actions, from, to);
}

// Where its input, output and complaints are -1, they are nothing.
static int spawned(char *const *arguments, int leads_group, pid_t *identifier, int input, int output, int complaints) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawnattr_init(&attributes);
  if (!error) {
    error = prepare(&attributes, leads_group);
    if (!error) error = redirect(&actions, input, STDIN_FILENO, O_RDONLY);
    if (!error) error = redirect(&actions, output, STDOUT_FILENO, O_WRONLY);
    if (!error) error = redirect(&actions, complaints, STDERR_FILENO, O_WRONLY);
    if (!error) error = posix_spawnp(identifier, arguments[0], &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Starts a shell that ends the program's group where this process goes away, however it does: it reads from a pipe whose
// other end nobody else holds. PR_SET_PDEATHSIG would end the program alone, and where the thread ends that started it.
static int watch(dn_child *child) {
  int lifeline[2];
  if (pipe2(lifeline, O_CLOEXEC) != 0) return errno;
  char group[24];
  snprintf(group, sizeof group, "%ld", (long)child->identifier);
  char *arguments[] = {"/bin/sh", "-c", "read -r _ || kill -s KILL -- \"-$1\"", "sh", group, NULL};
  int error = spawned(arguments, 1, &child->watcher, lifeline[0], -1, -1);
  close(lifeline[0]);
  if (error) {
    close(lifeline[1]);
    return error;
  }
  child->lifeline = lifeline[1];
  return 0;
}

void dn_child_release(dn_child *child) {
  if (child->watcher <= 0) return;
  kill(child->watcher, SIGKILL);
  while (waitpid(child->watcher, NULL, 0) < 0 && errno == EINTR) {}
  close(child->lifeline);
  child->watcher = 0;
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
  child->watcher = 0;
  int error = spawned(arguments, leads_group, &child->identifier, -1, output[1], complaints[1]);
  if (!error && leads_group) {
    error = watch(child);
    if (error) {
      kill(-child->identifier, SIGKILL);
      while (waitpid(child->identifier, NULL, 0) < 0 && errno == EINTR) {}
    }
  }
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
