/* evaluate_view.h - an evaluation as tables: tasks and contenders, dates, parts of the customers. False when memory ran
 * out. */
#ifndef PURVEY_CLI_EVALUATE_VIEW_H
#define PURVEY_CLI_EVALUATE_VIEW_H

#include "terminal.h"
#include <purvey/evaluate.h>
#include <stdbool.h>

bool print_evaluation(FILE *out, const cli_terminal *terminal, const pv_evaluation *evaluation)
    __attribute__((warn_unused_result));

#endif
