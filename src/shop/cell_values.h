/* cell_values.h - from the text of a cell to a number, a time, and to something that may be shown in a message.
 *
 * The locale never matters.
 */
#ifndef PV_CELL_VALUES_H
#define PV_CELL_VALUES_H

#include "base/text.h"
#include "base/timestamp.h"
#include <stdbool.h>
#include <stdint.h>

/* Without the spaces and tabs around it. */
pv_text pv_cell_trim(pv_text cell);

/* A decimal number, [+-]digits[mark digits][e[+-]digits], correctly rounded; no thousands separators, no hexadecimal,
 * no "nan" or "inf". What is too large gives an infinity. False when it is no number. */
bool pv_number_parse(double *value, pv_text text, char decimal);

/* Reads the times of one column and remembers the last day, as the rows of a table are mostly in order of time. */
typedef struct pv_time_reader {
    const char *format; /* strptime-like, NULL: ISO 8601 */
    char day[10];       /* "2010-12-09", the day that was read last */
    int64_t day_seconds;
} pv_time_reader; /* init with {.format = ...} */
bool pv_time_read(int64_t *seconds, pv_time_reader *reader, pv_text text);

#define PV_QUOTED_SIZE 80
/* The value in double quotes, valid UTF-8 on one line, cut to 60 bytes: what no message should carry becomes '?'. */
const char *pv_cell_quote(char out[PV_QUOTED_SIZE], pv_text value);

#endif
