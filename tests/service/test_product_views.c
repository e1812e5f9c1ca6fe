/* Bought together and substitutes: counts by hand, weights and order of the model, what cannot be told. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "service/session.h"
#include "signals/als_signal.h"
#include "signals/bought_together.h"
#include "support/model_files.h"
#include <purvey/views.h>

/* A: c1 c2 c3 H, whose branches are h1 and h2. B: c1 c2 c4 H. Both: 3 of the 26 companies. C was bought with A by c3
 * alone. X1 and X2 are bought beside the same products, but never by one company. The other lines are four more kinds
 * of companies, so that the factors have more to tell apart than X1 from X2. */
#define BUYS(company, p, q, r)                                                                                         \
    LINE(company, p, "2020-01-10"), LINE(company, q, "2020-01-10"), LINE(company, r, "2020-01-10")
#define ALL_BUY(a, b, c, d, p, q, r) BUYS(a, p, q, r), BUYS(b, p, q, r), BUYS(c, p, q, r), BUYS(d, p, q, r)
static const purchase_case purchases[] = {
    LINE("c1", "A", "2020-01-01"),
    LINE("c1", "B", "2020-01-02"),
    LINE("c2", "A", "2020-01-03"),
    LINE("c2", "B", "2020-01-04"),
    LINE("c3", "A", "2020-01-05"),
    LINE("c3", "C", "2020-01-06"),
    LINE("c4", "B", "2020-01-07"),
    LINE("h1", "A", "2020-01-08"),
    LINE("h2", "B", "2020-01-09"),
    BUYS("c5", "D", "E", "X1"),
    BUYS("c6", "D", "E", "X1"),
    BUYS("c7", "D", "E", "X1"),
    BUYS("c8", "D", "E", "X2"),
    BUYS("c9", "D", "E", "X2"),
    ALL_BUY("d1", "d2", "d3", "d4", "F", "G", "H"),
    ALL_BUY("e1", "e2", "e3", "e4", "I", "J", "K"),
    ALL_BUY("f1", "f2", "f3", "f4", "L", "M", "N"),
    ALL_BUY("g1", "g2", "g3", "g4", "O", "P", "Q"),
};
static const product_case products[] = {
    PRODUCT("A", "Apron", "Wear"),
    PRODUCT("B", "Belt", "Wear", .is_sold_out = true),
    PRODUCT("C", "Cap", "Wear"),
    PRODUCT("D", "Drill", "Tools"),
    PRODUCT("E", "Eraser"),
    PRODUCT("X1", "Wrench 1", "Wrenches"),
    PRODUCT("X2", "Wrench 2", "Wrenches"),
    PRODUCT("Z", "Zip", "Wear", .available_from = "2019-01-01"),
};
static const user_case users[] = {USER("h1", .parent = "H"), USER("h2", .parent = "H")};

static scratch_folder folder;
static model_case m;
static pv_model *model;
static pv_session *session;
static pv_request request;

static int start(const shop_case *c, const char *signals)
{
    if (!scratch_folder_create(&folder)) return -1;
    model_case_init(&m, c, signals, 2);
    model = model_file_open(&folder, &m);
    pv_request_init(&request);
    return pv_session_create(&session, model, NULL) == PV_OK ? 0 : -1;
}

static const shop_case small_shop = {PURCHASES(purchases), PRODUCTS(products), USERS(users), .as_of = "2020-02-01"};

static int set_up(void **state)
{
    (void)state;
    return start(&small_shop, NULL);
}

/* A model whose rule is stricter than the one its table was learned by. */
static int set_up_stricter(void **state)
{
    (void)state;
    if (start(&small_shop, NULL) != 0) return -1;
    int64_t *min_companies = tensor_data(&m.built.tensors, "weights.min_companies");
    *min_companies = 4;
    pv_session_free(session);
    pv_model_free(model);
    model = model_file_open(&folder, &m);
    return pv_session_create(&session, model, NULL) == PV_OK ? 0 : -1;
}

static int set_up_factors_alone(void **state)
{
    (void)state;
    return start(&small_shop, "als");
}

static int set_up_generated(void **state)
{
    (void)state;
    return start(generated_shop(), NULL);
}

static int tear_down(void **state)
{
    (void)state;
    pv_session_free(session);
    pv_model_free(model);
    model_case_deinit(&m);
    scratch_folder_remove(&folder);
    return 0;
}

typedef pv_status view_of_products(const pv_related **related, pv_session *session, const pv_request *request,
                                   pv_text product, pv_error *error);

static const pv_related *see(view_of_products *view, pv_text product)
{
    const pv_related *related = NULL;
    pv_error error = {.message = ""};
    if (view(&related, session, &request, product, &error) != PV_OK) fail_msg("%s", error.message);
    return related;
}

static const pv_related *bought_with(const char *product)
{
    return see(pv_bought_together_items, pv_text_of(product));
}

static void pairs_are_counted_by_company(void **state)
{
    (void)state;
    const pv_related *related = bought_with("A");
    assert_text(related->product, "A");
    assert_text(related->name, "Apron");
    assert_string_equal(related->source, "bought_together");
    assert_text(related->fallback, NULL);
    assert_int_equal(related->requested, 5);
    assert_int_equal(related->n_items, 1); /* C stands below k = 2 */
    const pv_related_item *item = &related->items[0];
    assert_text(item->product, "B");
    assert_text(item->name, "Belt");
    assert_int_equal(item->buyers, 4);
    assert_int_equal(item->also, 3);
    assert_close(item->rate, 3.0 / 4);
    assert_close(item->base_rate, 4.0 / 26);
    assert_true(item->weight > 0);
}

static void pairs_below_the_rule_are_not_shown(void **state)
{
    (void)state;
    const pv_related *related = bought_with("A"); /* 3 companies bought B too, 4 are needed */
    assert_string_equal(related->source, "bought_together");
    assert_int_equal(related->n_items, 0);
}

static void a_product_tells_the_gate_that_would_hide_it(void **state)
{
    (void)state;
    assert_string_equal(bought_with("A")->items[0].gate, "out_of_stock");
    assert_null(bought_with("B")->items[0].gate);
    const pv_text excluded[] = {pv_text_of("A")};
    request.exclude = excluded;
    request.n_exclude = 1;
    assert_string_equal(bought_with("B")->items[0].gate, "excluded");
}

/* What the signal gives for a history of this purchase alone. */
static void ask_signal(double *phi, int32_t product, pv_arena *arena)
{
    const pv_shop *shop = &model->ranker->shop;
    const int32_t order[] = {0};
    const int64_t time[] = {shop->as_of - 1};
    const pv_lines lines = {.n = 1, .product = &product, .order = order, .time = time};
    const pv_dislikes no_dislikes = {0};
    const pv_company nobody = {0};
    pv_history history;
    void *prepared = NULL;
    assert_int_equal(pv_history_make(&history, &lines, &no_dislikes, shop->as_of, arena, NULL), PV_OK);
    const pv_question question = {.shop = shop,
                                  .history = &history,
                                  .company = &nobody,
                                  .as_of = shop->as_of,
                                  .user = -1,
                                  .min_companies = model->ranker->min_companies,
                                  .arena = arena};
    assert_int_equal(
        pv_bought_together_signal.prepare(&prepared, model->ranker->bound[PV_SIGNAL_BOUGHT_TOGETHER], &question, NULL),
        PV_OK);
    pv_bought_together_signal.score(phi, prepared);
}

static void weights_are_those_that_the_signal_sums_and_give_the_order(void **state)
{
    (void)state;
    const pv_ids *ids = &model->ranker->shop.products.ids;
    int64_t n_pairs = 0;
    request.n = 100;
    for (int32_t product = 0; product < ids->n_warm; product++) {
        double phi[GENERATED_PRODUCTS] = {0};
        pv_arena *arena = pv_arena_create();
        assert_non_null(arena);
        ask_signal(phi, product, arena);
        pv_arena_free(arena);
        int64_t n_positive = 0;
        for (int i = 0; i < GENERATED_PRODUCTS; i++) n_positive += phi[i] > 0;
        const pv_related *related = see(pv_bought_together_items, pv_ids_at(ids, product));
        assert_int_equal(related->n_items, n_positive);
        for (int64_t k = 0; k < related->n_items; k++) {
            assert_true(related->items[k].weight == phi[pv_ids_find(ids, related->items[k].product)]);
            if (k > 0) assert_true(related->items[k].weight <= related->items[k - 1].weight);
        }
        n_pairs += n_positive;
    }
    assert_true(n_pairs > 20);
}

static void a_list_is_cut_at_n(void **state)
{
    (void)state;
    request.n = 100;
    const pv_related *all = see(pv_bought_together_items, pv_text_of("P05"));
    assert_true(all->n_items > 2);
    const pv_text second = all->items[1].product;
    request.n = 2;
    const pv_related *two = see(pv_bought_together_items, pv_text_of("P05"));
    assert_int_equal(two->n_items, 2);
    assert_true(pv_text_equal(two->items[1].product, second));
}

static void a_substitute_is_bought_beside_the_same_products_but_not_with_it(void **state)
{
    (void)state;
    const pv_related *related = see(pv_substitute_items, pv_text_of("X1"));
    assert_string_equal(related->source, "substitute");
    assert_text(related->category, "Wrenches");
    assert_int_equal(related->n_items, 1);
    assert_text(related->items[0].product, "X2");
    assert_text(related->items[0].name, "Wrench 2");
    assert_true(related->items[0].similarity >= 0.8);
    assert_int_equal(related->items[0].also, -1);
    assert_null(related->items[0].gate);
}

/* The definition of the header, product by product. */
static bool is_equivalent(int32_t product, int32_t other)
{
    const pv_ranker *ranker = model->ranker;
    const int32_t *category = ranker->shop.products.category;
    const void *pairs = ranker->bound[PV_SIGNAL_BOUGHT_TOGETHER];
    return product != other && category[product] >= 0 && category[product] == category[other] &&
           pv_als_similarity(ranker->bound[PV_SIGNAL_ALS], product, other) >= 0.8 &&
           pv_bought_together_companies(pairs, product, other) < 0 &&
           pv_bought_together_companies(pairs, other, product) < 0;
}

static bool is_marked(pv_text product, pv_text other)
{
    const pv_similar *similar = NULL;
    assert_int_equal(pv_similar_items(&similar, session, product, 100, NULL), PV_OK);
    for (int64_t k = 0; k < similar->n_items; k++)
        if (pv_text_equal(similar->items[k].product, other)) return similar->items[k].is_substitute;
    return false;
}

static void substitutes_follow_their_definition_and_are_marked_as_similar(void **state)
{
    (void)state;
    const pv_ids *ids = &model->ranker->shop.products.ids;
    int64_t n_all = 0;
    request.n = 100;
    for (int32_t product = 0; product < ids->n_warm; product++) {
        int64_t n_expected = 0;
        for (int32_t other = 0; other < ids->n_warm; other++) n_expected += is_equivalent(product, other);
        assert_int_equal(see(pv_substitute_items, pv_ids_at(ids, product))->n_items, n_expected);
        for (int64_t k = 0; k < n_expected; k++) {
            const pv_related *related = see(pv_substitute_items, pv_ids_at(ids, product));
            const pv_text other = related->items[k].product;
            const double similarity = related->items[k].similarity;
            assert_true(is_equivalent(product, (int32_t)pv_ids_find(ids, other)));
            if (k > 0) assert_true(similarity <= related->items[k - 1].similarity);
            assert_true(is_marked(pv_ids_at(ids, product), other));
        }
        n_all += n_expected;
    }
    assert_true(n_all > 0);
}

static void assert_silent(const pv_related *related, const char *cause)
{
    assert_null(related->source);
    assert_text(related->fallback, cause);
    assert_int_equal(related->n_items, 0);
}

static void what_cannot_be_told_says_why(void **state)
{
    (void)state;
    assert_silent(see(pv_substitute_items, pv_text_of("E")), "the product has no category");
    assert_silent(see(pv_substitute_items, pv_text_of("Z")), "nobody has bought the product");
    assert_silent(bought_with("Z"), "nobody has bought the product");
}

static void a_model_without_the_signal_says_so(void **state)
{
    (void)state;
    assert_silent(bought_with("A"), "the model was trained without the signal bought_together");
    assert_silent(see(pv_substitute_items, pv_text_of("X1")), "the model was trained without the signal substitute");
}

static void wrong_requests_are_refused_by_their_field(void **state)
{
    (void)state;
    const pv_related *related = NULL;
    pv_error error;
    assert_int_equal(pv_bought_together_items(&related, session, &request, pv_text_of("none"), &error), PV_E_NOT_FOUND);
    assert_string_equal(error.field, "/product");
    request.n = 0;
    assert_int_equal(pv_substitute_items(&related, session, &request, pv_text_of("A"), &error), PV_E_USAGE);
    assert_string_equal(error.field, "/n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(pairs_are_counted_by_company),
        cmocka_unit_test_setup_teardown(pairs_below_the_rule_are_not_shown, set_up_stricter, tear_down),
        TEST(a_product_tells_the_gate_that_would_hide_it),
        cmocka_unit_test_setup_teardown(weights_are_those_that_the_signal_sums_and_give_the_order, set_up_generated,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_list_is_cut_at_n, set_up_generated, tear_down),
        TEST(a_substitute_is_bought_beside_the_same_products_but_not_with_it),
        TEST(substitutes_follow_their_definition_and_are_marked_as_similar),
        TEST(what_cannot_be_told_says_why),
        cmocka_unit_test_setup_teardown(a_model_without_the_signal_says_so, set_up_factors_alone, tear_down),
        TEST(wrong_requests_are_refused_by_their_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
