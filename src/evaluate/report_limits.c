/* report_limits.c - what the numbers leave out, and why. */
#include "evaluate/report_html.h"

#include <math.h>

static void append_missing_cutoffs(const pv_report_page *page)
{
    const pv_evaluation *evaluation = page->evaluation;
    pv_buffer *out = page->out;
    if (evaluation->cutoffs_wanted <= evaluation->n_windows) return;
    pv_html_markup(out, "<li><strong>Dates:</strong> ");
    pv_html_count(out, evaluation->n_windows);
    pv_html_markup(out, " of ");
    pv_html_counted(out, evaluation->cutoffs_wanted, "date", "dates");
    pv_html_markup(out, "; the purchases do not reach back far enough for more.</li>\n");
}

static void append_absent_contenders(const pv_report_page *page)
{
    pv_buffer *out = page->out;
    for (int64_t k = 0; k < page->evaluation->n_absent; k++) {
        const pv_absence *absence = &page->evaluation->absent[k];
        pv_html_markup(out, "<li><strong>");
        pv_html_text(out, absence->contender.title);
        pv_html_markup(out, "</strong> is absent: ");
        pv_html_text(out, absence->cause);
        pv_html_markup(out, " (first at ");
        pv_html_date(out, absence->cutoff);
        pv_html_markup(out, ").</li>\n");
    }
}

static void append_absent_metrics(const pv_report_page *page)
{
    const pv_evaluation *evaluation = page->evaluation;
    const pv_task_result *task = &evaluation->pooled[PV_TASK_ALL];
    pv_buffer *out = page->out;
    if (!pv_report_has_scores(task, evaluation)) return;
    for (int m = 0; m < PV_METRIC_COUNT; m++) {
        if (!isnan(task->contenders[0].metrics[PV_LONGEST_LENGTH][m])) continue;
        pv_buffer_print(out, "<li><strong>%s</strong> is not defined: the tables lack what it counts.</li>\n",
                        pv_report_metric_title((pv_metric)m));
    }
}

static void append_customers(const pv_report_page *page)
{
    int64_t idle = 0, unknown = 0, pairs = 0, pairs_unknown = 0;
    pv_buffer *out = page->out;
    for (int64_t w = 0; w < page->evaluation->n_windows; w++) {
        const pv_window *window = &page->evaluation->windows[w];
        idle += window->users_idle;
        unknown += window->users_unknown;
        pairs += window->pairs;
        pairs_unknown += window->pairs_unknown;
    }
    pv_html_markup(out,
                   "<li><strong>Customers who bought nothing</strong> in the days after a date are not in recall (");
    pv_html_count(out, idle);
    pv_html_markup(out, " over all dates): there is nothing to find.</li>\n<li><strong>New customers</strong>, with no "
                        "purchase before the date (");
    pv_html_count(out, unknown);
    pv_html_markup(out, "), are not judged.</li>\n<li><strong>Products that appeared later</strong> could not be "
                        "recommended, and purchases of them do not count: ");
    pv_html_count(out, pairs_unknown);
    pv_html_markup(out, " of ");
    pv_html_counted(out, pairs + pairs_unknown, "pair", "pairs");
    pv_html_markup(out, " of customer and product.</li>\n");
}

static void append_reachable(const pv_report_page *page)
{
    const pv_task_result *task = &page->evaluation->pooled[PV_TASK_ALL];
    if (!(task->users > 0 && task->reachable < 1)) return;
    pv_html_markup(page->out, "<li><strong>Assortment:</strong> of what customers bought, ");
    pv_html_percent(page->out, 1 - task->reachable);
    pv_html_markup(page->out, " may not be shown to them by the shop's own rules, and so counts as missed by every "
                              "method.</li>\n");
}

static void append_spend(const pv_report_page *page)
{
    const char *basis = page->evaluation->spend_basis;
    if (!basis) return;
    pv_html_markup(page->out, "<li><strong>Spend recall</strong> weighs a product by ");
    pv_html_text(page->out, basis);
    pv_html_markup(page->out, ".</li>\n");
}

static void append_read_count(pv_buffer *out, int64_t count, const char *words)
{
    if (count == 0) return;
    pv_html_markup(out, ", ");
    pv_html_count(out, count);
    pv_buffer_print(out, " %s", words);
}

static void append_rows_read(const pv_report_page *page)
{
    const pv_read_report *read = &page->evaluation->read;
    pv_buffer *out = page->out;
    pv_html_markup(out, "<li><strong>Rows of the tables:</strong> ");
    pv_html_count(out, read->rows_read);
    pv_html_markup(out, " read");
    append_read_count(out, read->rows_bad, "faulty and left out");
    append_read_count(out, read->rows_skipped, "skipped by shop.yaml");
    append_read_count(out, read->rows_cancelled, "cancelled");
    append_read_count(out, read->rows_returned, "returned");
    append_read_count(out, read->rows_zero, "of quantity 0");
    append_read_count(out, read->rows_later, "after the last day that was looked at");
    pv_html_markup(out, ".");
    if (read->first_bad[0] != '\0') {
        pv_html_markup(out, " The first faulty one: <code>");
        pv_html_text(out, read->first_bad);
        pv_html_markup(out, "</code>");
    }
    pv_html_markup(out, "</li>\n");
}

static void append_bootstrap(const pv_report_page *page)
{
    pv_buffer *out = page->out;
    pv_html_markup(out, "<li><strong>Intervals</strong> come from ");
    pv_html_counted(out, page->evaluation->draws, "draw", "draws");
    pv_html_markup(out, " of whole companies out of ");
    pv_html_count(out, page->evaluation->companies);
    pv_html_markup(out, " (paired bootstrap). They hold what other customers would have changed, but not what another "
                        "year would have.</li>\n");
}

void pv_report_limits(const pv_report_page *page)
{
    pv_buffer *out = page->out;
    pv_report_begin_section(out, "limits", "What is absent, and why");
    pv_html_markup(out, "<p>What the numbers above leave out, so that nobody reads more into them than they say.</p>\n"
                        "<ul>\n");
    append_missing_cutoffs(page);
    append_absent_contenders(page);
    append_absent_metrics(page);
    append_customers(page);
    append_reachable(page);
    append_spend(page);
    append_bootstrap(page);
    append_rows_read(page);
    pv_html_markup(out, "</ul>\n");
    pv_report_end_section(out);
}
