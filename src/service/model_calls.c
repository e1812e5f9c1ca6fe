/* model_calls.c - what the service says of itself: models, health, its own description. */
#include "base/failure.h"
#include "base/json_fields.h"
#include "service/openapi.h"
#include "service/request_read.h"

#include <stdio.h>

#define DAYS_OF_FRESH_DATA 7

static const pv_model *model_of(const pv_call *call)
{
    return pv_loaded_model_model(call->loaded);
}

static void write_as_of(pv_json *json, const pv_model *model)
{
    char as_of[PV_TIMESTAMP_SIZE];
    const int64_t time = model->ranker->shop.as_of;
    if (time != PV_NO_TIME) pv_timestamp_print(as_of, time);
    pv_json_string_field(json, "as_of", time != PV_NO_TIME ? as_of : NULL);
}

/* Calls that take no parameter say so. */
static pv_status read_nothing(const pv_call *call, pv_error *error)
{
    pv_read_request read;
    return pv_request_read_query(&read, call, 0, error);
}

pv_status pv_call_models(pv_buffer *out, pv_call *call, pv_error *error)
{
    pv_json json = {.out = out};
    const pv_status status = read_nothing(call, error);
    if (status != PV_OK) return status;
    pv_json_begin_object(&json);
    pv_json_key(&json, "models");
    pv_json_begin_array(&json);
    pv_json_begin_object(&json);
    pv_json_string_field(&json, "model", pv_model_id(model_of(call)));
    write_as_of(&json, model_of(call));
    pv_json_boolean_field(&json, "in_use", true);
    pv_json_end_object(&json);
    pv_json_end_array(&json);
    pv_json_end_object(&json);
    return PV_OK;
}

pv_status pv_call_model_card(pv_buffer *out, pv_call *call, pv_error *error)
{
    char *text = NULL;
    const pv_text id = call->segments[2];
    pv_status status = read_nothing(call, error);
    if (status != PV_OK) return status;
    if (!pv_text_equal(id, pv_text_of("current")) && !pv_text_equal(id, pv_text_of(pv_model_id(model_of(call)))))
        return pv_fail(error, PV_E_NOT_FOUND, "no model \"%.*s\": in use is %s", (int)(id.size < 60 ? id.size : 60),
                       id.data, pv_model_id(model_of(call)));
    status = pv_model_info_json(&text, model_of(call), error);
    if (status != PV_OK) return status;
    pv_buffer_append_string(out, text);
    pv_free(text);
    return PV_OK;
}

pv_status pv_call_health_live(pv_buffer *out, pv_call *call, pv_error *error)
{
    const pv_status status = read_nothing(call, error);
    if (status == PV_OK) pv_buffer_append_string(out, "{\"status\":\"live\"}");
    return status;
}

static void write_warnings(pv_json *json, const pv_call *call, double age_days)
{
    char old[96], failure[sizeof((pv_error *)0)->message];
    pv_json_key(json, "warnings");
    pv_json_begin_array(json);
    if (age_days > DAYS_OF_FRESH_DATA) {
        (void)snprintf(old, sizeof old, "the model's data is %.0f days old", age_days);
        pv_json_string(json, old);
    }
    pv_service_reload_failure(failure, sizeof failure, call->service);
    if (failure[0]) pv_json_string(json, failure);
    if (pv_loaded_model_taken(call->loaded)->is_other_log)
        pv_json_string(json, "the model was trained with another event log: all events of this one are folded in");
    pv_json_end_array(json);
}

pv_status pv_call_health_ready(pv_buffer *out, pv_call *call, pv_error *error)
{
    pv_json json = {.out = out};
    const pv_status status = read_nothing(call, error);
    if (status != PV_OK) return status;
    const int64_t as_of = model_of(call)->ranker->shop.as_of;
    const double age_days = as_of == PV_NO_TIME ? 0 : (double)(pv_clock_now() - as_of) / (double)PV_SECONDS_PER_DAY;
    pv_json_begin_object(&json);
    pv_json_string_field(&json, "status", "ready");
    pv_json_string_field(&json, "version", pv_version());
    pv_json_string_field(&json, "model", pv_model_id(model_of(call)));
    write_as_of(&json, model_of(call));
    const pv_live_state *state = call->service->state;
    pv_json_boolean_field(&json, "takes_events", pv_live_state_has_log(state) || pv_live_state_has_journal(state));
    write_warnings(&json, call, age_days);
    pv_json_end_object(&json);
    return PV_OK;
}

pv_status pv_call_openapi(pv_buffer *out, pv_call *call, pv_error *error)
{
    const pv_status status = read_nothing(call, error);
    if (status == PV_OK) pv_buffer_append(out, pv_openapi_document, pv_openapi_document_size);
    return status;
}
