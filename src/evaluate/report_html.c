/* report_html.c - an evaluation as one HTML page that asks for nothing from outside and needs no script. */
#include "evaluate/report_html.h"

#include "base/failure.h"
#include "base/memory.h"
#include <math.h>

/* --- what sections share ----------------------------------------------------------------------------------------- */

const char *pv_report_task_title(pv_rank_task task)
{
    static const char *const titles[PV_TASK_COUNT] = {
        [PV_TASK_ALL] = "All products", [PV_TASK_REPEAT] = "Bought before", [PV_TASK_NEW] = "Not bought before"};
    return titles[task];
}

bool pv_report_has_scores(const pv_task_result *task, const pv_evaluation *evaluation)
{
    return task->users > 0 && task->contenders && evaluation->n_contenders > 0;
}

double pv_report_recall(const pv_task_result *task, const pv_evaluation *evaluation, int64_t contender)
{
    return pv_report_has_scores(task, evaluation) ? task->contenders[contender].headline[PV_HEADLINE_RECALL].value
                                                  : (double)NAN;
}

int64_t pv_report_best_other(const pv_report_page *page, pv_rank_task task)
{
    const pv_evaluation *evaluation = page->evaluation;
    const int64_t *order = pv_report_order(page, task);
    for (int64_t k = 0; k < evaluation->n_contenders; k++)
        if (order[k] != 0 && !isnan(pv_report_recall(&evaluation->pooled[task], evaluation, order[k]))) return order[k];
    return 0;
}

pv_verdict pv_report_verdict(const pv_comparison *comparison)
{
    const double level = 0.05;
    const pv_interval *difference = &comparison->difference;
    if (isnan(difference->low) || isnan(difference->high)) return PV_VERDICT_NONE;
    const bool stands = isnan(comparison->p_adjusted) || comparison->p_adjusted <= level;
    if (difference->low > 0) return stands ? PV_VERDICT_BETTER : PV_VERDICT_BETTER_ALONE;
    if (difference->high < 0) return stands ? PV_VERDICT_WORSE : PV_VERDICT_WORSE_ALONE;
    return PV_VERDICT_SAME;
}

void pv_report_begin_section(pv_buffer *out, const char *id, const char *title)
{
    pv_buffer_print(out, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
}

void pv_report_end_section(pv_buffer *out)
{
    pv_html_markup(out, "</section>\n");
}

void pv_report_begin_table(pv_buffer *out, const char *caption)
{
    pv_html_markup(out, "<div class=\"scroll\"><table>\n");
    if (*caption != '\0') pv_buffer_print(out, "<caption>%s</caption>\n", caption);
}

void pv_report_end_table(pv_buffer *out)
{
    pv_html_markup(out, "</table></div>\n");
}

/* --- the page ---------------------------------------------------------------------------------------------------- */

/* Contender a stands before b: by recall, then in the order of the evaluation. */
static bool stands_before(const pv_report_page *page, const pv_task_result *task, int64_t a, int64_t b)
{
    const double of_a = pv_report_recall(task, page->evaluation, a), of_b = pv_report_recall(task, page->evaluation, b);
    if (isnan(of_a) != isnan(of_b)) return isnan(of_b);
    if (of_a != of_b && !isnan(of_a)) return of_a > of_b;
    return a < b;
}

/* By insertion: there are a dozen contenders. */
static void sort_contenders(pv_report_page *page)
{
    const int64_t n = page->evaluation->n_contenders;
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        int64_t *order = page->order + t * n;
        for (int64_t c = 0; c < n; c++) {
            int64_t place = c;
            for (; place > 0 && stands_before(page, &page->evaluation->pooled[t], c, order[place - 1]); place--)
                order[place] = order[place - 1];
            order[place] = c;
        }
    }
}

static void append_head(pv_buffer *out)
{
    pv_html_markup(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                        "<meta name=\"color-scheme\" content=\"light dark\">\n"
                        "<meta http-equiv=\"Content-Security-Policy\" "
                        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
                        "<title>purvey: evaluation of recommendations</title>\n<style>\n");
    pv_report_style(out);
    pv_html_markup(out, "</style>\n</head>\n<body>\n<main>\n");
}

static void append_page(const pv_report_page *page)
{
    append_head(page->out);
    pv_report_summary(page);
    pv_report_headline(page);
    pv_report_intervals(page);
    pv_report_cutoffs(page);
    pv_report_slices(page);
    pv_report_reliability(page);
    pv_report_metrics(page);
    pv_report_limits(page);
    pv_html_markup(page->out, "</main>\n</body>\n</html>");
}

pv_status pv_evaluation_html(char **html, const pv_evaluation *evaluation, pv_error *error)
{
    pv_status status;
    pv_buffer out = {0};
    pv_report_page page = {.out = &out, .evaluation = evaluation};
    page.order = pv_allocate((size_t)evaluation->n_contenders * PV_TASK_COUNT, sizeof *page.order);
    PV_TRY(pv_check_memory(page.order != NULL, "a report", error));
    sort_contenders(&page);
    append_page(&page);
    PV_TRY(pv_buffer_hand_over(html, &out, "a report", error));
cleanup:
    pv_buffer_deinit(&out);
    pv_release(page.order);
    return status;
}
