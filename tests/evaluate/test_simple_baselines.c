/* What is popular, what the customer bought, the factors, nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "baseline_case.h"
#include "signals/als_signal.h"

static baseline_case b;

/* As of 2020-04-01 the 30 days begin with 2020-03-02. b, b2 and c are one company. */
static const purchase_case lines[] = {
    LINE("a", "R", "2020-01-01"),  LINE("d", "S", "2020-01-05"), LINE("e", "R", "2020-01-05"),
    LINE("e", "S", "2020-01-15"),  LINE("b", "S", "2020-02-01"), LINE("c", "Q", "2020-03-01T23:59:59"),
    LINE("c", "P", "2020-03-02"),  LINE("a", "P", "2020-03-20"), LINE("b", "P", "2020-03-20"),
    LINE("b2", "P", "2020-03-20"), LINE("a", "P", "2020-03-21"), LINE("a", "Q", "2020-03-25")};
static const product_case products[] = {PRODUCT("T", .available_from = "2020-01-01")};
static const user_case users[] = {USER("a", .country = "France"), USER("b", "H", "France"), USER("b2", "H", "France"),
                                  USER("c", "H", .region = "North"), USER("e", .country = "Norway")};
static const shop_case shop = {PURCHASES(lines), PRODUCTS(products), USERS(users), .as_of = "2020-04-01"};

static int set_up(void **state)
{
    (void)state;
    baseline_case_init(&b, &shop);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    baseline_case_deinit(&b);
    return 0;
}

static void popular_counts_companies_of_the_last_30_days(void **state)
{
    (void)state;
    baseline_case_make(&b, &pv_popular);
    baseline_case_ask(&b, "d");
    assert_close(score_of(&b, "P"), 2.0 / 3); /* a and H; on the first second of the days, too */
    assert_close(score_of(&b, "Q"), 1.0 / 3); /* a second too early does not count */
    assert_close(score_of(&b, "R"), 0);
    assert_close(score_of(&b, "T"), 0);
}

static void popular_in_segment_counts_the_segments_companies_first(void **state)
{
    (void)state;
    baseline_case_make(&b, &pv_popular_in_segment);
    baseline_case_ask(&b, "a");
    assert_close(score_of(&b, "P"), 2 + 2.0 / 3); /* a and H, once for b and b2 */
    assert_close(score_of(&b, "Q"), 1 + 1.0 / 3);
    assert_close(score_of(&b, "S"), 0);
}

static void popular_in_segment_takes_the_first_column_with_a_value(void **state)
{
    (void)state;
    baseline_case_make(&b, &pv_popular_in_segment);
    baseline_case_ask(&b, "c"); /* no country, but a region: c alone */
    assert_close(score_of(&b, "P"), 1 + 2.0 / 3);
    assert_close(score_of(&b, "Q"), 1.0 / 3);
}

static void popular_in_segment_backs_off_to_popular(void **state)
{
    (void)state;
    static const char *const others[] = {"d", "e"}; /* no segment; one that bought nothing lately */
    baseline_case_make(&b, &pv_popular_in_segment);
    for (size_t u = 0; u < 2; u++) {
        baseline_case_ask(&b, others[u]);
        assert_close(score_of(&b, "P"), 2.0 / 3);
        assert_close(score_of(&b, "Q"), 1.0 / 3);
    }
}

static void popular_in_segment_is_absent_without_segments(void **state)
{
    (void)state;
    const shop_case plain = {PURCHASES(lines)};
    assert_null(pv_popular_in_segment.absent(&b.input));
    baseline_case_deinit(&b);
    baseline_case_init(&b, &plain);
    assert_string_equal(pv_popular_in_segment.absent(&b.input), "the shop has no segment");
}

static void own_count_is_the_orders_then_popular(void **state)
{
    (void)state;
    baseline_case_make(&b, &pv_own_count);
    baseline_case_ask(&b, "a");
    assert_close(score_of(&b, "P"), 2 + 2.0 / 3);
    assert_close(score_of(&b, "Q"), 1 + 1.0 / 3);
    assert_close(score_of(&b, "R"), 1);
    assert_close(score_of(&b, "S"), 0);
    baseline_case_ask(&b, "e");
    assert_close(score_of(&b, "R"), 1);
    assert_close(score_of(&b, "P"), 2.0 / 3);
}

static void last_bought_is_by_the_last_purchase_then_popular(void **state)
{
    (void)state;
    baseline_case_make(&b, &pv_last_bought);
    baseline_case_ask(&b, "a"); /* R 2020-01-01, P 80 days later, Q 84 */
    assert_true(score_of(&b, "Q") == 1 + 84 * 86400.0 + 1.0 / 3);
    assert_true(score_of(&b, "P") == 1 + 80 * 86400.0 + 2.0 / 3);
    assert_close(score_of(&b, "R"), 1);
    assert_close(score_of(&b, "S"), 0);
    baseline_case_ask(&b, "e");
    assert_true(score_of(&b, "S") == 1 + 10 * 86400.0);
    assert_close(score_of(&b, "R"), 1);
}

static void without_time_everything_is_recent(void **state)
{
    (void)state;
    static const purchase_case undated[] = {LINE("a", "P", .count = 3), LINE("a", "Q", .count = 1),
                                            LINE("b", "Q", .count = 1)};
    const shop_case simple = {PURCHASES(undated)};
    baseline_case_deinit(&b);
    baseline_case_init(&b, &simple);
    baseline_case_make(&b, &pv_own_count);
    baseline_case_ask(&b, "a");
    assert_close(score_of(&b, "P"), 3 + 1.0 / 3);
    assert_close(score_of(&b, "Q"), 1 + 2.0 / 3);
    baseline_case_make(&b, &pv_last_bought);
    baseline_case_ask(&b, "b");
    assert_close(score_of(&b, "Q"), 1 + 2.0 / 3);
    assert_close(score_of(&b, "P"), 1.0 / 3);
}

static void als_alone_is_the_product_of_the_factors(void **state)
{
    (void)state;
    static const float X[] = {1, 2, 0, 0, 0, 0, 0, 0, 3, -1}; /* a, b, b2, c, d, e in this order of ids */
    static const float Y[] = {0.5F, 0.25F, -2, 0, 0, 1, 1, 1};
    float factors[12] = {0};
    for (size_t k = 0; k < 10; k++) factors[k] = X[k];
    pv_als_bound bound = {.model = {.settings.n_factors = 2, .user_factors = factors, .product_factors = Y}};
    assert_non_null(pv_factors_alone.absent(&b.input)); /* nothing is bound yet */
    assert_int_equal(pv_dense_index_init(&bound.dense, Y, 4, 2, NULL), PV_OK);
    b.ranker.bound[PV_SIGNAL_ALS] = &bound;
    b.ranker.is_bound[PV_SIGNAL_ALS] = true;
    baseline_case_make(&b, &pv_factors_alone);
    baseline_case_ask(&b, "a"); /* x = (1, 2) */
    assert_close(score_of(&b, "P"), 1);
    assert_close(score_of(&b, "Q"), -2);
    assert_close(score_of(&b, "R"), 2);
    assert_close(score_of(&b, "S"), 3);
    assert_close(score_of(&b, "T"), -3); /* never bought: behind the last */
    baseline_case_ask(&b, "d");          /* x = (3, -1) */
    assert_close(score_of(&b, "P"), 1.25);
    assert_close(score_of(&b, "T"), -7);
    pv_dense_index_deinit(&bound.dense);
}

static void random_depends_on_seed_user_and_product_alone(void **state)
{
    (void)state;
    baseline_case_make(&b, &pv_random_order);
    baseline_case_ask(&b, "a");
    const double P = score_of(&b, "P"), Q = score_of(&b, "Q");
    assert_true(P >= 0 && P < 1 && Q >= 0 && Q < 1 && P != Q);
    baseline_case_ask(&b, "b");
    assert_true(score_of(&b, "P") != P);
    baseline_case_make(&b, &pv_random_order);
    baseline_case_ask(&b, "a");
    assert_true(score_of(&b, "P") == P);
    b.input.seed = 43;
    baseline_case_make(&b, &pv_random_order);
    baseline_case_ask(&b, "a");
    assert_true(score_of(&b, "P") != P);
}

static void the_list_has_all_of_them_under_codes_of_their_own(void **state)
{
    (void)state;
    size_t n = 0;
    for (; pv_baselines[n]; n++) {
        assert_non_null(pv_baselines[n]->title);
        for (size_t k = 0; k < n; k++) assert_string_not_equal(pv_baselines[k]->code, pv_baselines[n]->code);
    }
    assert_int_equal(n, 9);
}

#define WITH_SHOP(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SHOP(popular_counts_companies_of_the_last_30_days),
        WITH_SHOP(popular_in_segment_counts_the_segments_companies_first),
        WITH_SHOP(popular_in_segment_takes_the_first_column_with_a_value),
        WITH_SHOP(popular_in_segment_backs_off_to_popular),
        WITH_SHOP(popular_in_segment_is_absent_without_segments),
        WITH_SHOP(own_count_is_the_orders_then_popular),
        WITH_SHOP(last_bought_is_by_the_last_purchase_then_popular),
        WITH_SHOP(without_time_everything_is_recent),
        WITH_SHOP(als_alone_is_the_product_of_the_factors),
        WITH_SHOP(random_depends_on_seed_user_and_product_alone),
        cmocka_unit_test(the_list_has_all_of_them_under_codes_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
