/* train_settings.c - see train_settings.h. One table of keys serves reading, checking and both ways of writing. */
#include "tune/train_settings.h"

#include "base/failure.h"
#include "shop/cell_values.h"
#include "tune/whole_file.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <purvey/tune.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX ((size_t)1024 * 1024)
#define LARGEST 1e30                    /* finite with room for sums */
#define SEED_LARGEST 9007199254740991.0 /* the largest whole number that every reader of numbers keeps */

typedef enum key_kind { KEY_INTEGER, KEY_NUMBER, KEY_POSITIVE, KEY_CHOICE, KEY_TEXT } key_kind;

typedef struct train_key {
    const char *name;
    key_kind kind;
    double least, most;
    const char *const *choices; /* [n_choices] by value */
    int n_choices;
    double (*get)(const pv_train_options *options); /* NaN: no value; NULL for a text */
    void (*set)(pv_train_options *options, double value);
} train_key;

static const char *const loss_names[] = {[PV_LOSS_IALSPP] = "ialspp", [PV_LOSS_HKV] = "hkv"};
static const char *const weighting_names[] = {[PV_WEIGHT_LOG] = "log", [PV_WEIGHT_LINEAR] = "linear"};
static const char *const solver_names[] = {
    [PV_SOLVER_AUTO] = "auto", [PV_SOLVER_CG] = "cg", [PV_SOLVER_CHOLESKY] = "cholesky"};

#define ACCESS(member, type)                                                                                           \
    static double get_##member(const pv_train_options *options)                                                        \
    {                                                                                                                  \
        return (double)options->member;                                                                                \
    }                                                                                                                  \
    static void set_##member(pv_train_options *options, double value)                                                  \
    {                                                                                                                  \
        options->member = (type)value;                                                                                 \
    }
ACCESS(factors, int32_t)
ACCESS(iterations, int32_t)
ACCESS(loss, pv_loss)
ACCESS(regularization, double)
ACCESS(unobserved_weight, double)
ACCESS(user_side_regularization, double)
ACCESS(product_side_regularization, double)
ACCESS(alpha, double)
ACCESS(weighting, pv_weighting)
ACCESS(half_life_days, double)
ACCESS(solver, pv_solver)
ACCESS(min_companies, int32_t)
ACCESS(seed, uint64_t)

#define BOTH(member) .get = get_##member, .set = set_##member
#define CHOICES(names) .choices = (names), .n_choices = (int)(sizeof(names) / sizeof *(names))
static const train_key train_keys[] = {
    {.name = "factors", .kind = KEY_INTEGER, .least = 1, .most = 1024, BOTH(factors)},
    {.name = "iterations", .kind = KEY_INTEGER, .most = 10000, BOTH(iterations)},
    {.name = "loss", .kind = KEY_CHOICE, CHOICES(loss_names), BOTH(loss)},
    {.name = "regularization", .kind = KEY_NUMBER, .most = LARGEST, BOTH(regularization)},
    {.name = "unobserved-weight", .kind = KEY_NUMBER, .most = LARGEST, BOTH(unobserved_weight)},
    {.name = "user-side-regularization", .kind = KEY_NUMBER, .most = LARGEST, BOTH(user_side_regularization)},
    {.name = "product-side-regularization", .kind = KEY_NUMBER, .most = LARGEST, BOTH(product_side_regularization)},
    {.name = "alpha", .kind = KEY_NUMBER, .most = LARGEST, BOTH(alpha)},
    {.name = "weight", .kind = KEY_CHOICE, CHOICES(weighting_names), BOTH(weighting)},
    {.name = "half-life", .kind = KEY_POSITIVE, .most = LARGEST, BOTH(half_life_days)},
    {.name = "solver", .kind = KEY_CHOICE, CHOICES(solver_names), BOTH(solver)},
    {.name = "signals", .kind = KEY_TEXT},
    {.name = "min-companies", .kind = KEY_INTEGER, .least = 1, .most = 1000000, BOTH(min_companies)},
    {.name = "seed", .kind = KEY_INTEGER, .most = SEED_LARGEST, BOTH(seed)}};
#define KEY_COUNT (sizeof train_keys / sizeof *train_keys)

/* --- ranges ------------------------------------------------------------------------------------------------------ */

static bool is_in_range(const train_key *key, double value)
{
    if (key->kind == KEY_POSITIVE) return value > 0 && value <= key->most;
    return value >= key->least && value <= key->most && (key->kind != KEY_INTEGER || floor(value) == value);
}

#define EXPECTED_SIZE 96
static const char *say_range(char out[EXPECTED_SIZE], const train_key *key)
{
    if (key->kind == KEY_POSITIVE)
        snprintf(out, EXPECTED_SIZE, "a number above 0");
    else
        snprintf(out, EXPECTED_SIZE, "a %s from %.16g to %.16g", key->kind == KEY_INTEGER ? "whole number" : "number",
                 key->least, key->most);
    return out;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static pv_status take_choice(pv_train_options *options, const train_key *key, const pv_yaml_document *document,
                             const pv_yaml_node *node, pv_error *error)
{
    char quoted[PV_QUOTED_SIZE], known[EXPECTED_SIZE] = "";
    size_t size = 0;
    for (int c = 0; c < key->n_choices; c++) {
        if (pv_yaml_is(node, key->choices[c])) {
            key->set(options, c);
            return PV_OK;
        }
        size += (size_t)snprintf(known + size, sizeof known - size, "%s%s", c > 0 ? ", " : "", key->choices[c]);
    }
    return pv_yaml_fail(document, node, error, "%s %s: expected %s", key->name, pv_cell_quote(quoted, node->text),
                        known);
}

static pv_status take_number(pv_train_options *options, const train_key *key, const pv_yaml_document *document,
                             const pv_yaml_node *node, pv_error *error)
{
    char quoted[PV_QUOTED_SIZE], expected[EXPECTED_SIZE];
    double value;
    const pv_status status = pv_yaml_number(&value, document, node, error);
    if (status != PV_OK) return status;
    if (!is_in_range(key, value))
        return pv_yaml_fail(document, node, error, "%s %s: expected %s", key->name, pv_cell_quote(quoted, node->text),
                            say_range(expected, key));
    key->set(options, value);
    return PV_OK;
}

static pv_status take_signals(pv_train_options *options, const pv_yaml_document *document, const pv_yaml_node *node,
                              pv_error *error)
{
    const bool is_text = node->kind == PV_YAML_SCALAR && !pv_yaml_is_null(node) && node->text.size > 0;
    if (!is_text || memchr(node->text.data, '\0', node->text.size))
        return pv_yaml_fail(document, node, error, "signals: codes with commas between were expected");
    options->signals = node->text.data; /* the document ends every text with NUL */
    return PV_OK;
}

static pv_status take_pair(pv_train_options *options, const pv_yaml_pair *pair, const pv_yaml_document *document,
                           pv_error *error)
{
    const char *names[KEY_COUNT];
    for (size_t k = 0; k < KEY_COUNT; k++) {
        const train_key *key = &train_keys[k];
        names[k] = key->name;
        if (!pv_yaml_is(pair->key, key->name)) continue;
        if (key->kind == KEY_TEXT) return take_signals(options, document, pair->value, error);
        if (key->kind == KEY_CHOICE) return take_choice(options, key, document, pair->value, error);
        return take_number(options, key, document, pair->value, error);
    }
    return pv_yaml_fail_unknown_key(document, pair->key, names, KEY_COUNT, error);
}

pv_status pv_train_settings_take(pv_train_options *options, const pv_yaml_document *document, const pv_yaml_node *node,
                                 pv_error *error)
{
    pv_status status;
    const pv_yaml_pair *pairs;
    int32_t count;
    PV_TRY(pv_yaml_pairs(&pairs, &count, document, node, KEY_COUNT + 1, error));
    for (int32_t k = 0; k < count; k++) PV_TRY(take_pair(options, &pairs[k], document, error));
cleanup:
    return status;
}

static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

pv_status pv_train_settings_read(pv_train_options *options, char **signals, const char *path, pv_error *error)
{
    pv_status status = PV_OK;
    pv_buffer text = {0};
    pv_yaml_document *document = NULL;
    const char *given_signals = options->signals;
    *signals = NULL;
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return pv_fail(error, PV_E_INPUT, "%.300s: %s", path, strerror(errno));
    PV_TRY(pv_whole_file_read(&text, descriptor, path, FILE_BYTES_MAX, error));
    PV_TRY(pv_yaml_document_read(&document, file_name(path), (pv_text){text.data, text.size}, error));
    if (document->root) PV_TRY(pv_train_settings_take(options, document, document->root, error));
    if (options->signals != given_signals) {
        *signals = strdup(options->signals);
        options->signals = *signals;
        PV_TRY(pv_check_memory(*signals != NULL, "settings", error));
    }
cleanup:
    if (status != PV_OK) options->signals = given_signals;
    pv_yaml_document_free(document);
    pv_buffer_deinit(&text);
    close(descriptor);
    return status;
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

/* False when the option has no value, or it is a text. */
static bool print_value(char out[PV_NUMBER_SIZE], const train_key *key, const pv_train_options *options)
{
    if (key->kind == KEY_TEXT) return false;
    const double value = key->get(options);
    if (isnan(value)) return false;
    if (key->kind == KEY_CHOICE)
        snprintf(out, PV_NUMBER_SIZE, "%s", key->choices[(int)value]);
    else if (key->kind == KEY_INTEGER)
        pv_integer_print(out, (int64_t)value);
    else
        pv_number_print(out, value);
    return true;
}

void pv_train_settings_print(pv_buffer *yaml, const pv_train_options *options)
{
    char value[PV_NUMBER_SIZE];
    for (size_t k = 0; k < KEY_COUNT; k++) {
        const train_key *key = &train_keys[k];
        if (print_value(value, key, options)) pv_buffer_print(yaml, "%s: %s\n", key->name, value);
        if (key->kind != KEY_TEXT || !options->signals) continue;
        pv_json json = {.out = yaml};
        pv_buffer_print(yaml, "%s: ", key->name);
        pv_json_string(&json, options->signals); /* a quoted text of JSON is one of YAML */
        pv_buffer_append_string(yaml, "\n");
    }
}

void pv_train_settings_json(pv_json *json, const pv_train_options *options)
{
    char value[PV_NUMBER_SIZE];
    pv_json_begin_object(json);
    for (size_t k = 0; k < KEY_COUNT; k++) {
        const train_key *key = &train_keys[k];
        const bool is_text = key->kind == KEY_TEXT && options->signals;
        const bool has_value = print_value(value, key, options);
        if (!is_text && !has_value) continue;
        pv_json_key(json, key->name);
        if (is_text)
            pv_json_string(json, options->signals);
        else if (key->kind == KEY_CHOICE)
            pv_json_string(json, value);
        else
            pv_json_raw(json, value);
    }
    pv_json_end_object(json);
}
