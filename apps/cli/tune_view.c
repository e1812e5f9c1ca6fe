/* tune_view.c - see tune_view.h. */
#include "tune_view.h"

#include "table.h"
#include <inttypes.h>
#include <math.h>

static void add_recall(cli_table *table, const char *task, double given, double found, int64_t users)
{
    if (isnan(found)) return;
    table_begin_row(table);
    table_add(table, "%s", task);
    table_add(table, "%.4f", given);
    table_add(table, "%.4f", found);
    if (given > 0)
        table_add(table, "%+.1f %%", 100 * (found / given - 1));
    else
        table_add(table, "-");
    table_add(table, "%" PRId64, users);
}

bool print_tuning(FILE *out, const cli_terminal *terminal, const pv_tune_report *report, const char *path)
{
    static const table_column columns[] = {{"Recall@20", false, false},
                                           {"given", true, false},
                                           {"found", true, false},
                                           {"", true, false},
                                           {"customers", true, false}};
    const pv_tune_recall *given = &report->given_recall, *found = &report->best_recall;
    const int64_t trials = report->trials_run + report->trials_reused;
    cli_table *table = table_create(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL) return false;
    add_recall(table, "new products", given->new_products, found->new_products, found->new_users);
    add_recall(table, "all products", given->all_products, found->all_products, found->all_users);
    const bool is_whole = table_print(table, out, terminal);
    table_free(table);
    fprintf(out, "\n%" PRId64 " of %" PRId64 " trials in %.0f s, %" PRId64 " of them from an earlier run%s\n", trials,
            report->trials_planned, report->seconds, report->trials_reused,
            trials < report->trials_planned ? "; the same command goes on from here" : "");
    fprintf(out, "%s %s\n", path,
            report->best_setting == 0 ? "holds the settings given: nothing better was found"
                                      : "holds the settings found");
    return is_whole;
}
