#ifndef DN_ENVIRONMENT_H
#define DN_ENVIRONMENT_H

/// What was wrong with DESCENT_NATIVE, DESCENT_LIBRARY_PATH, DESCENT_THREADS and DESCENT_TUNING, in one line, or "" where
/// nothing was.
const char *dn_environment_complaint(void);

#endif
