/* html_text.c - see html_text.h. */
#include "evaluate/html_text.h"

#include "base/json_writer.h"
#include "base/timestamp.h"
#include <math.h>
#include <string.h>

#define DASH "\xe2\x80\x93"
#define MINUS "\xe2\x88\x92"
#define REPLACEMENT "\xef\xbf\xbd"
#define NO_BREAK_SPACE "\xc2\xa0"
#define ELLIPSIS "\xe2\x80\xa6"
#define EXACT_BELOW 1e15 /* larger ones have no digits after the point worth printing */

/* What stands for one byte of text, NULL for the byte itself. */
static const char *reference_of(unsigned char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
    case '\r':
        return " ";
    default:
        return byte < 0x20 || byte == 0x7f ? REPLACEMENT : NULL;
    }
}

/* U+FFFE and U+FFFF are UTF-8 and no XML. */
static bool is_noncharacter(const char *character, size_t size)
{
    return size == 3 && (memcmp(character, "\xef\xbf\xbe", 3) == 0 || memcmp(character, "\xef\xbf\xbf", 3) == 0);
}

/* The first character of `text`, not empty, or its first byte where that begins none; its size is returned. */
static size_t append_character(pv_buffer *out, pv_text text)
{
    const size_t size = pv_text_character(text);
    const char *reference = size == 1 ? reference_of((unsigned char)*text.data) : NULL;
    if (size == 0 || is_noncharacter(text.data, size)) reference = REPLACEMENT;
    if (reference)
        pv_html_markup(out, reference);
    else
        pv_buffer_append(out, text.data, size);
    return size ? size : 1;
}

void pv_html_text(pv_buffer *out, const char *text)
{
    pv_html_text_start(out, text, SIZE_MAX);
}

void pv_html_text_start(pv_buffer *out, const char *text, size_t characters)
{
    pv_text rest = pv_text_of(text);
    for (size_t k = 0; k < characters && rest.size > 0; k++) {
        const size_t size = append_character(out, rest);
        rest.data += size;
        rest.size -= size;
    }
    if (rest.size > 0) pv_html_markup(out, ELLIPSIS);
}

static void append_integer(pv_buffer *out, int64_t value)
{
    char digits[PV_NUMBER_SIZE];
    pv_buffer_append(out, digits, (size_t)pv_integer_print(digits, value));
}

static double power_of_ten(int places)
{
    double power = 1;
    for (int k = 0; k < places; k++) power *= 10;
    return power;
}

/* |value|, without its sign. */
static void append_size(pv_buffer *out, double value, int places)
{
    char digits[PV_NUMBER_SIZE];
    const double scale = power_of_ten(places);
    if (!(fabs(value) * scale < EXACT_BELOW)) {
        pv_buffer_append(out, digits, (size_t)pv_number_print(digits, fabs(value)));
        return;
    }
    const int64_t scaled = llround(fabs(value) * scale), one = (int64_t)scale;
    append_integer(out, scaled / one);
    if (places == 0) return;
    /* A leading 1 keeps the zeros behind the point; it makes way for the point. */
    pv_integer_print(digits, one + scaled % one);
    digits[0] = '.';
    pv_buffer_append(out, digits, (size_t)places + 1);
}

/* -1, 0 or 1: the sign of what is printed. */
static int printed_sign(double value, int places)
{
    if (fabs(value) * power_of_ten(places) < 0.5) return 0;
    return value < 0 ? -1 : 1;
}

void pv_html_decimal(pv_buffer *out, double value, int places)
{
    if (printed_sign(value, places) < 0) pv_html_markup(out, "-");
    append_size(out, value, places);
}

void pv_html_score(pv_buffer *out, double value, int places)
{
    if (!isfinite(value)) {
        pv_html_markup(out, DASH);
        return;
    }
    if (printed_sign(value, places) < 0) pv_html_markup(out, MINUS);
    append_size(out, value, places);
}

void pv_html_signed_score(pv_buffer *out, double value, int places)
{
    if (isfinite(value) && printed_sign(value, places) > 0) pv_html_markup(out, "+");
    pv_html_score(out, value, places);
}

void pv_html_percent(pv_buffer *out, double share)
{
    pv_html_score(out, 100 * share, 1);
    if (isfinite(share)) pv_html_markup(out, NO_BREAK_SPACE "%");
}

void pv_html_count(pv_buffer *out, int64_t count)
{
    char digits[PV_NUMBER_SIZE];
    const int length = pv_integer_print(digits, count);
    for (int k = 0; k < length; k++) {
        pv_buffer_append(out, &digits[k], 1);
        const int left = length - 1 - k;
        if (left > 0 && left % 3 == 0 && digits[k] != '-') pv_html_markup(out, ",");
    }
}

void pv_html_day(pv_buffer *out, int64_t seconds)
{
    char text[PV_TIMESTAMP_SIZE];
    pv_date_print(text, seconds);
    pv_html_markup(out, text);
}

void pv_html_date(pv_buffer *out, int64_t seconds)
{
    char text[PV_TIMESTAMP_SIZE];
    if (seconds % PV_SECONDS_PER_DAY == 0) {
        pv_html_day(out, seconds);
        return;
    }
    pv_timestamp_print(text, seconds);
    pv_html_markup(out, text);
}

void pv_html_counted(pv_buffer *out, int64_t count, const char *one, const char *many)
{
    pv_html_count(out, count);
    pv_html_markup(out, NO_BREAK_SPACE);
    pv_html_markup(out, count == 1 ? one : many);
}

void pv_html_heading_cell(pv_buffer *out, const char *text)
{
    pv_html_markup(out, "<th scope=\"row\">");
    pv_html_text(out, text);
    pv_html_markup(out, "</th>");
}

void pv_html_text_cell(pv_buffer *out, const char *text)
{
    pv_html_markup(out, "<td class=\"text\">");
    pv_html_text(out, text);
    pv_html_markup(out, "</td>");
}

void pv_html_score_cell(pv_buffer *out, double value, int places)
{
    pv_html_markup(out, "<td>");
    pv_html_score(out, value, places);
    pv_html_markup(out, "</td>");
}

void pv_html_count_cell(pv_buffer *out, int64_t count)
{
    pv_html_markup(out, "<td>");
    pv_html_count(out, count);
    pv_html_markup(out, "</td>");
}
