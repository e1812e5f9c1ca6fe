/* event_calls.c - what is told to the service: events, and what is true of products, companies and assortments now. */
#include "base/failure.h"
#include "base/json_fields.h"
#include "service/error_json.h"
#include "service/request_fields.h"
#include "service/request_read.h"
#include <stdlib.h>
#include <string.h>

/* Rows of one body. */
typedef struct batch {
    pv_call *call;
    pv_event_call kind;
    pv_batch_row *rows; /* [n] */
    pv_error *errors;   /* [n] of rejected rows */
    int64_t n;
    pv_json_document **documents; /* [n_documents], which own the rows' texts */
    int64_t n_documents;
    pv_json_node *nodes; /* [n] roots or elements, which the rows' errors point to */
} batch;

/* The day after tomorrow, UTC: what lies behind it did not happen. */
static int64_t end_of_tomorrow(void)
{
    const int64_t now = pv_clock_now();
    return now - now % PV_SECONDS_PER_DAY + 2 * PV_SECONDS_PER_DAY;
}

static pv_status allocate_rows(batch *b, int64_t n, pv_error *error)
{
    pv_arena *arena = b->call->arena;
    if (n > PV_SERVICE_BATCH_MAX)
        return pv_call_fail(b->call, 413, "too_large", error, "%lld rows: at most %d a batch", (long long)n,
                            PV_SERVICE_BATCH_MAX);
    b->rows = pv_arena_allocate(arena, (size_t)n, sizeof *b->rows);
    b->errors = pv_arena_allocate(arena, (size_t)n, sizeof *b->errors);
    b->nodes = pv_arena_allocate(arena, (size_t)n + 1, sizeof *b->nodes);
    b->documents = pv_arena_allocate(arena, (size_t)n + 1, sizeof *b->documents);
    if (!b->rows || !b->errors || !b->nodes || !b->documents) return pv_fail_memory(error, "a batch", 0);
    return PV_OK;
}

/* A rejected row is told by its own id, where it has one that can be read. */
static pv_text find_event_id(const pv_json_node *row, pv_arena *arena)
{
    const pv_text none = {NULL, 0};
    int64_t n = 0;
    if (!pv_json_is_object(row) || pv_json_object_size(&n, row, PV_METADATA_MAX, NULL) != PV_OK) return none;
    pv_json_node *entries = pv_arena_allocate(arena, (size_t)n, sizeof *entries);
    if (!entries || pv_json_object_entries(entries, row, n, NULL) != PV_OK) return none;
    for (int64_t k = 0; k < n; k++) {
        pv_text id;
        if (pv_text_equal(entries[k].key, pv_text_of("event_id")) &&
            pv_json_read_text(&id, &entries[k], 1, PV_EVENT_ID_BYTES_MAX, NULL) == PV_OK)
            return id;
    }
    return none;
}

/* Read the next row; one that is wrong is rejected and told. */
static pv_status read_row(batch *b, int64_t end_time, pv_error *error)
{
    pv_batch_row *row = &b->rows[b->n];
    pv_error *told = &b->errors[b->n];
    told->position = -1;
    const pv_status status = pv_event_read(&row->event, &b->nodes[b->n], b->kind, end_time, b->call->arena, told);
    row->status = status == PV_OK ? PV_ROW_ACCEPTED : PV_ROW_REJECTED;
    if (status == PV_E_USAGE)
        row->event = (pv_event){.event_id = find_event_id(&b->nodes[b->n], b->call->arena), .n_items = 0};
    if (status != PV_OK && status != PV_E_USAGE) {
        if (error) *error = *told;
        return status;
    }
    b->n++;
    return PV_OK;
}

/* One JSON value for the whole body: an array of rows, or one row. */
static pv_status read_array(batch *b, pv_json_document *document, int64_t end_time, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t n = 1;
    pv_json_node *root = pv_arena_allocate(b->call->arena, 1, sizeof *root);
    if (!root) PV_TRY(pv_fail_memory(error, "a batch", sizeof *root));
    *root = pv_json_document_root(document);
    const bool is_array = pv_json_is_array(root);
    if (is_array) PV_TRY(pv_json_array_size(&n, root, INT64_MAX, error));
    PV_TRY(allocate_rows(b, n, error));
    b->documents[b->n_documents++] = document;
    document = NULL;
    for (int64_t k = 0; k < n; k++) {
        b->nodes[k] = is_array ? pv_json_array_element(root, k) : *root;
        PV_TRY(read_row(b, end_time, error));
    }
cleanup:
    pv_json_document_free(document);
    return status;
}

static pv_text next_line(pv_text *rest)
{
    const char *end = memchr(rest->data, '\n', rest->size);
    const size_t size = end ? (size_t)(end - rest->data) : rest->size;
    pv_text line = {rest->data, size};
    rest->data += size + (end ? 1 : 0);
    rest->size -= size + (end ? 1 : 0);
    while (line.size && strchr(" \t\r", line.data[line.size - 1])) line.size--;
    while (line.size && strchr(" \t\r", line.data[0])) line = (pv_text){line.data + 1, line.size - 1};
    return line;
}

/* A row a line; empty lines are none. A line that is no JSON is a rejected row. */
static pv_status read_lines(batch *b, pv_text body, int64_t end_time, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t n = 0;
    for (pv_text rest = body; rest.size;) n += next_line(&rest).size > 0;
    PV_TRY(allocate_rows(b, n, error));
    for (pv_text rest = body; rest.size;) {
        const pv_text line = next_line(&rest);
        pv_json_document *document = NULL;
        if (line.size == 0) continue;
        status = pv_json_document_parse(&document, line, &b->errors[b->n]);
        if (status == PV_E_USAGE) {
            b->rows[b->n++] = (pv_batch_row){.status = PV_ROW_REJECTED};
            status = PV_OK;
            continue;
        }
        if (status != PV_OK) return pv_fail_memory(error, "a batch", 0);
        b->documents[b->n_documents++] = document;
        b->nodes[b->n] = pv_json_document_root(document);
        PV_TRY(read_row(b, end_time, error));
    }
cleanup:
    return status;
}

/* An array, one object, or JSON lines: only the first two are one JSON value. */
static pv_status read_batch(batch *b, pv_error *error)
{
    const pv_text body = b->call->request->body;
    const int64_t end_time = end_of_tomorrow();
    pv_json_document *document = NULL;
    pv_text rest = body;
    size_t first = 0;
    while (first < body.size && strchr(" \t\r\n", body.data[first])) first++;
    if (first == body.size)
        return pv_call_fail(b->call, 400, "bad_value", error,
                            "body: empty: expected an array or lines of JSON objects");
    pv_status status = pv_json_document_parse(&document, body, error);
    if (status == PV_OK) return read_array(b, document, end_time, error);
    const bool may_be_lines = status == PV_E_USAGE && body.data[first] == '{' && next_line(&rest).size < body.size;
    return may_be_lines ? read_lines(b, body, end_time, error) : status;
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

/* What an overlay's row is about, so that rows without event_id can be told apart. */
static void write_subject(pv_json *json, const batch *b, const pv_event *event)
{
    static const char *const holders[] = {"user", "parent", "price_list"};
    if (b->kind == PV_CALL_ITEMS) pv_json_text_field(json, "item", event->n_items ? event->items[0] : (pv_text){0});
    if (b->kind == PV_CALL_USERS) pv_json_text_field(json, "user", event->user);
    if (b->kind == PV_CALL_ELIGIBILITY && event->holder_id.data)
        pv_json_text_field(json, holders[event->holder], event->holder_id);
}

static void write_results(pv_buffer *out, const batch *b)
{
    static const char *const names[] = {
        [PV_ROW_ACCEPTED] = "accepted", [PV_ROW_DUPLICATE] = "duplicate", [PV_ROW_REJECTED] = "rejected"};
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_key(&json, "results");
    pv_json_begin_array(&json);
    for (int64_t r = 0; r < b->n; r++) {
        const pv_batch_row *row = &b->rows[r];
        pv_json_begin_object(&json);
        pv_json_text_field(&json, "event_id", row->event.event_id);
        write_subject(&json, b, &row->event);
        pv_json_string_field(&json, "status", names[row->status]);
        pv_json_key(&json, "error");
        if (row->status == PV_ROW_REJECTED)
            pv_error_write(&json, pv_status_json_code(b->errors[r].status), &b->errors[r]);
        else
            pv_json_null(&json);
        pv_json_end_object(&json);
    }
    pv_json_end_array(&json);
    pv_json_end_object(&json);
}

/* With writers held the model in use stays; it may be another one than the request began with. */
static pv_status prepare_view(void *context, pv_error *error)
{
    const batch *b = context;
    return b->kind == PV_CALL_ITEMS ? pv_live_view_prepare(pv_loaded_model_view(b->call->service->current), error)
                                    : PV_OK;
}

static void update_view(void *context, const pv_event *event)
{
    const batch *b = context;
    pv_live_view_update(pv_loaded_model_view(b->call->service->current), event);
}

static pv_status check_log(pv_call *call, pv_error *error)
{
    if (pv_live_state_has_log(call->service->state)) return PV_OK;
    if (pv_live_state_has_journal(call->service->state))
        return pv_call_fail(call, 409, "no_events", error,
                            "this service keeps events for the next training and nothing else: prices, stock, metadata "
                            "and assortments come by its overlay.json");
    return pv_call_fail(call, 409, "no_events", error, "this service keeps no events: start it with --events FOLDER");
}

/* Into the log and into answers from now on; or into the journal, for the next training. */
static pv_status take_rows(batch *b, pv_error *error)
{
    pv_live_state *state = b->call->service->state;
    const pv_live_observer observer = {prepare_view, update_view, b};
    const pv_status status = pv_live_state_has_log(state) ? pv_live_state_take(state, b->rows, b->n, &observer, error)
                                                          : pv_live_state_keep(state, b->rows, b->n, error);
    /* What passes: whoever sends it again later loses nothing. */
    if (status != PV_E_OUTPUT && status != PV_E_REMOTE) return status;
    return pv_call_fail(b->call, 503, pv_status_json_code(status), error, "%s",
                        error ? error->message : "cannot write");
}

static pv_status take_batch(pv_buffer *out, pv_call *call, pv_event_call kind, pv_error *error)
{
    pv_status status;
    batch b = {.call = call, .kind = kind};
    bool has_rejected = false;
    if (kind != PV_CALL_EVENTS || !pv_live_state_has_journal(call->service->state)) PV_TRY(check_log(call, error));
    PV_TRY(read_batch(&b, error));
    PV_TRY(take_rows(&b, error));
    for (int64_t r = 0; r < b.n; r++) has_rejected |= b.rows[r].status == PV_ROW_REJECTED;
    if (has_rejected) call->response->status = 207;
    call->response->items = b.n;
    write_results(out, &b);
cleanup:
    for (int64_t d = 0; d < b.n_documents; d++) pv_json_document_free(b.documents[d]);
    return status;
}

pv_status pv_call_events(pv_buffer *out, pv_call *call, pv_error *error)
{
    return take_batch(out, call, PV_CALL_EVENTS, error);
}

pv_status pv_call_items_batch(pv_buffer *out, pv_call *call, pv_error *error)
{
    return take_batch(out, call, PV_CALL_ITEMS, error);
}

pv_status pv_call_users_batch(pv_buffer *out, pv_call *call, pv_error *error)
{
    return take_batch(out, call, PV_CALL_USERS, error);
}

pv_status pv_call_eligibility_batch(pv_buffer *out, pv_call *call, pv_error *error)
{
    return take_batch(out, call, PV_CALL_ELIGIBILITY, error);
}

/* --- what waits for the next training ----------------------------------------------------------------------------- */

static int64_t count_pending(const pv_call *call)
{
    int64_t n = -pv_loaded_model_taken(call->loaded)->happenings;
    pv_live_state_begin_reading(call->service->state);
    const pv_event_counts *counts = pv_event_store_counts(pv_live_state_store(call->service->state));
    for (int type = 0; type < PV_EVENT_TYPE_COUNT; type++)
        if (pv_event_is_happening((pv_event_type)type)) n += counts->happenings[type];
    pv_live_state_end_reading(call->service->state);
    return n;
}

/* URL-safe: digits of the offset, a dash, hex digits. */
static pv_status read_cursor(pv_log_position *position, const pv_read_request *read, pv_arena *arena, pv_error *error)
{
    char *text = pv_arena_allocate(arena, read->cursor.size + 1, 1);
    if (!text) return pv_fail_memory(error, "a request", read->cursor.size);
    memcpy(text, read->cursor.data, read->cursor.size);
    char *dash = strchr(text, '-');
    if (dash) *dash = ':';
    if (dash && pv_log_position_parse(position, text)) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, "/cursor", "cursor: expected the \"next\" of an earlier answer");
}

static void write_cursor(pv_json *json, const pv_log_position *position)
{
    char text[PV_LOG_POSITION_SIZE];
    pv_log_position_print(text, position);
    *strchr(text, ':') = '-';
    pv_json_string(json, text);
}

pv_status pv_call_events_pending(pv_buffer *out, pv_call *call, pv_error *error)
{
    pv_status status;
    pv_read_request read;
    bool has_more = false;
    pv_json json = {.out = out};
    pv_log_position position = pv_loaded_model_taken(call->loaded)->position;
    PV_TRY(check_log(call, error));
    PV_TRY(pv_request_read_query(&read, call, PV_FIELD_LIMIT | PV_FIELD_CURSOR, error));
    if (read.cursor.data) PV_TRY(read_cursor(&position, &read, call->arena, error));
    pv_json_begin_object(&json);
    pv_json_integer_field(&json, "count", count_pending(call));
    pv_json_key(&json, "events");
    pv_json_begin_array(&json);
    PV_TRY(pv_live_state_list_behind(out, &position, &has_more, read.limit ? read.limit : PV_LIMIT_DEFAULT,
                                     call->service->state, error));
    json.needs_comma = false;
    pv_json_end_array(&json);
    pv_json_key(&json, "next");
    if (has_more)
        write_cursor(&json, &position);
    else
        pv_json_null(&json);
    pv_json_end_object(&json);
cleanup:
    return status;
}
