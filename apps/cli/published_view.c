/* published_view.c - see published_view.h. */
#include "published_view.h"

#include "table.h"
#include "words.h"
#include <inttypes.h>
#include <time.h>

/* ISO 8601 as everywhere in answers; NULL: the data has no time. */
static const char *iso_time(char out[WORDS_SIZE], int64_t seconds)
{
    if (seconds == INT64_MIN) return NULL;
    struct tm utc;
    const time_t time = (time_t)seconds;
    if (gmtime_r(&time, &utc) == NULL || strftime(out, WORDS_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) return NULL;
    return out;
}

/* Ids, hashes and times have no character that JSON would escape; a version id comes from the server. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == '"' || *text == '\\') return false;
    return true;
}

static void print_text_or_null(FILE *out, const char *name, const char *text)
{
    if (text != NULL && text[0] != '\0' && is_plain(text))
        fprintf(out, ",\"%s\":\"%s\"", name, text);
    else
        fprintf(out, ",\"%s\":null", name);
}

static void print_object(FILE *out, const pv_published_model *model, bool is_in_use)
{
    char as_of[WORDS_SIZE], published[WORDS_SIZE];
    fprintf(out, "{\"model\":\"%s\",\"in_use\":%s,\"sha256\":\"%s\",\"key\":\"%s\",\"size\":%" PRId64, model->model,
            is_in_use ? "true" : "false", model->sha256, model->key, model->size);
    print_text_or_null(out, "version_id", model->version_id);
    print_text_or_null(out, "as_of", iso_time(as_of, model->as_of));
    print_text_or_null(out, "published_at", iso_time(published, model->published_at));
    fputc('}', out);
}

static int print_table(command_run *run, const pv_published_model *models, int64_t count, int64_t current)
{
    static const table_column columns[] = {{"", false, false},      {"model", false, false},
                                           {"as of", false, false}, {"published", false, false},
                                           {"size", true, false},   {"sha256", false, true}};
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
        table_add(table, "%s", models[k].sha256);
    }
    const bool is_whole = table_print(table, run->out, &run->terminal);
    table_free(table);
    return is_whole ? 0 : command_fail_memory(run);
}

int print_published(command_run *run, int format, const pv_published_model *models, int64_t count, int64_t current)
{
    char as_of[WORDS_SIZE], published[WORDS_SIZE];
    if (format == FORMAT_TABLE) return print_table(run, models, count, current);
    if (format == FORMAT_CSV) fputs("model,in_use,as_of,published_at,size,sha256\n", run->out);
    if (format == FORMAT_JSON) fputs("{\"models\":[", run->out);
    for (int64_t k = 0; k < count; k++) {
        if (format == FORMAT_JSON) {
            if (k > 0) fputc(',', run->out);
            print_object(run->out, &models[k], k == current);
            continue;
        }
        const char *time = iso_time(as_of, models[k].as_of);
        fprintf(run->out, "%s,%s,%s,%s,%" PRId64 ",%s\n", models[k].model, k == current ? "true" : "false",
                time != NULL ? time : "", iso_time(published, models[k].published_at), models[k].size,
                models[k].sha256);
    }
    if (format == FORMAT_JSON) fputs("]}\n", run->out);
    return 0;
}

int print_in_use(command_run *run, int format, const pv_published_model *model)
{
    char words[WORDS_SIZE];
    if (format == FORMAT_CSV) return print_published(run, format, model, 1, 0);
    if (format == FORMAT_JSON) {
        print_object(run->out, model, true);
        fputc('\n', run->out);
        return 0;
    }
    fprintf(run->out, "In use: model %s, %s, %s\n", model->model, size_words(words, model->size), model->key);
    return 0;
}
