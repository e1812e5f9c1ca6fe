/* svg_plot.h - axes, marks and text of plots as inline SVG.
 *
 * Positions are in pixels, x to the right and y downward. Colours and fonts are those of the page's classes (`mark` is
 * one or more class names), so that a plot is light or dark as the page is. Text goes through html_text.h.
 */
#ifndef PV_SVG_PLOT_H
#define PV_SVG_PLOT_H

#include "evaluate/html_text.h"

/* Values [low, high], both multiples of step, drawn from pixel `from` to pixel `to` (which may be the smaller). */
typedef struct pv_axis {
    double low, high, step;
    double from, to;
} pv_axis;

/* The axis with the fewest steps, of at most `steps` (2 or more), each 1, 2 or 5 times a power of ten, that holds
 * [low, high], both finite and of a size below 1e6. Where all values are one, the axis reaches one step further. */
pv_axis pv_axis_make(double low, double high, int steps, double from, double to);
double pv_axis_at(const pv_axis *axis, double value); /* pixel */

/* The finite ones of the values seen so far; start with PV_EXTENT_EMPTY. */
typedef struct pv_extent {
    double low, high; /* low > high: none */
} pv_extent;
#define PV_EXTENT_EMPTY ((pv_extent){1, 0})
void pv_extent_add(pv_extent *extent, double value);

void pv_svg_begin(pv_buffer *out, double width, double height, const char *title);
void pv_svg_end(pv_buffer *out);
void pv_svg_line(pv_buffer *out, const char *mark, double x1, double y1, double x2, double y2);
void pv_svg_circle(pv_buffer *out, const char *mark, double x, double y, double radius);
void pv_svg_box(pv_buffer *out, const char *mark, double x, double y, double width, double height);
void pv_svg_text(pv_buffer *out, const char *mark, double x, double y, const char *text);
/* Between the two: text by html_text.h. */
void pv_svg_begin_text(pv_buffer *out, const char *mark, double x, double y);
void pv_svg_end_text(pv_buffer *out);

/* A grid line and a number at each step: of an axis along x, between two heights, numbers below; along y, between two
 * sides, numbers on the left. */
void pv_svg_columns(pv_buffer *out, const pv_axis *axis, double top, double bottom, bool is_signed);
void pv_svg_rows(pv_buffer *out, const pv_axis *axis, double left, double right);

#endif
