/* request_body.c - a question as JSON. */
#include "base/failure.h"
#include "service/request_fields.h"
#include <math.h>

static bool is_given(const pv_json_node *node)
{
    return !pv_json_is_absent(node) && !pv_json_is_null(node);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static pv_status read_ids(const pv_text **ids, int64_t *n, const pv_json_node *node, pv_arena *arena, pv_error *error)
{
    pv_status status = pv_json_array_size(n, node, PV_SERVICE_LIST_MAX, error);
    if (status != PV_OK) return status;
    pv_text *texts = pv_arena_allocate(arena, (size_t)*n, sizeof *texts);
    if (!texts) return pv_fail_memory(error, "a request", (uint64_t)*n * sizeof *texts);
    for (int64_t k = 0; status == PV_OK && k < *n; k++) {
        const pv_json_node element = pv_json_array_element(node, k);
        status = pv_json_read_text(&texts[k], &element, 1, PV_ID_BYTES_MAX, error);
    }
    *ids = texts;
    return status;
}

static pv_status read_metadata(pv_request *request, const pv_json_node *node, pv_arena *arena, pv_error *error)
{
    int64_t n = 0;
    pv_status status = pv_json_object_size(&n, node, PV_METADATA_MAX, error);
    if (status != PV_OK) return status;
    pv_json_node *entries = pv_arena_allocate(arena, (size_t)n, sizeof *entries);
    pv_metadata *metadata = pv_arena_allocate(arena, (size_t)n, sizeof *metadata);
    if (!entries || !metadata) return pv_fail_memory(error, "a request", 0);
    PV_TRY(pv_json_object_entries(entries, node, n, error));
    for (int64_t k = 0; k < n; k++) {
        metadata[k].column = entries[k].key;
        PV_TRY(pv_json_read_text(&metadata[k].value, &entries[k], 0, PV_VALUE_BYTES_MAX, error));
    }
    request->metadata = metadata;
    request->n_metadata = n;
cleanup:
    return status;
}

/* A column's value, or several of which one must hold. */
static pv_status read_filter_values(pv_filter *filters, int64_t *n, const pv_json_node *entry, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t n_values = 1;
    if (pv_json_is_array(entry)) PV_TRY(pv_json_array_size(&n_values, entry, PV_METADATA_MAX, error));
    for (int64_t k = 0; k < n_values; k++) {
        const pv_json_node value = pv_json_is_array(entry) ? pv_json_array_element(entry, k) : *entry;
        pv_filter *filter = &filters[(*n)++];
        filter->column = entry->key;
        PV_TRY(pv_json_read_text(&filter->value, &value, 1, PV_VALUE_BYTES_MAX, error));
    }
cleanup:
    return status;
}

static pv_status read_filter(pv_request *request, const pv_json_node *node, pv_arena *arena, pv_error *error)
{
    int64_t n = 0, room = 0;
    pv_status status = pv_json_object_size(&n, node, PV_METADATA_MAX, error);
    if (status != PV_OK) return status;
    pv_json_node *entries = pv_arena_allocate(arena, (size_t)n, sizeof *entries);
    if (!entries) return pv_fail_memory(error, "a request", 0);
    PV_TRY(pv_json_object_entries(entries, node, n, error));
    for (int64_t k = 0; k < n; k++) {
        int64_t n_values = 1;
        if (pv_json_is_array(&entries[k])) PV_TRY(pv_json_array_size(&n_values, &entries[k], PV_METADATA_MAX, error));
        room += n_values;
    }
    pv_filter *filters = pv_arena_allocate(arena, (size_t)room, sizeof *filters);
    if (!filters) return pv_fail_memory(error, "a request", 0);
    for (int64_t k = 0; k < n; k++) PV_TRY(read_filter_values(filters, &request->n_filters, &entries[k], error));
    request->filters = filters;
cleanup:
    return status;
}

/* --- history ------------------------------------------------------------------------------------------------------ */

static pv_status read_time(int64_t *time, const pv_json_node *node, pv_error *error)
{
    pv_text text;
    const pv_status status = pv_json_read_text(&text, node, 1, 64, error);
    if (status != PV_OK) return status;
    if (pv_timestamp_parse(time, text)) return PV_OK;
    return pv_json_fail(error, node, "expected a date or time, YYYY-MM-DD or ISO 8601");
}

static pv_status read_optional_number(double *number, const pv_json_node *node, double least, double most,
                                      pv_error *error)
{
    *number = (double)NAN;
    return is_given(node) ? pv_json_read_number(number, node, least, most, error) : PV_OK;
}

static pv_status read_line(pv_history_line *line, const pv_json_node *node, pv_error *error)
{
    enum { ITEM, TYPE, TIME, ORDER, QUANTITY, UNIT_PRICE, DISCOUNT, N_FIELDS };
    static const char *const names[N_FIELDS] = {"item", "type", "time", "order", "quantity", "unit_price", "discount"};
    static const char *const types[] = {"purchase", "return"};
    pv_json_node fields[N_FIELDS];
    pv_status status;
    int type = 0;
    double unit_price;
    *line = (pv_history_line){.time = PV_NO_TIME};
    PV_TRY(pv_json_object_fields(fields, node, names, N_FIELDS, error));
    PV_TRY(pv_json_read_text(&line->product, &fields[ITEM], 1, PV_ID_BYTES_MAX, error));
    if (is_given(&fields[TYPE])) PV_TRY(pv_json_read_choice(&type, &fields[TYPE], types, 2, error));
    line->is_return = type == 1;
    if (is_given(&fields[TIME])) PV_TRY(read_time(&line->time, &fields[TIME], error));
    if (is_given(&fields[ORDER])) PV_TRY(pv_json_read_text(&line->order, &fields[ORDER], 1, PV_ID_BYTES_MAX, error));
    PV_TRY(read_optional_number(&line->quantity, &fields[QUANTITY], 0, 1e9, error));
    if (line->quantity == 0) PV_TRY(pv_json_fail(error, &fields[QUANTITY], "expected a number above 0"));
    PV_TRY(read_optional_number(&unit_price, &fields[UNIT_PRICE], -1e12, 1e12, error)); /* no answer needs it */
    PV_TRY(read_optional_number(&line->discount, &fields[DISCOUNT], 0, 1, error));
cleanup:
    return status;
}

static pv_status read_history(pv_request *request, const pv_json_node *node, pv_arena *arena, pv_error *error)
{
    int64_t n = 0;
    pv_status status = pv_json_array_size(&n, node, PV_SERVICE_HISTORY_MAX, error);
    if (status != PV_OK) return status;
    pv_history_line *lines = pv_arena_allocate(arena, (size_t)n, sizeof *lines);
    if (!lines) return pv_fail_memory(error, "a request", (uint64_t)n * sizeof *lines);
    for (int64_t k = 0; status == PV_OK && k < n; k++) {
        const pv_json_node element = pv_json_array_element(node, k);
        status = read_line(&lines[k], &element, error);
    }
    request->has_lines = true;
    request->lines = lines;
    request->n_lines = n;
    return status;
}

/* --- one field ---------------------------------------------------------------------------------------------------- */

static pv_status read_as_of(pv_request *request, const pv_json_node *node, pv_arena *arena, pv_error *error)
{
    pv_text text;
    const pv_status status = pv_json_read_text(&text, node, 1, 64, error);
    if (status != PV_OK) return status;
    request->as_of = pv_text_copy(text, arena);
    return request->as_of ? PV_OK : pv_fail_memory(error, "a request", text.size);
}

static pv_status read_mode(pv_request *request, const pv_json_node *node, pv_error *error)
{
    int choice = 0;
    const pv_status status = pv_json_read_choice(&choice, node, pv_mode_choices, 3, error);
    request->mode = pv_mode_of_choice(choice);
    return status;
}

static pv_status read_explain(pv_request *request, const pv_json_node *node, pv_error *error)
{
    int choice = 0;
    const pv_status status = pv_json_read_choice(&choice, node, pv_explain_choices, 3, error);
    request->explain = (pv_explain)choice;
    return status;
}

static pv_status read_field(pv_read_request *read, pv_field field, const pv_json_node *node, pv_arena *arena,
                            pv_error *error)
{
    pv_request *request = &read->request;
    switch (field) {
    case PV_FIELD_USER:
        return pv_json_read_text(&request->user, node, 1, PV_ID_BYTES_MAX, error);
    case PV_FIELD_HISTORY:
        return read_history(request, node, arena, error);
    case PV_FIELD_CART:
        return read_ids(&request->cart, &request->n_cart, node, arena, error);
    case PV_FIELD_METADATA:
        return read_metadata(request, node, arena, error);
    case PV_FIELD_N:
        return pv_json_read_integer(&request->n, node, 1, PV_SERVICE_N_MAX, error);
    case PV_FIELD_OFFSET:
        return pv_json_read_integer(&request->offset, node, 0, PV_N_MAX, error);
    case PV_FIELD_MODE:
        return read_mode(request, node, error);
    case PV_FIELD_NEW_SHARE:
        return pv_json_read_number(&request->new_share, node, 0, 1, error);
    case PV_FIELD_FILTER:
        return read_filter(request, node, arena, error);
    case PV_FIELD_EXCLUDE:
        return read_ids(&request->exclude, &request->n_exclude, node, arena, error);
    case PV_FIELD_EXPLAIN:
        return read_explain(request, node, error);
    case PV_FIELD_AS_OF:
        return read_as_of(request, node, arena, error);
    case PV_FIELD_STRICT:
        return pv_json_read_boolean(&request->is_strict, node, error);
    case PV_FIELD_ITEM:
        return pv_json_read_text(&read->item, node, 1, PV_ID_BYTES_MAX, error);
    case PV_FIELD_ITEMS:
        return read_ids(&read->items, &read->n_items, node, arena, error);
    case PV_FIELD_LIMIT:
    case PV_FIELD_CURSOR: /* of queries */
        break;
    }
    return pv_fail(error, PV_E_INTERNAL, "a body has no such field");
}

pv_status pv_request_read_body(pv_read_request *read, pv_json_document **document, const pv_call *call, unsigned fields,
                               pv_error *error)
{
    pv_status status;
    const char *names[PV_FIELD_COUNT];
    pv_field numbers[PV_FIELD_COUNT];
    pv_json_node nodes[PV_FIELD_COUNT];
    int32_t n = 0;
    pv_read_request_init(read, call);
    for (int k = 0; k < PV_FIELD_COUNT; k++) {
        if (!(fields & (1u << k))) continue;
        names[n] = pv_field_names[k];
        numbers[n++] = (pv_field)(1u << k);
    }
    PV_TRY(pv_json_document_parse(document, call->request->body, error));
    const pv_json_node root = pv_json_document_root(*document);
    pv_json_node *kept = pv_arena_allocate(call->arena, 1, sizeof *kept);
    if (!kept) PV_TRY(pv_fail_memory(error, "a request", sizeof *kept));
    *kept = root; /* the fields' nodes point to it */
    PV_TRY(pv_json_object_fields(nodes, kept, names, n, error));
    for (int32_t k = 0; k < n; k++)
        if (is_given(&nodes[k])) PV_TRY(read_field(read, numbers[k], &nodes[k], call->arena, error));
cleanup:
    return status;
}
