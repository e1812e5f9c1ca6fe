/* statement.h - filling a pv_statement: facts in order, then the sentence. */
#ifndef PV_STATEMENT_H
#define PV_STATEMENT_H

#include "signals/signal.h"

/* Start with room for `capacity` facts. False on no memory. */
bool pv_statement_begin(pv_statement *statement, int64_t capacity, pv_arena *arena);
void pv_statement_null(pv_statement *statement, const char *name);
void pv_statement_integer(pv_statement *statement, const char *name, int64_t value);
void pv_statement_number(pv_statement *statement, const char *name, double value); /* NaN becomes null */
/* A count that is whole but for shops whose counts are fractions: an integer when it can be one. */
void pv_statement_count(pv_statement *statement, const char *name, double value);
void pv_statement_text(pv_statement *statement, const char *name, pv_text text);
/* "2020-02-29" of a time that is one. False on no memory. */
bool pv_statement_keep_date(pv_text *date, int64_t time, pv_arena *arena);
/* Date of a time, null for PV_NO_TIME. False on no memory. */
bool pv_statement_date(pv_statement *statement, const char *name, int64_t time, pv_arena *arena);
/* Facts `product` and `name` of a product. */
void pv_statement_product(pv_statement *statement, const pv_shop *shop, int64_t product);
/* The sentence: the pattern with each "{}" replaced by the next of `parts`. Its own formatting, as bulk answers speak
 * more often than printf can keep up with. False on no memory. */
bool pv_statement_say(pv_statement *statement, pv_arena *arena, const char *pattern, const pv_text *parts);

/* Counts and percents as a sentence writes them: "7", "2.5", "30 %", "0.4 %", "under 0.1 %", "over 99 %" (0 % is none,
 * 100 % is all). They lie in `out`, ending in NUL. */
#define PV_SPOKEN_SIZE 32
pv_text pv_spoken_integer(char out[PV_SPOKEN_SIZE], int64_t value);
pv_text pv_spoken_count(char out[PV_SPOKEN_SIZE], double count);
pv_text pv_spoken_percent(char out[PV_SPOKEN_SIZE], double fraction);
/* Arguments of "%.*s" for a text. */
#define PV_SPREAD(text) (int)(text).size, (text).data

#endif
