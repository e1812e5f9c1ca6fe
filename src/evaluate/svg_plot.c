/* svg_plot.c - see svg_plot.h. */
#include "evaluate/svg_plot.h"

#include <math.h>

#define NARROWEST 1e-3 /* the smallest step of an axis */
#define TOLERANCE 1e-6 /* of a step: rounding makes no step more */

pv_axis pv_axis_make(double low, double high, int steps, double from, double to)
{
    static const double factors[] = {2, 2.5, 2}; /* 1, 2, 5, 10 */
    pv_axis axis = {.step = NARROWEST, .from = from, .to = to};
    for (size_t k = 0;; k++) {
        axis.low = floor(low / axis.step + TOLERANCE) * axis.step;
        axis.high = ceil(high / axis.step - TOLERANCE) * axis.step;
        if ((axis.high - axis.low) / axis.step <= steps + 0.5) break;
        axis.step *= factors[k % 3];
    }
    if (axis.high - axis.low < axis.step / 2) axis.high = axis.low + axis.step;
    return axis;
}

double pv_axis_at(const pv_axis *axis, double value)
{
    return axis->from + (value - axis->low) / (axis->high - axis->low) * (axis->to - axis->from);
}

void pv_extent_add(pv_extent *extent, double value)
{
    if (!isfinite(value)) return;
    const bool is_first = extent->low > extent->high;
    if (is_first || value < extent->low) extent->low = value;
    if (is_first || value > extent->high) extent->high = value;
}

/* name="12.5" */
static void append_attribute(pv_buffer *out, const char *name, double value)
{
    pv_buffer_print(out, " %s=\"", name);
    pv_html_decimal(out, value, 1);
    pv_html_markup(out, "\"");
}

void pv_svg_begin(pv_buffer *out, double width, double height, const char *title)
{
    pv_html_markup(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"");
    append_attribute(out, "width", width);
    append_attribute(out, "height", height);
    pv_html_markup(out, " viewBox=\"0 0 ");
    pv_html_decimal(out, width, 1);
    pv_html_markup(out, " ");
    pv_html_decimal(out, height, 1);
    pv_html_markup(out, "\"><title>");
    pv_html_text(out, title);
    pv_html_markup(out, "</title>\n");
}

void pv_svg_end(pv_buffer *out)
{
    pv_html_markup(out, "</svg>\n");
}

void pv_svg_line(pv_buffer *out, const char *mark, double x1, double y1, double x2, double y2)
{
    pv_buffer_print(out, "<line class=\"%s\"", mark);
    append_attribute(out, "x1", x1);
    append_attribute(out, "y1", y1);
    append_attribute(out, "x2", x2);
    append_attribute(out, "y2", y2);
    pv_html_markup(out, "/>\n");
}

void pv_svg_circle(pv_buffer *out, const char *mark, double x, double y, double radius)
{
    pv_buffer_print(out, "<circle class=\"%s\"", mark);
    append_attribute(out, "cx", x);
    append_attribute(out, "cy", y);
    append_attribute(out, "r", radius);
    pv_html_markup(out, "/>\n");
}

void pv_svg_box(pv_buffer *out, const char *mark, double x, double y, double width, double height)
{
    pv_buffer_print(out, "<rect class=\"%s\"", mark);
    append_attribute(out, "x", x);
    append_attribute(out, "y", y);
    append_attribute(out, "width", width);
    append_attribute(out, "height", height);
    pv_html_markup(out, "/>\n");
}

void pv_svg_begin_text(pv_buffer *out, const char *mark, double x, double y)
{
    pv_buffer_print(out, "<text class=\"%s\"", mark);
    append_attribute(out, "x", x);
    append_attribute(out, "y", y);
    pv_html_markup(out, ">");
}

void pv_svg_end_text(pv_buffer *out)
{
    pv_html_markup(out, "</text>\n");
}

void pv_svg_text(pv_buffer *out, const char *mark, double x, double y, const char *text)
{
    pv_svg_begin_text(out, mark, x, y);
    pv_html_text(out, text);
    pv_svg_end_text(out);
}

/* Digits after the point that its steps need. */
static int axis_places(const pv_axis *axis)
{
    int places = 0;
    for (double step = axis->step; step < 1 - TOLERANCE; step *= 10) places++;
    return places;
}

static int axis_steps(const pv_axis *axis)
{
    return (int)lround((axis->high - axis->low) / axis->step);
}

void pv_svg_columns(pv_buffer *out, const pv_axis *axis, double top, double bottom, bool is_signed)
{
    for (int k = 0; k <= axis_steps(axis); k++) {
        const double value = axis->low + k * axis->step, x = pv_axis_at(axis, value);
        pv_svg_line(out, "grid", x, top, x, bottom);
        pv_svg_begin_text(out, "tick middle", x, bottom + 16);
        (is_signed ? pv_html_signed_score : pv_html_score)(out, value, axis_places(axis));
        pv_svg_end_text(out);
    }
}

void pv_svg_rows(pv_buffer *out, const pv_axis *axis, double left, double right)
{
    for (int k = 0; k <= axis_steps(axis); k++) {
        const double value = axis->low + k * axis->step, y = pv_axis_at(axis, value);
        pv_svg_line(out, "grid", left, y, right, y);
        pv_svg_begin_text(out, "tick end", left - 6, y + 4);
        pv_html_score(out, value, axis_places(axis));
        pv_svg_end_text(out);
    }
}
