/* table.c - see table.h. */
#include "table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define GAP 2             /* columns between cells */
#define SHRUNK_AT_LEAST 8 /* a shrinking column keeps this much */
#define DETAIL_INDENT 4

/* A row has one text a column; a detail has a label and a sentence. */
typedef struct table_line {
    bool is_detail;
    text_style style; /* of a detail's label */
    size_t n_texts;
    char **texts;
} table_line;

struct cli_table {
    const table_column *columns;
    size_t n_columns;
    table_line *lines;
    size_t n_lines, capacity;
    bool failed;
};

cli_table *table_create(const table_column *columns, size_t n_columns)
{
    cli_table *table = calloc(1, sizeof *table);
    if (table == NULL) return NULL;
    table->columns = columns;
    table->n_columns = n_columns;
    return table;
}

void table_free(cli_table *table)
{
    if (table == NULL) return;
    for (size_t k = 0; k < table->n_lines; k++) {
        for (size_t c = 0; c < table->lines[k].n_texts; c++) free(table->lines[k].texts[c]);
        free(table->lines[k].texts);
    }
    free(table->lines);
    free(table);
}

static table_line *add_line(cli_table *table, bool is_detail, size_t n_texts)
{
    if (table->failed) return NULL;
    if (table->n_lines == table->capacity) {
        size_t capacity = table->capacity == 0 ? 32 : table->capacity * 2;
        table_line *lines = reallocarray(table->lines, capacity, sizeof *lines);
        if (lines == NULL) {
            table->failed = true;
            return NULL;
        }
        table->lines = lines;
        table->capacity = capacity;
    }
    char **texts = calloc(n_texts, sizeof *texts);
    if (texts == NULL) {
        table->failed = true;
        return NULL;
    }
    table->lines[table->n_lines] = (table_line){.is_detail = is_detail, .texts = texts};
    return &table->lines[table->n_lines++];
}

/* Adopts `text`. */
static void add_text_take(cli_table *table, table_line *line, char *text)
{
    if (text == NULL) {
        table->failed = true;
        return;
    }
    line->texts[line->n_texts++] = text;
}

static char *copy_text(pv_text text)
{
    return strndup(text.data == NULL ? "" : text.data, text.size);
}

void table_begin_row(cli_table *table)
{
    add_line(table, false, table->n_columns);
}

void table_add_text(cli_table *table, pv_text text)
{
    if (!table->failed) add_text_take(table, &table->lines[table->n_lines - 1], copy_text(text));
}

void table_add(cli_table *table, const char *format, ...)
{
    if (table->failed) return;
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0) text = NULL;
    va_end(arguments);
    add_text_take(table, &table->lines[table->n_lines - 1], text);
}

void table_add_detail(cli_table *table, text_style style, const char *label, pv_text text)
{
    table_line *line = add_line(table, true, 2);
    if (line == NULL) return;
    line->style = style;
    add_text_take(table, line, copy_text(text_of(label)));
    if (!table->failed) add_text_take(table, line, copy_text(text));
}

/* Width of each column's widest text; 0 for a column that holds none, which is left out. */
static void measure(size_t *widths, size_t *label_width, const cli_table *table)
{
    *label_width = 0;
    for (size_t c = 0; c < table->n_columns; c++) widths[c] = 0;
    for (size_t k = 0; k < table->n_lines; k++) {
        const table_line *line = &table->lines[k];
        for (size_t c = 0; c < (line->is_detail ? 1 : line->n_texts); c++) {
            size_t *widest = line->is_detail ? label_width : &widths[c];
            size_t width = text_width(text_of(line->texts[c]));
            if (width > *widest) *widest = width;
        }
    }
    for (size_t c = 0; c < table->n_columns; c++) {
        size_t title = text_width(text_of(table->columns[c].title));
        if (widths[c] > 0 && title > widths[c]) widths[c] = title;
    }
}

/* Take columns away from the widest of the shrinking ones until a row fits. */
static void shrink(size_t *widths, const cli_table *table, size_t room)
{
    if (room == SIZE_MAX) return;
    size_t needed = 0;
    for (size_t c = 0; c < table->n_columns; c++)
        if (widths[c] > 0) needed += GAP + widths[c];
    while (needed > room) {
        size_t widest = table->n_columns;
        for (size_t c = 0; c < table->n_columns; c++) {
            bool may_shrink = table->columns[c].shrinks && widths[c] > SHRUNK_AT_LEAST;
            if (may_shrink && (widest == table->n_columns || widths[c] > widths[widest])) widest = c;
        }
        if (widest == table->n_columns) return;
        widths[widest]--;
        needed--;
    }
}

static void print_cell(FILE *out, pv_text text, size_t width, bool is_right, bool is_last)
{
    size_t own = text_width(text);
    size_t padding = own < width ? width - own : 0;
    fprintf(out, "%*s", GAP, "");
    if (is_right) fprintf(out, "%*s", (int)padding, "");
    print_text(out, text, width);
    if (!is_right && !is_last) fprintf(out, "%*s", (int)padding, "");
}

/* Cell `column` of a row, of the titles when `line` is NULL. */
static const char *row_text(const cli_table *table, const table_line *line, size_t column)
{
    if (line == NULL) return table->columns[column].title;
    return column < line->n_texts ? line->texts[column] : "";
}

static void print_row(FILE *out, const cli_table *table, const size_t *widths, const table_line *line)
{
    size_t last = table->n_columns;
    while (last > 0 && (widths[last - 1] == 0 || row_text(table, line, last - 1)[0] == '\0')) last--;
    for (size_t c = 0; c < last; c++) {
        if (widths[c] == 0) continue;
        pv_text text = text_of(row_text(table, line, c));
        print_cell(out, text, widths[c], table->columns[c].is_right, c + 1 == last);
    }
    fputc('\n', out);
}

static void print_detail(FILE *out, const table_line *line, size_t label_width, const cli_terminal *terminal)
{
    pv_text label = text_of(line->texts[0]);
    fprintf(out, "%*s", (int)(DETAIL_INDENT + label_width - text_width(label)), "");
    style_begin(out, terminal, line->style);
    print_text(out, label, SIZE_MAX);
    style_end(out, terminal, line->style);
    fprintf(out, "%*s", GAP, "");
    print_wrapped(out, text_of(line->texts[1]), DETAIL_INDENT + label_width + GAP, terminal->width);
    fputc('\n', out);
}

static bool has_titles(const cli_table *table)
{
    for (size_t c = 0; c < table->n_columns; c++)
        if (table->columns[c].title[0] != '\0') return true;
    return false;
}

bool table_print(const cli_table *table, FILE *out, const cli_terminal *terminal)
{
    size_t *widths = calloc(table->n_columns + 1, sizeof *widths);
    if (widths == NULL || table->failed) {
        free(widths);
        return false;
    }
    size_t label_width;
    measure(widths, &label_width, table);
    shrink(widths, table, terminal->width);
    if (has_titles(table)) {
        style_begin(out, terminal, STYLE_DIM);
        print_row(out, table, widths, NULL);
        style_end(out, terminal, STYLE_DIM);
    }
    for (size_t k = 0; k < table->n_lines; k++) {
        const table_line *line = &table->lines[k];
        if (line->is_detail) {
            print_detail(out, line, label_width, terminal);
            continue;
        }
        style_begin(out, terminal, STYLE_BOLD);
        print_row(out, table, widths, line);
        style_end(out, terminal, STYLE_BOLD);
    }
    free(widths);
    return true;
}
