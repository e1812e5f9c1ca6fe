/* main.c - the program: finds the command, runs it, and writes its results to standard output in one piece. */
#include "command.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const cli_command *const commands[] = {&import_command,    &train_command,
                                              &recommend_command, &explain_command,
                                              &similar_command,   &rank_command,
                                              &evaluate_command,  &tune_command,
                                              &info_command,      &serve_command,
                                              &publish_command,   &models_command,
                                              &rollback_command,  NULL};
static const cli_command *find_command(const char *name)
{
    for (size_t k = 0; commands[k] != NULL; k++)
        if (strcmp(commands[k]->name, name) == 0) return commands[k];
    return NULL;
}

static int no_such_command(const char *name)
{
    const char *names[sizeof commands / sizeof commands[0]] = {NULL};
    for (size_t k = 0; commands[k] != NULL; k++) names[k] = commands[k]->name;
    const char *nearest = nearest_word(name, names);
    if (nearest != NULL)
        fprintf(stderr, "purvey: unknown command %s; did you mean %s?\n", name, nearest);
    else
        fprintf(stderr, "purvey: unknown command %s; `purvey --help` lists them\n", name);
    return pv_status_exit_code(PV_E_USAGE);
}

/* --help anywhere before `--` wins over everything else that is right or wrong with the line. */
static bool asks_for_help(int argc, const char *const *argv)
{
    for (int k = 0; k < argc && strcmp(argv[k], "--") != 0; k++)
        if (strcmp(argv[k], "--help") == 0 || strcmp(argv[k], "-h") == 0) return true;
    return false;
}

static int help(FILE *out, const char *name)
{
    if (name == NULL) {
        print_program_help(out, commands);
        return 0;
    }
    const cli_command *command = find_command(name);
    if (command == NULL) return no_such_command(name);
    print_command_help(out, command);
    return 0;
}

static int dispatch(FILE *out, int argc, const char *const *argv)
{
    const char *first = argc > 1 ? argv[1] : "--help";
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) return help(out, NULL);
    if (strcmp(first, "help") == 0) return help(out, argc > 2 ? argv[2] : NULL);
    if (strcmp(first, "--version") == 0) {
        fprintf(out, "purvey %s\n", pv_version());
        return 0;
    }
    const cli_command *command = find_command(first);
    if (command == NULL) return no_such_command(first);
    if (asks_for_help(argc - 2, argv + 2)) return help(out, first);
    command_run run = {
        .command = command, .argc = argc - 2, .argv = argv + 2, .out = out, .terminal = terminal_of(STDOUT_FILENO)};
    const int exit_code = command->run(&run);
    fetched_files_remove(&run.fetched);
    return exit_code;
}

/* All of `text` to standard output. A reader that has gone away (EPIPE) is no news to anybody. */
static bool write_results(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDOUT_FILENO, text, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            if (errno != EPIPE) fprintf(stderr, "purvey: cannot write to standard output: %s\n", strerror(errno));
            return false;
        }
        text += written;
        size -= (size_t)written;
    }
    return true;
}

int main(int argc, char **argv)
{
    /* For the width of characters in tables alone: numbers and messages stay the same everywhere. */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8 != (locale_t)0) uselocale(utf8);
    signal(SIGPIPE, SIG_IGN);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        fprintf(stderr, "purvey: no memory\n");
        return pv_status_exit_code(PV_E_MEMORY);
    }
    int exit_code = dispatch(out, argc, (const char *const *)argv);
    bool is_whole = ferror(out) == 0;
    is_whole = fclose(out) == 0 && is_whole;
    if (!is_whole)
        fprintf(stderr, "purvey: no memory for the results\n");
    else
        is_whole = write_results(text, size);
    free(text);
    if (utf8 != (locale_t)0) {
        uselocale(LC_GLOBAL_LOCALE);
        freelocale(utf8);
    }
    if (exit_code == 0 && !is_whole) return pv_status_exit_code(PV_E_OUTPUT);
    return exit_code;
}
