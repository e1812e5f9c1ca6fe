/* report_html.h - the sections of the page that pv_evaluation_html() writes.
 *
 * Holds:    what sections share, and one function a section, in the order of the page. Each appends one <section>; all
 *           of them take any evaluation, with no windows, no customers, NaN for any number and any text in its names.
 * Words:    "tries": a customer at a cut-off. A task without tries has no numbers.
 */
#ifndef PV_REPORT_HTML_H
#define PV_REPORT_HTML_H

#include <purvey/evaluate.h>

#include "evaluate/html_text.h"

#define PV_SCORE_PLACES 4 /* digits of recall and NDCG, as on the terminal */
#define PV_LONGEST_LENGTH (PV_LENGTH_COUNT - 1)
#define PV_SLICE_USERS_MIN 30 /* below, a mean says little (product protocol: minimum slice size) */

typedef struct pv_report_page {
    pv_buffer *out;
    const pv_evaluation *evaluation; /* borrowed */
    int64_t *order; /* [PV_TASK_COUNT x n_contenders] contenders by falling recall of the pooled task, undefined last */
} pv_report_page;

const char *pv_report_task_title(pv_rank_task task); /* "All products", ... */
const char *pv_report_metric_title(pv_metric metric);
bool pv_report_has_scores(const pv_task_result *task, const pv_evaluation *evaluation);
/* Contenders of a task, best first: [n_contenders]. */
static inline const int64_t *pv_report_order(const pv_report_page *page, pv_rank_task task)
{
    return page->order + (int64_t)task * page->evaluation->n_contenders;
}
/* The best contender beside purvey with a recall; 0 when there is none. */
int64_t pv_report_best_other(const pv_report_page *page, pv_rank_task task);
/* Recall at PV_LENGTH_LONGEST; NaN without scores. */
double pv_report_recall(const pv_task_result *task, const pv_evaluation *evaluation, int64_t contender);

typedef enum pv_verdict {
    PV_VERDICT_NONE, /* no interval */
    PV_VERDICT_BETTER,
    PV_VERDICT_BETTER_ALONE, /* the interval is above 0, but not after Holm's correction */
    PV_VERDICT_SAME,
    PV_VERDICT_WORSE_ALONE,
    PV_VERDICT_WORSE
} pv_verdict;
pv_verdict pv_report_verdict(const pv_comparison *comparison);

/* Opens with a heading that links may point to; pv_report_end_section() closes. */
void pv_report_begin_section(pv_buffer *out, const char *id, const char *title);
void pv_report_end_section(pv_buffer *out);
void pv_report_begin_table(pv_buffer *out, const char *caption); /* inside a box that scrolls; caption may be "" */
void pv_report_end_table(pv_buffer *out);

void pv_report_style(pv_buffer *out); /* CSS */

void pv_report_summary(const pv_report_page *page);
void pv_report_headline(const pv_report_page *page);
void pv_report_intervals(const pv_report_page *page);
void pv_report_cutoffs(const pv_report_page *page);
void pv_report_slices(const pv_report_page *page);
void pv_report_reliability(const pv_report_page *page);
void pv_report_metrics(const pv_report_page *page);
void pv_report_limits(const pv_report_page *page);

#endif
