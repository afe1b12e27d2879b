// Describes the machine as far as the speed of kernels depends on it.

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "instructions.h"
#include "libraries.h"
#include "tuning.h"

/// To be raised when kernels of Descent's own become faster or slower.
enum { OWN_KERNELS = 1 };

static char description[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void add(const char *separator, const char *text) {
  size_t length = strlen(description), room = sizeof description - length;
  int written = snprintf(description + length, room, "%s%s", separator, text);
  if (written < 0) return;
  for (char *c = description + length; *c != '\0'; c++) {
    if ((unsigned char)*c < ' ') *c = ' ';
  }
}

/// Adds what the system says about its first processor: its name, and the numbers that tell it from others of that name.
static void add_processor(void) {
  static const char *const names[] = {
    "model name", "vendor_id", "cpu family", "model", "stepping", "CPU implementer", "CPU variant", "CPU part",
  };
  FILE *file = fopen("/proc/cpuinfo", "r");
  char line[256];
  while (file != NULL && fgets(line, sizeof line, file) != NULL && line[0] != '\n') {
    char *colon = strchr(line, ':');
    if (colon == NULL) continue;
    char *end = colon;
    while (end > line && (end[-1] == '\t' || end[-1] == ' ')) end--;
    *end = '\0';
    colon += 1 + strspn(colon + 1, " ");
    colon[strcspn(colon, "\n")] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
      if (strcmp(line, names[i]) == 0) add(description[0] == '\0' ? "" : " ", colon);
    }
  }
  if (file != NULL) fclose(file);
  struct utsname system;
  if (description[0] == '\0') add("", uname(&system) == 0 ? system.machine : "unknown processor");
}

static void describe(void) {
  static const dn_library libraries[] = {DN_LIB_BLIS, DN_LIB_OPENBLAS, DN_LIB_ONEDNN, DN_LIB_GOMP};
  add_processor();
  add(", ", dn_instruction_set());
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    if (!dn_library_available(libraries[i])) continue;
    add(", ", dn_library_name(libraries[i]));
    add(" ", dn_library_version(libraries[i]));
  }
  char own[32];
  snprintf(own, sizeof own, "descent %d", OWN_KERNELS);
  add(", ", own);
}

const char *dn_machine(void) {
  pthread_once(&once, describe);
  return description;
}
