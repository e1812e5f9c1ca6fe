/* terminal.h - what is known about the place where text is shown, and text as it is shown there. */
#ifndef PURVEY_CLI_TERMINAL_H
#define PURVEY_CLI_TERMINAL_H

#include <purvey/text.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct cli_terminal {
    bool is_terminal;
    bool has_colour; /* not with NO_COLOR or TERM=dumb */
    size_t width;    /* columns; SIZE_MAX when it is no cli_terminal */
} cli_terminal;

/* Of a file descriptor. Needs a UTF-8 LC_CTYPE for the widths below. */
cli_terminal terminal_of(int descriptor);

typedef enum text_style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD } text_style;

/* Start and end a style; nothing without colours. */
void style_begin(FILE *out, const cli_terminal *terminal, text_style style);
void style_end(FILE *out, const cli_terminal *terminal, text_style style);

/* Columns that print_text() takes without a limit. */
size_t text_width(pv_text text);
/* Print at most `width` columns, the last of them an ellipsis when the text is longer. Control characters, which could
 * steer the terminal or break a line, are shown as `?`. Returns the columns used. */
size_t print_text(FILE *out, pv_text text, size_t width);
/* Print at word boundaries so that no line exceeds `width` columns; further lines start with `indent` spaces. */
void print_wrapped(FILE *out, pv_text text, size_t indent, size_t width);

pv_text text_of(const char *string); /* borrowed; none for NULL */

#endif
