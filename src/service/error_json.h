/* error_json.h - the JSON of an error, the same wherever one is told: of a command, of a request, of a row. */
#ifndef PV_ERROR_JSON_H
#define PV_ERROR_JSON_H

#include "base/json_writer.h"

/* {"code","message","field"}; field null where error->field is empty. */
void pv_error_write(pv_json *json, const char *code, const pv_error *error);
/* {"error":{...}} */
void pv_error_write_answer(pv_json *json, const char *code, const pv_error *error);
/* A message as a value: it may quote a path or a row that is no UTF-8, or end inside a character where it was cut; JSON
 * must not. */
void pv_message_write(pv_json *json, const char *key, const char *message);

#endif
