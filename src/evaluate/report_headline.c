/* report_headline.c - the comparison as a table: tasks, contenders, intervals, verdicts. */
#include "evaluate/report_html.h"

#include <math.h>

static void append_interval_cell(pv_buffer *out, const pv_interval *interval, bool is_signed)
{
    void (*const append_score)(pv_buffer *, double, int) = is_signed ? pv_html_signed_score : pv_html_score;
    pv_html_markup(out, "<td>");
    append_score(out, interval->value, PV_SCORE_PLACES);
    if (!isnan(interval->low) && !isnan(interval->high)) {
        pv_html_markup(out, " <small>");
        append_score(out, interval->low, PV_SCORE_PLACES);
        pv_html_markup(out, " to ");
        append_score(out, interval->high, PV_SCORE_PLACES);
        pv_html_markup(out, "</small>");
    }
    pv_html_markup(out, "</td>");
}

static void append_verdict_cell(pv_buffer *out, pv_verdict verdict)
{
    static const char *const cells[] = {[PV_VERDICT_NONE] = "<td class=\"text\">\xe2\x80\x93</td>",
                                        [PV_VERDICT_BETTER] = "<td class=\"text better\">better</td>",
                                        [PV_VERDICT_BETTER_ALONE] =
                                            "<td class=\"text better\">better, uncorrected</td>",
                                        [PV_VERDICT_SAME] = "<td class=\"text\">not distinguishable</td>",
                                        [PV_VERDICT_WORSE_ALONE] = "<td class=\"text worse\">worse, uncorrected</td>",
                                        [PV_VERDICT_WORSE] = "<td class=\"text worse\">worse</td>"};
    pv_html_markup(out, cells[verdict]);
}

static void append_contender(const pv_report_page *page, const pv_task_result *task, int64_t contender)
{
    pv_buffer *out = page->out;
    const pv_contender_score *score = &task->contenders[contender];
    pv_html_markup(out, contender == 0 ? "<tr class=\"own\">" : "<tr>");
    pv_html_heading_cell(out, page->evaluation->contenders[contender].title);
    for (int h = 0; h < PV_HEADLINE_COUNT; h++) append_interval_cell(out, &score->headline[h], false);
    if (contender == 0) {
        pv_html_markup(out, "<td></td><td></td><td></td></tr>\n");
        return;
    }
    for (int h = 0; h < PV_HEADLINE_COUNT; h++) append_interval_cell(out, &score->against[h].difference, true);
    append_verdict_cell(out, pv_report_verdict(&score->against[PV_HEADLINE_RECALL]));
    pv_html_markup(out, "</tr>\n");
}

static void append_ceiling(const pv_report_page *page, const pv_task_result *task)
{
    pv_html_markup(page->out, "<tr class=\"ceiling\">");
    pv_html_heading_cell(page->out, "the best possible list");
    pv_html_score_cell(page->out, task->ceiling[PV_LONGEST_LENGTH], PV_SCORE_PLACES);
    pv_html_markup(page->out, "<td></td><td></td><td></td><td></td></tr>\n");
}

static void append_task(const pv_report_page *page, pv_rank_task task)
{
    const pv_evaluation *evaluation = page->evaluation;
    const pv_task_result *result = &evaluation->pooled[task];
    const int64_t *order = pv_report_order(page, task);
    pv_buffer *out = page->out;
    pv_buffer_print(out, "<h3>%s</h3>\n<p>", pv_report_task_title(task));
    if (!pv_report_has_scores(result, evaluation)) {
        pv_html_markup(out, "No customer bought anything of this kind in the time that was looked at.</p>\n");
        return;
    }
    pv_html_counted(out, result->users, "customer", "customers");
    pv_html_markup(out, evaluation->n_windows > 1 ? " (counted at each date anew), " : ", ");
    pv_html_score(out, result->truth_size, 1);
    pv_html_markup(out, " products bought by each on average");
    if (task == PV_TASK_ALL && isfinite(result->repeat_share)) {
        pv_html_markup(out, ", of which ");
        pv_html_percent(out, result->repeat_share);
        pv_html_markup(out, " had been bought before");
    }
    pv_html_markup(out, ".</p>\n");
    pv_report_begin_table(out, "");
    pv_html_markup(out, "<thead><tr><th scope=\"col\">Contender</th><th scope=\"col\">Recall@20</th>"
                        "<th scope=\"col\">NDCG@20</th><th scope=\"col\">purvey ahead, recall</th>"
                        "<th scope=\"col\">purvey ahead, NDCG</th>"
                        "<th scope=\"col\" class=\"text\">purvey is, by recall</th></tr></thead>\n<tbody>\n");
    for (int64_t k = 0; k < evaluation->n_contenders; k++) append_contender(page, result, order[k]);
    append_ceiling(page, result);
    pv_html_markup(out, "</tbody>\n");
    pv_report_end_table(out);
}

void pv_report_headline(const pv_report_page *page)
{
    pv_buffer *out = page->out;
    pv_report_begin_section(out, "headline", "purvey beside simpler methods");
    pv_html_markup(
        out, "<p>Recall@20 is the share of what a customer bought that stood among the first 20 places of the list, "
             "averaged over customers: 0.25 means one product in four. NDCG@20 also counts how high up it stood. "
             "Three questions are kept apart, because they are not equally hard: all products, those the customer "
             "had bought before, and those that were new to the customer.</p>\n"
             "<p>The small numbers are 95&nbsp;% intervals: other customers of the same kind would likely give a "
             "value between them. <em>Better</em> or <em>worse</em> means that the interval of the difference leaves "
             "out 0; both were measured on the same customers, so the difference is known better than either number. "
             "<em>Not distinguishable</em> means that these customers cannot decide; it does not mean equal. "
             "<em>Uncorrected</em>: convincing if it were the only comparison, but not among this many (Holm's "
             "correction).</p>\n");
    for (int t = 0; t < PV_TASK_COUNT; t++) append_task(page, (pv_rank_task)t);
    pv_report_end_section(out);
}
