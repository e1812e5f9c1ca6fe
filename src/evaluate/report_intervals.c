/* report_intervals.c - a plot a task: recall of each contender with its interval, and the difference to purvey. */
#include "evaluate/report_html.h"

#include "evaluate/svg_plot.h"
#include <math.h>

#define PLOT_WIDTH 990.0
#define RECALL_FROM 220.0
#define RECALL_TO 560.0
#define DIFFERENCE_FROM 680.0
#define DIFFERENCE_TO 960.0
#define PLOT_TOP 30.0
#define ROW_HEIGHT 26.0
#define AXIS_HEIGHT 30.0
#define TITLE_CHARACTERS 28 /* of a contender's name that fit on the left */
#define STEPS 5

static void extend(pv_extent *extent, const pv_interval *interval)
{
    pv_extent_add(extent, interval->value);
    pv_extent_add(extent, interval->low);
    pv_extent_add(extent, interval->high);
}

/* From 0, unless all contenders stand so close together and so far from it that nothing could be told apart. */
static pv_axis recall_axis(const pv_task_result *task, int64_t n_contenders)
{
    pv_extent seen = PV_EXTENT_EMPTY;
    for (int64_t c = 0; c < n_contenders; c++) extend(&seen, &task->contenders[c].headline[PV_HEADLINE_RECALL]);
    if (seen.low > seen.high) seen = (pv_extent){0, 1};
    if (seen.low < seen.high / 2) seen.low = 0;
    const double ceiling = task->ceiling[PV_LONGEST_LENGTH];
    if (ceiling < seen.high + (seen.high - seen.low)) pv_extent_add(&seen, ceiling);
    return pv_axis_make(seen.low, seen.high, STEPS, RECALL_FROM, RECALL_TO);
}

static pv_axis difference_axis(const pv_task_result *task, int64_t n_contenders)
{
    pv_extent seen = {0, 0};
    for (int64_t c = 1; c < n_contenders; c++)
        extend(&seen, &task->contenders[c].against[PV_HEADLINE_RECALL].difference);
    return pv_axis_make(seen.low, seen.high, STEPS, DIFFERENCE_FROM, DIFFERENCE_TO);
}

static void draw_interval(pv_buffer *out, const pv_axis *axis, const pv_interval *interval, double y, bool is_own)
{
    if (isfinite(interval->low) && isfinite(interval->high))
        pv_svg_line(out, is_own ? "interval own" : "interval", pv_axis_at(axis, interval->low), y,
                    pv_axis_at(axis, interval->high), y);
    if (isfinite(interval->value))
        pv_svg_circle(out, is_own ? "dot own" : "dot", pv_axis_at(axis, interval->value), y, 4.5);
}

/* A line at the best recall there is; where that is far off, an arrow to it. */
static void draw_ceiling(pv_buffer *out, const pv_axis *axis, double ceiling, double bottom)
{
    if (!isfinite(ceiling)) return;
    const bool is_inside = ceiling <= axis->high;
    const double x = is_inside ? pv_axis_at(axis, ceiling) : RECALL_TO + 14;
    pv_svg_line(out, is_inside ? "ceiling" : "ceiling far", x, PLOT_TOP, x, bottom);
    pv_svg_begin_text(out, is_inside ? "tick end" : "tick middle", is_inside ? x - 5 : x, PLOT_TOP - 8);
    pv_html_markup(out, "best possible ");
    pv_html_score(out, ceiling, 3);
    if (!is_inside) pv_html_markup(out, " \xe2\x86\x92");
    pv_svg_end_text(out);
}

static void draw_rows(const pv_report_page *page, pv_rank_task task, const pv_axis *recall, const pv_axis *difference)
{
    const pv_evaluation *evaluation = page->evaluation;
    const int64_t *order = pv_report_order(page, task);
    for (int64_t k = 0; k < evaluation->n_contenders; k++) {
        const int64_t contender = order[k];
        const pv_contender_score *score = &evaluation->pooled[task].contenders[contender];
        const double y = PLOT_TOP + ((double)k + 0.5) * ROW_HEIGHT;
        pv_svg_begin_text(page->out, contender == 0 ? "label end own" : "label end", RECALL_FROM - 14, y + 4);
        pv_html_text_start(page->out, evaluation->contenders[contender].title, TITLE_CHARACTERS);
        pv_svg_end_text(page->out);
        draw_interval(page->out, recall, &score->headline[PV_HEADLINE_RECALL], y, contender == 0);
        if (contender > 0)
            draw_interval(page->out, difference, &score->against[PV_HEADLINE_RECALL].difference, y, false);
    }
}

static void append_plot(const pv_report_page *page, pv_rank_task task)
{
    static const char *const names[PV_TASK_COUNT] = {
        [PV_TASK_ALL] = "Recall at 20 of each contender, all products",
        [PV_TASK_REPEAT] = "Recall at 20 of each contender, products bought before",
        [PV_TASK_NEW] = "Recall at 20 of each contender, products not bought before"};
    const pv_evaluation *evaluation = page->evaluation;
    const pv_task_result *result = &evaluation->pooled[task];
    const double bottom = PLOT_TOP + ROW_HEIGHT * (double)evaluation->n_contenders;
    const pv_axis recall = recall_axis(result, evaluation->n_contenders);
    const pv_axis difference = difference_axis(result, evaluation->n_contenders);
    const double zero = pv_axis_at(&difference, 0);
    pv_buffer_print(page->out, "<figure>\n<figcaption>%s</figcaption>\n<div class=\"scroll\">",
                    pv_report_task_title(task));
    pv_svg_begin(page->out, PLOT_WIDTH, bottom + AXIS_HEIGHT, names[task]);
    pv_svg_text(page->out, "tick", RECALL_FROM, PLOT_TOP - 8, "Recall@20");
    pv_svg_text(page->out, "tick", DIFFERENCE_FROM, PLOT_TOP - 8, "purvey ahead by (right of 0: purvey better)");
    pv_svg_columns(page->out, &recall, PLOT_TOP, bottom, false);
    pv_svg_columns(page->out, &difference, PLOT_TOP, bottom, true);
    pv_svg_line(page->out, "zero", zero, PLOT_TOP, zero, bottom);
    draw_ceiling(page->out, &recall, result->ceiling[PV_LONGEST_LENGTH], bottom);
    draw_rows(page, task, &recall, &difference);
    pv_svg_end(page->out);
    pv_html_markup(page->out, "</div>\n</figure>\n");
}

void pv_report_intervals(const pv_report_page *page)
{
    bool is_drawn = false;
    pv_report_begin_section(page->out, "intervals", "How sure is the comparison?");
    pv_html_markup(
        page->out,
        "<p>On the left each dot is a method's Recall@20 and its line the 95&nbsp;% interval. Intervals on the "
        "left may overlap although the difference is certain: the right side compares customer by customer, "
        "and there a line that does not touch 0 decides. The dashed line is the best that any list of 20 could "
        "reach: who buys 60 products cannot be served by 20 places. Each plot has a scale of its own, which "
        "need not begin at 0.</p>\n");
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        if (!pv_report_has_scores(&page->evaluation->pooled[t], page->evaluation)) continue;
        append_plot(page, (pv_rank_task)t);
        is_drawn = true;
    }
    if (!is_drawn) pv_html_markup(page->out, "<p>There is nothing to draw: no customer could be judged.</p>\n");
    pv_report_end_section(page->out);
}
