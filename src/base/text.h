/* text.h - text with a length, and a growable byte buffer. */
#ifndef PV_TEXT_H
#define PV_TEXT_H

#include <purvey/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <purvey/text.h>

pv_text pv_text_of(const char *c_string); /* borrowed */
bool pv_text_equal(pv_text a, pv_text b);
/* Bytewise order (memcmp, then length): the order of ids and the last word on ties. <0, 0, >0. */
int pv_text_compare(pv_text a, pv_text b);
bool pv_text_is_utf8(pv_text text);
/* Bytes of the UTF-8 character that `text` (not empty) begins with, 1 to 4; 0 when there is none (RFC 3629: no overlong
 * forms, no surrogates, at most U+10FFFF). */
size_t pv_text_character(pv_text text);

/* Growable bytes. Init with {0}. `failed` stays set once memory ran out, so that a writer checks once at its end. */
typedef struct pv_buffer {
    char *data;
    size_t size, capacity;
    bool failed;
} pv_buffer;
void pv_buffer_deinit(pv_buffer *buffer);
/* Where the next `size` bytes go, for who writes them in place and adds to buffer->size what was used; NULL, and
 * `failed` set, when there is no memory. */
char *pv_buffer_grow(pv_buffer *buffer, size_t size);
static inline char *pv_buffer_room(pv_buffer *buffer, size_t size)
{
    if (!buffer->failed && size <= buffer->capacity - buffer->size) return buffer->data + buffer->size;
    return pv_buffer_grow(buffer, size);
}
void pv_buffer_append(pv_buffer *buffer, const void *bytes, size_t size);
void pv_buffer_append_text(pv_buffer *buffer, pv_text text);
void pv_buffer_append_string(pv_buffer *buffer, const char *c_string);
/* Give the bytes to the caller as a C string, to be freed with pv_free(); the buffer is empty afterwards, also on
 * failure: "no memory for WHAT". */
pv_status pv_buffer_hand_over(char **text, pv_buffer *buffer, const char *what, pv_error *error) PV_CHECKED;
void pv_buffer_print(pv_buffer *buffer, const char *format, ...) PV_PRINTF(2, 3);

#endif
