/* help.c - help from the same tables that the parser reads, so that ranges and defaults cannot be wrong. */
#include "command.h"

#include <string.h>

#define HELP_WIDTH 100
#define OPTION_WIDTH 34 /* columns of the option and its value */

static void print_value_name(char *out, size_t size, const cli_option *option)
{
    out[0] = '\0';
    if (option->kind == OPTION_FLAG) return;
    if (option->kind != OPTION_CHOICE) {
        snprintf(out, size, " %s", option->argument);
        return;
    }
    for (size_t k = 0; option->choices[k] != NULL; k++) {
        size_t used = strlen(out);
        snprintf(out + used, size - used, "%c%s", k == 0 ? ' ' : '|', option->choices[k]);
    }
}

/* "..., 1 to 1024 (default 64)" after the sentence about the option. */
static void print_limits(char *out, size_t size, const cli_option *option)
{
    char range[64] = "";
    if (option->kind == OPTION_INTEGER)
        snprintf(range, sizeof range, "; %.0f to %.0f", option->minimum, option->maximum);
    if (option->kind == OPTION_NUMBER) snprintf(range, sizeof range, "; %g or more", option->minimum);
    if (option->kind == OPTION_POSITIVE) snprintf(range, sizeof range, "; above 0");
    if (option->kind == OPTION_SHARE) snprintf(range, sizeof range, "; 0 to 1 or 0%% to 100%%");
    if (option->kind == OPTION_ID_LIST) snprintf(range, sizeof range, "; may be repeated");
    snprintf(out, size, "%s%s%s%s%s", option->help, range, option->default_in_help != NULL ? " (default: " : "",
             option->default_in_help != NULL ? option->default_in_help : "",
             option->default_in_help != NULL ? ")" : "");
}

static void print_option(FILE *out, const cli_option *option)
{
    char value[96], head[160], text[512];
    print_value_name(value, sizeof value, option);
    if (option->letter != '\0' && strlen(option->name) == 1)
        snprintf(head, sizeof head, "  -%c%s", option->letter, value);
    else if (option->letter != '\0')
        snprintf(head, sizeof head, "  -%c, --%s%s", option->letter, option->name, value);
    else
        snprintf(head, sizeof head, "      --%s%s", option->name, value);
    print_limits(text, sizeof text, option);
    int width = OPTION_WIDTH;
    if (strlen(head) + 2 > OPTION_WIDTH)
        fprintf(out, "%s\n%*s", head, width, "");
    else
        fprintf(out, "%-*s", width, head);
    print_wrapped(out, text_of(text), OPTION_WIDTH, HELP_WIDTH);
    fputc('\n', out);
}

static void print_options(FILE *out, const char *title, const cli_option *options, size_t count)
{
    if (count == 0) return;
    fprintf(out, "\n%s\n", title);
    for (size_t k = 0; k < count; k++) print_option(out, &options[k]);
}

void print_command_help(FILE *out, const cli_command *command)
{
    const option_grammar *grammar = &command->grammar;
    fprintf(out, "purvey %s: %s\n\nUsage: purvey %s %s\n\n%s", command->name, command->summary, command->name,
            command->synopsis, command->description);
    print_options(out, "Options:", grammar->own, grammar->n_own);
    print_options(out, "Options of the model:", grammar->shared, grammar->n_shared);
    print_options(out, "Options of every command:", grammar->common, grammar->n_common);
    fprintf(out, "      --help                      this text\n");
    fprintf(out, "\nExamples:\n%s", command->examples);
    fprintf(out, "\nExit code: 0 done, 1 cannot write, cannot reach a server, no memory or interrupted, 2 wrong usage, "
                 "3 input missing\nor wrong.\n");
}

void print_program_help(FILE *out, const cli_command *const *commands)
{
    fprintf(out, "purvey %s: recommends products to the business customers of a shop and says why\n\n", pv_version());
    fprintf(out, "Usage: purvey COMMAND [options]\n\nCommands:\n");
    for (; *commands != NULL; commands++) fprintf(out, "  %-10s %s\n", (*commands)->name, (*commands)->summary);
    fprintf(out, "  %-10s %s\n", "help", "help of a command: purvey help train");
    fprintf(out, "\nExamples:\n"
                 "  purvey train examples/simple-shop -o shop.model\n"
                 "      learns from users.csv, products.csv and user_purchases.csv of the folder\n"
                 "  purvey recommend shop.model --user 123 -n 5\n"
                 "      lists five products for customer 123, each with the reasons that make up its score\n");
}
