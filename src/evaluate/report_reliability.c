/* report_reliability.c - predicted probabilities against what came true: a plot against the diagonal, and its bins. */
#include "evaluate/report_html.h"

#include "evaluate/svg_plot.h"
#include <math.h>

#define PLOT_SIZE 400.0
#define PLOT_FROM 52.0
#define PLOT_TO 388.0
#define PLOT_TOP 12.0
#define PLOT_BOTTOM 348.0
#define LARGEST_RADIUS 16.0
#define SMALLEST_RADIUS 3.0
#define PAIRS_MIN 30 /* of a bin: fewer say little */

static bool is_filled(const pv_reliability_bin *bin)
{
    return bin->pairs > 0 && isfinite(bin->probability) && isfinite(bin->bought);
}

static int64_t most_pairs(const pv_reliability *reliability)
{
    int64_t most = 1;
    for (int k = 0; k < PV_RELIABILITY_BINS; k++)
        if (reliability->bins[k].pairs > most) most = reliability->bins[k].pairs;
    return most;
}

static void draw_bins(pv_buffer *out, const pv_reliability *reliability, const pv_axis *across, const pv_axis *up)
{
    const double most = (double)most_pairs(reliability);
    for (int k = 0; k < PV_RELIABILITY_BINS; k++) {
        const pv_reliability_bin *bin = &reliability->bins[k];
        if (!is_filled(bin)) continue;
        const double radius = LARGEST_RADIUS * sqrt((double)bin->pairs / most);
        pv_svg_circle(out, bin->pairs < PAIRS_MIN ? "bin few" : "bin", pv_axis_at(across, bin->probability),
                      pv_axis_at(up, bin->bought), radius > SMALLEST_RADIUS ? radius : SMALLEST_RADIUS);
    }
}

static void append_plot(pv_buffer *out, const pv_reliability *reliability)
{
    const pv_axis across = pv_axis_make(0, 1, 5, PLOT_FROM, PLOT_TO), up = pv_axis_make(0, 1, 5, PLOT_BOTTOM, PLOT_TOP);
    pv_html_markup(out, "<figure>\n");
    pv_svg_begin(out, PLOT_SIZE, PLOT_SIZE, "Share bought against predicted probability");
    pv_svg_columns(out, &across, PLOT_TOP, PLOT_BOTTOM, false);
    pv_svg_rows(out, &up, PLOT_FROM, PLOT_TO);
    pv_svg_line(out, "zero", PLOT_FROM, PLOT_BOTTOM, PLOT_TO, PLOT_TOP);
    pv_svg_text(out, "tick middle", (PLOT_FROM + PLOT_TO) / 2, PLOT_BOTTOM + 38, "predicted probability");
    pv_svg_text(out, "tick", PLOT_FROM + 8, PLOT_TOP + 16, "share that was bought");
    draw_bins(out, reliability, &across, &up);
    pv_svg_end(out);
    pv_html_markup(out, "</figure>\n");
}

static void append_bins(pv_buffer *out, const pv_reliability *reliability)
{
    pv_report_begin_table(out, "");
    pv_html_markup(out, "<thead><tr><th scope=\"col\">Predicted</th><th scope=\"col\">Recommendations</th>"
                        "<th scope=\"col\">mean prediction</th><th scope=\"col\">bought</th></tr></thead>\n<tbody>\n");
    for (int k = 0; k < PV_RELIABILITY_BINS; k++) {
        const pv_reliability_bin *bin = &reliability->bins[k];
        pv_buffer_print(out, "<tr%s><th scope=\"row\">%d to %d&nbsp;%%</th>",
                        bin->pairs < PAIRS_MIN ? " class=\"small\"" : "", k * 100 / PV_RELIABILITY_BINS,
                        (k + 1) * 100 / PV_RELIABILITY_BINS);
        pv_html_count_cell(out, bin->pairs);
        pv_html_markup(out, "<td>");
        pv_html_percent(out, is_filled(bin) ? bin->probability : (double)NAN);
        pv_html_markup(out, "</td><td>");
        pv_html_percent(out, is_filled(bin) ? bin->bought : (double)NAN);
        pv_html_markup(out, "</td></tr>\n");
    }
    pv_html_markup(out, "</tbody>\n");
    pv_report_end_table(out);
}

/* The Brier score, beside that of one who says the same mean for everything. */
static void append_errors(pv_buffer *out, const pv_reliability *reliability)
{
    double pairs = 0, predicted = 0, bought = 0;
    for (int k = 0; k < PV_RELIABILITY_BINS; k++) {
        const pv_reliability_bin *bin = &reliability->bins[k];
        if (!is_filled(bin)) continue;
        pairs += (double)bin->pairs;
        predicted += (double)bin->pairs * bin->probability;
        bought += (double)bin->pairs * bin->bought;
    }
    const double share = bought / pairs;
    pv_html_markup(out, "<p>Over all of them purvey said ");
    pv_html_percent(out, predicted / pairs);
    pv_html_markup(out, " and ");
    pv_html_percent(out, share);
    pv_html_markup(out,
                   " were bought. The mean squared error of the probabilities (Brier score; 0 would be perfect) is ");
    pv_html_score(out, reliability->brier, PV_SCORE_PLACES);
    pv_html_markup(out, "; saying ");
    pv_html_percent(out, share);
    pv_html_markup(out, " of everything would have ");
    pv_html_score(out, share * (1 - share), PV_SCORE_PLACES);
    pv_html_markup(out, ".</p>\n");
}

void pv_report_reliability(const pv_report_page *page)
{
    const pv_reliability *reliability = &page->evaluation->pooled_reliability;
    pv_buffer *out = page->out;
    pv_report_begin_section(out, "reliability", "Do the probabilities come true?");
    if (!isfinite(reliability->brier)) {
        pv_html_markup(out,
                       "<p>There is nothing to compare: the models give no probability, or one for another number of "
                       "days than the horizon of this evaluation.</p>\n");
    } else {
        pv_html_markup(out,
                       "<p>Of the recommendations to which purvey gave a probability of about 30&nbsp;%, about "
                       "30&nbsp;% should have been bought. Each circle is a range of probabilities, its area the "
                       "number of recommendations in it. On the diagonal the probabilities are right; below it purvey "
                       "promises too much, above it too little. Hollow circles rest on fewer than 30 recommendations. "
                       "Counted are the first 20 places of every known customer, also of those who bought "
                       "nothing.</p>\n");
        append_errors(out, reliability);
        pv_html_markup(out, "<div class=\"beside\">\n");
        append_plot(out, reliability);
        append_bins(out, reliability);
        pv_html_markup(out, "</div>\n");
    }
    pv_report_end_section(out);
}
