/* command.h - what every command of the program is made of and is given.
 *
 * A command writes its results to run->out, which becomes standard output in one piece when the command is done; errors
 * and notes go to standard error as they come. It returns the exit code.
 */
#ifndef PURVEY_CLI_COMMAND_H
#define PURVEY_CLI_COMMAND_H

#include "fetched.h"
#include "options.h"
#include "terminal.h"
#include <purvey/purvey.h>
#include <stdio.h>

typedef enum output_format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV } output_format;

/* Settings that every command takes: the first member of each command's settings. */
typedef struct common_settings {
    int64_t threads; /* 0: the cores this process may use */
    int format;      /* output_format */
    double max_bad_rows;
    bool is_quiet;
} common_settings;

struct cli_command;

typedef struct command_run {
    const struct cli_command *command;
    int argc; /* what follows the command's name */
    const char *const *argv;
    FILE *out;             /* results */
    cli_terminal terminal; /* where `out` ends up */
    fetched_files fetched; /* what its arguments named elsewhere; removed when the command is done */
} command_run;

typedef struct cli_command {
    const char *name;
    int (*run)(command_run *run);
    const char *summary;     /* one line */
    const char *synopsis;    /* what follows `purvey NAME` */
    const char *description; /* paragraphs */
    const char *examples;
    option_grammar grammar;
} cli_command;

extern const cli_command import_command, train_command, recommend_command, explain_command, similar_command,
    rank_command, evaluate_command, tune_command, info_command, serve_command, publish_command, models_command,
    rollback_command;

/* For a command's grammar: the options that every command takes. */
extern const cli_option common_options[];
#define COMMON_OPTION_COUNT 4
#define COMMON_DEFAULTS {.threads = 0, .format = FORMAT_TABLE, .max_bad_rows = 0.01, .is_quiet = false}

/* Parse the command line of `run` into the command's settings, and fetch its MODEL or SHOP where it lies on S3. */
pv_status command_parse(command_run *run, void *settings, pv_error *error) PV_CHECKED;
/* The same by another grammar than the command's own. */
pv_status command_parse_with(command_run *run, void *settings, const option_grammar *grammar,
                             pv_error *error) PV_CHECKED;

/* Say what went wrong: one line on standard error and, with `--format json`, the error object as the result.
 * Returns the exit code. */
int command_fail(command_run *run, const pv_error *error);

/* Write `text` and a newline as the result, free it and return 0. */
int command_print(command_run *run, char *text);

/* Write a report that the library gave as JSON, which is freed: as it is or as CSV lines; only for those two formats.
 */
int command_print_report(command_run *run, int format, char *json);

/* Fail for lack of memory. */
int command_fail_memory(command_run *run);

/* Help of one command, or of the program. */
void print_command_help(FILE *out, const cli_command *command);
void print_program_help(FILE *out, const cli_command *const *commands);

#endif
