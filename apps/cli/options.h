/* options.h - command line options, described once in a table: the parser and the help both read it.
 *
 * Long options take `--name value` and `--name=value`, short ones `-n 5` and `-n5`; `--` ends the options. An option of
 * one value must not come twice. Every error is one line that names the option and what was expected.
 */
#ifndef PURVEY_CLI_OPTIONS_H
#define PURVEY_CLI_OPTIONS_H

#include <purvey/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_INTEGER,  /* int64_t, minimum to maximum */
    OPTION_NUMBER,   /* double, finite, minimum or more */
    OPTION_POSITIVE, /* double, finite, above 0 */
    OPTION_SHARE,    /* double from 0 to 1, also written as a percentage */
    OPTION_CHOICE,   /* int, the position in choices */
    OPTION_TEXT,     /* const char *, not empty: a path of this machine, a list, a date */
    OPTION_PLACE,    /* const char *, not empty: a path or s3://BUCKET/... */
    OPTION_ID,       /* const char *, not empty, valid UTF-8 */
    OPTION_ID_LIST   /* text_list, may be repeated; each as OPTION_ID */
} option_kind;

/* Texts of a repeated option, borrowed from argv. Init with {0}. */
typedef struct text_list {
    const char **items;
    size_t count;
} text_list;
void text_list_deinit(text_list *list);

typedef struct cli_option {
    const char *name; /* without dashes */
    char letter;      /* 0: none */
    option_kind kind;
    size_t offset; /* of its value in the settings of the cli_command */
    double minimum, maximum;
    const char *const *choices;  /* ends with NULL */
    const char *argument;        /* what the help calls the value */
    const char *default_in_help; /* NULL: there is none to show */
    const char *help;
} cli_option;

/* Everything that may follow a command's name. */
typedef struct option_grammar {
    const cli_option *own; /* [n_own] */
    size_t n_own;
    const cli_option *shared; /* [n_shared], of some commands */
    size_t n_shared;
    const cli_option *common; /* [n_common], the same for every cli_command */
    size_t n_common;
    const char *argument;   /* name of the plain argument ("MODEL"), NULL: none */
    size_t argument_offset; /* const char * in the settings */
    const char *second;     /* of one that follows it, NULL: none */
    size_t second_offset;
    bool may_lack_second;
} option_grammar;

/* Fill `settings`, which holds the defaults, from argv[0 .. argc).
 * Errors: PV_E_USAGE (error->field names the option), PV_E_MEMORY. Lists may be filled even then. */
pv_status options_parse(void *settings, const option_grammar *grammar, int argc, const char *const *argv,
                        pv_error *error) PV_CHECKED;

/* A usage error about option `name` ("as-of"; NULL: none in particular). */
pv_status usage_error(pv_error *error, const char *name, const char *format, ...) PV_PRINTF(3, 4);

/* The one of `words` (ends with NULL) that `word` was probably meant to be; NULL when none is near. */
const char *nearest_word(const char *word, const char *const *words);

/* True when every byte sequence of the text is valid UTF-8. */
bool is_valid_utf8(const char *text);

#endif
