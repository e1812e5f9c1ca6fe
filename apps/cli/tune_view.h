/* tune_view.h - what a search for settings found, as a table. */
#ifndef PURVEY_CLI_TUNE_VIEW_H
#define PURVEY_CLI_TUNE_VIEW_H

#include "terminal.h"
#include <purvey/tune.h>
#include <stdbool.h>
#include <stdio.h>

/* False when memory ran out. */
bool print_tuning(FILE *out, const cli_terminal *terminal, const pv_tune_report *report, const char *path)
    __attribute__((warn_unused_result));

#endif
