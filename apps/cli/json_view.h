/* json_view.h - any JSON object for people (sections of names and values, arrays of objects as tables) and for
 * spreadsheets (name,value lines). */
#ifndef PURVEY_CLI_JSON_VIEW_H
#define PURVEY_CLI_JSON_VIEW_H

#include "terminal.h"
#include <stdbool.h>

/* False when `json` is no object or memory ran out. */
bool print_json_sections(FILE *out, const cli_terminal *terminal, const char *json) __attribute__((warn_unused_result));
/* One line a number or text: `iterations.0.loss,123.4`. */
bool print_json_csv(FILE *out, const char *json) __attribute__((warn_unused_result));

#endif
