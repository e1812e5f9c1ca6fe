/* report_metrics.c - every metric of every contender at every list length, and what each metric means. */
#include "evaluate/report_html.h"

#include <math.h>

#define PLACES 3

/* Which end of a metric is good; some have none. */
typedef enum direction { EITHER, HIGH, LOW } direction;

static const struct {
    const char *title, *meaning;
    direction better;
} metrics[PV_METRIC_COUNT] = {
    [PV_METRIC_RECALL] = {"Recall", "Share of what the customer bought that the list holds.", HIGH},
    [PV_METRIC_NDCG] = {"NDCG",
                        "Like recall, but a hit counts more the higher it stands; 1 is the best order there is.", HIGH},
    [PV_METRIC_MAP] = {"MAP",
                       "Mean, over the hits, of the share of hits down to each of them; hits at the top count most.",
                       HIGH},
    [PV_METRIC_MRR] = {"MRR", "One divided by the place of the first hit: 0.5 if it is the second.", HIGH},
    [PV_METRIC_HIT_RATE] = {"Hit rate", "Share of customers with at least one hit.", HIGH},
    [PV_METRIC_SPEND_RECALL] = {"Spend recall", "Recall with products weighed by the money spent on them.", HIGH},
    [PV_METRIC_REPEAT_SHARE] =
        {"Repeat share",
         "Share of the list that the customer had bought before; the last row says what it was in the purchases.",
         EITHER},
    [PV_METRIC_TIE_SHARE] = {"Tie share", "Share of places that scores did not decide, but the order of product ids.",
                             LOW},
    [PV_METRIC_NOVELTY] = {"Novelty", "How rarely the products were bought before; one more means half as often.",
                           EITHER},
    [PV_METRIC_CATEGORY_DIVERSITY] = {"Category diversity",
                                      "Share of pairs in the list that are of different categories.", EITHER},
    [PV_METRIC_CATEGORY_DIVERGENCE] =
        {"Category divergence",
         "How far the list's mix of categories is from that of the customer's past; 0 is the "
         "same mix.",
         EITHER},
    [PV_METRIC_COVERAGE] = {"Coverage", "Share of the products that stand in anybody's list.", EITHER},
    [PV_METRIC_GINI] = {"Gini", "How unevenly products are listed: 0 all alike, 1 always the same few.", EITHER},
};

const char *pv_report_metric_title(pv_metric metric)
{
    return metrics[metric].title;
}

/* As printed: what reads the same is equally good. */
static double rounded(double value)
{
    return round(value * 1000);
}

/* The best value of a column as printed; NaN where high is not the good end or nothing is defined. */
static double best_value(const pv_task_result *task, int64_t n_contenders, int length, int metric)
{
    double best = (double)NAN;
    for (int64_t c = 0; c < n_contenders && metrics[metric].better == HIGH; c++) {
        const double value = rounded(task->contenders[c].metrics[length][metric]);
        if (isnan(best) || value > best) best = value;
    }
    return best;
}

/* What no list can exceed, and what the share of repeats was in truth. */
static void append_truth(pv_buffer *out, const pv_task_result *task, int length)
{
    pv_html_markup(out, "<tr class=\"ceiling\">");
    pv_html_heading_cell(out, "what there was to find");
    for (int m = 0; m < PV_METRIC_COUNT; m++) {
        const bool is_known = m == PV_METRIC_RECALL || m == PV_METRIC_REPEAT_SHARE;
        if (is_known)
            pv_html_score_cell(out, m == PV_METRIC_RECALL ? task->ceiling[length] : task->repeat_share, PLACES);
        else
            pv_html_markup(out, "<td></td>");
    }
    pv_html_markup(out, "</tr>\n");
}

static void append_rows(const pv_report_page *page, pv_rank_task task, int length)
{
    const pv_evaluation *evaluation = page->evaluation;
    const pv_task_result *result = &evaluation->pooled[task];
    const int64_t *order = pv_report_order(page, task);
    pv_buffer *out = page->out;
    double best[PV_METRIC_COUNT];
    for (int m = 0; m < PV_METRIC_COUNT; m++) best[m] = best_value(result, evaluation->n_contenders, length, m);
    pv_buffer_print(out,
                    "<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%d\">First %d places</th></tr>\n",
                    1 + PV_METRIC_COUNT, (int)pv_list_length(length));
    for (int64_t k = 0; k < evaluation->n_contenders; k++) {
        const double *values = result->contenders[order[k]].metrics[length];
        pv_html_markup(out, order[k] == 0 ? "<tr class=\"own\">" : "<tr>");
        pv_html_heading_cell(out, evaluation->contenders[order[k]].title);
        for (int m = 0; m < PV_METRIC_COUNT; m++) {
            pv_html_markup(out, rounded(values[m]) == best[m] ? "<td class=\"best\">" : "<td>");
            pv_html_score(out, values[m], PLACES);
            pv_html_markup(out, "</td>");
        }
        pv_html_markup(out, "</tr>\n");
    }
    append_truth(out, result, length);
    pv_html_markup(out, "</tbody>\n");
}

static void append_task(const pv_report_page *page, pv_rank_task task)
{
    pv_buffer *out = page->out;
    if (!pv_report_has_scores(&page->evaluation->pooled[task], page->evaluation)) return;
    pv_buffer_print(out, "<h3>%s</h3>\n", pv_report_task_title(task));
    pv_report_begin_table(out, "");
    pv_html_markup(out, "<thead><tr><th scope=\"col\">Contender</th>");
    for (int m = 0; m < PV_METRIC_COUNT; m++) pv_buffer_print(out, "<th scope=\"col\">%s</th>", metrics[m].title);
    pv_html_markup(out, "</tr></thead>\n");
    for (int k = 0; k < PV_LENGTH_COUNT; k++) append_rows(page, task, k);
    pv_report_end_table(out);
}

static void append_meanings(pv_buffer *out)
{
    static const char *const ends[] = {
        [EITHER] = "neither end is good in itself", [HIGH] = "high is good", [LOW] = "low is good"};
    pv_report_begin_table(out, "What the metrics mean");
    pv_html_markup(out, "<tbody>\n");
    for (int m = 0; m < PV_METRIC_COUNT; m++)
        pv_buffer_print(out,
                        "<tr><th scope=\"row\">%s</th><td class=\"text wrap\">%s</td><td class=\"text\">%s</td></tr>\n",
                        metrics[m].title, metrics[m].meaning, ends[metrics[m].better]);
    pv_html_markup(out, "</tbody>\n");
    pv_report_end_table(out);
}

void pv_report_metrics(const pv_report_page *page)
{
    pv_buffer *out = page->out;
    pv_report_begin_section(out, "metrics", "All metrics");
    pv_html_markup(out,
                   "<p>All figures over all dates, for the first 5, 10 and 20 places. The best of a column is bold "
                   "where high is good. These have no intervals here: small differences may be chance. No "
                   "single column decides; a method may have a high recall by listing to everybody what everybody "
                   "buys, which coverage and Gini show.</p>\n");
    append_meanings(out);
    for (int t = 0; t < PV_TASK_COUNT; t++) append_task(page, (pv_rank_task)t);
    pv_report_end_section(out);
}
