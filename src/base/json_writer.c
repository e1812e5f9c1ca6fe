/* json_writer.c - see json_writer.h. Strings follow RFC 8259 section 7; UTF-8 passes as it is. */
#include "base/json_writer.h"
#include <math.h>
#include <string.h>

/* Room for `size` bytes and the comma before them, which is written where one is due; NULL on no memory. */
static char *begin_value(pv_json *json, size_t size)
{
    char *end = pv_buffer_room(json->out, size + 1);
    if (!end) return NULL;
    if (json->needs_comma) {
        *end++ = ',';
        json->out->size++;
    }
    json->needs_comma = true;
    return end;
}

static void append_literal(pv_json *json, const char *text, size_t size)
{
    char *end = begin_value(json, size);
    if (!end) return;
    memcpy(end, text, size);
    json->out->size += size;
}

static void open_bracket(pv_json *json, const char *bracket)
{
    append_literal(json, bracket, 1);
    json->needs_comma = false;
}

static void close_bracket(pv_json *json, const char *bracket)
{
    pv_buffer_append(json->out, bracket, 1);
    json->needs_comma = true;
}

void pv_json_raw(pv_json *json, const char *value)
{
    append_literal(json, value, strlen(value));
}

void pv_json_begin_object(pv_json *json)
{
    open_bracket(json, "{");
}

void pv_json_end_object(pv_json *json)
{
    close_bracket(json, "}");
}

void pv_json_begin_array(pv_json *json)
{
    open_bracket(json, "[");
}

void pv_json_end_array(pv_json *json)
{
    close_bracket(json, "]");
}

static void append_escaped(pv_buffer *out, unsigned char byte)
{
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (byte == '"' || byte == '\\') {
        pv_buffer_append(out, (const char[]){'\\', (char)byte}, 2);
    } else if (byte < sizeof letters && letters[byte]) {
        pv_buffer_append(out, (const char[]){'\\', letters[byte]}, 2);
    } else {
        pv_buffer_print(out, "\\u%04x", byte);
    }
}

/* A word with the high bit of each byte that is below 0x20, a quote, a backslash or not ASCII; only the lowest such bit
 * can be relied on (Hacker's Delight, 6-1). */
static uint64_t special_bytes(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);
    const uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    return ((word - ones * 0x20) | (quote - ones) | (backslash - ones) | word) & high;
}

/* 4 to 8 bytes as a word, some of them twice. */
static uint64_t load_ends(const char *bytes, size_t size)
{
    uint32_t first, last;
    memcpy(&first, bytes, sizeof first);
    memcpy(&last, bytes + size - sizeof last, sizeof last);
    return first | (uint64_t)last << 32;
}

/* Whether all of a text of at least 4 bytes is ASCII that needs no change: its end is looked at as a word that overlaps
 * what stands before. */
static bool is_plain_ascii(pv_text text)
{
    uint64_t word, special = 0;
    size_t at = 0;
    for (; text.size - at > sizeof word; at += sizeof word) {
        memcpy(&word, text.data + at, sizeof word);
        special |= special_bytes(word);
    }
    if (text.size <= sizeof word) return special_bytes(load_ends(text.data, text.size)) == 0;
    memcpy(&word, text.data + text.size - sizeof word, sizeof word);
    return (special | special_bytes(word)) == 0;
}

/* Length of the run at the start of `text` that needs no change. */
static size_t plain_run(pv_text text)
{
    size_t at = 0;
    while (at < text.size) {
        uint64_t word;
        for (; text.size - at >= sizeof word; at += sizeof word) {
            memcpy(&word, text.data + at, sizeof word);
            if (special_bytes(word) != 0) break;
        }
        if (at == text.size) break;
        unsigned char byte = (unsigned char)text.data[at];
        if (byte < 0x20 || byte == '"' || byte == '\\') break;
        size_t length = byte < 0x80 ? 1 : pv_text_character((pv_text){text.data + at, text.size - at});
        if (length == 0) break;
        at += length;
    }
    return at;
}

static void append_with_escapes(pv_buffer *out, pv_text text)
{
    while (text.size > 0) {
        size_t plain = plain_run(text);
        pv_buffer_append(out, text.data, plain);
        text.data += plain;
        text.size -= plain;
        if (text.size == 0) break;
        unsigned char byte = (unsigned char)text.data[0];
        if (byte < 0x80) {
            append_escaped(out, byte);
        } else {
            pv_buffer_append_string(out, "\xef\xbf\xbd"); /* U+FFFD for each byte that is no UTF-8 */
        }
        text.data++;
        text.size--;
    }
}

/* The string and, where `after` is not 0, that byte behind it. Nearly all strings are copied as they are. */
static void append_string(pv_json *json, pv_text text, char after)
{
    const bool is_plain = text.size >= sizeof(uint32_t) && is_plain_ascii(text); /* in one pass, without a branch */
    size_t plain = is_plain ? text.size : plain_run(text);
    char *end = begin_value(json, plain + 3);
    if (!end) return;
    *end++ = '"';
    if (plain > 0) memcpy(end, text.data, plain);
    json->out->size += plain + 1;
    if (plain < text.size) {
        append_with_escapes(json->out, (pv_text){text.data + plain, text.size - plain});
        end = pv_buffer_room(json->out, 2);
        if (!end) return;
    } else {
        end += plain;
    }
    *end++ = '"';
    if (after) *end = after;
    json->out->size += after ? 2 : 1;
}

void pv_json_key(pv_json *json, const char *key)
{
    append_string(json, pv_text_of(key), ':');
    json->needs_comma = false;
}

void pv_json_text(pv_json *json, pv_text text)
{
    if (text.data)
        append_string(json, text, 0);
    else
        pv_json_null(json);
}

void pv_json_string(pv_json *json, const char *string)
{
    pv_json_text(json, pv_text_of(string));
}

void pv_json_integer(pv_json *json, int64_t value)
{
    char *end = begin_value(json, PV_NUMBER_SIZE);
    if (end) json->out->size += (size_t)pv_integer_print(end, value);
}

void pv_json_number(pv_json *json, double value)
{
    if (!isfinite(value)) {
        pv_json_null(json);
        return;
    }
    char *end = begin_value(json, PV_NUMBER_SIZE);
    if (end) json->out->size += (size_t)pv_number_print(end, value);
}

void pv_json_boolean(pv_json *json, bool value)
{
    pv_json_raw(json, value ? "true" : "false");
}

void pv_json_null(pv_json *json)
{
    pv_json_raw(json, "null");
}
