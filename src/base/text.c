/* text.c - see text.h. */
#include "base/text.h"

#include "base/failure.h"
#include "base/memory.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pv_text pv_text_of(const char *c_string)
{
    return (pv_text){c_string, c_string ? strlen(c_string) : 0};
}

bool pv_text_equal(pv_text a, pv_text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int pv_text_compare(pv_text a, pv_text b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

size_t pv_text_character(pv_text text)
{
    const unsigned char *bytes = (const unsigned char *)text.data;
    unsigned char first = bytes[0];
    if (first < 0x80) return 1;
    if (first < 0xc2 || first > 0xf4) return 0;
    size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text.size < length) return 0;
    /* The second byte alone tells overlong forms, surrogates and what lies beyond U+10FFFF. */
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (bytes[1] < low || bytes[1] > high) return 0;
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return 0;
    }
    return length;
}

bool pv_text_is_utf8(pv_text text)
{
    size_t at = 0;
    while (at < text.size) {
        uint64_t word;
        if (text.size - at >= sizeof word) {
            memcpy(&word, text.data + at, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof word;
                continue;
            }
        }
        size_t length = pv_text_character((pv_text){text.data + at, text.size - at});
        if (length == 0) return false;
        at += length;
    }
    return true;
}

void pv_buffer_deinit(pv_buffer *buffer)
{
    free(buffer->data);
    *buffer = (pv_buffer){0};
}

char *pv_buffer_grow(pv_buffer *buffer, size_t size)
{
    void *data = buffer->data;
    size_t needed;
    if (buffer->failed || __builtin_add_overflow(buffer->size, size, &needed) ||
        !pv_reserve(&data, &buffer->capacity, needed, 1)) {
        buffer->failed = true;
        return NULL;
    }
    buffer->data = data;
    return buffer->data + buffer->size;
}

void pv_buffer_append(pv_buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0) return;
    char *end = pv_buffer_room(buffer, size);
    if (!end) return;
    memcpy(end, bytes, size);
    buffer->size += size;
}

void pv_buffer_append_text(pv_buffer *buffer, pv_text text)
{
    pv_buffer_append(buffer, text.data, text.size);
}

void pv_buffer_append_string(pv_buffer *buffer, const char *c_string)
{
    pv_buffer_append(buffer, c_string, strlen(c_string));
}

void pv_buffer_print(pv_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *end = length < 0 ? NULL : pv_buffer_room(buffer, (size_t)length + 1);
    if (end) {
        vsnprintf(end, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    if (length < 0) buffer->failed = true;
    va_end(again);
}

pv_status pv_buffer_hand_over(char **text, pv_buffer *buffer, const char *what, pv_error *error)
{
    pv_buffer_append(buffer, "", 1);
    const pv_buffer full = *buffer;
    *buffer = (pv_buffer){0};
    if (full.failed) {
        free(full.data);
        return pv_fail_memory(error, what, full.size);
    }
    *text = full.data;
    return PV_OK;
}
