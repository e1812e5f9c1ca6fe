/* What the store knows after events were prepared, applied or withdrawn. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "events/event_store.h"
#include "shop/order_keys.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE ((double)NAN)
#define NO_TEXT ((pv_text){NULL, 0})

static pv_event_store *store;

static int set_up(void **state)
{
    (void)state;
    return pv_event_store_create(&store, NULL) == PV_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_event_store_free(store);
    return 0;
}

static pv_text text(const char *string)
{
    return string ? pv_text_of(string) : NO_TEXT;
}

static bool text_is(pv_text actual, const char *expected)
{
    return actual.data && pv_text_equal(actual, pv_text_of(expected));
}

/* An event about one product; `item` must live as long as the event. */
static pv_event about(pv_event_type type, const char *id, const char *user, const pv_text *item, int64_t time)
{
    return (pv_event){.type = type,
                      .event_id = text(id),
                      .user = text(user),
                      .time = time,
                      .quantity = NONE,
                      .unit_price = NONE,
                      .discount = NONE,
                      .items = item,
                      .n_items = item ? 1 : 0};
}

static void prepare(const pv_event *event)
{
    assert_int_equal(pv_event_store_prepare(store, event, NULL), PV_OK);
}

static void take(const pv_event *event, int64_t offset)
{
    prepare(event);
    pv_event_store_apply(store, event, offset);
}

static const pv_user_events *of(const char *user)
{
    return pv_event_store_user(store, pv_text_of(user));
}

static bool has(const char *event_id)
{
    return pv_event_store_has(store, pv_text_of(event_id));
}

static void an_empty_store_knows_nothing(void **state)
{
    (void)state;
    assert_false(has("e1"));
    assert_null(of("u"));
    assert_int_equal(pv_event_store_item_count(store), 0);
    assert_int_equal(pv_event_store_find_item(store, pv_text_of("P")), -1);
    assert_null(pv_event_store_list(store, PV_HOLDER_USER, pv_text_of("u")));
    assert_true(pv_event_store_end_time(store) == PV_NO_TIME);
    assert_true(pv_event_store_last_offset(store) == -1);
    assert_int_equal(pv_event_store_counts(store)->happenings[PV_EVENT_PURCHASE], 0);
}

static void a_purchase_becomes_a_row_of_its_user_when_it_is_applied(void **state)
{
    (void)state;
    const pv_text item = pv_text_of("P");
    pv_event event = about(PV_EVENT_PURCHASE, "e1", "u", &item, 100);
    event.order = pv_text_of("o1");
    event.quantity = 3;
    event.discount = 0.25;
    prepare(&event);
    assert_true(has("e1")); /* a second one of the id in the same batch is a duplicate */
    assert_int_equal(of("u")->n_rows, 0);
    assert_true(pv_event_store_end_time(store) == PV_NO_TIME);
    pv_event_store_apply(store, &event, 700);
    const pv_user_events *user = of("u");
    assert_int_equal(user->n_rows, 1);
    assert_int_equal(user->rows[0].item, pv_event_store_find_item(store, item));
    assert_true(text_is(pv_event_store_item(store, user->rows[0].item), "P"));
    assert_false(user->rows[0].is_return);
    assert_false(user->rows[0].is_repeated);
    assert_int_equal(user->rows[0].time, 100);
    assert_true(user->rows[0].quantity == 3 && user->rows[0].discount == 0.25);
    assert_true(user->rows[0].order_key == pv_order_key(pv_text_of("o1"), 100));
    assert_int_equal(user->rows[0].offset, 700);
    assert_int_equal(pv_event_store_end_time(store), 101);
    assert_int_equal(pv_event_store_last_offset(store), 700);
    assert_int_equal(pv_event_store_counts(store)->happenings[PV_EVENT_PURCHASE], 1);
}

static void what_is_withdrawn_was_never_there(void **state)
{
    (void)state;
    const pv_text item = pv_text_of("P");
    const pv_event event = about(PV_EVENT_PURCHASE, "e1", "u", &item, 100);
    prepare(&event);
    pv_event_store_withdraw(store, &event);
    assert_false(has("e1"));
    assert_int_equal(of("u")->n_rows, 0);
    assert_int_equal(of("u")->rows_prepared, 0);
    take(&event, 0); /* and may come again: it is no repetition */
    assert_true(has("e1"));
    assert_int_equal(of("u")->n_rows, 1);
    assert_false(of("u")->rows[0].is_repeated);
}

/* The same product of the same order, by id or, without one, by time; a return of it is another thing. */
static void the_same_line_again_is_repeated(void **state)
{
    (void)state;
    static const struct {
        pv_event_type type;
        const char *user, *item, *order;
        int64_t time;
        bool is_repeated;
    } cases[] = {
        {PV_EVENT_PURCHASE, "u", "P", "o1", 10, false}, {PV_EVENT_PURCHASE, "u", "P", "o1", 20, true},
        {PV_EVENT_PURCHASE, "u", "Q", "o1", 10, false}, {PV_EVENT_PURCHASE, "u", "P", "o2", 10, false},
        {PV_EVENT_PURCHASE, "v", "P", "o1", 10, false}, {PV_EVENT_RETURN, "u", "P", "o1", 10, false},
        {PV_EVENT_RETURN, "u", "P", "o1", 10, true},    {PV_EVENT_PURCHASE, "u", "P", NULL, 10, false},
        {PV_EVENT_PURCHASE, "u", "P", NULL, 10, true},  {PV_EVENT_PURCHASE, "u", "P", NULL, 11, false},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const pv_text item = pv_text_of(cases[c].item);
        pv_event event = about(cases[c].type, NULL, cases[c].user, &item, cases[c].time);
        event.order = text(cases[c].order);
        take(&event, (int64_t)c);
        const pv_user_events *user = of(cases[c].user);
        assert_int_equal(user->rows[user->n_rows - 1].is_repeated, cases[c].is_repeated);
    }
    const pv_user_events *u = of("u"), *v = of("v");
    assert_int_equal(u->rows[0].order, u->rows[2].order);     /* two products of one order */
    assert_int_not_equal(u->rows[0].order, u->rows[3].order); /* another order */
    assert_int_not_equal(u->rows[0].order, v->rows[0].order); /* of another user */
}

static void the_end_is_after_the_latest_purchase_whatever_comes_last(void **state)
{
    (void)state;
    const pv_text item = pv_text_of("P");
    const pv_event late = about(PV_EVENT_RETURN, NULL, "u", &item, 500);
    const pv_event early = about(PV_EVENT_PURCHASE, NULL, "u", &item, 100);
    const pv_event click = about(PV_EVENT_CLICK, NULL, "u", &item, 900);
    take(&late, 0);
    take(&early, 1);
    take(&click, 2);
    assert_int_equal(pv_event_store_end_time(store), 501);
}

static void shown_products_are_counted_until_they_are_taken_up(void **state)
{
    (void)state;
    const pv_text list[] = {pv_text_of("P"), pv_text_of("Q"), pv_text_of("P")};
    pv_event shown = about(PV_EVENT_SHOWN, NULL, "u", list, 100);
    shown.n_items = 2;
    take(&shown, 0);
    shown.time = 50;
    shown.n_items = 1;
    take(&shown, 1);
    const pv_user_events *user = of("u");
    assert_int_equal(user->n_shown, 2);
    assert_int_equal(user->shown[0].times, 2);
    assert_true(user->shown[0].first == 50 && user->shown[0].last == 100);
    pv_event click = about(PV_EVENT_CLICK, NULL, "u", list, 99); /* before it was shown last */
    take(&click, 2);
    assert_int_equal(of("u")->shown[0].times, 2);
    click.time = 100;
    take(&click, 3);
    assert_int_equal(of("u")->shown[0].times, 0);
    assert_int_equal(of("u")->shown[1].times, 1);
    shown.time = 200;
    take(&shown, 4); /* from the beginning */
    assert_int_equal(of("u")->shown[0].times, 1);
    assert_int_equal(of("u")->shown[0].first, 200);
    const pv_event cart = about(PV_EVENT_CART, NULL, "u", &list[1], 300);
    const pv_event bought = about(PV_EVENT_PURCHASE, NULL, "u", &list[0], 300);
    take(&cart, 5);
    take(&bought, 6);
    assert_int_equal(of("u")->shown[0].times, 0);
    assert_int_equal(of("u")->shown[1].times, 0);
}

static void metadata_stands_as_it_was_told_last(void **state)
{
    (void)state;
    char value[] = "FR"; /* the store keeps its own copy */
    pv_event_value values[] = {{pv_text_of("country"), pv_text_of(value)}, {pv_text_of("size"), pv_text_of("big")}};
    pv_event event = {.type = PV_EVENT_COMPANY, .user = pv_text_of("u"), .values = values, .n_values = 2};
    take(&event, 0);
    memcpy(value, "xx", 2);
    assert_int_equal(of("u")->n_values, 2);
    assert_true(text_is(of("u")->values[0].value, "FR"));
    assert_null(of("u")->parent.data);
    values[0].value = NO_TEXT;
    event.n_values = 1;
    event.parent = pv_text_of("H");
    take(&event, 1);
    event.n_values = 0;
    event.parent = NO_TEXT; /* not told: as before */
    take(&event, 2);
    assert_int_equal(of("u")->n_values, 2);
    assert_null(of("u")->values[0].value.data);
    assert_true(text_is(of("u")->values[1].value, "big"));
    assert_true(text_is(of("u")->parent, "H"));
}

static void a_product_keeps_what_a_row_leaves_as_it_is(void **state)
{
    (void)state;
    const pv_text item = pv_text_of("P");
    pv_event event = about(PV_EVENT_PRODUCT, NULL, NULL, &item, 0);
    event.changes[PV_CHANGE_PRICE] = (pv_change){PV_SET, 9.5};
    event.changes[PV_CHANGE_STOCK] = (pv_change){PV_SET, 0};
    take(&event, 0);
    event.changes[PV_CHANGE_PRICE] = (pv_change){PV_UNCHANGED, 0};
    event.changes[PV_CHANGE_STOCK] = (pv_change){PV_AS_TRAINED, 0};
    take(&event, 1);
    const pv_item_state *now = pv_event_store_item_state(store, pv_event_store_find_item(store, item));
    assert_int_equal(now->changes[PV_CHANGE_PRICE].kind, PV_SET);
    assert_true(now->changes[PV_CHANGE_PRICE].value == 9.5);
    assert_int_equal(now->changes[PV_CHANGE_STOCK].kind, PV_AS_TRAINED);
    assert_int_equal(now->changes[PV_CHANGE_DISCOUNT].kind, PV_UNCHANGED);
}

static pv_event list_of(pv_holder holder, const char *id, const pv_text *items, int64_t n)
{
    return (pv_event){
        .type = PV_EVENT_ELIGIBILITY, .holder = holder, .holder_id = pv_text_of(id), .items = items, .n_items = n};
}

static void lists_belong_to_their_kind_of_holder(void **state)
{
    (void)state;
    const pv_text items[] = {pv_text_of("P"), pv_text_of("Q")};
    const pv_event user = list_of(PV_HOLDER_USER, "H", items, 2), parent = list_of(PV_HOLDER_PARENT, "H", items, 0);
    take(&user, 0);
    take(&parent, 1);
    const pv_eligible_list *of_user = pv_event_store_list(store, PV_HOLDER_USER, pv_text_of("H"));
    const pv_eligible_list *of_parent = pv_event_store_list(store, PV_HOLDER_PARENT, pv_text_of("H"));
    assert_true(of_user->is_set && of_user->n_items == 2);
    assert_true(of_parent->is_set && of_parent->n_items == 0); /* nothing at all */
    assert_null(pv_event_store_list(store, PV_HOLDER_PRICE_LIST, pv_text_of("H")));
    const pv_event trained = list_of(PV_HOLDER_USER, "H", NULL, -1);
    take(&trained, 2);
    assert_false(pv_event_store_list(store, PV_HOLDER_USER, pv_text_of("H"))->is_set);
}

static void several_lists_of_one_holder_may_be_prepared_together(void **state)
{
    (void)state;
    const pv_text items[] = {pv_text_of("P"), pv_text_of("Q"), pv_text_of("R")};
    const pv_event first = list_of(PV_HOLDER_USER, "u", items, 3), second = list_of(PV_HOLDER_USER, "u", items + 1, 1),
                   third = list_of(PV_HOLDER_USER, "u", items + 2, 1);
    prepare(&first);
    prepare(&second);
    assert_false(pv_event_store_list(store, PV_HOLDER_USER, pv_text_of("u"))->is_set);
    pv_event_store_apply(store, &first, 0);
    assert_int_equal(pv_event_store_list(store, PV_HOLDER_USER, pv_text_of("u"))->n_items, 3);
    prepare(&third);
    pv_event_store_withdraw(store, &third); /* the latest prepared first */
    pv_event_store_apply(store, &second, 1);
    const pv_eligible_list *list = pv_event_store_list(store, PV_HOLDER_USER, pv_text_of("u"));
    assert_int_equal(list->n_items, 1);
    assert_int_equal(list->items[0], pv_event_store_find_item(store, items[1]));
    prepare(&third); /* is freed with the store */
}

/* --- random operations against a table ------------------------------------------------------------------------------
 */

enum { OPERATIONS = 4000, USERS_N = 7, ITEMS_N = 9, ORDERS_N = 5, IDS_N = 3000, BATCH_MAX = 6 };

static uint64_t drawn;

static int draw(int n)
{
    return (int)(pv_random_bits(11, 3, drawn++) % (uint64_t)n);
}

static void random_batches_leave_what_a_plain_table_has(void **state)
{
    (void)state;
    static bool is_known[IDS_N], is_line[USERS_N][ITEMS_N][ORDERS_N][2];
    static char ids[BATCH_MAX][8], users[BATCH_MAX][8], orders[BATCH_MAX][8], names[BATCH_MAX][8];
    size_t n_rows[USERS_N] = {0}, n_repeated[USERS_N] = {0};
    int64_t offset = 0;
    for (int o = 0; o < OPERATIONS; o++) {
        pv_event batch[BATCH_MAX];
        pv_text items[BATCH_MAX];
        int id[BATCH_MAX], user[BATCH_MAX], item[BATCH_MAX], order[BATCH_MAX], n = 0;
        for (int b = 1 + draw(BATCH_MAX); b > 0; b--) {
            id[n] = draw(IDS_N);
            user[n] = draw(USERS_N);
            item[n] = draw(ITEMS_N);
            order[n] = draw(ORDERS_N);
            (void)snprintf(ids[n], sizeof ids[n], "e%d", id[n]);
            (void)snprintf(users[n], sizeof users[n], "u%d", user[n]);
            (void)snprintf(orders[n], sizeof orders[n], "o%d", order[n]);
            (void)snprintf(names[n], sizeof names[n], "P%d", item[n]);
            bool is_duplicate = is_known[id[n]];
            for (int k = 0; k < n; k++) is_duplicate |= id[k] == id[n];
            assert_int_equal(has(ids[n]), is_duplicate);
            if (is_duplicate) continue;
            items[n] = pv_text_of(names[n]);
            batch[n] = about(draw(2) ? PV_EVENT_RETURN : PV_EVENT_PURCHASE, ids[n], users[n], &items[n], draw(1000));
            batch[n].order = pv_text_of(orders[n]);
            prepare(&batch[n]);
            n++;
        }
        const bool is_written = draw(4) > 0;
        for (int k = 0; k < n && is_written; k++) {
            bool *line = &is_line[user[k]][item[k]][order[k]][batch[k].type == PV_EVENT_RETURN];
            pv_event_store_apply(store, &batch[k], offset++);
            is_known[id[k]] = true;
            n_rows[user[k]]++;
            n_repeated[user[k]] += *line;
            *line = true;
        }
        for (int k = n - 1; k >= 0 && !is_written; k--) pv_event_store_withdraw(store, &batch[k]);
    }
    for (int u = 0; u < USERS_N; u++) {
        char name[8];
        size_t repeated = 0;
        (void)snprintf(name, sizeof name, "u%d", u);
        const pv_user_events *events = of(name);
        assert_int_equal(events->n_rows, n_rows[u]);
        assert_int_equal(events->rows_prepared, 0);
        for (size_t r = 0; r < events->n_rows; r++) {
            repeated += events->rows[r].is_repeated;
            if (r > 0) assert_true(events->rows[r].offset > events->rows[r - 1].offset);
        }
        assert_int_equal(repeated, n_repeated[u]);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_store_knows_nothing),
        TEST(a_purchase_becomes_a_row_of_its_user_when_it_is_applied),
        TEST(what_is_withdrawn_was_never_there),
        TEST(the_same_line_again_is_repeated),
        TEST(the_end_is_after_the_latest_purchase_whatever_comes_last),
        TEST(shown_products_are_counted_until_they_are_taken_up),
        TEST(metadata_stands_as_it_was_told_last),
        TEST(a_product_keeps_what_a_row_leaves_as_it_is),
        TEST(lists_belong_to_their_kind_of_holder),
        TEST(several_lists_of_one_holder_may_be_prepared_together),
        TEST(random_batches_leave_what_a_plain_table_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
