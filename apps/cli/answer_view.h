/* answer_view.h - answers as tables for people. False when memory ran out. */
#ifndef PURVEY_CLI_ANSWER_VIEW_H
#define PURVEY_CLI_ANSWER_VIEW_H

#include "terminal.h"
#include <purvey/answer.h>
#include <stdbool.h>

bool print_recommendations(FILE *out, const cli_terminal *terminal, const pv_answer *answer)
    __attribute__((warn_unused_result));
/* The model gives the names of past purchases. */
bool print_explanation(FILE *out, const cli_terminal *terminal, const pv_answer *answer, const pv_model *model)
    __attribute__((warn_unused_result));
bool print_similar(FILE *out, const cli_terminal *terminal, const pv_similar *similar)
    __attribute__((warn_unused_result));

#endif
