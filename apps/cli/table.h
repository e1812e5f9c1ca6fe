/* table.h - aligned tables without boxes, with lines of detail below a row. On a terminal the columns that may shrink
 * are cut so that a row fits, and details are wrapped; elsewhere nothing is cut.
 */
#ifndef PURVEY_CLI_TABLE_H
#define PURVEY_CLI_TABLE_H

#include "terminal.h"
#include <stdbool.h>
#include <stdio.h>

typedef struct table_column {
    const char *title;
    bool is_right; /* aligned */
    bool shrinks;
} table_column;

typedef struct cli_table cli_table;

/* columns [n_columns] is borrowed. NULL on no memory. A column without any text is not shown. */
cli_table *table_create(const table_column *columns, size_t n_columns);
void table_free(cli_table *table); /* accepts NULL */

void table_begin_row(cli_table *table);
/* The next cell of the row. */
void table_add_text(cli_table *table, pv_text text);
void table_add(cli_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A line below the row: a short label, right-aligned with the other labels, and a sentence. */
void table_add_detail(cli_table *table, text_style style, const char *label, pv_text text);

/* False when memory ran out on the way; nothing is printed then. */
bool table_print(const cli_table *table, FILE *out, const cli_terminal *terminal) __attribute__((warn_unused_result));

#endif
