/* html_text.h - words and numbers of an HTML page, and of SVG inside it.
 *
 * All append to a buffer, whose `failed` tells at the end whether memory was enough. What they write is well-formed in
 * HTML and in XML, in element text and in quoted attributes, whatever the text is; no locale changes a byte.
 */
#ifndef PV_HTML_TEXT_H
#define PV_HTML_TEXT_H

#include "base/text.h"
#include <stdbool.h>

/* Markup as it is: for the page's own words, never for names from the data. */
static inline void pv_html_markup(pv_buffer *out, const char *markup)
{
    pv_buffer_append_string(out, markup);
}
/* Any text: & < > " ' become references; bytes that are not UTF-8 and characters that XML does not know become U+FFFD.
 * NULL writes nothing. */
void pv_html_text(pv_buffer *out, const char *text);
/* The same of the first `characters` of it, with an ellipsis where that is not all: for places of a fixed width. */
void pv_html_text_start(pv_buffer *out, const char *text, size_t characters);
/* "-0.1234": `places` (0 to 9) digits after the point, to nearest, no "-0"; for attributes. Needs a finite value. */
void pv_html_decimal(pv_buffer *out, double value, int places);
/* The same to be read: a minus sign for the hyphen, and a dash where the value is not defined (not finite). */
void pv_html_score(pv_buffer *out, double value, int places);
void pv_html_signed_score(pv_buffer *out, double value, int places); /* with its sign, also of what is above 0 */
void pv_html_percent(pv_buffer *out, double share);                  /* "12.3 %"; a dash where it is not defined */
void pv_html_count(pv_buffer *out, int64_t count);                   /* "12,345" */
void pv_html_date(pv_buffer *out, int64_t seconds); /* "2010-08-31", with the time if it is not midnight */
void pv_html_day(pv_buffer *out, int64_t seconds);  /* the date alone */
/* "1 customer", "1,200 customers". */
void pv_html_counted(pv_buffer *out, int64_t count, const char *one, const char *many);

/* Cells of a table's row. */
void pv_html_heading_cell(pv_buffer *out, const char *text); /* <th scope="row"> */
void pv_html_text_cell(pv_buffer *out, const char *text);
void pv_html_score_cell(pv_buffer *out, double value, int places);
void pv_html_count_cell(pv_buffer *out, int64_t count);

#endif
