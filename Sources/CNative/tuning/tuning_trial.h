#ifndef DN_TUNING_TRIAL_H
#define DN_TUNING_TRIAL_H

#include "tuning.h"

/// The time that trials may take together: when the first began, and what they took, in seconds.
typedef struct dn_tuning_allowance {
  double began, spent;
} dn_tuning_allowance;

/// Times the candidates in turns and gives the first of those that take hardly longer than the fastest; the usual one where
/// it is among them, where the machine is too busy to tell, where nothing can be run, or where the allowance is used up.
/// Writes the times to `times`, or why there are none.
int dn_tuning_try(const dn_tuning_trial *trial, dn_tuning_allowance *allowance, char *times, size_t capacity);

/// What DESCENT_TUNING asks for; nonzero where it is none of the words.
int dn_tuning_parse(const char *text, dn_tuning_mode *mode);

/// How far an operand is to be cut down for a trial, which is to be short: terms to add up, and bytes of all operands.
enum { DN_TUNING_MOST_TERMS = 60000000, DN_TUNING_MOST_OPERAND_BYTES = 32 << 20 };

#endif
