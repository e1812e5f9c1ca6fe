/* event_print.c - pv_event_print(), see event.h. */
#include "events/event.h"

#include "base/json_fields.h"
#include <math.h>

static void print_told_text(pv_json *json, const char *key, pv_text text)
{
    if (text.data) pv_json_text_field(json, key, text);
}

static void print_told_number(pv_json *json, const char *key, double value)
{
    if (!isnan(value)) pv_json_number_field(json, key, value);
}

static void print_time(pv_json *json, const char *key, int64_t time)
{
    char text[PV_TIMESTAMP_SIZE];
    pv_timestamp_print(text, time);
    pv_json_string_field(json, key, text);
}

static void print_items(pv_json *json, const pv_event *event)
{
    pv_json_key(json, "items");
    pv_json_begin_array(json);
    for (int64_t k = 0; k < event->n_items; k++) pv_json_text(json, event->items[k]);
    pv_json_end_array(json);
}

static void print_happening(pv_json *json, const pv_event *event)
{
    pv_json_text_field(json, "user", event->user);
    if (event->n_items == 1)
        pv_json_text_field(json, "item", event->items[0]);
    else
        print_items(json, event);
    print_time(json, "time", event->time);
    print_told_text(json, "order", event->order);
    print_told_number(json, "quantity", event->quantity);
    print_told_number(json, "unit_price", event->unit_price);
    print_told_number(json, "discount", event->discount);
    print_told_text(json, "recommendation_id", event->recommendation_id);
    print_told_text(json, "reason", event->reason);
}

static void print_change(pv_json *json, pv_product_change change, double value)
{
    static const char *const keys[PV_CHANGE_COUNT] = {
        [PV_CHANGE_PRICE] = "price",
        [PV_CHANGE_DISCOUNT] = "discount",
        [PV_CHANGE_STOCK] = "stock",
        [PV_CHANGE_DISCONTINUED] = "discontinued",
        [PV_CHANGE_AVAILABLE_FROM] = "available_from",
    };
    if (isnan(value)) {
        pv_json_key(json, keys[change]);
        pv_json_null(json);
    } else if (change == PV_CHANGE_DISCONTINUED) {
        pv_json_boolean_field(json, keys[change], value != 0);
    } else if (change == PV_CHANGE_AVAILABLE_FROM) {
        print_time(json, keys[change], (int64_t)value);
    } else {
        pv_json_number_field(json, keys[change], value);
    }
}

static void print_product(pv_json *json, const pv_event *event)
{
    pv_json_text_field(json, "item", event->items[0]);
    for (int k = 0; k < PV_CHANGE_COUNT; k++) {
        const pv_change *change = &event->changes[k];
        if (change->kind != PV_UNCHANGED)
            print_change(json, (pv_product_change)k, change->kind == PV_SET ? change->value : (double)NAN);
    }
}

static void print_company(pv_json *json, const pv_event *event)
{
    pv_json_text_field(json, "user", event->user);
    print_told_text(json, "parent_id", event->parent);
    if (event->n_values == 0) return;
    pv_json_key(json, "metadata");
    pv_json_begin_object(json);
    for (int64_t k = 0; k < event->n_values; k++) {
        pv_json_text(json, event->values[k].column); /* a key that is data */
        pv_buffer_append_string(json->out, ":");
        json->needs_comma = false;
        pv_json_text(json, event->values[k].value);
    }
    pv_json_end_object(json);
}

static void print_eligibility(pv_json *json, const pv_event *event)
{
    static const char *const holders[] = {
        [PV_HOLDER_USER] = "user", [PV_HOLDER_PARENT] = "parent", [PV_HOLDER_PRICE_LIST] = "price_list"};
    pv_json_text_field(json, holders[event->holder], event->holder_id);
    if (event->n_items >= 0) {
        print_items(json, event);
    } else {
        pv_json_key(json, "items");
        pv_json_null(json);
    }
}

void pv_event_print(pv_buffer *out, const pv_event *event)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    print_told_text(&json, "event_id", event->event_id);
    pv_json_string_field(&json, "type", pv_event_type_name(event->type));
    if (event->type == PV_EVENT_PRODUCT)
        print_product(&json, event);
    else if (event->type == PV_EVENT_COMPANY)
        print_company(&json, event);
    else if (event->type == PV_EVENT_ELIGIBILITY)
        print_eligibility(&json, event);
    else
        print_happening(&json, event);
    pv_json_end_object(&json);
}
