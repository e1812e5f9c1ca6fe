/* bulk_summary.c - see bulk_summary.h. */
#include "bulk_summary.h"

#include "process.h"
#include "words.h"

static void print_sentences(FILE *out, const pv_bulk_report *report, const char *what, const char *output)
{
    char rows[WORDS_SIZE], users[WORDS_SIZE], time[WORDS_SIZE], unknown[WORDS_SIZE], memory[WORDS_SIZE];
    fprintf(out, "%s %s for %s customers in %s, after %s.\n", count_words(rows, report->rows_returned), what,
            count_words(users, report->users), output, duration_words(time, report->total_time.seconds));
    if (report->pairs_unknown > 0)
        fprintf(out, "Pairs with a product that the model does not know: %s.\n",
                count_words(unknown, report->pairs_unknown));
    fprintf(out, "Peak memory %s.\n", size_words(memory, peak_memory_bytes()));
}

int print_bulk_summary(command_run *run, const common_settings *common, const char *model_id,
                       const pv_bulk_report *report, const char *what, const char *output)
{
    if (common->format == FORMAT_TABLE) {
        if (!common->is_quiet) print_sentences(run->out, report, what, output);
        return 0;
    }
    char *json = NULL;
    pv_error error = {0};
    if (pv_bulk_report_json(&json, model_id, report, peak_memory_bytes(), &error) != PV_OK)
        return command_fail(run, &error);
    return command_print_report(run, common->format, json);
}
