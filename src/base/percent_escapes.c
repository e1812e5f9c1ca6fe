/* percent_escapes.c - see percent_escapes.h. */
#include "base/percent_escapes.h"

#include <string.h>

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

void pv_percent_escape(pv_buffer *out, pv_text text, const char *kept)
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
