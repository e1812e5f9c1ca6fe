/* json_fields.h - a key and its value in one call. */
#ifndef PV_JSON_FIELDS_H
#define PV_JSON_FIELDS_H

#include "base/json_writer.h"

static inline void pv_json_text_field(pv_json *json, const char *key, pv_text value)
{
    pv_json_key(json, key);
    pv_json_text(json, value);
}

static inline void pv_json_string_field(pv_json *json, const char *key, const char *value)
{
    pv_json_key(json, key);
    pv_json_string(json, value);
}

static inline void pv_json_integer_field(pv_json *json, const char *key, int64_t value)
{
    pv_json_key(json, key);
    pv_json_integer(json, value);
}

/* null when the value is below `first`: counts that are not known (first 0), ranks that there are none of (first 1). */
static inline void pv_json_integer_from_field(pv_json *json, const char *key, int64_t value, int64_t first)
{
    pv_json_key(json, key);
    if (value >= first)
        pv_json_integer(json, value);
    else
        pv_json_null(json);
}

static inline void pv_json_number_field(pv_json *json, const char *key, double value)
{
    pv_json_key(json, key);
    pv_json_number(json, value);
}

static inline void pv_json_boolean_field(pv_json *json, const char *key, bool value)
{
    pv_json_key(json, key);
    pv_json_boolean(json, value);
}

#endif
