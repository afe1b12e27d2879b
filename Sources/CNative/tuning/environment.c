// What is wrong with the variables of the environment that steer the native code.

#include "environment.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libraries.h"
#include "threads/threads.h"
#include "tuning_trial.h"

static char complaint[1024];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void complain(const char *format, const char *what) {
  size_t length = strlen(complaint);
  snprintf(complaint + length, sizeof complaint - length, "%s", length > 0 ? "; " : "");
  length = strlen(complaint);
  snprintf(complaint + length, sizeof complaint - length, format, what);
}

static void check(void) {
  if (dn_libraries_complaint()[0] != '\0') complain("%s", dn_libraries_complaint());
  const char *threads = getenv("DESCENT_THREADS");
  if (threads != NULL && threads[0] != '\0' && dn_threads_parse(threads) == 0) {
    complain("DESCENT_THREADS: '%s' is not a number from 1 to 4096", threads);
  }
  const char *tuning = getenv("DESCENT_TUNING");
  dn_tuning_mode mode;
  if (dn_tuning_parse(tuning, &mode)) complain("DESCENT_TUNING: '%s' is none of on, pinned, off", tuning);
}

const char *dn_environment_complaint(void) {
  pthread_once(&once, check);
  return complaint;
}
