/* read_notes.h - what reading a shop or a history found, in one line each on standard error. */
#ifndef PURVEY_CLI_READ_NOTES_H
#define PURVEY_CLI_READ_NOTES_H

#include "command.h"
#include "table.h"

/* rejects_of: the output beside which OUTPUT.rejects.csv lies, NULL: there is none. Bad rows are told even when quiet.
 */
void print_read_notes(const command_run *run, const pv_read_report *report, const char *rejects_of, bool is_quiet);

/* Rows of a two-column table: rows read, bad, skipped, ... */
void add_row_counts(cli_table *table, const pv_read_report *report);

#endif
