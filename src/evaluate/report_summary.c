/* report_summary.c - the top of the page: what was evaluated, and the result in three sentences. */
#include "evaluate/report_html.h"

#include <math.h>

static void append_fact(pv_buffer *out, const char *name)
{
    pv_buffer_print(out, "<div><dt>%s</dt><dd>", name);
}

static void end_fact(pv_buffer *out)
{
    pv_html_markup(out, "</dd></div>\n");
}

static void append_dates(const pv_report_page *page)
{
    const pv_evaluation *evaluation = page->evaluation;
    append_fact(page->out, "Cut-off dates");
    if (evaluation->n_windows == 0) pv_html_markup(page->out, "none");
    for (int64_t w = 0; w < evaluation->n_windows; w++) {
        if (w > 0) pv_html_markup(page->out, ", ");
        pv_html_date(page->out, evaluation->windows[w].cutoff);
    }
    end_fact(page->out);
}

static void append_customers(const pv_report_page *page)
{
    const pv_evaluation *evaluation = page->evaluation;
    int64_t tries = 0;
    for (int64_t w = 0; w < evaluation->n_windows; w++) tries += evaluation->windows[w].users_scored;
    append_fact(page->out, "Customers judged");
    pv_html_counted(page->out, tries, "customer", "customers");
    if (evaluation->n_windows > 1) pv_html_markup(page->out, ", counted at each date anew");
    pv_html_markup(page->out, "; ");
    pv_html_counted(page->out, evaluation->companies, "company", "companies");
    end_fact(page->out);
}

static void append_facts(const pv_report_page *page)
{
    const pv_evaluation *evaluation = page->evaluation;
    pv_buffer *out = page->out;
    pv_html_markup(out, "<dl class=\"facts\">\n");
    append_dates(page);
    append_fact(out, "Horizon");
    pv_html_counted(out, evaluation->horizon_days, "day", "days");
    pv_html_markup(out, " after each date");
    end_fact(out);
    append_customers(page);
    append_fact(out, "Products to choose from");
    if (evaluation->n_windows > 0)
        pv_html_count(out, evaluation->windows[evaluation->n_windows - 1].products_known);
    else
        pv_html_markup(out, "none");
    if (evaluation->n_windows > 1) pv_html_markup(out, " at the last date");
    end_fact(out);
    append_fact(out, "Compared with");
    pv_html_counted(out, evaluation->n_contenders > 0 ? evaluation->n_contenders - 1 : 0, "simpler method",
                    "simpler methods");
    end_fact(out);
    append_fact(out, "Data and settings");
    pv_html_markup(out, "<code>");
    pv_html_text(out, evaluation->data_hash);
    pv_html_markup(out, "</code>");
    end_fact(out);
    pv_html_markup(out, "</dl>\n");
}

/* How purvey stands to the best other one, as the paired draws say. */
static void append_lead(pv_buffer *out, const pv_evaluation *evaluation, const pv_task_result *task, int64_t other)
{
    static const char *const words[] = {
        [PV_VERDICT_NONE] = "beside",
        [PV_VERDICT_BETTER] = "better than",
        [PV_VERDICT_BETTER_ALONE] = "better, though not after correction for many comparisons, than",
        [PV_VERDICT_SAME] = "not distinguishable from",
        [PV_VERDICT_WORSE_ALONE] = "worse, though not after correction for many comparisons, than",
        [PV_VERDICT_WORSE] = "worse than"};
    const pv_contender_score *score = &task->contenders[other];
    const pv_comparison *against = &score->against[PV_HEADLINE_RECALL];
    pv_buffer_print(out, " That is <strong>%s</strong> the best of the others, \xe2\x80\x9c",
                    words[pv_report_verdict(against)]);
    pv_html_text(out, evaluation->contenders[other].title);
    pv_html_markup(out, "\xe2\x80\x9d, with ");
    pv_html_percent(out, score->headline[PV_HEADLINE_RECALL].value);
    if (!isnan(against->difference.low)) {
        pv_html_markup(out, " (difference ");
        pv_html_signed_score(out, 100 * against->difference.value, 1);
        pv_html_markup(out, " points, 95&nbsp;% interval ");
        pv_html_signed_score(out, 100 * against->difference.low, 1);
        pv_html_markup(out, " to ");
        pv_html_signed_score(out, 100 * against->difference.high, 1);
        pv_html_markup(out, ")");
    }
    pv_html_markup(out, ".");
}

static void append_task(const pv_report_page *page, pv_rank_task task)
{
    static const char *const questions[PV_TASK_COUNT] = {[PV_TASK_ALL] = "Of everything that a customer bought next",
                                                         [PV_TASK_REPEAT] = "Of the products bought again",
                                                         [PV_TASK_NEW] = "Of the products bought for the first time"};
    const pv_evaluation *evaluation = page->evaluation;
    const pv_task_result *result = &evaluation->pooled[task];
    pv_buffer *out = page->out;
    pv_html_markup(out, "<li>");
    if (!pv_report_has_scores(result, evaluation)) {
        pv_buffer_print(out, "<strong>%s:</strong> no customer bought anything of this kind.</li>\n",
                        pv_report_task_title(task));
        return;
    }
    pv_buffer_print(out, "<strong>%s.</strong> %s, ", pv_report_task_title(task), questions[task]);
    pv_html_percent(out, pv_report_recall(result, evaluation, 0));
    pv_buffer_print(out, " stood among the first %d that purvey recommended.", PV_LENGTH_LONGEST);
    const int64_t other = pv_report_best_other(page, task);
    if (other > 0) append_lead(out, evaluation, result, other);
    pv_buffer_print(out, " No list of %d could reach more than ", PV_LENGTH_LONGEST);
    pv_html_percent(out, result->ceiling[PV_LONGEST_LENGTH]);
    pv_html_markup(out, ".");
    pv_html_markup(out, "</li>\n");
}

static void append_contents(pv_buffer *out)
{
    pv_html_markup(out,
                   "<nav aria-label=\"Sections\"><a href=\"#headline\">Comparison</a> <a href=\"#intervals\">Plots</a> "
                   "<a href=\"#cutoffs\">Over time</a> <a href=\"#slices\">Parts of the customers</a> "
                   "<a href=\"#reliability\">Probabilities</a> <a href=\"#metrics\">All metrics</a> "
                   "<a href=\"#limits\">What is absent</a></nav>\n");
}

void pv_report_summary(const pv_report_page *page)
{
    pv_buffer *out = page->out;
    pv_html_markup(out,
                   "<header>\n<h1>How good are the recommendations?</h1>\n"
                   "<p>At each cut-off date a model was made from what was known before it. It recommended to every "
                   "known customer, and so did simpler methods. What customers then really bought is the judge.</p>\n");
    append_facts(page);
    append_contents(out);
    pv_html_markup(out, "</header>\n");
    pv_report_begin_section(out, "summary", "In short");
    pv_html_markup(out, "<ul class=\"summary\">\n");
    for (int t = 0; t < PV_TASK_COUNT; t++) append_task(page, (pv_rank_task)t);
    pv_html_markup(out,
                   "</ul>\n<p class=\"note\">Shares are means over customers. This measures whether purvey foresees "
                   "what customers buy anyway. It does not measure what they would buy in addition if "
                   "they saw the recommendations: only a test with shown lists can.</p>\n");
    pv_report_end_section(out);
}
