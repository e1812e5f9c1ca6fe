/* json_writer.c - see json_writer.h. Strings follow RFC 8259 section 7; UTF-8 passes as it is. */
#include "base/json_writer.h"
#include <inttypes.h>
#include <math.h>

static void separate(pv_json *json)
{
    if (json->needs_comma) pv_buffer_append(json->out, ",", 1);
    json->needs_comma = true;
}

static void open_bracket(pv_json *json, const char *bracket)
{
    separate(json);
    pv_buffer_append(json->out, bracket, 1);
    json->needs_comma = false;
}

static void close_bracket(pv_json *json, const char *bracket)
{
    pv_buffer_append(json->out, bracket, 1);
    json->needs_comma = true;
}

void pv_json_raw(pv_json *json, const char *value)
{
    separate(json);
    pv_buffer_append_string(json->out, value);
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

/* Length of the run at the start of `text` that needs no change. */
static size_t plain_run(pv_text text)
{
    size_t at = 0;
    while (at < text.size) {
        unsigned char byte = (unsigned char)text.data[at];
        if (byte < 0x20 || byte == '"' || byte == '\\') break;
        size_t length = pv_text_character((pv_text){text.data + at, text.size - at});
        if (length == 0) break;
        at += length;
    }
    return at;
}

static void append_string(pv_buffer *out, pv_text text)
{
    pv_buffer_append(out, "\"", 1);
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
    pv_buffer_append(out, "\"", 1);
}

void pv_json_key(pv_json *json, const char *key)
{
    separate(json);
    append_string(json->out, pv_text_of(key));
    pv_buffer_append(json->out, ":", 1);
    json->needs_comma = false;
}

void pv_json_text(pv_json *json, pv_text text)
{
    if (!text.data) {
        pv_json_null(json);
        return;
    }
    separate(json);
    append_string(json->out, text);
}

void pv_json_string(pv_json *json, const char *string)
{
    pv_json_text(json, pv_text_of(string));
}

void pv_json_integer(pv_json *json, int64_t value)
{
    separate(json);
    pv_buffer_print(json->out, "%" PRId64, value);
}

void pv_json_number(pv_json *json, double value)
{
    if (!isfinite(value)) {
        pv_json_null(json);
        return;
    }
    char digits[PV_NUMBER_SIZE];
    int length = pv_number_print(digits, value);
    separate(json);
    pv_buffer_append(json->out, digits, (size_t)length);
}

void pv_json_boolean(pv_json *json, bool value)
{
    separate(json);
    pv_buffer_append_string(json->out, value ? "true" : "false");
}

void pv_json_null(pv_json *json)
{
    separate(json);
    pv_buffer_append_string(json->out, "null");
}
