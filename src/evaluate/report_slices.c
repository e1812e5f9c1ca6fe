/* report_slices.c - the same for parts of the customers: a table with small bars. */
#include "evaluate/report_html.h"

#include "evaluate/svg_plot.h"
#include <math.h>
#include <string.h>

#define BAR_LENGTH 90.0
#define BAR_HEIGHT 5.0

static const char *group_title(const char *group)
{
    static const char *const titles[][2] = {
        {"orders", "Orders before the date"}, {"spend", "Spend before the date"}, {"products", "Products bought"}};
    for (size_t k = 0; k < sizeof titles / sizeof *titles; k++)
        if (strcmp(group, titles[k][0]) == 0) return titles[k][1];
    return group;
}

static double slice_recall(const pv_report_page *page, const pv_slice *slice, pv_rank_task task, int64_t contender)
{
    const int64_t n = page->evaluation->n_contenders;
    if (slice->users[task] < PV_SLICE_USERS_MIN || !slice->scores || n == 0) return (double)NAN;
    return pv_slice_score(slice, n, task, contender, PV_HEADLINE_RECALL);
}

/* What the longest bar of a task stands for. */
static double longest_bar(const pv_report_page *page, pv_rank_task task)
{
    pv_extent seen = {0, 0};
    for (int64_t k = 0; k < page->evaluation->n_slices; k++) {
        pv_extent_add(&seen, slice_recall(page, &page->evaluation->slices[k], task, 0));
        pv_extent_add(&seen, slice_recall(page, &page->evaluation->slices[k], task, pv_report_best_other(page, task)));
    }
    return seen.high > 0 ? seen.high : 1;
}

static void append_bar(pv_buffer *out, const char *mark, double y, double share)
{
    if (isfinite(share)) pv_svg_box(out, mark, 0, y, BAR_LENGTH * share, BAR_HEIGHT);
}

/* Customers, purvey's recall and the other's, with bars. */
static void append_task_cells(const pv_report_page *page, const pv_slice *slice, pv_rank_task task, double longest)
{
    pv_buffer *out = page->out;
    const int64_t other = pv_report_best_other(page, task);
    const double own = slice_recall(page, slice, task, 0), of_other = slice_recall(page, slice, task, other);
    pv_html_count_cell(out, slice->users[task]);
    if (slice->users[task] < PV_SLICE_USERS_MIN) {
        pv_html_markup(out, "<td class=\"text small\" colspan=\"2\">too small to judge</td>");
        return;
    }
    pv_html_markup(out, "<td>");
    pv_html_score(out, own, 3);
    pv_html_markup(out, " / ");
    pv_html_score(out, other > 0 ? of_other : (double)NAN, 3);
    pv_html_markup(out, "</td><td class=\"bars\">");
    pv_svg_begin(out, BAR_LENGTH, 2 * BAR_HEIGHT + 1, "the same as bars");
    append_bar(out, "bar own", 0, own / longest);
    if (other > 0) append_bar(out, "bar", BAR_HEIGHT + 1, of_other / longest);
    pv_svg_end(out);
    pv_html_markup(out, "</td>");
}

static void append_head(const pv_report_page *page)
{
    pv_buffer *out = page->out;
    pv_html_markup(out, "<thead><tr><th scope=\"col\" rowspan=\"2\">Part</th>");
    for (int t = 0; t < PV_TASK_COUNT; t++)
        pv_buffer_print(out, "<th scope=\"colgroup\" colspan=\"3\" class=\"middle\">%s</th>",
                        pv_report_task_title((pv_rank_task)t));
    pv_html_markup(out, "</tr>\n<tr>");
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        const int64_t other = pv_report_best_other(page, (pv_rank_task)t);
        pv_html_markup(out, "<th scope=\"col\">customers</th><th scope=\"col\" colspan=\"2\" class=\"text\">purvey / ");
        pv_html_text(out, other > 0 ? page->evaluation->contenders[other].title : "\xe2\x80\x93");
        pv_html_markup(out, "</th>");
    }
    pv_html_markup(out, "</tr></thead>\n");
}

static void append_rows(const pv_report_page *page)
{
    const pv_evaluation *evaluation = page->evaluation;
    pv_buffer *out = page->out;
    double longest[PV_TASK_COUNT];
    for (int t = 0; t < PV_TASK_COUNT; t++) longest[t] = longest_bar(page, (pv_rank_task)t);
    pv_html_markup(out, "<tbody>\n");
    for (int64_t k = 0; k < evaluation->n_slices; k++) {
        const pv_slice *slice = &evaluation->slices[k];
        if (k == 0 || strcmp(slice->group, evaluation->slices[k - 1].group) != 0) {
            pv_buffer_print(out, "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%d\">", 1 + 3 * PV_TASK_COUNT);
            pv_html_text(out, group_title(slice->group));
            pv_html_markup(out, "</th></tr>\n");
        }
        pv_html_markup(out, "<tr>");
        pv_html_heading_cell(out, slice->value);
        for (int t = 0; t < PV_TASK_COUNT; t++) append_task_cells(page, slice, (pv_rank_task)t, longest[t]);
        pv_html_markup(out, "</tr>\n");
    }
    pv_html_markup(out, "</tbody>\n");
}

void pv_report_slices(const pv_report_page *page)
{
    pv_buffer *out = page->out;
    pv_report_begin_section(out, "slices", "For whom does it work?");
    if (page->evaluation->n_slices == 0) {
        pv_html_markup(out, "<p>There are no parts of the customers to look at.</p>\n");
    } else {
        pv_html_markup(out,
                       "<p>Recall@20 of parts of the customers, over all dates: purvey, upper bar, beside the method "
                       "that is the best other one over all customers. Compare within a row: a part with long "
                       "orders has low numbers for every method, as 20 places hold little of a long order. ");
        pv_buffer_print(
            out,
            "Parts of fewer than %d customers are too small to judge, and their numbers are not shown. With "
            "many parts, some differ by chance.</p>\n",
            PV_SLICE_USERS_MIN);
        pv_report_begin_table(out, "");
        append_head(page);
        append_rows(page);
        pv_report_end_table(out);
    }
    pv_report_end_section(out);
}
