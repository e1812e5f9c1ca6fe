/* published_view.c - see published_view.h. */
#include "published_view.h"

#include "table.h"
#include "words.h"

#define DIGITS_SHOWN 12 /* of a SHA-256: enough to name a model by */

static int print_table(command_run *run, const pv_published_model *models, int64_t count, int64_t current)
{
    static const table_column columns[] = {{"", false, false},      {"model", false, false},
                                           {"as of", false, false}, {"published", false, false},
                                           {"size", true, false},   {"sha256", false, false}};
    char words[WORDS_SIZE];
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL) return command_fail_memory(run);
    for (int64_t k = 0; k < count; k++) {
        table_begin_row(table);
        table_add(table, "%s", k == current ? "in use" : "");
        table_add(table, "%s", models[k].model);
        table_add(table, "%s", models[k].as_of == INT64_MIN ? "" : time_words(words, models[k].as_of));
        table_add(table, "%s", time_words(words, models[k].published_at));
        table_add(table, "%s", size_words(words, models[k].size));
        table_add(table, "%.*s", DIGITS_SHOWN, models[k].sha256);
    }
    const bool is_whole = table_print(table, run->out, &run->terminal);
    table_free(table);
    return is_whole ? 0 : command_fail_memory(run);
}

int print_published(command_run *run, int format, const pv_published_model *models, int64_t count, int64_t current)
{
    pv_error error = {0};
    char *text = NULL;
    if (format == FORMAT_TABLE) return print_table(run, models, count, current);
    const pv_status status = format == FORMAT_JSON ? pv_published_models_json(&text, models, count, current, &error)
                                                   : pv_published_models_csv(&text, models, count, current, &error);
    return status == PV_OK ? command_print(run, text) : command_fail(run, &error);
}

int print_in_use(command_run *run, const common_settings *common, const pv_published_model *in_use,
                 const pv_published_model *before)
{
    char size[WORDS_SIZE], as_of[WORDS_SIZE];
    pv_error error = {0};
    char *json = NULL;
    if (common->format != FORMAT_TABLE) {
        if (pv_model_in_use_json(&json, in_use, before, &error) != PV_OK) return command_fail(run, &error);
        return command_print_report(run, common->format, json);
    }
    if (common->is_quiet) return 0;
    fprintf(run->out, "In use: model %s (%s%s%s); before: %s\n", in_use->model, size_words(size, in_use->size),
            in_use->as_of != INT64_MIN ? ", as of " : "",
            in_use->as_of != INT64_MIN ? time_words(as_of, in_use->as_of) : "",
            before->model[0] != '\0' ? before->model : "none");
    return 0;
}
