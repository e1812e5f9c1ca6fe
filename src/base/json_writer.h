/* json_writer.h - JSON text appended to a buffer, compact, keys in the order written.
 *
 * A writer of our own because the contract wants numbers in their shortest form that reads back the same, which
 * jansson does not print, and because bulk answers are written without building a tree.
 */
#ifndef PV_JSON_WRITER_H
#define PV_JSON_WRITER_H

#include "base/text.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct pv_json {
    pv_buffer *out; /* borrowed */
    bool needs_comma;
} pv_json; /* init with {.out = buffer} */

void pv_json_begin_object(pv_json *json);
void pv_json_end_object(pv_json *json);
void pv_json_begin_array(pv_json *json);
void pv_json_end_array(pv_json *json);
void pv_json_key(pv_json *json, const char *key);
void pv_json_text(pv_json *json, pv_text text);         /* null when text.data is NULL */
void pv_json_string(pv_json *json, const char *string); /* null when NULL */
void pv_json_integer(pv_json *json, int64_t value);
void pv_json_number(pv_json *json, double value); /* shortest round trip, always with . or e; null when not finite */
void pv_json_boolean(pv_json *json, bool value);
void pv_json_null(pv_json *json);
void pv_json_raw(pv_json *json, const char *value); /* a value that is JSON text already */

#define PV_NUMBER_SIZE 32
/* The shortest decimal text that reads back as `value` ("0.1", "12.0", "1e-07"); length returned. value finite. */
int pv_number_print(char out[PV_NUMBER_SIZE], double value);
/* "-17"; length returned. */
int pv_integer_print(char out[PV_NUMBER_SIZE], int64_t value);

#endif
