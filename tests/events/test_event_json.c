/* Events from JSON and back: what each call takes, what it refuses and where, and the one printed form. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "events/event.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOMORROW INT64_C(1292000000) /* 2010-12-10T16:53:20Z */

typedef struct read_event {
    pv_json_document *document;
    pv_arena *arena;
    pv_event event;
    pv_status status;
    pv_error error;
} read_event;

static void read_json(read_event *r, pv_event_call call, int64_t end_time, pv_text json)
{
    *r = (read_event){.arena = pv_arena_create()};
    assert_non_null(r->arena);
    assert_int_equal(pv_json_document_parse(&r->document, json, &r->error), PV_OK);
    const pv_json_node root = pv_json_document_root(r->document);
    r->status = pv_event_read(&r->event, &root, call, end_time, r->arena, &r->error);
}

static void read_text(read_event *r, pv_event_call call, const char *json)
{
    read_json(r, call, TOMORROW, pv_text_of(json));
    if (r->status != PV_OK) print_error("%s\n%s\n", json, r->error.message);
    assert_int_equal(r->status, PV_OK);
}

static void end_read(read_event *r)
{
    pv_json_document_free(r->document);
    pv_arena_free(r->arena);
}

/* What the call takes prints as `printed`, and that reads back from a log as the same bytes. */
static void assert_prints(pv_event_call call, const char *json, const char *printed)
{
    read_event first, again;
    pv_buffer out = {0}, out_again = {0};
    read_text(&first, call, json);
    pv_event_print(&out, &first.event);
    pv_buffer_append(&out, "", 1);
    assert_false(out.failed);
    assert_string_equal(out.data, printed);
    read_text(&again, PV_CALL_LOG, out.data);
    pv_event_print(&out_again, &again.event);
    pv_buffer_append(&out_again, "", 1);
    assert_false(out_again.failed);
    assert_string_equal(out_again.data, printed);
    pv_buffer_deinit(&out);
    pv_buffer_deinit(&out_again);
    end_read(&first);
    end_read(&again);
}

static void assert_refused(pv_event_call call, const char *json, const char *field, const char *message)
{
    read_event r;
    read_json(&r, call, TOMORROW, pv_text_of(json));
    if (r.status != PV_E_USAGE) print_error("taken: %s\n", json);
    assert_int_equal(r.status, PV_E_USAGE);
    assert_string_equal(r.error.field, field);
    if (!strstr(r.error.message, message)) print_error("%s: %s\n", json, r.error.message);
    assert_non_null(strstr(r.error.message, message));
    end_read(&r);
}

/* --- happenings -------------------------------------------------------------------------------------------------- */

#define HEAD(type) "{\"event_id\":\"e1\",\"type\":\"" type "\",\"user\":\"U\",\"item\":\"P\",\"time\":\"2010-12-09\""
#define PRINTED(type)                                                                                                  \
    "{\"event_id\":\"e1\",\"type\":\"" type "\",\"user\":\"U\",\"item\":\"P\",\"time\":\"2010-12-09T00:00:00Z\""

static void the_example_of_the_contract_is_read(void **state)
{
    (void)state;
    static const char example[] =
        "{\"event_id\":\"o77-3\",\"type\":\"purchase\",\"user\":\"17850\",\"item\":\"22423\",\"time\":"
        "\"2010-12-09T09:30:00Z\",\"order\":\"o77\",\"quantity\":24,\"unit_price\":11.9,\"discount\":0.15}";
    read_event r;
    read_text(&r, PV_CALL_EVENTS, example);
    const pv_event *event = &r.event;
    assert_int_equal(event->type, PV_EVENT_PURCHASE);
    assert_true(pv_text_equal(event->event_id, pv_text_of("o77-3")));
    assert_true(pv_text_equal(event->user, pv_text_of("17850")));
    assert_int_equal(event->n_items, 1);
    assert_true(pv_text_equal(event->items[0], pv_text_of("22423")));
    assert_true(event->time == INT64_C(1291887000));
    assert_true(pv_text_equal(event->order, pv_text_of("o77")));
    assert_true(event->quantity == 24);
    assert_true(event->unit_price == 11.9);
    assert_true(event->discount == 0.15);
    assert_null(event->recommendation_id.data);
    assert_null(event->reason.data);
    end_read(&r);
    assert_prints(
        PV_CALL_EVENTS, example,
        "{\"event_id\":\"o77-3\",\"type\":\"purchase\",\"user\":\"17850\",\"item\":\"22423\",\"time\":"
        "\"2010-12-09T09:30:00Z\",\"order\":\"o77\",\"quantity\":24.0,\"unit_price\":11.9,\"discount\":0.15}");
}

static void every_type_is_read_and_printed_in_one_order(void **state)
{
    (void)state;
    assert_prints(PV_CALL_EVENTS, HEAD("return") ",\"discount\":1,\"unit_price\":-1e12,\"quantity\":1e9}",
                  PRINTED("return") ",\"quantity\":1000000000.0,\"unit_price\":-1000000000000.0,\"discount\":1.0}");
    assert_prints(PV_CALL_EVENTS, HEAD("click") "}", PRINTED("click") "}");
    assert_prints(PV_CALL_EVENTS, HEAD("cart") ",\"recommendation_id\":\"r\"}",
                  PRINTED("cart") ",\"recommendation_id\":\"r\"}");
    assert_prints(PV_CALL_EVENTS, HEAD("dismiss") ",\"reason\":\"too dear\",\"recommendation_id\":\"r\"}",
                  PRINTED("dismiss") ",\"recommendation_id\":\"r\",\"reason\":\"too dear\"}");
    assert_prints(PV_CALL_EVENTS, HEAD("shown") "}", PRINTED("shown") "}");
}

static void what_is_not_told_is_empty(void **state)
{
    (void)state;
    read_event r;
    read_text(&r, PV_CALL_EVENTS,
              HEAD("purchase") ",\"order\":null,\"quantity\":null,\"unit_price\":null,\"discount\":null,"
                               "\"recommendation_id\":null}");
    assert_null(r.event.order.data);
    assert_null(r.event.recommendation_id.data);
    assert_true(isnan(r.event.quantity) && isnan(r.event.unit_price) && isnan(r.event.discount));
    end_read(&r);
    /* A client that sends every field of its own, null where it has none. */
    assert_prints(PV_CALL_EVENTS, HEAD("click") ",\"quantity\":null,\"items\":null,\"reason\":null}",
                  PRINTED("click") "}");
}

static void a_shown_list_keeps_its_order_and_each_product_once(void **state)
{
    (void)state;
    assert_prints(
        PV_CALL_EVENTS,
        "{\"items\":[\"P9\",\"P1\",\"P9\",\"P5\",\"P1\"],\"type\":\"shown\",\"event_id\":\"s\",\"user\":\"U\","
        "\"time\":\"2010-12-09 10:00+01:00\"}",
        "{\"event_id\":\"s\",\"type\":\"shown\",\"user\":\"U\",\"items\":[\"P9\",\"P1\",\"P5\"],"
        "\"time\":\"2010-12-09T09:00:00Z\"}");
    assert_prints(PV_CALL_EVENTS,
                  "{\"items\":[\"P\",\"P\"],\"type\":\"shown\",\"event_id\":\"e1\",\"user\":\"U\","
                  "\"time\":\"2010-12-09\"}",
                  PRINTED("shown") "}");
}

static void required_fields_are_required(void **state)
{
    (void)state;
    assert_refused(PV_CALL_EVENTS, "{\"type\":\"click\",\"user\":\"U\",\"item\":\"P\",\"time\":\"2010-12-09\"}",
                   "/event_id", "event_id missing");
    assert_refused(PV_CALL_EVENTS, "{\"event_id\":\"e\",\"user\":\"U\",\"item\":\"P\",\"time\":\"2010-12-09\"}",
                   "/type", "type missing: expected purchase, return, shown, click, cart or dismiss");
    assert_refused(PV_CALL_EVENTS, "{\"event_id\":\"e\",\"type\":\"click\",\"item\":\"P\",\"time\":\"2010-12-09\"}",
                   "/user", "user missing");
    assert_refused(PV_CALL_EVENTS, "{\"event_id\":\"e\",\"type\":\"click\",\"user\":\"U\",\"time\":\"2010-12-09\"}",
                   "/item", "item missing");
    assert_refused(PV_CALL_EVENTS, "{\"event_id\":\"e\",\"type\":\"click\",\"user\":\"U\",\"item\":\"P\"}", "/time",
                   "time missing");
    assert_refused(PV_CALL_EVENTS,
                   "{\"event_id\":null,\"type\":\"click\",\"user\":\"U\",\"item\":\"P\",\"time\":\"2010-12-09\"}",
                   "/event_id", "event_id null");
    assert_refused(PV_CALL_LOG, "{\"type\":\"click\",\"user\":\"U\",\"item\":\"P\",\"time\":\"2010-12-09\"}",
                   "/event_id", "event_id missing");
}

static void fields_belong_to_their_types(void **state)
{
    (void)state;
    static const char *const with_purchase[] = {"order", "quantity", "unit_price", "discount"};
    static const char *const values[] = {"\"o\"", "1", "1", "0.5"};
    for (size_t k = 0; k < 4; k++) {
        char json[256], field[32], message[128];
        snprintf(json, sizeof json, HEAD("click") ",\"%s\":%s}", with_purchase[k], values[k]);
        snprintf(field, sizeof field, "/%s", with_purchase[k]);
        snprintf(message, sizeof message, "%s: does not belong to an event of type click", with_purchase[k]);
        assert_refused(PV_CALL_EVENTS, json, field, message);
    }
    assert_refused(PV_CALL_EVENTS, HEAD("cart") ",\"reason\":\"x\"}", "/reason", "does not belong");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"items\":[\"P\"]}", "/items", "does not belong");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"stock\":1}", "/stock", "unknown field");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"qty\":1}", "/qty", "unknown field");
    assert_refused(PV_CALL_LOG, HEAD("purchase") ",\"stock\":1}", "/stock", "stock: does not belong");
    assert_refused(PV_CALL_EVENTS, "{\"type\":\"item\"}", "/type", "expected purchase, return");
    assert_refused(PV_CALL_LOG, "{\"type\":\"bought\"}", "/type", "cart, dismiss, item, user or eligibility");
    assert_refused(PV_CALL_EVENTS, "[1]", "", "expected an object");
}

static void numbers_have_limits(void **state)
{
    (void)state;
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"quantity\":0}", "/quantity",
                   "quantity 0: expected more than 0");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"quantity\":-0.0}", "/quantity", "more than 0");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"quantity\":-1}", "/quantity", "");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"quantity\":1000000000.5}", "/quantity", "");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"quantity\":\"1\"}", "/quantity", "expected a number");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"unit_price\":1000000000001}", "/unit_price", "");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"unit_price\":-1000000000001}", "/unit_price", "");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"discount\":1.01}", "/discount", "");
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"discount\":-0.01}", "/discount", "");
    assert_prints(PV_CALL_EVENTS, HEAD("purchase") ",\"quantity\":1e-300,\"unit_price\":0,\"discount\":0}",
                  PRINTED("purchase") ",\"quantity\":1e-300,\"unit_price\":0.0,\"discount\":0.0}");
}

static void times_lie_in_the_known_years_and_before_tomorrow(void **state)
{
    (void)state;
#define AT(time) "{\"event_id\":\"e\",\"type\":\"click\",\"user\":\"U\",\"item\":\"P\",\"time\":" time "}"
    read_event r;
    assert_refused(PV_CALL_EVENTS, AT("\"2010-13-01\""), "/time",
                   "time: \"2010-13-01\" is no date (expected YYYY-MM-DD or ISO 8601, years 1900 to 2200)");
    assert_refused(PV_CALL_EVENTS, AT("\"\""), "/time", "time \"\"");
    assert_refused(PV_CALL_EVENTS, AT("1291887000"), "/time", "time 1291887000");
    assert_refused(PV_CALL_EVENTS, AT("\"1899-12-31\""), "/time", "is no date");
    assert_refused(PV_CALL_EVENTS, AT("\"1900-01-01T00:30+01:00\""), "/time", "is no date");
    assert_refused(PV_CALL_EVENTS, AT("\"2010-12-10T16:53:20Z\""), "/time",
                   "time: 2010-12-10T16:53:20Z is after tomorrow");
    read_text(&r, PV_CALL_EVENTS, AT("\"2010-12-10T16:53:19Z\""));
    assert_true(r.event.time == TOMORROW - 1);
    end_read(&r);
    read_json(&r, PV_CALL_LOG, INT64_MAX, pv_text_of(AT("\"2200-12-31T23:59:59Z\"")));
    assert_int_equal(r.status, PV_OK);
    end_read(&r);
    read_json(&r, PV_CALL_LOG, INT64_MAX, pv_text_of(AT("\"2200-12-31T23:59:59-01:00\"")));
    assert_int_equal(r.status, PV_E_USAGE);
    end_read(&r);
#undef AT
}

/* A click with one text of `size` bytes. */
static pv_status status_of_length(const char *field, size_t size)
{
    static const char *const fields[] = {"event_id", "user", "item"};
    read_event r;
    pv_buffer json = {0};
    pv_buffer_append_string(&json, "{\"type\":\"click\",\"time\":\"2010-12-09\"");
    for (size_t k = 0; k < 3; k++) {
        pv_buffer_print(&json, ",\"%s\":\"", fields[k]);
        for (size_t i = 0; i < (strcmp(fields[k], field) == 0 ? size : 1); i++) pv_buffer_append(&json, "x", 1);
        pv_buffer_append_string(&json, "\"");
    }
    pv_buffer_append_string(&json, "}");
    assert_false(json.failed);
    read_json(&r, PV_CALL_EVENTS, TOMORROW, (pv_text){json.data, json.size});
    const pv_status status = r.status;
    end_read(&r);
    pv_buffer_deinit(&json);
    return status;
}

static void ids_have_a_length(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        size_t most;
    } cases[] = {{"event_id", 200}, {"user", 1000}, {"item", 1000}};
    for (size_t k = 0; k < 3; k++) {
        assert_int_equal(status_of_length(cases[k].field, 0), PV_E_USAGE);
        assert_int_equal(status_of_length(cases[k].field, cases[k].most), PV_OK);
        assert_int_equal(status_of_length(cases[k].field, cases[k].most + 1), PV_E_USAGE);
    }
    assert_refused(PV_CALL_EVENTS, HEAD("purchase") ",\"order\":\"\"}", "/order", "");
    assert_refused(PV_CALL_EVENTS, HEAD("dismiss") ",\"reason\":\"\"}", "/reason", "");
}

static void ids_are_any_text(void **state)
{
    (void)state;
    assert_prints(PV_CALL_EVENTS,
                  "{\"event_id\":\"\\u0001\\n\\t\\\"\\\\\",\"type\":\"click\",\"user\":\"\xc3\xa4 \\ud83d\\ude00/%\","
                  "\"item\":\" 007 \",\"time\":\"2010-12-09\"}",
                  "{\"event_id\":\"\\u0001\\n\\t\\\"\\\\\",\"type\":\"click\",\"user\":\"\xc3\xa4 \xf0\x9f\x98\x80/%\","
                  "\"item\":\" 007 \",\"time\":\"2010-12-09T00:00:00Z\"}");
}

static void item_or_items_but_not_both(void **state)
{
    (void)state;
    assert_refused(PV_CALL_EVENTS, HEAD("shown") ",\"items\":[\"P\"]}", "/items", "expected one of the two");
    assert_refused(PV_CALL_EVENTS, "{\"event_id\":\"e\",\"type\":\"shown\",\"user\":\"U\",\"time\":\"2010-12-09\"}",
                   "/item", "item missing");
#define SHOWN(items)                                                                                                   \
    "{\"event_id\":\"e\",\"type\":\"shown\",\"user\":\"U\",\"time\":\"2010-12-09\",\"items\":" items "}"
    assert_refused(PV_CALL_EVENTS, SHOWN("[]"), "/items", "expected at least one id");
    assert_refused(PV_CALL_EVENTS, SHOWN("\"P\""), "/items", "expected an array");
    assert_refused(PV_CALL_EVENTS, SHOWN("[\"P\",\"\"]"), "/items/1", "items[1]");
    assert_refused(PV_CALL_EVENTS, SHOWN("[\"P\",null]"), "/items/1", "items[1]");
#undef SHOWN
}

static pv_status status_of_items(pv_event_call call, const char *head, int n)
{
    read_event r;
    pv_buffer json = {0};
    pv_buffer_append_string(&json, head);
    for (int k = 0; k < n; k++) pv_buffer_print(&json, "%s\"P%d\"", k ? "," : "", k);
    pv_buffer_append_string(&json, "]}");
    assert_false(json.failed);
    read_json(&r, call, TOMORROW, (pv_text){json.data, json.size});
    const pv_status status = r.status;
    if (status == PV_OK) assert_int_equal(r.event.n_items, n);
    end_read(&r);
    pv_buffer_deinit(&json);
    return status;
}

static void lists_have_a_length(void **state)
{
    (void)state;
    static const char shown[] =
        "{\"event_id\":\"e\",\"type\":\"shown\",\"user\":\"U\",\"time\":\"2010-12-09\",\"items\":[";
    assert_int_equal(status_of_items(PV_CALL_EVENTS, shown, 1000), PV_OK);
    assert_int_equal(status_of_items(PV_CALL_EVENTS, shown, 1001), PV_E_USAGE);
    assert_int_equal(status_of_items(PV_CALL_ELIGIBILITY, "{\"user\":\"U\",\"items\":[", 100000), PV_OK);
}

/* --- the overlay ------------------------------------------------------------------------------------------------- */

static void products_change_by_number_or_go_back(void **state)
{
    (void)state;
    read_event r;
    read_text(&r, PV_CALL_ITEMS,
              "{\"item\":\"P\",\"price\":12.5,\"discount\":null,\"stock\":-3,\"discontinued\":true,"
              "\"available_from\":\"2012-02-29\"}");
    const pv_change *changes = r.event.changes;
    assert_int_equal(r.event.type, PV_EVENT_PRODUCT);
    assert_null(r.event.event_id.data);
    assert_true(changes[PV_CHANGE_PRICE].kind == PV_SET && changes[PV_CHANGE_PRICE].value == 12.5);
    assert_int_equal(changes[PV_CHANGE_DISCOUNT].kind, PV_AS_TRAINED);
    assert_true(changes[PV_CHANGE_STOCK].kind == PV_SET && changes[PV_CHANGE_STOCK].value == -3);
    assert_true(changes[PV_CHANGE_DISCONTINUED].kind == PV_SET && changes[PV_CHANGE_DISCONTINUED].value == 1);
    assert_true(changes[PV_CHANGE_AVAILABLE_FROM].kind == PV_SET);
    assert_true(changes[PV_CHANGE_AVAILABLE_FROM].value == 1330473600);
    end_read(&r);
    read_text(&r, PV_CALL_ITEMS, "{\"item\":\"P\",\"stock\":0}");
    assert_int_equal(r.event.changes[PV_CHANGE_PRICE].kind, PV_UNCHANGED);
    end_read(&r);
}

static void rows_of_products_print_in_one_order(void **state)
{
    (void)state;
    assert_prints(PV_CALL_ITEMS,
                  "{\"available_from\":\"2200-12-31\",\"discontinued\":false,\"stock\":1000000000,\"discount\":1,"
                  "\"price\":0,\"item\":\"P\",\"event_id\":\"x\"}",
                  "{\"event_id\":\"x\",\"type\":\"item\",\"item\":\"P\",\"price\":0.0,\"discount\":1.0,\"stock\":"
                  "1000000000.0,\"discontinued\":false,\"available_from\":\"2200-12-31T00:00:00Z\"}");
    assert_prints(PV_CALL_ITEMS,
                  "{\"item\":\"P\",\"price\":null,\"discount\":null,\"stock\":null,\"discontinued\":null,"
                  "\"available_from\":null}",
                  "{\"type\":\"item\",\"item\":\"P\",\"price\":null,\"discount\":null,\"stock\":null,"
                  "\"discontinued\":null,\"available_from\":null}");
}

static void rows_of_products_are_checked(void **state)
{
    (void)state;
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\"}", "", "nothing to change");
    assert_refused(PV_CALL_ITEMS, "{\"price\":1}", "/item", "item missing");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"price\":-0.5}", "/price", "");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"price\":1000000000001}", "/price", "");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"discount\":15}", "/discount", "");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"stock\":-1000000001}", "/stock", "");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"stock\":\"none\"}", "/stock", "");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"discontinued\":1}", "/discontinued", "true or false");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"available_from\":\"soon\"}", "/available_from",
                   "available_from: \"soon\" is no date");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"price\":1,\"type\":\"item\"}", "/type", "unknown field");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"price\":1,\"event_id\":\"\"}", "/event_id", "");
    assert_refused(PV_CALL_ITEMS, "{\"item\":\"P\",\"price\":1,\"user\":\"U\"}", "/user", "unknown field");
}

static void companies_change_parent_and_metadata(void **state)
{
    (void)state;
    read_event r;
    read_text(&r, PV_CALL_USERS, "{\"user\":\"U\",\"metadata\":{\"country\":\"DE\",\"note\":\"\",\"region\":null}}");
    assert_int_equal(r.event.type, PV_EVENT_COMPANY);
    assert_null(r.event.parent.data);
    assert_int_equal(r.event.n_values, 3);
    assert_true(pv_text_equal(r.event.values[0].column, pv_text_of("country")));
    assert_true(pv_text_equal(r.event.values[0].value, pv_text_of("DE")));
    assert_non_null(r.event.values[1].value.data);
    assert_int_equal(r.event.values[1].value.size, 0);
    assert_null(r.event.values[2].value.data);
    end_read(&r);
    assert_prints(PV_CALL_USERS,
                  "{\"metadata\":{\"b\\n\":\"1\",\"a\":\"\",\"c\":null},\"parent_id\":\"M\",\"user\":\"U\","
                  "\"event_id\":\"x\"}",
                  "{\"event_id\":\"x\",\"type\":\"user\",\"user\":\"U\",\"parent_id\":\"M\",\"metadata\":{\"b\\n\":"
                  "\"1\",\"a\":\"\",\"c\":null}}");
    assert_prints(PV_CALL_USERS, "{\"user\":\"U\",\"parent_id\":\"M\",\"metadata\":null}",
                  "{\"type\":\"user\",\"user\":\"U\",\"parent_id\":\"M\"}");
}

static void rows_of_companies_are_checked(void **state)
{
    (void)state;
    assert_refused(PV_CALL_USERS, "{\"user\":\"U\"}", "", "nothing to change");
    assert_refused(PV_CALL_USERS, "{\"user\":\"U\",\"metadata\":{}}", "", "nothing to change");
    assert_refused(PV_CALL_USERS, "{\"user\":\"U\",\"parent_id\":null}", "", "nothing to change");
    assert_refused(PV_CALL_USERS, "{\"parent_id\":\"M\"}", "/user", "user missing");
    assert_refused(PV_CALL_USERS, "{\"user\":\"U\",\"metadata\":[]}", "/metadata", "expected an object");
    assert_refused(PV_CALL_USERS, "{\"user\":\"U\",\"metadata\":{\"size\":3}}", "/metadata/size", "size 3");
    assert_refused(PV_CALL_USERS, "{\"user\":\"U\",\"metadata\":{\"\":\"x\"}}", "/metadata", "");
    assert_refused(PV_CALL_USERS, "{\"user\":\"U\",\"parent_id\":\"\"}", "/parent_id", "");
}

static void metadata_has_a_size(void **state)
{
    (void)state;
    for (int n = PV_METADATA_MAX; n <= PV_METADATA_MAX + 1; n++) {
        read_event r;
        pv_buffer json = {0};
        pv_buffer_append_string(&json, "{\"user\":\"U\",\"metadata\":{");
        for (int k = 0; k < n; k++) pv_buffer_print(&json, "%s\"c%d\":\"v\"", k ? "," : "", k);
        pv_buffer_append_string(&json, "}}");
        read_json(&r, PV_CALL_USERS, TOMORROW, (pv_text){json.data, json.size});
        assert_int_equal(r.status, n == PV_METADATA_MAX ? PV_OK : PV_E_USAGE);
        if (r.status == PV_OK) assert_int_equal(r.event.n_values, n);
        end_read(&r);
        pv_buffer_deinit(&json);
    }
    for (int size = 1000; size <= 1001; size++) {
        read_event r;
        char *json = malloc(4000);
        assert_non_null(json);
        snprintf(json, 4000, "{\"user\":\"U\",\"metadata\":{\"%0*d\":\"v\"}}", size, 0);
        read_json(&r, PV_CALL_USERS, TOMORROW, pv_text_of(json));
        assert_int_equal(r.status, size == 1000 ? PV_OK : PV_E_USAGE);
        end_read(&r);
        snprintf(json, 4000, "{\"user\":\"U\",\"metadata\":{\"c\":\"%0*d\"}}", size, 0);
        read_json(&r, PV_CALL_USERS, TOMORROW, pv_text_of(json));
        assert_int_equal(r.status, size == 1000 ? PV_OK : PV_E_USAGE);
        end_read(&r);
        free(json);
    }
}

static void eligibility_is_a_list_of_one_holder(void **state)
{
    (void)state;
    read_event r;
    read_text(&r, PV_CALL_ELIGIBILITY, "{\"price_list\":\"gold\",\"items\":[]}");
    assert_int_equal(r.event.type, PV_EVENT_ELIGIBILITY);
    assert_int_equal(r.event.holder, PV_HOLDER_PRICE_LIST);
    assert_true(pv_text_equal(r.event.holder_id, pv_text_of("gold")));
    assert_int_equal(r.event.n_items, 0);
    assert_null(r.event.user.data);
    end_read(&r);
    assert_prints(PV_CALL_ELIGIBILITY, "{\"items\":[],\"price_list\":\"gold\"}",
                  "{\"type\":\"eligibility\",\"price_list\":\"gold\",\"items\":[]}");
    assert_prints(PV_CALL_ELIGIBILITY, "{\"user\":\"U\",\"items\":null,\"event_id\":\"x\",\"parent\":null}",
                  "{\"event_id\":\"x\",\"type\":\"eligibility\",\"user\":\"U\",\"items\":null}");
    assert_prints(PV_CALL_ELIGIBILITY, "{\"parent\":\"M\",\"items\":[\"b\",\"a\",\"b\"]}",
                  "{\"type\":\"eligibility\",\"parent\":\"M\",\"items\":[\"b\",\"a\"]}");
    assert_prints(PV_CALL_ELIGIBILITY, "{\"parent\":\"M\",\"items\":[\"b\"]}",
                  "{\"type\":\"eligibility\",\"parent\":\"M\",\"items\":[\"b\"]}");
}

static void rows_of_eligibility_are_checked(void **state)
{
    (void)state;
    assert_refused(PV_CALL_ELIGIBILITY, "{\"items\":[]}", "", "expected one of user, parent and price_list");
    assert_refused(PV_CALL_ELIGIBILITY, "{\"user\":\"U\",\"parent\":\"M\",\"items\":[]}", "", "several named");
    assert_refused(PV_CALL_ELIGIBILITY, "{\"user\":\"U\"}", "/items", "items missing");
    assert_refused(PV_CALL_ELIGIBILITY, "{\"user\":\"U\",\"items\":\"P\"}", "/items", "expected an array");
    assert_refused(PV_CALL_ELIGIBILITY, "{\"user\":\"\",\"items\":[]}", "/user", "");
    assert_refused(PV_CALL_ELIGIBILITY, "{\"user\":\"U\",\"items\":[1]}", "/items/0", "items[0]");
    assert_refused(PV_CALL_ELIGIBILITY, "{\"user\":\"U\",\"item\":\"P\"}", "/item", "unknown field");
}

static void every_type_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int k = 0; k < PV_EVENT_TYPE_COUNT; k++) {
        for (int j = 0; j < k; j++)
            assert_string_not_equal(pv_event_type_name((pv_event_type)k), pv_event_type_name((pv_event_type)j));
        assert_int_equal(pv_event_is_happening((pv_event_type)k), k < 6);
    }
    assert_string_equal(pv_event_type_name(PV_EVENT_DISMISS), "dismiss");
    assert_string_equal(pv_event_type_name(PV_EVENT_ELIGIBILITY), "eligibility");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_contract_is_read),
        cmocka_unit_test(every_type_is_read_and_printed_in_one_order),
        cmocka_unit_test(what_is_not_told_is_empty),
        cmocka_unit_test(a_shown_list_keeps_its_order_and_each_product_once),
        cmocka_unit_test(required_fields_are_required),
        cmocka_unit_test(fields_belong_to_their_types),
        cmocka_unit_test(numbers_have_limits),
        cmocka_unit_test(times_lie_in_the_known_years_and_before_tomorrow),
        cmocka_unit_test(ids_have_a_length),
        cmocka_unit_test(ids_are_any_text),
        cmocka_unit_test(item_or_items_but_not_both),
        cmocka_unit_test(lists_have_a_length),
        cmocka_unit_test(products_change_by_number_or_go_back),
        cmocka_unit_test(rows_of_products_print_in_one_order),
        cmocka_unit_test(rows_of_products_are_checked),
        cmocka_unit_test(companies_change_parent_and_metadata),
        cmocka_unit_test(rows_of_companies_are_checked),
        cmocka_unit_test(metadata_has_a_size),
        cmocka_unit_test(eligibility_is_a_list_of_one_holder),
        cmocka_unit_test(rows_of_eligibility_are_checked),
        cmocka_unit_test(every_type_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
