/* percent_encoding.c - see percent_encoding.h. */
#include "percent_encoding.h"

#include <string.h>

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void percent_encode(pv_buffer *out, pv_text text, const char *kept)
{
    static const char digits[] = "0123456789ABCDEF";
    char *room = text.size > 0 ? pv_buffer_room(out, 3 * text.size) : NULL;
    if (room == NULL) return;
    char *end = room;
    for (size_t k = 0; k < text.size; k++) {
        const char c = text.data[k];
        if (is_unreserved(c) || (c != '\0' && strchr(kept, c) != NULL)) {
            *end++ = c;
            continue;
        }
        *end++ = '%';
        *end++ = digits[(unsigned char)c >> 4];
        *end++ = digits[(unsigned char)c & 15];
    }
    out->size += (size_t)(end - room);
}

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
