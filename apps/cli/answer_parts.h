/* answer_parts.h - what the tables of recommend and explain have in common. */
#ifndef PURVEY_CLI_ANSWER_PARTS_H
#define PURVEY_CLI_ANSWER_PARTS_H

#include "table.h"
#include "words.h"
#include <purvey/answer.h>

/* "Customer 17850, as of 2010-12-09" or "The purchases given, ...": whom the answer is for, without an end. */
void print_subject(FILE *out, const pv_answer *answer);
/* A sentence on what the answer rests on: own purchases, or which popular list and why. */
void print_source(FILE *out, const pv_answer *answer);

/* "+0.4123", "-0.2000", "0.0000" */
const char *contribution_words(char out[WORDS_SIZE], double contribution);
text_style contribution_style(double contribution);

/* Positions of reasons[0 .. count) from the largest contribution down; equal ones stay in order. NULL on no memory,
 * free() it. */
size_t *order_of_reasons(const pv_reason *reasons, int64_t count);

/* Notes stand beside the sum: detail lines that say so. */
void add_notes(cli_table *table, const pv_item *item);
/* Detail line for a number of the sum that is no reason; nothing for 0. */
void add_part(cli_table *table, double contribution, const char *words);

#endif
