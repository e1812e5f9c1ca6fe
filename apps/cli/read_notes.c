/* read_notes.c - see read_notes.h. */
#include "read_notes.h"

#include "words.h"

static void print_bad_rows(const command_run *run, const pv_read_report *report, const char *rejects_of)
{
    char bad[WORDS_SIZE], all[WORDS_SIZE];
    bool is_one = report->rows_bad == 1;
    fprintf(stderr, "purvey %s: %s of %s rows %s bad and %s left out; the first: %s", run->command->name,
            count_words(bad, report->rows_bad), count_words(all, report->rows_read), is_one ? "is" : "are",
            is_one ? "was" : "were", report->first_bad);
    if (rejects_of != NULL) fprintf(stderr, "; all are in %s.rejects.csv", rejects_of);
    fputc('\n', stderr);
}

void print_read_notes(const command_run *run, const pv_read_report *report, const char *rejects_of, bool is_quiet)
{
    const char *name = run->command->name;
    char count[WORDS_SIZE];
    if (report->rows_bad > 0) print_bad_rows(run, report, rejects_of);
    if (is_quiet) return;
    if (report->rating_unused)
        fprintf(stderr, "purvey %s: the rating column is not used; dislike_at in shop.yaml makes low ratings count\n",
                name);
    if (report->products_unlisted > 0)
        fprintf(stderr, "purvey %s: products bought but not in products.csv: %s; they go by their ids\n", name,
                count_words(count, report->products_unlisted));
    if (report->returns_unmatched > 0)
        fprintf(stderr, "purvey %s: returns of more than was bought before: %s; what was left over is dropped\n", name,
                count_words(count, report->returns_unmatched));
}

static void add_count(cli_table *table, const char *name, int64_t count)
{
    char words[WORDS_SIZE];
    table_begin_row(table);
    table_add(table, "%s", name);
    table_add(table, "%s", count_words(words, count));
}

void add_row_counts(cli_table *table, const pv_read_report *report)
{
    add_count(table, "rows read", report->rows_read);
    add_count(table, "bad", report->rows_bad);
    add_count(table, "skipped by shop.yaml", report->rows_skipped);
    add_count(table, "returned", report->rows_returned);
    if (report->rows_cancelled > 0) add_count(table, "cancelled", report->rows_cancelled);
    if (report->rows_zero > 0) add_count(table, "of count or quantity 0", report->rows_zero);
    if (report->rows_later > 0) add_count(table, "later than the as-of date", report->rows_later);
}
