/* train_view.c - see train_view.h. */
#include "train_view.h"

#include "process.h"
#include "read_notes.h"
#include "table.h"
#include "words.h"
#include <inttypes.h>

static void add_count(cli_table *table, const char *name, int64_t count)
{
    char words[WORDS_SIZE];
    table_begin_row(table);
    table_add(table, "%s", name);
    table_add(table, "%s", count_words(words, count));
}

static void add_event_counts(cli_table *table, const pv_events_report *report)
{
    if (!report->is_given) return;
    add_count(table, "events in the log", report->in_log);
    add_count(table, "purchases and returns taken in", report->purchases + report->returns);
    if (report->known > 0) add_count(table, "that the shop has already", report->known);
    if (report->skipped > 0) add_count(table, "events skipped by shop.yaml", report->skipped);
    if (report->later > 0) add_count(table, "events later than the as-of date", report->later);
    if (report->overlay > 0) add_count(table, "values and lists set by events", report->overlay);
    if (report->unknown > 0) add_count(table, "of products that nobody knows", report->unknown);
}

static bool print_counts(FILE *out, const cli_terminal *terminal, const pv_train_report *report)
{
    static const table_column columns[] = {{"", false, false}, {"", true, false}};
    cli_table *table = table_create(columns, 2);
    if (table == NULL) return false;
    add_row_counts(table, &report->read);
    add_event_counts(table, &report->events);
    add_count(table, "purchases kept", report->purchases);
    add_count(table, "customers", report->users);
    add_count(table, "products", report->products);
    add_count(table, "different pairs of both", report->pairs);
    bool is_whole = table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}

static bool print_iterations(FILE *out, const cli_terminal *terminal, const pv_train_report *report)
{
    static const table_column columns[] = {{"iteration", true, false}, {"loss", true, false}, {"seconds", true, false}};
    if (report->n_iterations == 0) return true;
    cli_table *table = table_create(columns, 3);
    if (table == NULL) return false;
    for (int32_t k = 0; k < report->n_iterations; k++) {
        table_begin_row(table);
        table_add(table, "%" PRId32, k + 1);
        table_add(table, "%.4f", report->iterations[k].loss);
        table_add(table, "%.3f", report->iterations[k].seconds);
    }
    fputc('\n', out);
    bool is_whole = table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}

static void add_part(cli_table *table, const char *name, pv_part_time time)
{
    table_begin_row(table);
    table_add(table, "%s", name);
    table_add(table, "%.3f", time.seconds);
    table_add(table, "%.3f", time.cpu_seconds);
}

static bool print_parts(FILE *out, const cli_terminal *terminal, const pv_train_report *report)
{
    static const table_column columns[] = {
        {"part", false, false}, {"seconds", true, false}, {"cpu seconds", true, false}};
    cli_table *table = table_create(columns, 3);
    if (table == NULL) return false;
    add_part(table, "read", report->read_time);
    add_part(table, "fit", report->fit_time);
    add_part(table, "signals", report->signals_time);
    add_part(table, "weights", report->weights_time);
    add_part(table, "write", report->write_time);
    add_part(table, "total", report->total_time);
    fputc('\n', out);
    bool is_whole = table_print(table, out, terminal);
    table_free(table);
    return is_whole;
}

bool print_train_summary(FILE *out, const cli_terminal *terminal, const pv_train_report *report, const char *output)
{
    char words[WORDS_SIZE];
    fprintf(out, "Model %s: %s, %s.\n\n", report->model_id, output, size_words(words, report->model_bytes));
    if (!print_counts(out, terminal, report) || !print_iterations(out, terminal, report) ||
        !print_parts(out, terminal, report))
        return false;
    fprintf(out, "\nPeak memory %s.\n", size_words(words, peak_memory_bytes()));
    return true;
}
