#ifndef DN_CALL_PATH_H
#define DN_CALL_PATH_H

#include <stdint.h>

/// A number for the calls that are under way: the same for the same way through the program, another for others but for
/// one chance in 2⁶⁴; 0 where there is no telling.
///
/// Walks frame pointers within the thread's stack, a few instructions for each of at most 32 calls. Code that keeps none
/// ends the walk, or is left out of it.
uint64_t dn_call_path(void);

#endif
