/* faithfulness_view.h - the measures of reasons as a table. False when memory ran out. */
#ifndef PURVEY_CLI_FAITHFULNESS_VIEW_H
#define PURVEY_CLI_FAITHFULNESS_VIEW_H

#include "terminal.h"
#include <purvey/faithfulness.h>
#include <stdbool.h>

bool print_faithfulness(FILE *out, const cli_terminal *terminal, const pv_faithfulness *faithfulness)
    __attribute__((warn_unused_result));

#endif
