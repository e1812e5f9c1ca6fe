/* command.c - what the commands share: common options, parsing, failing, printing one result. */
#include "command.h"

#include "json_view.h"
#include <string.h>

static const char *const format_names[] = {"table", "json", "csv", NULL};

const cli_option common_options[COMMON_OPTION_COUNT] = {
    {.name = "threads",
     .kind = OPTION_INTEGER,
     .offset = offsetof(common_settings, threads),
     .minimum = 1,
     .maximum = 1024,
     .argument = "T",
     .default_in_help = "the cores this process may use",
     .help = "threads to work with; the result does not depend on it"},
    {.name = "format",
     .kind = OPTION_CHOICE,
     .offset = offsetof(common_settings, format),
     .choices = format_names,
     .default_in_help = "table",
     .help = "how results are printed; with json an error is an object on standard output, besides its line on "
             "standard error"},
    {.name = "max-bad-rows",
     .kind = OPTION_SHARE,
     .offset = offsetof(common_settings, max_bad_rows),
     .argument = "SHARE",
     .default_in_help = "1%",
     .help = "share of bad rows in a file up to which they are left out; more stop the run"},
    {.name = "quiet",
     .kind = OPTION_FLAG,
     .offset = offsetof(common_settings, is_quiet),
     .help = "no progress bar, notes or summary table; bad rows and errors are still reported"}};

pv_status command_parse(command_run *run, void *settings, pv_error *error)
{
    return command_parse_with(run, settings, &run->command->grammar, error);
}

pv_status command_parse_with(command_run *run, void *settings, const option_grammar *grammar, pv_error *error)
{
    const pv_status status = options_parse(settings, grammar, run->argc, run->argv, error);
    if (status != PV_OK || grammar->argument == NULL) return status;
    const char **argument = (const char **)((char *)settings + grammar->argument_offset);
    if (strcmp(grammar->argument, "MODEL") == 0) return fetch_argument(argument, &run->fetched, FETCHED_MODEL, error);
    if (strcmp(grammar->argument, "SHOP") == 0) return fetch_argument(argument, &run->fetched, FETCHED_SHOP, error);
    return PV_OK;
}

/* The line may be wrong as a whole: look for the wish alone. */
static bool asks_for_json(const command_run *run)
{
    for (int k = 0; k < run->argc; k++) {
        if (strcmp(run->argv[k], "--format=json") == 0) return true;
        if (strcmp(run->argv[k], "--format") == 0 && k + 1 < run->argc && strcmp(run->argv[k + 1], "json") == 0)
            return true;
    }
    return false;
}

/* The library says `as_of: ...` of the field that it names; here it is the option --as-of. */
static void print_message(const char *command, const pv_error *error)
{
    const char *message = error->message[0] != '\0' ? error->message : pv_status_text(error->status);
    const char *field = error->field[0] == '/' ? error->field + 1 : "";
    const size_t size = strlen(field);
    fprintf(stderr, "purvey %s: ", command);
    if (size > 0 && strncmp(message, field, size) == 0 && message[size] == ':') {
        fputs("--", stderr);
        for (size_t k = 0; k < size; k++) fputc(field[k] == '_' ? '-' : field[k], stderr);
        message += size;
    }
    fprintf(stderr, "%s\n", message);
}

int command_fail(command_run *run, const pv_error *error)
{
    print_message(run->command->name, error);
    char *json = NULL;
    if (asks_for_json(run) && pv_error_json(&json, error, NULL) == PV_OK) {
        fprintf(run->out, "%s\n", json);
        pv_free(json);
    }
    return pv_status_exit_code(error->status);
}

int command_fail_memory(command_run *run)
{
    return command_fail(run, &(pv_error){.status = PV_E_MEMORY, .position = -1});
}

int command_print_report(command_run *run, int format, char *json)
{
    if (format == FORMAT_JSON) return command_print(run, json);
    bool is_whole = print_json_csv(run->out, json);
    pv_free(json);
    return is_whole ? 0 : command_fail_memory(run);
}

int command_print(command_run *run, char *text)
{
    size_t size = strlen(text);
    fwrite(text, 1, size, run->out);
    if (size == 0 || text[size - 1] != '\n') fputc('\n', run->out);
    pv_free(text);
    return 0;
}
