/* option_rules.h - options of training: what they may be, and what they mean where they are left to the program. */
#ifndef PV_OPTION_RULES_H
#define PV_OPTION_RULES_H

#include <purvey/train.h>

/* Errors: PV_E_USAGE naming the option, with its field. */
pv_status pv_train_options_check(const pv_train_options *options, pv_error *error) PV_CHECKED;
/* A0 as it is used: given, or the loss's own. */
double pv_train_unobserved_weight(const pv_train_options *options);

#endif
