/* terminal.c - see terminal.h. */
#include "terminal.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define WIDTH_WHEN_UNKNOWN 80

/* One character of a text as it is shown. */
typedef struct shown_glyph {
    const char *bytes;
    size_t size;  /* bytes of the text that it stands for */
    size_t width; /* columns */
    bool is_replaced;
} shown_glyph;

static size_t columns_of(int descriptor)
{
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const char *columns = getenv("COLUMNS");
    unsigned long width = columns == NULL ? 0 : strtoul(columns, NULL, 10);
    return width > 0 ? width : WIDTH_WHEN_UNKNOWN;
}

cli_terminal terminal_of(int descriptor)
{
    if (!isatty(descriptor)) return (cli_terminal){.width = SIZE_MAX};
    const char *no_colour = getenv("NO_COLOR");
    const char *name = getenv("TERM");
    bool is_dumb = name == NULL || strcmp(name, "dumb") == 0;
    return (cli_terminal){.is_terminal = true,
                          .has_colour = !is_dumb && (no_colour == NULL || no_colour[0] == '\0'),
                          .width = columns_of(descriptor)};
}

void style_begin(FILE *out, const cli_terminal *terminal, text_style style)
{
    static const char *const codes[] = {[STYLE_PLAIN] = "",
                                        [STYLE_BOLD] = "\033[1m",
                                        [STYLE_DIM] = "\033[2m",
                                        [STYLE_GOOD] = "\033[32m",
                                        [STYLE_BAD] = "\033[31m"};
    if (terminal->has_colour) fputs(codes[style], out);
}

void style_end(FILE *out, const cli_terminal *terminal, text_style style)
{
    if (terminal->has_colour && style != STYLE_PLAIN) fputs("\033[0m", out);
}

pv_text text_of(const char *string)
{
    return (pv_text){string, string == NULL ? 0 : strlen(string)};
}

static shown_glyph glyph_at(pv_text text, size_t position)
{
    mbstate_t state = {0};
    wchar_t character;
    size_t size = mbrtowc(&character, text.data + position, text.size - position, &state);
    if (size == 0 || size == (size_t)-1 || size == (size_t)-2) return (shown_glyph){"?", 1, 1, true};
    int width = wcwidth(character);
    if (width < 0) return (shown_glyph){"?", size, 1, true};
    return (shown_glyph){text.data + position, size, (size_t)width, false};
}

static void print_glyph(FILE *out, const shown_glyph *glyph)
{
    fwrite(glyph->bytes, 1, glyph->is_replaced ? 1 : glyph->size, out);
}

size_t text_width(pv_text text)
{
    size_t width = 0;
    for (size_t k = 0; k < text.size;) {
        shown_glyph next = glyph_at(text, k);
        width += next.width;
        k += next.size;
    }
    return width;
}

size_t print_text(FILE *out, pv_text text, size_t width)
{
    bool is_cut = width != SIZE_MAX && text_width(text) > width;
    size_t room = is_cut && width > 0 ? width - 1 : width;
    size_t used = 0;
    for (size_t k = 0; k < text.size;) {
        shown_glyph next = glyph_at(text, k);
        if (is_cut && used + next.width > room) break;
        print_glyph(out, &next);
        used += next.width;
        k += next.size;
    }
    if (is_cut && width > 0) {
        fputs("\u2026", out);
        used++;
    }
    return used;
}

void print_wrapped(FILE *out, pv_text text, size_t indent, size_t width)
{
    size_t used = indent;
    for (size_t k = 0; k < text.size;) {
        size_t end = k;
        while (end < text.size && text.data[end] != ' ') end++;
        pv_text word = {text.data + k, end - k};
        size_t columns = text_width(word);
        if (k > 0) {
            if (width != SIZE_MAX && used + 1 + columns > width) {
                fprintf(out, "\n%*s", (int)indent, "");
                used = indent;
            } else {
                fputc(' ', out);
                used++;
            }
        }
        used += print_text(out, word, SIZE_MAX);
        k = end + 1;
    }
}
