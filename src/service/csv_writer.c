/* csv_writer.c - see csv_writer.h. Only what RFC 4180 requires is quoted: files are for programs, which read a field as
 * it is, and not for a spreadsheet's idea of a formula. */
#include "service/csv_writer.h"

#include "base/json_writer.h"
#include <math.h>
#include <string.h>

static void separate(pv_csv *csv)
{
    if (csv->needs_comma) pv_buffer_append(csv->out, ",", 1);
    csv->needs_comma = true;
}

static bool needs_quotes(pv_text text)
{
    for (size_t k = 0; k < text.size; k++) {
        const char c = text.data[k];
        if (c == ',' || c == '"' || c == '\r' || c == '\n') return true;
    }
    return false;
}

static void append_quoted(pv_buffer *out, pv_text text)
{
    pv_buffer_append(out, "\"", 1);
    const char *rest = text.data;
    const char *end = text.data + text.size;
    while (rest < end) {
        const char *quote = memchr(rest, '"', (size_t)(end - rest));
        const char *stop = quote == NULL ? end : quote + 1;
        pv_buffer_append(out, rest, (size_t)(stop - rest));
        if (quote != NULL) pv_buffer_append(out, "\"", 1);
        rest = stop;
    }
    pv_buffer_append(out, "\"", 1);
}

void pv_csv_text(pv_csv *csv, pv_text text)
{
    separate(csv);
    if (text.data == NULL) return;
    if (needs_quotes(text))
        append_quoted(csv->out, text);
    else
        pv_buffer_append_text(csv->out, text);
}

void pv_csv_string(pv_csv *csv, const char *string)
{
    pv_csv_text(csv, pv_text_of(string));
}

void pv_csv_integer(pv_csv *csv, int64_t value)
{
    separate(csv);
    char digits[PV_NUMBER_SIZE];
    const int size = pv_integer_print(digits, value);
    pv_buffer_append(csv->out, digits, (size_t)size);
}

void pv_csv_number(pv_csv *csv, double value)
{
    separate(csv);
    if (!isfinite(value)) return;
    char digits[PV_NUMBER_SIZE];
    int size = pv_number_print(digits, value);
    pv_buffer_append(csv->out, digits, (size_t)size);
}

void pv_csv_end_line(pv_csv *csv)
{
    pv_buffer_append(csv->out, "\n", 1);
    csv->needs_comma = false;
}
