/* options.c - see options.h. */
#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 64
#define WORD_MAX 32

/* One option as it stands on the command line. */
typedef struct occurrence {
    const cli_option *option;
    char shown[WORD_MAX + 3]; /* "--factors", "-n": as the user wrote it */
    const char *value;        /* after `=` or the letter; NULL: the next argument */
} occurrence;

void text_list_deinit(text_list *list)
{
    free(list->items);
    *list = (text_list){0};
}

pv_status usage_error(pv_error *error, const char *name, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error->status = PV_E_USAGE;
    error->position = -1;
    error->field[0] = '\0';
    if (name != NULL) snprintf(error->field, sizeof error->field, "/%s", name);
    for (char *c = error->field; *c != '\0'; c++)
        if (*c == '-') *c = '_';
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return PV_E_USAGE;
}

static pv_status memory_error(pv_error *error)
{
    error->status = PV_E_MEMORY;
    error->position = -1;
    error->field[0] = '\0';
    snprintf(error->message, sizeof error->message, "no memory for the options");
    return PV_E_MEMORY;
}

bool is_valid_utf8(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    while (*byte != '\0') {
        size_t more = 0;
        if (*byte >= 0x80) {
            if (*byte < 0xC2 || *byte > 0xF4) return false;
            more = *byte < 0xE0 ? 1 : *byte < 0xF0 ? 2 : 3;
            if ((*byte == 0xE0 && byte[1] < 0xA0) || (*byte == 0xED && byte[1] > 0x9F)) return false;
            if ((*byte == 0xF0 && byte[1] < 0x90) || (*byte == 0xF4 && byte[1] > 0x8F)) return false;
        }
        byte++;
        for (; more > 0; more--, byte++)
            if ((*byte & 0xC0) != 0x80) return false;
    }
    return true;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Edits (insert, delete, replace) from a to b, both at most WORD_MAX long. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1];
    size_t n_b = strlen(b);
    for (size_t j = 0; j <= n_b; j++) row[j] = j;
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n_b; j++) {
            size_t above = row[j + 1];
            row[j + 1] = smallest(diagonal + (a[i] != b[j]), above + 1, row[j] + 1);
            diagonal = above;
        }
    }
    return row[n_b];
}

const char *nearest_word(const char *word, const char *const *words)
{
    if (strlen(word) > WORD_MAX) return NULL;
    const char *nearest = NULL;
    size_t least = strlen(word) / 3 + 2; /* farther off is another word, no slip of the finger */
    for (; *words != NULL; words++) {
        if (strlen(*words) > WORD_MAX) continue;
        size_t distance = edit_distance(word, *words);
        if (distance < least && distance < strlen(*words)) {
            nearest = *words;
            least = distance;
        }
    }
    return nearest;
}

static const cli_option *option_at(const option_grammar *grammar, size_t index)
{
    if (index < grammar->n_own) return &grammar->own[index];
    index -= grammar->n_own;
    return index < grammar->n_shared ? &grammar->shared[index] : &grammar->common[index - grammar->n_shared];
}

static size_t option_count(const option_grammar *grammar)
{
    return grammar->n_own + grammar->n_shared + grammar->n_common;
}

/* Position of the option called name[0 .. size), or of the letter; option_count() when there is none. */
static size_t find_long(const option_grammar *grammar, const char *name, size_t size)
{
    size_t k = 0;
    for (; k < option_count(grammar); k++) {
        const cli_option *candidate = option_at(grammar, k);
        if (strlen(candidate->name) == size && memcmp(candidate->name, name, size) == 0) break;
    }
    return k;
}

static size_t find_letter(const option_grammar *grammar, char letter)
{
    size_t k = 0;
    while (k < option_count(grammar) && option_at(grammar, k)->letter != letter) k++;
    return k;
}

static pv_status unknown_option(const option_grammar *grammar, const char *argument, size_t size, pv_error *error)
{
    const char *names[OPTIONS_MAX + 1] = {NULL};
    for (size_t k = 0; k < option_count(grammar); k++) names[k] = option_at(grammar, k)->name;
    char word[WORD_MAX + 1] = "";
    const char *nearest = NULL;
    if (strncmp(argument, "--", 2) == 0 && size - 2 <= WORD_MAX) {
        memcpy(word, argument + 2, size - 2);
        word[size - 2] = '\0';
        nearest = nearest_word(word, names);
    }
    if (nearest == NULL) return usage_error(error, NULL, "unknown option %.*s", (int)size, argument);
    return usage_error(error, NULL, "unknown option %.*s; did you mean --%s?", (int)size, argument, nearest);
}

/* Split `--name=value`, `--name`, `-nVALUE`, `-n`; *index is the option's position in the grammar. */
static pv_status recognise(occurrence *found, size_t *index, const option_grammar *grammar, const char *argument,
                           pv_error *error)
{
    bool is_long = argument[1] == '-';
    size_t size = is_long ? strcspn(argument, "=") : 2;
    *index = is_long ? find_long(grammar, argument + 2, size - 2) : find_letter(grammar, argument[1]);
    if (*index == option_count(grammar))
        return unknown_option(grammar, argument, is_long ? size : strlen(argument), error);
    found->option = option_at(grammar, *index);
    snprintf(found->shown, sizeof found->shown, "%.*s", (int)size, argument);
    found->value = argument[size] == '\0' ? NULL : argument + size + (is_long ? 1 : 0);
    return PV_OK;
}

static void *value_of(void *settings, const cli_option *option)
{
    return (char *)settings + option->offset;
}

/* A finite decimal number and nothing else: strtod alone takes hexadecimal, "inf" and "nan" too. */
static bool parse_number(double *number, const char *text)
{
    if (text[0] == '\0' || text[strspn(text, "+-.0123456789eE")] != '\0') return false;
    char *end;
    *number = strtod(text, &end);
    return *end == '\0' && isfinite(*number);
}

static bool parse_integer(int64_t *integer, const char *text)
{
    if (text[0] == '\0' || text[strspn(text, "+-0123456789")] != '\0') return false;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    *integer = value;
    return *end == '\0' && errno == 0;
}

static pv_status set_integer(void *settings, const occurrence *found, pv_error *error)
{
    const cli_option *option = found->option;
    int64_t integer = 0;
    if (!parse_integer(&integer, found->value) || (double)integer < option->minimum ||
        (double)integer > option->maximum)
        return usage_error(error, option->name, "%s %s: expected %.0f to %.0f", found->shown, found->value,
                           option->minimum, option->maximum);
    *(int64_t *)value_of(settings, option) = integer;
    return PV_OK;
}

static pv_status set_number(void *settings, const occurrence *found, pv_error *error)
{
    const cli_option *option = found->option;
    double number = 0;
    bool is_number = parse_number(&number, found->value);
    if (option->kind == OPTION_POSITIVE && !(is_number && number > 0))
        return usage_error(error, option->name, "%s %s: expected a number above 0", found->shown, found->value);
    if (!is_number || number < option->minimum)
        return usage_error(error, option->name, "%s %s: expected a number of %g or more", found->shown, found->value,
                           option->minimum);
    *(double *)value_of(settings, option) = number;
    return PV_OK;
}

static pv_status set_share(void *settings, const occurrence *found, pv_error *error)
{
    char digits[WORD_MAX];
    size_t size = strlen(found->value);
    bool is_percentage = size > 0 && found->value[size - 1] == '%';
    double share = -1;
    if (size < sizeof digits) {
        memcpy(digits, found->value, size + 1);
        if (is_percentage) digits[size - 1] = '\0';
        if (!parse_number(&share, digits)) share = -1;
    }
    if (is_percentage) share /= 100;
    if (!(share >= 0 && share <= 1))
        return usage_error(error, found->option->name, "%s %s: expected a share such as 0.01 or 1%%, 0 to 1",
                           found->shown, found->value);
    *(double *)value_of(settings, found->option) = share;
    return PV_OK;
}

static pv_status set_choice(void *settings, const occurrence *found, pv_error *error)
{
    const char *const *choices = found->option->choices;
    char expected[256] = "";
    for (int k = 0; choices[k] != NULL; k++) {
        if (strcmp(choices[k], found->value) == 0) {
            *(int *)value_of(settings, found->option) = k;
            return PV_OK;
        }
        const char *separator = k == 0 ? "" : choices[k + 1] == NULL ? " or " : ", ";
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof expected - used, "%s%s", separator, choices[k]);
    }
    return usage_error(error, found->option->name, "%s %s: expected %s", found->shown, found->value, expected);
}

static pv_status add_text(text_list *list, const char *text, pv_error *error)
{
    const char **items = realloc(list->items, (list->count + 1) * sizeof *items);
    if (items == NULL) return memory_error(error);
    items[list->count] = text;
    list->items = items;
    list->count++;
    return PV_OK;
}

static pv_status set_text(void *settings, const occurrence *found, pv_error *error)
{
    const cli_option *option = found->option;
    if (found->value[0] == '\0') return usage_error(error, option->name, "%s: the value is empty", found->shown);
    const bool is_path = option->kind == OPTION_TEXT || option->kind == OPTION_PLACE;
    if (!is_path && !is_valid_utf8(found->value))
        return usage_error(error, option->name, "%s: the value is not valid UTF-8", found->shown);
    if (option->kind == OPTION_TEXT && strncmp(found->value, "s3://", strlen("s3://")) == 0)
        return usage_error(error, option->name, "%s %s: expected a place on this machine", found->shown, found->value);
    if (option->kind == OPTION_ID_LIST) return add_text(value_of(settings, option), found->value, error);
    *(const char **)value_of(settings, option) = found->value;
    return PV_OK;
}

static pv_status set_value(void *settings, const occurrence *found, pv_error *error)
{
    switch (found->option->kind) {
    case OPTION_INTEGER:
        return set_integer(settings, found, error);
    case OPTION_NUMBER:
    case OPTION_POSITIVE:
        return set_number(settings, found, error);
    case OPTION_SHARE:
        return set_share(settings, found, error);
    case OPTION_CHOICE:
        return set_choice(settings, found, error);
    case OPTION_TEXT:
    case OPTION_PLACE:
    case OPTION_ID:
    case OPTION_ID_LIST:
        return set_text(settings, found, error);
    case OPTION_FLAG:
        break;
    }
    *(bool *)value_of(settings, found->option) = true;
    return PV_OK;
}

/* Whether `argument` is one of the options: it then cannot be the value that an option before it lacks. */
static bool is_known_option(const option_grammar *grammar, const char *argument)
{
    if (argument[0] != '-') return false;
    if (argument[1] != '-') return argument[2] == '\0' && find_letter(grammar, argument[1]) < option_count(grammar);
    return find_long(grammar, argument + 2, strcspn(argument + 2, "=")) < option_count(grammar);
}

/* Read the option at argv[*position], advancing over a value of its own. */
static pv_status parse_option(void *settings, bool *seen, const option_grammar *grammar, int argc,
                              const char *const *argv, int *position, pv_error *error)
{
    occurrence found;
    size_t index;
    pv_status status = recognise(&found, &index, grammar, argv[*position], error);
    if (status != PV_OK) return status;
    const cli_option *option = found.option;
    if (option->kind == OPTION_FLAG) {
        if (found.value != NULL) return usage_error(error, option->name, "%s takes no value", found.shown);
    } else if (found.value == NULL) {
        if (*position + 1 >= argc || is_known_option(grammar, argv[*position + 1]))
            return usage_error(error, option->name, "%s: the value (%s) is missing", found.shown, option->argument);
        found.value = argv[++*position];
    }
    if (seen[index] && option->kind != OPTION_ID_LIST && option->kind != OPTION_FLAG)
        return usage_error(error, option->name, "%s is given twice", found.shown);
    seen[index] = true;
    return set_value(settings, &found, error);
}

/* A plain argument goes to the first place that is free; false: there is none. */
static bool take_argument(void *settings, const option_grammar *grammar, const char *text)
{
    const char *const names[] = {grammar->argument, grammar->second};
    const size_t offsets[] = {grammar->argument_offset, grammar->second_offset};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const char **place = (const char **)((char *)settings + offsets[k]);
        if (names[k] == NULL || *place != NULL || text[0] == '\0') continue;
        *place = text;
        return true;
    }
    return false;
}

static bool lacks(const void *settings, const char *name, size_t offset)
{
    return name != NULL && *(const char *const *)((const char *)settings + offset) == NULL;
}

pv_status options_parse(void *settings, const option_grammar *grammar, int argc, const char *const *argv,
                        pv_error *error)
{
    bool seen[OPTIONS_MAX] = {false};
    bool options_ended = false;
    for (int k = 0; k < argc; k++) {
        if (!options_ended && strcmp(argv[k], "--") == 0) {
            options_ended = true;
        } else if (!options_ended && argv[k][0] == '-' && argv[k][1] != '\0') {
            pv_status status = parse_option(settings, seen, grammar, argc, argv, &k, error);
            if (status != PV_OK) return status;
        } else if (!take_argument(settings, grammar, argv[k])) {
            return usage_error(error, NULL, "unexpected argument \"%s\"", argv[k]);
        }
    }
    if (lacks(settings, grammar->argument, grammar->argument_offset))
        return usage_error(error, NULL, "%s is missing", grammar->argument);
    if (!grammar->may_lack_second && lacks(settings, grammar->second, grammar->second_offset))
        return usage_error(error, NULL, "%s is missing", grammar->second);
    return PV_OK;
}
