/* event_json.c - pv_event_read(), see event.h. One table says which field belongs to which type; what a field may hold
 * is the same wherever it stands. */
#include "events/event.h"

#include "base/failure.h"
#include "events/distinct_texts.h"
#include <math.h>

#define QUANTITY_MAX 1e9
#define PRICE_MAX 1e12
#define STOCK_MAX 1e9

typedef enum field {
    EVENT_ID,
    TYPE,
    USER,
    PARENT,
    PRICE_LIST,
    PARENT_ID,
    METADATA,
    ITEM,
    ITEMS,
    TIME,
    ORDER,
    QUANTITY,
    UNIT_PRICE,
    PRICE,
    DISCOUNT,
    STOCK,
    DISCONTINUED,
    AVAILABLE_FROM,
    RECOMMENDATION_ID,
    REASON,
    FIELD_COUNT
} field;

static const char *const field_names[FIELD_COUNT] = {
    [EVENT_ID] = "event_id",
    [TYPE] = "type",
    [USER] = "user",
    [PARENT] = "parent",
    [PRICE_LIST] = "price_list",
    [PARENT_ID] = "parent_id",
    [METADATA] = "metadata",
    [ITEM] = "item",
    [ITEMS] = "items",
    [TIME] = "time",
    [ORDER] = "order",
    [QUANTITY] = "quantity",
    [UNIT_PRICE] = "unit_price",
    [PRICE] = "price",
    [DISCOUNT] = "discount",
    [STOCK] = "stock",
    [DISCONTINUED] = "discontinued",
    [AVAILABLE_FROM] = "available_from",
    [RECOMMENDATION_ID] = "recommendation_id",
    [REASON] = "reason",
};

#define BIT(name) (UINT32_C(1) << (name))
#define HAPPENING (BIT(EVENT_ID) | BIT(TYPE) | BIT(USER) | BIT(ITEM) | BIT(TIME) | BIT(RECOMMENDATION_ID))
#define PURCHASE (HAPPENING | BIT(ORDER) | BIT(QUANTITY) | BIT(UNIT_PRICE) | BIT(DISCOUNT))

static const uint32_t fields_of_type[PV_EVENT_TYPE_COUNT] = {
    [PV_EVENT_PURCHASE] = PURCHASE,
    [PV_EVENT_RETURN] = PURCHASE,
    [PV_EVENT_SHOWN] = HAPPENING | BIT(ITEMS),
    [PV_EVENT_CLICK] = HAPPENING,
    [PV_EVENT_CART] = HAPPENING,
    [PV_EVENT_DISMISS] = HAPPENING | BIT(REASON),
    [PV_EVENT_PRODUCT] = BIT(EVENT_ID) | BIT(TYPE) | BIT(ITEM) | BIT(PRICE) | BIT(DISCOUNT) | BIT(STOCK) |
                         BIT(DISCONTINUED) | BIT(AVAILABLE_FROM),
    [PV_EVENT_COMPANY] = BIT(EVENT_ID) | BIT(TYPE) | BIT(USER) | BIT(PARENT_ID) | BIT(METADATA),
    [PV_EVENT_ELIGIBILITY] = BIT(EVENT_ID) | BIT(TYPE) | BIT(USER) | BIT(PARENT) | BIT(PRICE_LIST) | BIT(ITEMS),
};

static const field change_fields[PV_CHANGE_COUNT] = {
    [PV_CHANGE_PRICE] = PRICE,
    [PV_CHANGE_DISCOUNT] = DISCOUNT,
    [PV_CHANGE_STOCK] = STOCK,
    [PV_CHANGE_DISCONTINUED] = DISCONTINUED,
    [PV_CHANGE_AVAILABLE_FROM] = AVAILABLE_FROM,
};

static const field holder_fields[] = {
    [PV_HOLDER_USER] = USER, [PV_HOLDER_PARENT] = PARENT, [PV_HOLDER_PRICE_LIST] = PRICE_LIST};
#define HOLDER_COUNT (sizeof holder_fields / sizeof *holder_fields)

/* --- reading: values --------------------------------------------------------------------------------------------- */

typedef struct reading {
    pv_event *event;
    const pv_json_node *object;
    pv_json_node fields[FIELD_COUNT];
    pv_arena *arena;
} reading;

/* Neither absent nor null. */
static bool is_told(const pv_json_node *node)
{
    return !pv_json_is_absent(node) && !pv_json_is_null(node);
}

static pv_status read_id(pv_text *id, const pv_json_node *node, pv_error *error)
{
    return pv_json_read_text(id, node, 1, PV_ID_BYTES_MAX, error);
}

static pv_status read_told_text(pv_text *text, const pv_json_node *node, size_t most, pv_error *error)
{
    return is_told(node) ? pv_json_read_text(text, node, 1, most, error) : PV_OK;
}

static pv_status read_told_number(double *value, const pv_json_node *node, double least, double most, pv_error *error)
{
    return is_told(node) ? pv_json_read_number(value, node, least, most, error) : PV_OK;
}

static pv_status read_quantity(double *value, const pv_json_node *node, pv_error *error)
{
    const pv_status status = read_told_number(value, node, 0, QUANTITY_MAX, error);
    if (status == PV_OK && *value == 0) return pv_json_fail(error, node, "quantity 0: expected more than 0");
    return status;
}

static pv_status read_time(int64_t *time, const pv_json_node *node, pv_error *error)
{
    pv_text text;
    const pv_status status = pv_json_read_text(&text, node, 1, PV_VALUE_BYTES_MAX, error);
    if (status != PV_OK) return status;
    /* A zone may move the first and the last day out of the years that are told again. */
    if (!pv_timestamp_parse(time, text) || *time < PV_TIME_FIRST || *time >= PV_TIME_END)
        return pv_json_fail(error, node,
                            "%.*s: \"%.*s\" is no date (expected YYYY-MM-DD or ISO 8601, years 1900 to 2200)",
                            (int)node->key.size, node->key.data, text.size < 40 ? (int)text.size : 40, text.data);
    return PV_OK;
}

/* An array of ids; those that stand twice are kept once. */
static pv_status read_items(reading *r, int64_t most, pv_error *error)
{
    const pv_json_node *array = &r->fields[ITEMS];
    pv_event *event = r->event;
    pv_status status = pv_json_array_size(&event->n_items, array, most, error);
    if (status != PV_OK) return status;
    pv_text *items = pv_arena_allocate(r->arena, (size_t)event->n_items, sizeof *items);
    if (!items) return pv_fail_memory(error, "a list of ids", 0);
    for (int64_t k = 0; k < event->n_items; k++) {
        const pv_json_node element = pv_json_array_element(array, k);
        status = read_id(&items[k], &element, error);
        if (status != PV_OK) return status;
    }
    event->items = items;
    return pv_distinct_texts_keep(items, &event->n_items, error);
}

static pv_status read_item(reading *r, pv_error *error)
{
    pv_text *item = pv_arena_allocate(r->arena, 1, sizeof *item);
    if (!item) return pv_fail_memory(error, "an id", 0);
    r->event->items = item;
    r->event->n_items = 1;
    return read_id(item, &r->fields[ITEM], error);
}

/* --- reading: kinds of events ------------------------------------------------------------------------------------ */

static pv_status read_products(reading *r, pv_error *error)
{
    const pv_json_node *items = &r->fields[ITEMS];
    if (!is_told(items)) return read_item(r, error);
    if (is_told(&r->fields[ITEM])) return pv_json_fail(error, items, "item and items: expected one of the two");
    const pv_status status = read_items(r, PV_SHOWN_ITEMS_MAX, error);
    if (status == PV_OK && r->event->n_items == 0)
        return pv_json_fail(error, items, "items []: expected at least one id");
    return status;
}

static pv_status read_happening(reading *r, int64_t end_time, pv_error *error)
{
    pv_status status;
    pv_event *event = r->event;
    const pv_json_node *fields = r->fields;
    PV_TRY(pv_json_read_text(&event->event_id, &fields[EVENT_ID], 1, PV_EVENT_ID_BYTES_MAX, error));
    PV_TRY(read_id(&event->user, &fields[USER], error));
    PV_TRY(read_products(r, error));
    PV_TRY(read_time(&event->time, &fields[TIME], error));
    if (event->time >= end_time) {
        char time[PV_TIMESTAMP_SIZE];
        pv_timestamp_print(time, event->time);
        return pv_json_fail(error, &fields[TIME], "time: %s is after tomorrow", time);
    }
    PV_TRY(read_told_text(&event->order, &fields[ORDER], PV_ID_BYTES_MAX, error));
    PV_TRY(read_quantity(&event->quantity, &fields[QUANTITY], error));
    PV_TRY(read_told_number(&event->unit_price, &fields[UNIT_PRICE], -PRICE_MAX, PRICE_MAX, error));
    PV_TRY(read_told_number(&event->discount, &fields[DISCOUNT], 0, 1, error));
    PV_TRY(read_told_text(&event->recommendation_id, &fields[RECOMMENDATION_ID], PV_ID_BYTES_MAX, error));
    PV_TRY(read_told_text(&event->reason, &fields[REASON], PV_VALUE_BYTES_MAX, error));
cleanup:
    return status;
}

static pv_status read_set_value(double *value, const pv_json_node *node, pv_product_change change, pv_error *error)
{
    pv_status status = PV_OK;
    bool is_discontinued = false;
    int64_t time = 0;
    switch (change) {
    case PV_CHANGE_PRICE:
        return pv_json_read_number(value, node, 0, PRICE_MAX, error);
    case PV_CHANGE_DISCOUNT:
        return pv_json_read_number(value, node, 0, 1, error);
    case PV_CHANGE_STOCK:
        return pv_json_read_number(value, node, -STOCK_MAX, STOCK_MAX, error);
    case PV_CHANGE_DISCONTINUED:
        status = pv_json_read_boolean(&is_discontinued, node, error);
        *value = is_discontinued;
        return status;
    case PV_CHANGE_AVAILABLE_FROM:
        status = read_time(&time, node, error);
        *value = (double)time;
        return status;
    case PV_CHANGE_COUNT:
        break;
    }
    return status;
}

static pv_status read_product(reading *r, pv_error *error)
{
    int n_changes = 0;
    pv_status status = read_item(r, error);
    for (int k = 0; status == PV_OK && k < PV_CHANGE_COUNT; k++) {
        const pv_json_node *node = &r->fields[change_fields[k]];
        pv_change *change = &r->event->changes[k];
        if (pv_json_is_absent(node)) continue;
        n_changes++;
        change->kind = pv_json_is_null(node) ? PV_AS_TRAINED : PV_SET;
        if (change->kind == PV_SET) status = read_set_value(&change->value, node, (pv_product_change)k, error);
    }
    if (status == PV_OK && n_changes == 0)
        return pv_json_fail(
            error, r->object,
            "item: nothing to change (expected price, discount, stock, discontinued or available_from)");
    return status;
}

static pv_status read_metadata(reading *r, pv_error *error)
{
    const pv_json_node *object = &r->fields[METADATA];
    pv_json_node entries[PV_METADATA_MAX];
    int64_t n;
    pv_status status;
    PV_TRY(pv_json_object_size(&n, object, PV_METADATA_MAX, error));
    PV_TRY(pv_json_object_entries(entries, object, n, error));
    pv_event_value *values = pv_arena_allocate(r->arena, (size_t)n, sizeof *values);
    PV_TRY(pv_check_memory(values != NULL, "metadata", error));
    for (int64_t k = 0; k < n; k++) {
        values[k].column = entries[k].key;
        if (values[k].column.size > PV_ID_BYTES_MAX)
            return pv_json_fail(error, object, "metadata: a column's name is longer than %d bytes", PV_ID_BYTES_MAX);
        if (!pv_json_is_null(&entries[k]))
            PV_TRY(pv_json_read_text(&values[k].value, &entries[k], 0, PV_VALUE_BYTES_MAX, error));
    }
    r->event->values = values;
    r->event->n_values = n;
cleanup:
    return status;
}

static pv_status read_company(reading *r, pv_error *error)
{
    pv_status status;
    pv_event *event = r->event;
    PV_TRY(read_id(&event->user, &r->fields[USER], error));
    PV_TRY(read_told_text(&event->parent, &r->fields[PARENT_ID], PV_ID_BYTES_MAX, error));
    if (is_told(&r->fields[METADATA])) PV_TRY(read_metadata(r, error));
    if (!event->parent.data && event->n_values == 0)
        return pv_json_fail(error, r->object, "user: nothing to change (expected parent_id or metadata)");
cleanup:
    return status;
}

static pv_status read_eligibility(reading *r, pv_error *error)
{
    int n_holders = 0;
    for (size_t k = 0; k < HOLDER_COUNT; k++) {
        if (!is_told(&r->fields[holder_fields[k]])) continue;
        r->event->holder = (pv_holder)k;
        n_holders++;
    }
    if (n_holders != 1)
        return pv_json_fail(error, r->object, "%s: expected one of user, parent and price_list",
                            n_holders == 0 ? "nobody named" : "several named");
    const pv_status status = read_id(&r->event->holder_id, &r->fields[holder_fields[r->event->holder]], error);
    if (status != PV_OK) return status;
    r->event->n_items = -1;
    if (pv_json_is_absent(&r->fields[ITEMS]))
        return pv_json_fail(error, &r->fields[ITEMS],
                            "items missing: expected an array, or null for the list as trained");
    if (pv_json_is_null(&r->fields[ITEMS])) return PV_OK;
    return read_items(r, PV_ELIGIBLE_ITEMS_MAX, error);
}

/* --- reading: the object ----------------------------------------------------------------------------------------- */

/* Types of a call: from *first on. */
static int types_of_call(pv_event_type *first, pv_event_call call)
{
    switch (call) {
    case PV_CALL_EVENTS:
        *first = PV_EVENT_PURCHASE;
        return PV_EVENT_PRODUCT;
    case PV_CALL_ITEMS:
        *first = PV_EVENT_PRODUCT;
        return 1;
    case PV_CALL_USERS:
        *first = PV_EVENT_COMPANY;
        return 1;
    case PV_CALL_ELIGIBILITY:
        *first = PV_EVENT_ELIGIBILITY;
        return 1;
    case PV_CALL_LOG:
        break;
    }
    *first = PV_EVENT_PURCHASE;
    return PV_EVENT_TYPE_COUNT;
}

/* The fields that any of the types may have; a call that takes one type does not ask for it. */
static pv_status find_fields(reading *r, pv_event_type first, int n_types, pv_error *error)
{
    const char *names[FIELD_COUNT];
    pv_json_node nodes[FIELD_COUNT];
    uint32_t wanted = 0;
    int32_t n = 0;
    for (int k = 0; k < n_types; k++) wanted |= fields_of_type[(int)first + k];
    if (n_types == 1) wanted &= ~BIT(TYPE);
    for (int k = 0; k < FIELD_COUNT; k++) {
        if (wanted & BIT(k)) names[n++] = field_names[k];
    }
    const pv_status status = pv_json_object_fields(nodes, r->object, names, n, error);
    if (status != PV_OK) return status;
    n = 0;
    for (int k = 0; k < FIELD_COUNT; k++) r->fields[k] = wanted & BIT(k) ? nodes[n++] : (pv_json_node){.value = NULL};
    return PV_OK;
}

static pv_status find_type(reading *r, pv_event_type first, int n_types, pv_error *error)
{
    const char *names[PV_EVENT_TYPE_COUNT];
    int choice = 0;
    for (int k = 0; k < n_types; k++) names[k] = pv_event_type_name((pv_event_type)((int)first + k));
    if (n_types > 1) {
        const pv_status status = pv_json_read_choice(&choice, &r->fields[TYPE], names, n_types, error);
        if (status != PV_OK) return status;
    }
    r->event->type = (pv_event_type)((int)first + choice);
    for (int k = 0; k < FIELD_COUNT; k++) {
        if (is_told(&r->fields[k]) && !(fields_of_type[r->event->type] & BIT(k)))
            return pv_json_fail(error, &r->fields[k], "%s: does not belong to an event of type %s", field_names[k],
                                names[choice]);
    }
    return PV_OK;
}

pv_status pv_event_read(pv_event *event, const pv_json_node *node, pv_event_call call, int64_t end_time,
                        pv_arena *arena, pv_error *error)
{
    pv_status status;
    reading r = {.event = event, .object = node, .arena = arena};
    pv_event_type first;
    const int n_types = types_of_call(&first, call);
    *event = (pv_event){.quantity = (double)NAN, .unit_price = (double)NAN, .discount = (double)NAN};
    PV_TRY(find_fields(&r, first, n_types, error));
    PV_TRY(find_type(&r, first, n_types, error));
    if (pv_event_is_happening(event->type)) return read_happening(&r, end_time, error);
    PV_TRY(read_told_text(&event->event_id, &r.fields[EVENT_ID], PV_EVENT_ID_BYTES_MAX, error));
    if (event->type == PV_EVENT_PRODUCT) return read_product(&r, error);
    if (event->type == PV_EVENT_COMPANY) return read_company(&r, error);
    return read_eligibility(&r, error);
cleanup:
    return status;
}
