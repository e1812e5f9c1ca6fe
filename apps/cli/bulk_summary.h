/* bulk_summary.h - what a bulk run did, as a line for people, as JSON or as CSV. */
#ifndef PURVEY_CLI_BULK_SUMMARY_H
#define PURVEY_CLI_BULK_SUMMARY_H

#include "command.h"

/* `what` names the lines written ("recommendations"). Returns the exit code. */
int print_bulk_summary(command_run *run, const common_settings *common, const char *model_id,
                       const pv_bulk_report *report, const char *what, const char *output);

#endif
