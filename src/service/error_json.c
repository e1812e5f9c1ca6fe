/* error_json.c - see error_json.h. */
#include "service/error_json.h"

#include "base/json_fields.h"

void pv_message_write(pv_json *json, const char *key, const char *message)
{
    pv_json_key(json, key);
    pv_text text = pv_text_of(message);
    if (pv_text_is_utf8(text)) {
        pv_json_text(json, text);
        return;
    }
    char ascii[sizeof((pv_error *)0)->message];
    size_t size = text.size < sizeof ascii ? text.size : sizeof ascii;
    for (size_t k = 0; k < size; k++) ascii[k] = (unsigned char)message[k] < 0x80 ? message[k] : '?';
    pv_json_text(json, (pv_text){ascii, size});
}

void pv_error_write(pv_json *json, const char *code, const pv_error *error)
{
    pv_json_begin_object(json);
    pv_json_string_field(json, "code", code);
    pv_message_write(json, "message", error->message);
    pv_json_string_field(json, "field", error->field[0] ? error->field : NULL);
    pv_json_end_object(json);
}

void pv_error_write_answer(pv_json *json, const char *code, const pv_error *error)
{
    pv_json_begin_object(json);
    pv_json_key(json, "error");
    pv_error_write(json, code, error);
    pv_json_end_object(json);
}
