/* train_view.h - the summary of a training run as tables. False when memory ran out. */
#ifndef PURVEY_CLI_TRAIN_VIEW_H
#define PURVEY_CLI_TRAIN_VIEW_H

#include "terminal.h"
#include <purvey/train.h>
#include <stdbool.h>

bool print_train_summary(FILE *out, const cli_terminal *terminal, const pv_train_report *report, const char *output)
    __attribute__((warn_unused_result));

#endif
