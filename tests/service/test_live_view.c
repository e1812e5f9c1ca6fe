/* A model joined to what came since: prices and stock of now, metadata, parents, lists, which rows count. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "service/session.h"
#include "support/model_files.h"
#include <math.h>
#include <purvey/answer.h>
#include <string.h>

#define NONE ((double)NAN)

static const purchase_case purchases[] = {
    LINE("x", "P", "2020-01-01", "o1", .quantity = 2), LINE("x", "Q", "2020-01-02", "o2", .quantity = 1),
    LINE("x", "Q", "2020-01-03", "r1", .quantity = -1), LINE("y", "R", "2020-01-03", "o3", .quantity = 1),
    LINE("z", "Q", "2020-01-04", "o4", .quantity = 1)};
static const product_case products[] = {PRODUCT("P", .price = 3), PRODUCT("Q", .price = 4, .discount = 0.5),
                                        PRODUCT("R", .is_sold_out = true), PRODUCT("Z")};
static const user_case users[] = {USER("x", .parent = "H", .country = "FR"),
                                  USER("y", .price_list = "gold", .country = "DE"), USER("z", .country = "DE")};
static const eligibility_case eligibility[] = {{.parent = "H", .product = "Q"}, {.price_list = "gold", .product = "R"}};

static scratch_folder folder;
static model_case learned;
static pv_model *model;
static pv_event_store *store;
static pv_live_view *view;
static pv_session *session;
static pv_arena *arena;
static int64_t offset;

static int set_up(void **state)
{
    (void)state;
    const shop_case c = {PURCHASES(purchases), PRODUCTS(products), USERS(users), ELIGIBILITY(eligibility)};
    if (!scratch_folder_create(&folder)) return -1;
    model_case_init(&learned, &c, NULL, 1);
    model = model_file_open(&folder, &learned);
    arena = pv_arena_create();
    offset = 0;
    assert_int_equal(pv_session_create(&session, model, NULL), PV_OK);
    assert_int_equal(pv_event_store_create(&store, NULL), PV_OK);
    assert_int_equal(pv_live_view_create(&view, model, store, 0, NULL), PV_OK);
    session->live = view;
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_session_free(session);
    pv_live_view_free(view);
    pv_event_store_free(store);
    pv_arena_free(arena);
    pv_model_free(model);
    model_case_deinit(&learned);
    scratch_folder_remove(&folder);
    return 0;
}

static void take(const pv_event *event)
{
    assert_int_equal(pv_event_store_prepare(store, event, NULL), PV_OK);
    pv_event_store_apply(store, event, offset++);
    assert_int_equal(pv_live_view_prepare(view, NULL), PV_OK);
    pv_live_view_update(view, event);
}

static void change(const char *product, pv_product_change what, pv_change_kind kind, double value)
{
    const pv_text item = pv_text_of(product);
    pv_event event = {.type = PV_EVENT_PRODUCT, .items = &item, .n_items = 1};
    event.changes[what] = (pv_change){kind, value};
    take(&event);
}

static void buy(const char *user, const char *product, const char *order, const char *time, bool is_return)
{
    const pv_text item = pv_text_of(product);
    const pv_event event = {.type = is_return ? PV_EVENT_RETURN : PV_EVENT_PURCHASE,
                            .user = pv_text_of(user),
                            .order = pv_text_of(order),
                            .time = time_of(time),
                            .quantity = NONE,
                            .unit_price = NONE,
                            .discount = NONE,
                            .items = &item,
                            .n_items = 1};
    take(&event);
}

static void tell(const char *user, const char *column, const char *value, const char *parent)
{
    const pv_text none = {NULL, 0};
    const pv_event_value told = {pv_text_of(column), value ? pv_text_of(value) : none};
    const pv_event event = {.type = PV_EVENT_COMPANY,
                            .user = pv_text_of(user),
                            .parent = parent ? pv_text_of(parent) : none,
                            .values = &told,
                            .n_values = 1};
    take(&event);
}

static void allow(pv_holder holder, const char *id, const pv_text *items, int64_t n)
{
    const pv_event event = {
        .type = PV_EVENT_ELIGIBILITY, .holder = holder, .holder_id = pv_text_of(id), .items = items, .n_items = n};
    take(&event);
}

static pv_live_user rows_of(const char *user)
{
    const int32_t number = (int32_t)pv_ids_find(&learned.shop->users.ids, pv_text_of(user));
    pv_live_user live = pv_live_view_user(view, pv_text_of(user), number);
    assert_int_equal(pv_live_view_find_rows(&live, view, arena, NULL), PV_OK);
    return live;
}

/* Letters of the products that the user's lists let through, "" when none does. */
static const char *assortment_of(const char *user)
{
    static char open[8];
    pv_request request;
    pv_asked *asked;
    pv_gates gates;
    size_t n = 0;
    pv_request_init(&request);
    request.user = pv_text_of(user);
    assert_int_equal(pv_session_ask(&asked, session, &request, NULL), PV_OK);
    assert_int_equal(pv_session_gates(&gates, session, asked, &request, NULL), PV_OK);
    for (int p = 0; p < 3; p++) {
        const char id[] = {"PQR"[p], '\0'};
        const pv_gate gate = pv_gates_ask(&gates, product_of(learned.shop, id));
        if (gate != PV_GATE_NOT_IN_ASSORTMENT) open[n++] = id[0];
    }
    open[n] = '\0';
    return open;
}

static pv_current_products *taken;

/* The products as they are now; they are let go of by the next call. */
static const pv_products *look(const pv_live_view *at)
{
    pv_current_products_release(taken);
    taken = at ? pv_live_view_take_products(at) : NULL;
    return taken ? &pv_current_products_shop(taken)->products : NULL;
}

static void products_are_as_the_overlay_says_until_it_takes_that_back(void **state)
{
    (void)state;
    const int32_t p = product_of(learned.shop, "P"), q = product_of(learned.shop, "Q"),
                  r = product_of(learned.shop, "R");
    change("P", PV_CHANGE_PRICE, PV_SET, 7);
    change("P", PV_CHANGE_DISCOUNT, PV_SET, 0.15);
    change("P", PV_CHANGE_DISCONTINUED, PV_SET, 1);
    change("R", PV_CHANGE_STOCK, PV_SET, 5);
    change("Q", PV_CHANGE_AVAILABLE_FROM, PV_SET, 1e9);
    change("no such", PV_CHANGE_PRICE, PV_SET, 1);
    const pv_products *now = look(view);
    assert_close(now->price[p], 7);
    assert_close(now->discount[p], 0.15);
    assert_int_equal(now->discontinued[p], 1);
    assert_close(now->stock[r], 5);
    assert_int_equal(now->available_from[q], 1000000000);
    assert_close(now->price[q], 4);
    pv_live_view *later; /* who looks later sees the same */
    assert_int_equal(pv_live_view_create(&later, model, store, 0, NULL), PV_OK);
    now = look(later);
    assert_close(now->price[p], 7);
    assert_close(now->stock[r], 5);
    pv_live_view_free(later); /* what was taken of it stays */
    assert_close(now->price[p], 7);
    change("P", PV_CHANGE_PRICE, PV_AS_TRAINED, 0);
    change("R", PV_CHANGE_STOCK, PV_AS_TRAINED, 0);
    change("P", PV_CHANGE_DISCONTINUED, PV_AS_TRAINED, 0);
    assert_close(now->price[p], 7); /* an answer sees no change while it has the products */
    now = look(view);
    assert_close(now->price[p], 3);
    assert_close(now->stock[r], 0);
    assert_int_equal(now->discontinued[p], 0);
    assert_close(now->discount[p], 0.15); /* was left as it is */
    assert_close(learned.shop->products.price[p], 3);
    (void)look(NULL);
}

static void an_answer_shows_the_price_and_the_stock_of_now(void **state)
{
    (void)state;
    const pv_answer *answer;
    pv_request request;
    pv_request_init(&request);
    request.user = pv_text_of("z"); /* everything is open to it */
    change("P", PV_CHANGE_PRICE, PV_SET, 7);
    change("R", PV_CHANGE_STOCK, PV_SET, 1);
    change("Q", PV_CHANGE_STOCK, PV_SET, 0);
    assert_int_equal(pv_recommend(&answer, session, &request, NULL), PV_OK);
    assert_int_equal(answer->n_items, 2);
    for (int64_t i = 0; i < 2; i++)
        if (answer->items[i].product.data[0] == 'P') assert_close(answer->items[i].price, 7);
}

/* P of o1 stands in a line; Q of o2 was returned, so neither it nor its return left one. */
static void rows_that_the_model_has_do_not_count_again(void **state)
{
    (void)state;
    buy("x", "P", "o1", "2020-02-01", false);
    buy("x", "Q", "o2", "2020-02-01", false);
    buy("x", "Q", "r1", "2020-02-01", true);
    assert_int_equal(rows_of("x").n_rows, 0);
    buy("x", "Q", "o1", "2020-02-01", false); /* another product of a known order */
    buy("x", "P", "o9", "2020-02-01", false); /* another order */
    buy("x", "P", "o9", "2020-02-02", false); /* that order again */
    buy("x", "no such", "o9", "2020-02-01", false);
    buy("x", "P", "o1", "2020-02-03", true); /* a return is no purchase */
    const pv_live_user live = rows_of("x");
    assert_int_equal(live.n_rows, 3);
    assert_int_equal(live.rows[0].order, 0); /* o1 is the first that left a line */
    assert_true(live.rows[1].order > 0);
    assert_true(live.rows[2].cancelled && live.rows[2].order == 0);
    buy("y", "P", "o1", "2020-02-01", false); /* an order of the same name of another user */
    assert_int_equal(rows_of("y").n_rows, 1);
}

static void what_the_training_took_from_the_log_does_not_count_again(void **state)
{
    (void)state;
    buy("x", "P", "o8", "2020-02-01", false);
    buy("x", "P", "o9", "2020-02-01", false);
    assert_int_equal(rows_of("x").n_rows, 2);
    pv_live_view_free(view);
    assert_int_equal(pv_live_view_create(&view, model, store, 1, NULL), PV_OK);
    session->live = view;
    assert_int_equal(rows_of("x").n_rows, 1);
    assert_int_equal(pv_live_view_end_time(view), time_of("2020-02-01") + 1);
}

static void metadata_of_columns_that_the_model_has_is_used(void **state)
{
    (void)state;
    pv_side_value *values;
    int64_t n;
    tell("new", "country", "FR", NULL);
    tell("new", "size", "big", NULL); /* no segment */
    pv_live_user live = pv_live_view_user(view, pv_text_of("new"), -1);
    assert_int_equal(pv_live_view_metadata(&values, &n, view, &live, arena, NULL), PV_OK);
    assert_int_equal(n, 1);
    assert_text(values[0].value, "FR");
    tell("new", "country", NULL, NULL);
    live = pv_live_view_user(view, pv_text_of("new"), -1);
    assert_int_equal(pv_live_view_metadata(&values, &n, view, &live, arena, NULL), PV_OK);
    assert_int_equal(n, 0);
}

static void lists_given_since_replace_those_of_the_training(void **state)
{
    (void)state;
    const pv_text items[] = {pv_text_of("R"), pv_text_of("no such"), pv_text_of("P")};
    assert_string_equal(assortment_of("x"), "Q"); /* of its parent */
    assert_string_equal(assortment_of("z"), "PQR");
    allow(PV_HOLDER_USER, "x", items, 1);
    assert_string_equal(assortment_of("x"), "QR"); /* beside its parent's */
    allow(PV_HOLDER_PARENT, "H", items, 3);
    assert_string_equal(assortment_of("x"), "PR");
    allow(PV_HOLDER_PARENT, "H", items, 0);
    allow(PV_HOLDER_USER, "x", NULL, -1);
    assert_string_equal(assortment_of("x"), ""); /* an empty list allows nothing */
    allow(PV_HOLDER_PARENT, "H", NULL, -1);
    assert_string_equal(assortment_of("x"), "Q");
    allow(PV_HOLDER_PRICE_LIST, "gold", items + 2, 1);
    assert_string_equal(assortment_of("y"), "P");
}

static void who_is_told_a_parent_or_price_list_gets_its_list(void **state)
{
    (void)state;
    assert_string_equal(assortment_of("new"), "PQR");
    tell("new", "size", "big", "H");
    assert_string_equal(assortment_of("new"), "Q");
    assert_string_equal(assortment_of("H"), "Q"); /* the parent itself, which is listed nowhere */
    tell("z", "price_list", "gold", NULL);
    assert_string_equal(assortment_of("z"), "R");
    tell("y", "price_list", "silver", NULL); /* which has no list */
    assert_string_equal(assortment_of("y"), "PQR");
    tell("y", "price_list", NULL, NULL);
    assert_string_equal(assortment_of("y"), "R");
}

static void a_new_branch_of_a_known_company_is_answered(void **state)
{
    (void)state;
    const pv_answer *answer;
    pv_request request;
    pv_request_init(&request);
    request.user = pv_text_of("new");
    tell("new", "country", "FR", "H");
    assert_int_equal(pv_recommend(&answer, session, &request, NULL), PV_OK);
    buy("new", "Q", "n1", "2020-02-01", false);
    assert_int_equal(pv_recommend(&answer, session, &request, NULL), PV_OK);
    assert_string_equal(answer->source, "personal");
}

static void the_cart_counts_as_bought_and_is_not_shown(void **state)
{
    (void)state;
    const pv_text cart[] = {pv_text_of("P"), pv_text_of("no such")};
    pv_request request;
    pv_asked *asked;
    pv_gates gates;
    pv_request_init(&request);
    request.user = pv_text_of("z");
    request.cart = cart;
    request.n_cart = 2;
    assert_int_equal(pv_session_ask(&asked, session, &request, NULL), PV_OK);
    const int32_t p = product_of(learned.shop, "P");
    assert_int_equal(asked->history.n_products, 2); /* Q and P */
    assert_true(pv_history_find(&asked->history, p) >= 0);
    assert_int_equal(pv_history_last_time(&asked->history, pv_history_find(&asked->history, p)),
                     asked->question.as_of - 1);
    assert_int_equal(pv_session_gates(&gates, session, asked, &request, NULL), PV_OK);
    assert_int_equal(pv_gates_ask(&gates, p), PV_GATE_IN_CART);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(products_are_as_the_overlay_says_until_it_takes_that_back),
        TEST(an_answer_shows_the_price_and_the_stock_of_now),
        TEST(rows_that_the_model_has_do_not_count_again),
        TEST(what_the_training_took_from_the_log_does_not_count_again),
        TEST(metadata_of_columns_that_the_model_has_is_used),
        TEST(lists_given_since_replace_those_of_the_training),
        TEST(who_is_told_a_parent_or_price_list_gets_its_list),
        TEST(a_new_branch_of_a_known_company_is_answered),
        TEST(the_cart_counts_as_bought_and_is_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
