/* The shop of every test: two customers, u1 with P1 in order o1 and u2 with P2 in order o2, two pieces each. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "events/event_supplement.h"
#include "log_case.h"
#include "shop/content_hash.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOON INT64_C(1646136000) /* 2022-03-01T12:00:00Z */

static const char *const purchases_with_all =
    "user_id,product_id,time,order_id,quantity,unit_price,discount\nu1,P1,2022-03-01T12:00:00Z,o1,2,10,0\n"
    "u2,P2,2022-03-02T12:00:00Z,o2,2,20,0.1\n";

typedef struct intake_case {
    log_case log;
    scratch_folder shop;
    pv_read_options options;
    pv_event_intake *intake;
    pv_tables *tables;
    pv_events_report report;
    pv_log_position taken;
    pv_read_report read;
} intake_case;

static void write_file(const intake_case *c, const char *name, const char *text)
{
    char path[SCRATCH_PATH_SIZE];
    scratch_path(path, &c->shop, name);
    assert_true(scratch_write(path, text, strlen(text)));
}

static int set_up(void **state)
{
    intake_case *c = calloc(1, sizeof *c);
    if (!c || !scratch_folder_create(&c->log.parent) || !scratch_folder_create(&c->shop)) return -1;
    scratch_path(c->log.folder, &c->log.parent, "events");
    c->log.lines.fail_at = -1;
    c->options = (pv_read_options){.as_of = PV_NO_TIME, .max_bad_rows = 0};
    write_file(c, "user_purchases.csv", purchases_with_all);
    *state = c;
    return 0;
}

static void forget(intake_case *c)
{
    pv_tables_free(c->tables);
    pv_event_intake_free(c->intake);
    c->tables = NULL;
    c->intake = NULL;
}

static int tear_down(void **state)
{
    intake_case *c = *state;
    forget(c);
    log_case_close(&c->log);
    pv_buffer_deinit(&c->log.lines.text);
    scratch_folder_remove(&c->log.parent);
    scratch_folder_remove(&c->shop);
    free(c);
    return 0;
}

/* One line at the end of the log; the position behind it. */
static pv_log_position append(intake_case *c, const char *json)
{
    pv_log_position end;
    const pv_text text = pv_text_of(json);
    assert_int_equal(log_case_open(&c->log), PV_OK);
    assert_int_equal(pv_event_log_append(c->log.log, &text, 1, &end, NULL), PV_OK);
    log_case_close(&c->log);
    return end;
}

static void read_shop(intake_case *c, bool has_overlay)
{
    pv_error error = {.message = ""};
    forget(c);
    assert_int_equal(pv_event_intake_read(&c->intake, c->log.folder, &error), PV_OK);
    const pv_event_supplement events = pv_event_supplement_of(c->intake, has_overlay, &c->report, &c->taken);
    c->options.supplement = &events.base;
    if (pv_tables_read(&c->tables, c->shop.path, &c->options, &c->read, &error) != PV_OK) fail_msg("%s", error.message);
}

static void assert_row(const intake_case *c, int64_t i, const char *user, const char *product, const char *order)
{
    const pv_purchase_row row = pv_purchase_table_row(&c->tables->purchases, i);
    assert_true(pv_text_equal(pv_interner_text(c->tables->user_ids, row.user), pv_text_of(user)));
    assert_true(pv_text_equal(pv_interner_text(c->tables->product_ids, row.product), pv_text_of(product)));
    if (!order)
        assert_int_equal(row.order, -1);
    else
        assert_true(pv_text_equal(pv_interner_text(c->tables->order_ids, row.order), pv_text_of(order)));
}

static const pv_product_row *product(const intake_case *c, const char *id)
{
    const int64_t number = pv_interner_find(c->tables->product_ids, pv_text_of(id));
    assert_true(number >= 0);
    return &c->tables->products[number];
}

static void purchases_and_returns_stand_behind_the_rows_of_the_shop(void **state)
{
    intake_case *c = *state;
    append(
        c,
        "{\"event_id\":\"e1\",\"type\":\"purchase\",\"user\":\"u1\",\"item\":\"P2\",\"time\":\"2022-03-03T12:00:00Z\","
        "\"order\":\"o3\",\"quantity\":4,\"unit_price\":19,\"discount\":0.2}");
    append(
        c,
        "{\"event_id\":\"e2\",\"type\":\"shown\",\"user\":\"u1\",\"item\":\"P2\",\"time\":\"2022-03-09T12:00:00Z\"}");
    const pv_log_position end = append(
        c,
        "{\"event_id\":\"e3\",\"type\":\"return\",\"user\":\"u9\",\"item\":\"P9\",\"time\":\"2022-03-04T12:00:00Z\"}");
    read_shop(c, true);
    assert_int_equal(c->tables->purchases.n, 4);
    assert_row(c, 2, "u1", "P2", "o3");
    assert_row(c, 3, "u9", "P9", NULL);
    const pv_purchase_row bought = pv_purchase_table_row(&c->tables->purchases, 2);
    const pv_purchase_row returned = pv_purchase_table_row(&c->tables->purchases, 3);
    assert_true(bought.quantity == 4 && bought.discount == 0.2 && !bought.cancelled && isnan(bought.purchase_count));
    assert_true(bought.time == NOON + 2 * 86400);
    assert_true(returned.cancelled && isnan(returned.quantity));
    assert_true(product(c, "P2")->last_unit_price == 19);
    assert_true(c->tables->last_time == NOON + 3 * 86400); /* of the return; what was shown is no row */
    assert_true(c->report.is_given && c->report.in_log == 3 && c->report.purchases == 1 && c->report.returns == 1);
    assert_true(c->taken.offset == end.offset && c->taken.digest == end.digest);
}

static void a_row_counts_once_by_user_product_order_and_kind(void **state)
{
    intake_case *c = *state;
    static const char *const form = "{\"event_id\":\"e%d\",\"type\":\"%s\",\"user\":\"%s\",\"item\":\"%s\","
                                    "\"time\":\"2022-03-05T12:00:00Z\",\"order\":\"%s\"}";
    static const struct {
        const char *type, *user, *item, *order;
    } sent[] = {
        {"purchase", "u1", "P1", "o1"}, /* known by the shop, whatever its time */
        {"return", "u1", "P1", "o1"},   /* another kind */
        {"purchase", "u2", "P1", "o1"}, /* another user */
        {"purchase", "u1", "P2", "o1"}, /* another product */
        {"purchase", "u1", "P1", "o4"}, /* another order */
        {"purchase", "u1", "P1", "o4"}, /* came before */
        {"return", "u1", "P1", "o1"},   /* came before */
    };
    for (size_t k = 0; k < sizeof sent / sizeof sent[0]; k++) {
        char json[256];
        (void)snprintf(json, sizeof json, form, (int)k, sent[k].type, sent[k].user, sent[k].item, sent[k].order);
        append(c, json);
    }
    read_shop(c, true);
    assert_int_equal(c->tables->purchases.n, 2 + 4);
    assert_true(c->report.purchases == 3 && c->report.returns == 1 && c->report.known == 3);
}

static void an_opinion_of_the_shop_is_no_purchase_that_comes_again(void **state)
{
    intake_case *c = *state;
    write_file(c, "shop.yaml", "purchases: {dislike_at: 2}\n");
    write_file(c, "user_purchases.csv", "user_id,product_id,order_id,rating\nu1,P1,o1,1\nu1,P2,o1,5\n");
    append(c, "{\"event_id\":\"e1\",\"type\":\"purchase\",\"user\":\"u1\",\"item\":\"P1\",\"time\":\"2022-03-05\","
              "\"order\":\"o1\"}");
    append(c, "{\"event_id\":\"e2\",\"type\":\"purchase\",\"user\":\"u1\",\"item\":\"P2\",\"time\":\"2022-03-05\","
              "\"order\":\"o1\"}");
    read_shop(c, true);
    assert_true(c->report.purchases == 1 && c->report.known == 1);
}

static void rows_at_or_after_the_date_are_left_for_later(void **state)
{
    intake_case *c = *state;
    const pv_log_position early = append(c, "{\"event_id\":\"e1\",\"type\":\"purchase\",\"user\":\"u1\",\"item\":"
                                            "\"P3\",\"time\":\"2022-03-01T11:59:59Z\"}");
    append(c, "{\"event_id\":\"e2\",\"type\":\"purchase\",\"user\":\"u1\",\"item\":\"P4\",\"time\":\"2022-03-01T12:00:"
              "00Z\"}");
    append(c, "{\"event_id\":\"e3\",\"type\":\"purchase\",\"user\":\"u1\",\"item\":\"P5\",\"time\":\"2022-02-01T00:00:"
              "00Z\"}");
    c->options.as_of = NOON;
    read_shop(c, false);
    assert_int_equal(c->tables->purchases.n, 2); /* the shop's own are later too */
    assert_true(c->report.purchases == 2 && c->report.later == 1);
    assert_true(pv_interner_find(c->tables->product_ids, pv_text_of("P4")) < 0);
    assert_true(c->taken.offset == early.offset && c->taken.digest == early.digest);
}

static void rows_that_came_later_do_not_hide_earlier_ones(void **state)
{
    intake_case *c = *state;
    static const char *const form = "{\"event_id\":\"e%d\",\"type\":\"purchase\",\"user\":\"u1\",\"item\":\"P3\","
                                    "\"time\":\"2022-0%d-01T00:00:00Z\",\"order\":\"o9\"}";
    for (int month = 4; month > 1; month -= 2) {
        char json[256];
        (void)snprintf(json, sizeof json, form, month, month);
        append(c, json);
    }
    c->options.as_of = NOON;
    read_shop(c, false);
    assert_true(c->report.purchases == 1 && c->report.later == 1 && c->report.known == 0);
}

static void without_time_rows_of_one_time_are_one_order(void **state)
{
    intake_case *c = *state;
    static const char *const form =
        "{\"event_id\":\"e%d\",\"type\":\"purchase\",\"user\":\"u1\",\"item\":\"P%d\",\"time\":\"2022-03-0%d\"}";
    write_file(c, "user_purchases.csv", "user_id,product_id,order_id\nu1,P1,o1\n");
    for (int k = 2; k < 5; k++) {
        char json[256];
        (void)snprintf(json, sizeof json, form, k, k, k / 2);
        append(c, json);
    }
    read_shop(c, true);
    const int32_t *order = c->tables->purchases.order;
    assert_int_equal(c->tables->purchases.n, 4);
    assert_true(order[0] == 0 && order[1] == 1 && order[2] == 1 && order[3] == 2);
    assert_true(pv_purchase_table_row(&c->tables->purchases, 1).time == PV_NO_TIME);
    assert_true(c->tables->last_time == PV_NO_TIME);
}

static void the_overlay_is_what_the_files_would_say(void **state)
{
    intake_case *c = *state;
    write_file(c, "products.csv", "product_id,price,stock\nP1,10,5\nP2,20,5\n");
    write_file(c, "users.csv", "user_id,country\nu1,AT\nu2,DE\n");
    append(c, "{\"type\":\"item\",\"item\":\"P1\",\"price\":11,\"discontinued\":true}");
    append(c, "{\"type\":\"item\",\"item\":\"P2\",\"price\":21}");
    append(c, "{\"type\":\"item\",\"item\":\"P2\",\"price\":null,\"stock\":0}");
    append(c, "{\"type\":\"item\",\"item\":\"P7\",\"price\":1}");
    append(c, "{\"type\":\"user\",\"user\":\"u1\",\"parent_id\":\"group\",\"metadata\":{\"country\":\"FR\",\"size\":"
              "\"small\"}}");
    read_shop(c, true);
    assert_true(product(c, "P1")->price == 11 && product(c, "P1")->is_discontinued && product(c, "P1")->stock == 5);
    assert_true(product(c, "P2")->price == 20 && product(c, "P2")->stock == 0);
    assert_true(c->report.overlay == 6 && c->report.unknown == 1);
    assert_true(pv_text_equal(c->tables->users[0].parent, pv_text_of("group")));
    assert_int_equal(c->tables->n_user_columns, 2);
    assert_string_equal(c->tables->user_columns[1].name, "size");
    assert_true(pv_text_equal(c->tables->user_columns[0].values[0], pv_text_of("FR")));
    assert_true(pv_text_equal(c->tables->user_columns[0].values[1], pv_text_of("DE")));
    read_shop(c, false);
    assert_true(product(c, "P1")->price == 10 && c->report.overlay == 0);
    assert_null(c->tables->users[0].parent.data);
}

static void a_list_takes_the_place_of_the_rows_of_its_holder(void **state)
{
    intake_case *c = *state;
    write_file(c, "shop.yaml", "eligibility: {file: contracts.csv}\n");
    write_file(c, "contracts.csv", "product_id,user_id,price_list\nP1,u1,\nP2,u1,\nP1,u2,\nP1,,u1\n");
    append(c, "{\"type\":\"eligibility\",\"user\":\"u1\",\"items\":[\"P2\",\"P8\"]}");
    append(c, "{\"type\":\"eligibility\",\"parent\":\"group\",\"items\":[]}");
    append(c, "{\"type\":\"eligibility\",\"user\":\"u2\",\"items\":[\"P2\"]}");
    append(c, "{\"type\":\"eligibility\",\"user\":\"u2\",\"items\":null}");
    read_shop(c, true);
    const pv_eligibility_row *rows = c->tables->eligibility;
    assert_int_equal(c->tables->n_eligibility, 3);
    assert_true(pv_text_equal(rows[0].holder, pv_text_of("u2")) && rows[0].product == 0);
    assert_true(rows[1].kind == PV_ELIGIBLE_PRICE_LIST && rows[1].product == 0);
    assert_true(pv_text_equal(rows[2].holder, pv_text_of("u1")) && rows[2].kind == PV_ELIGIBLE_USER);
    assert_true(rows[2].product == 1);
    assert_int_equal(c->tables->n_given_lists, 2);
    assert_true(pv_text_equal(c->tables->given_lists[1].id, pv_text_of("group")));
    assert_true(c->tables->given_lists[1].kind == PV_ELIGIBLE_PARENT);
    assert_true(c->report.overlay == 2 && c->report.unknown == 1);
}

static void columns_beyond_the_room_of_the_catalog_are_left_out(void **state)
{
    intake_case *c = *state;
    pv_buffer json = {0};
    for (int event = 0; event < 11; event++) {
        json.size = 0;
        pv_buffer_print(&json, "{\"type\":\"user\",\"user\":\"u1\",\"metadata\":{");
        for (int k = 0; k < 200; k++) pv_buffer_print(&json, "%s\"c%d\":\"x\"", k ? "," : "", event * 200 + k);
        pv_buffer_append(&json, "}}", 3);
        append(c, json.data);
    }
    pv_buffer_deinit(&json);
    read_shop(c, true);
    assert_int_equal(c->tables->n_user_columns, 2048);
    assert_true(c->report.overlay == 2048 && c->report.unknown == 2200 - 2048);
}

static void the_data_hash_tells_logs_apart(void **state)
{
    intake_case *c = *state;
    char first[PV_HASH_HEX_SIZE];
    append(c, "{\"event_id\":\"e1\",\"type\":\"shown\",\"user\":\"u1\",\"item\":\"P1\",\"time\":\"2022-03-09\"}");
    read_shop(c, true);
    memcpy(first, c->tables->data_hash, sizeof first);
    read_shop(c, true);
    assert_string_equal(c->tables->data_hash, first);
    append(c, "{\"event_id\":\"e2\",\"type\":\"shown\",\"user\":\"u1\",\"item\":\"P1\",\"time\":\"2022-03-09\"}");
    read_shop(c, true);
    assert_string_not_equal(c->tables->data_hash, first);
}

static void a_sound_line_that_is_no_event_is_refused_with_its_place(void **state)
{
    intake_case *c = *state;
    pv_error error = {.message = ""};
    const pv_log_position end =
        append(c, "{\"event_id\":\"e1\",\"type\":\"shown\",\"user\":\"u1\",\"item\":\"P1\",\"time\":\"2022-03-09\"}");
    char place[64];
    append(c, "{\"event_id\":\"e2\",\"type\":\"telepathy\"}");
    (void)snprintf(place, sizeof place, "events.log: the event at byte %lld: ", (long long)end.offset);
    assert_int_equal(pv_event_intake_read(&c->intake, c->log.folder, &error), PV_E_INPUT);
    assert_null(c->intake);
    if (!strstr(error.message, place)) fail_msg("\"%s\" does not say \"%s\"", error.message, place);
}

static void a_folder_that_is_not_there_is_refused(void **state)
{
    intake_case *c = *state;
    pv_error error = {.message = ""};
    assert_int_equal(pv_event_intake_read(&c->intake, c->log.folder, &error), PV_E_INPUT);
    assert_null(c->intake);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(purchases_and_returns_stand_behind_the_rows_of_the_shop),
        CASE(a_row_counts_once_by_user_product_order_and_kind),
        CASE(an_opinion_of_the_shop_is_no_purchase_that_comes_again),
        CASE(rows_at_or_after_the_date_are_left_for_later),
        CASE(rows_that_came_later_do_not_hide_earlier_ones),
        CASE(without_time_rows_of_one_time_are_one_order),
        CASE(the_overlay_is_what_the_files_would_say),
        CASE(a_list_takes_the_place_of_the_rows_of_its_holder),
        CASE(columns_beyond_the_room_of_the_catalog_are_left_out),
        CASE(the_data_hash_tells_logs_apart),
        CASE(a_sound_line_that_is_no_event_is_refused_with_its_place),
        CASE(a_folder_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
