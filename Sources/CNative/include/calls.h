#ifndef DN_CALLS_H
#define DN_CALLS_H

#include <stdint.h>

/// The most calls that are looked at.
enum { DN_MOST_CALLS = 32 };

/// Writes where the calls that are under way go on, from the innermost on, and returns their number.
///
/// Walks frame pointers within the thread's stack, a few instructions for each call. Code that keeps none ends the walk, or
/// is left out of it.
int dn_calls(uintptr_t calls[DN_MOST_CALLS]);

#endif
