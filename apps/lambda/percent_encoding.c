/* percent_encoding.c - see percent_encoding.h. */
#include "percent_encoding.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static pv_text decode(pv_text text, char plus, pv_arena *arena)
{
    char *out = pv_arena_allocate(arena, text.size + 1, 1);
    size_t size = 0;
    if (out == NULL) return (pv_text){0};
    for (size_t k = 0; k < text.size; k++) {
        char c = text.data[k];
        const int high = c == '%' && text.size - k > 2 ? hex_value(text.data[k + 1]) : -1;
        const int low = high >= 0 ? hex_value(text.data[k + 2]) : -1;
        if (low >= 0) {
            c = (char)(high << 4 | low);
            k += 2;
        } else if (c == '+') {
            c = plus;
        }
        out[size++] = c;
    }
    return (pv_text){out, size};
}

pv_text percent_decode(pv_text text, pv_arena *arena)
{
    return decode(text, '+', arena);
}

pv_text percent_decode_form(pv_text text, pv_arena *arena)
{
    return decode(text, ' ', arena);
}
