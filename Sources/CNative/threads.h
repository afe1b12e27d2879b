// Forwards to the public header, which is not named threads.h: the C library has one, and Foundation would find ours.
#include "parallel.h"
