/* report_cutoffs.c - how the result changes from one cut-off date to the next: small plots and the windows in numbers.
 */
#include "evaluate/report_html.h"

#include "evaluate/svg_plot.h"
#include <math.h>

#define PLOT_WIDTH 330.0
#define PLOT_HEIGHT 230.0
#define PLOT_LEFT 52.0
#define PLOT_RIGHT 300.0
#define PLOT_TOP 12.0
#define PLOT_BOTTOM 190.0
#define STEPS 4
#define SERIES_MAX 7 /* colours of the style: purvey and the two best others of each task */
#define OTHERS_A_TASK 2
#define TITLE_CHARACTERS 28

/* Contenders that are drawn; the place is the colour, the same in all plots. */
typedef struct series_list {
    int64_t contenders[SERIES_MAX];
    int n;
} series_list;

static void add_series(series_list *list, int64_t contender)
{
    for (int k = 0; k < list->n; k++)
        if (list->contenders[k] == contender) return;
    list->contenders[list->n++] = contender;
}

static series_list choose_series(const pv_report_page *page)
{
    const pv_evaluation *evaluation = page->evaluation;
    series_list list = {{0}, 0};
    if (evaluation->n_contenders > 0) add_series(&list, 0);
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        const int64_t *order = pv_report_order(page, (pv_rank_task)t);
        for (int64_t k = 0, taken = 0; k < evaluation->n_contenders && taken < OTHERS_A_TASK; k++) {
            if (order[k] == 0 || isnan(pv_report_recall(&evaluation->pooled[t], evaluation, order[k]))) continue;
            add_series(&list, order[k]);
            taken++;
        }
    }
    return list;
}

/* --- plots ------------------------------------------------------------------------------------------------------- */

static void append_legend(const pv_report_page *page, const series_list *list)
{
    pv_html_markup(page->out, "<ul class=\"legend\">\n");
    for (int k = 0; k < list->n; k++) {
        pv_buffer_print(page->out,
                        "<li><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"34\" height=\"12\" aria-hidden=\"true\">"
                        "<line class=\"series s%d\" x1=\"1\" y1=\"6\" x2=\"33\" y2=\"6\"/>"
                        "<circle class=\"point s%d\" cx=\"17\" cy=\"6\" r=\"3.5\"/></svg> ",
                        k, k);
        pv_html_text_start(page->out, page->evaluation->contenders[list->contenders[k]].title, TITLE_CHARACTERS);
        pv_html_markup(page->out, "</li>\n");
    }
    pv_html_markup(page->out, "</ul>\n");
}

static const pv_interval *recall_at(const pv_evaluation *evaluation, int64_t window, pv_rank_task task,
                                    int64_t contender)
{
    static const pv_interval undefined = {(double)NAN, (double)NAN, (double)NAN};
    const pv_task_result *result = &evaluation->windows[window].tasks[task];
    return pv_report_has_scores(result, evaluation) ? &result->contenders[contender].headline[PV_HEADLINE_RECALL]
                                                    : &undefined;
}

static double window_x(const pv_evaluation *evaluation, int64_t window)
{
    const pv_axis dates = {.low = (double)evaluation->windows[0].cutoff,
                           .high = (double)evaluation->windows[evaluation->n_windows - 1].cutoff,
                           .from = PLOT_LEFT + 16,
                           .to = PLOT_RIGHT - 16};
    if (!(dates.high > dates.low)) return (PLOT_LEFT + PLOT_RIGHT) / 2;
    return pv_axis_at(&dates, (double)evaluation->windows[window].cutoff);
}

static void draw_dates(pv_buffer *out, const pv_evaluation *evaluation)
{
    for (int64_t w = 0; w < evaluation->n_windows; w++) {
        const double x = window_x(evaluation, w);
        pv_svg_line(out, "grid", x, PLOT_BOTTOM, x, PLOT_BOTTOM + 5);
        const bool is_first = w == 0, is_last = w == evaluation->n_windows - 1;
        if (!is_first && !is_last) continue;
        pv_svg_begin_text(out, "tick middle", x, PLOT_BOTTOM + 20);
        pv_html_day(out, evaluation->windows[w].cutoff);
        pv_svg_end_text(out);
    }
}

static void draw_series(pv_buffer *out, const pv_evaluation *evaluation, pv_rank_task task, int64_t contender,
                        const pv_axis *axis, int colour)
{
    const char *const lines[SERIES_MAX] = {"series s0", "series s1", "series s2", "series s3",
                                           "series s4", "series s5", "series s6"};
    const char *const points[SERIES_MAX] = {"point s0", "point s1", "point s2", "point s3",
                                            "point s4", "point s5", "point s6"};
    for (int64_t w = 0; w < evaluation->n_windows; w++) {
        const pv_interval *recall = recall_at(evaluation, w, task, contender);
        const double x = window_x(evaluation, w), y = pv_axis_at(axis, recall->value);
        if (!isfinite(recall->value)) continue;
        if (w > 0 && isfinite(recall_at(evaluation, w - 1, task, contender)->value))
            pv_svg_line(out, lines[colour], window_x(evaluation, w - 1),
                        pv_axis_at(axis, recall_at(evaluation, w - 1, task, contender)->value), x, y);
        if (contender == 0 && isfinite(recall->low) && isfinite(recall->high))
            pv_svg_line(out, "whisker s0", x, pv_axis_at(axis, recall->low), x, pv_axis_at(axis, recall->high));
        pv_svg_circle(out, points[colour], x, y, 3.5);
    }
}

/* The recalls of the drawn contenders, and purvey's intervals. */
static pv_extent recalls_of(const pv_evaluation *evaluation, pv_rank_task task, const series_list *list)
{
    pv_extent seen = PV_EXTENT_EMPTY;
    for (int64_t w = 0; w < evaluation->n_windows; w++)
        for (int k = 0; k < list->n; k++) {
            const pv_interval *recall = recall_at(evaluation, w, task, list->contenders[k]);
            pv_extent_add(&seen, recall->value);
            if (list->contenders[k] != 0) continue;
            pv_extent_add(&seen, recall->low);
            pv_extent_add(&seen, recall->high);
        }
    return seen;
}

static bool append_plot(const pv_report_page *page, pv_rank_task task, const series_list *list)
{
    static const char *const names[PV_TASK_COUNT] = {
        [PV_TASK_ALL] = "Recall at 20 over the cut-off dates, all products",
        [PV_TASK_REPEAT] = "Recall at 20 over the cut-off dates, products bought before",
        [PV_TASK_NEW] = "Recall at 20 over the cut-off dates, products not bought before"};
    const pv_extent seen = recalls_of(page->evaluation, task, list);
    if (seen.low > seen.high) return false;
    const pv_axis axis = pv_axis_make(seen.low, seen.high, STEPS, PLOT_BOTTOM, PLOT_TOP);
    pv_buffer_print(page->out, "<figure>\n<figcaption>%s</figcaption>\n", pv_report_task_title(task));
    pv_svg_begin(page->out, PLOT_WIDTH, PLOT_HEIGHT, names[task]);
    pv_svg_rows(page->out, &axis, PLOT_LEFT, PLOT_RIGHT);
    draw_dates(page->out, page->evaluation);
    for (int k = list->n - 1; k >= 0; k--) /* purvey on top */
        draw_series(page->out, page->evaluation, task, list->contenders[k], &axis, k);
    pv_svg_end(page->out);
    pv_html_markup(page->out, "</figure>\n");
    return true;
}

static void append_plots(const pv_report_page *page)
{
    const series_list list = choose_series(page);
    bool is_drawn = false;
    append_legend(page, &list);
    pv_html_markup(page->out, "<div class=\"multiples\">\n");
    for (int t = 0; t < PV_TASK_COUNT; t++) is_drawn |= append_plot(page, (pv_rank_task)t, &list);
    if (!is_drawn) pv_html_markup(page->out, "<p>There is nothing to draw: no customer could be judged.</p>\n");
    pv_html_markup(page->out, "</div>\n");
}

/* --- the windows in numbers -------------------------------------------------------------------------------------- */

static void append_window(pv_buffer *out, const pv_window *window)
{
    pv_html_markup(out, "<tr><th scope=\"row\" class=\"date\">");
    pv_html_date(out, window->cutoff);
    pv_html_markup(out, "</th><td>");
    pv_html_date(out, window->end);
    pv_html_markup(out, "</td>");
    pv_html_count_cell(out, window->users_known);
    pv_html_count_cell(out, window->users_scored);
    pv_html_count_cell(out, window->users_idle);
    pv_html_count_cell(out, window->users_unknown);
    pv_html_count_cell(out, window->products_known);
    pv_html_count_cell(out, window->pairs);
    pv_html_count_cell(out, window->pairs_unknown);
    pv_html_markup(out, "</tr>\n");
}

static void append_windows(const pv_report_page *page)
{
    pv_buffer *out = page->out;
    pv_report_begin_table(out, "The dates in numbers");
    pv_html_markup(out,
                   "<thead><tr><th scope=\"col\">Known before</th><th scope=\"col\">Judged before</th>"
                   "<th scope=\"col\">Customers known</th><th scope=\"col\">of them judged</th>"
                   "<th scope=\"col\">bought nothing</th><th scope=\"col\">New customers</th>"
                   "<th scope=\"col\">Products known</th><th scope=\"col\">Pairs of customer and product judged</th>"
                   "<th scope=\"col\">left out: products not yet known</th></tr></thead>\n<tbody>\n");
    for (int64_t w = 0; w < page->evaluation->n_windows; w++) append_window(out, &page->evaluation->windows[w]);
    pv_html_markup(out, "</tbody>\n");
    pv_report_end_table(out);
}

void pv_report_cutoffs(const pv_report_page *page)
{
    const int64_t n_windows = page->evaluation->n_windows;
    pv_buffer *out = page->out;
    pv_report_begin_section(out, "cutoffs", "Does it hold over time?");
    if (n_windows == 0) {
        pv_html_markup(out, "<p>There is no cut-off date.</p>\n");
    } else {
        pv_html_markup(out,
                       "<p>Recall@20 at each cut-off date, for purvey and the best other methods. A lead that "
                       "shows at every date is worth more than one good date. That all lines rise or fall together "
                       "comes from the season and not from the methods. The upright lines are purvey's 95&nbsp;% "
                       "intervals; each plot has a scale of its own.</p>\n");
        if (n_windows == 1)
            pv_html_markup(out, "<p class=\"note\">Here is one date only: nothing can be said about time.</p>\n");
        append_plots(page);
        append_windows(page);
    }
    pv_report_end_section(out);
}
