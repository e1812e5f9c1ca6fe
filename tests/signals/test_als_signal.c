/* The factor model as a signal: pair weights, stored against solved rows, evidence, what it says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/als_signal.h"
#include "support/question_case.h"
#include <math.h>
#include <string.h>

static question_case q;

static int tear_down(void **state)
{
    (void)state;
    question_case_deinit(&q);
    return 0;
}

#define PREPARE_SHOP(purchases, ...)                                                                                   \
    do {                                                                                                               \
        const shop_case learned = {PURCHASES(purchases), __VA_ARGS__};                                                 \
        question_case_init(&q, &learned, PV_SIGNAL_ALS, 5);                                                            \
    } while (0)

/* me: P in two orders of 360 and 180 days before 2020-12-26, Q in one of 180 days before. */
static const purchase_case timed[] = {
    LINE("a", "P", "2020-01-01"),  LINE("a", "Q", "2020-01-02"),  LINE("a", "R", "2020-01-03"),
    LINE("b", "P", "2020-01-01"),  LINE("b", "R", "2020-01-03"),  LINE("c", "S", "2020-01-01"),
    LINE("c", "T", "2020-01-02"),  LINE("d", "S", "2020-01-01"),  LINE("d", "Q", "2020-01-05"),
    LINE("me", "P", "2020-01-01"), LINE("me", "P", "2020-06-29"), LINE("me", "Q", "2020-06-29")};
static const product_case catalog[] = {PRODUCT("P", "Pen"), PRODUCT("Q", " Quill "), PRODUCT("N", "New")};
static const char *const bought[] = {"P", "Q", "R", "S", "T"};

/* phi of every product is what solving the row with these weights gives. */
static void assert_solved_with(const char *const *products, const double *weights, int64_t n)
{
    const pv_als_bound *bound = q.bound;
    pv_als_row *row = NULL;
    int32_t items[4];
    assert_int_equal(pv_als_row_create(&row, &bound->model, NULL), PV_OK);
    for (int64_t k = 0; k < n; k++) items[k] = product_of(q.shop, products[k]);
    assert_int_equal(pv_als_row_solve(row, items, weights, n, NULL, NULL), PV_OK);
    q.question.is_stored_history = false;
    question_case_prepare(&q);
    const int32_t d = bound->model.settings.n_factors;
    for (int32_t i = 0; i < (int32_t)bound->model.n_products; i++)
        assert_close(q.signal->score_one(q.prepared, i),
                     pv_als_score(pv_als_row_factors(row), bound->model.product_factors + (int64_t)i * d, d));
    pv_als_row_free(row);
}

static void log_weights_are_alpha_times_the_logarithm_of_the_orders(void **state)
{
    (void)state;
    PREPARE_SHOP(timed, .as_of = "2020-12-26");
    q.settings.alpha = 3;
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_solved_with(bought, (const double[]){3 * log2(3), 3}, 2); /* 2 orders and 1 */
}

static void linear_weights_are_alpha_times_the_orders(void **state)
{
    (void)state;
    PREPARE_SHOP(timed, .as_of = "2020-12-26");
    q.settings.alpha = 2;
    q.settings.weighting = PV_WEIGHT_LINEAR;
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_solved_with(bought, (const double[]){4, 2}, 2);
}

static void each_order_is_halved_every_half_life(void **state)
{
    (void)state;
    PREPARE_SHOP(timed, .as_of = "2020-12-26");
    q.settings.half_life_days = 180;
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_solved_with(bought, (const double[]){log2(1 + 0.25 + 0.5), log2(1 + 0.5)}, 2);
}

static void the_weight_of_a_purchase_event_multiplies_the_orders(void **state)
{
    (void)state;
    PREPARE_SHOP(timed, .as_of = "2020-12-26");
    *(double *)tensor_data(&q.built.tensors, "shop.purchase_weight") = 0.5;
    assert_int_equal(pv_shop_bind(&q.built.shop, &q.built.tensors, NULL), PV_OK);
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_solved_with(bought, (const double[]){log2(2), log2(1.5)}, 2);
}

static void in_a_simple_shop_counts_are_the_orders(void **state)
{
    (void)state;
    static const purchase_case simple[] = {LINE("a", "P", .count = 3), LINE("a", "Q", .count = 1),
                                           LINE("me", "P", .count = 2), LINE("me", "P", .count = 1.5),
                                           LINE("me", "Q", .count = 4)};
    PREPARE_SHOP(simple, .as_of = NULL);
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_solved_with(bought, (const double[]){log2(4.5), log2(5)}, 2);
}

static void dislikes_are_negative_weights(void **state)
{
    (void)state;
    static const purchase_case simple[] = {LINE("a", "P", .count = 3),  LINE("a", "Q", .count = 1),
                                           LINE("a", "R", .count = 1),  LINE("me", "P", .count = -2),
                                           LINE("me", "Q", .count = 4), LINE("me", "R", .count = -1)};
    PREPARE_SHOP(simple, .negative_is_dislike = true);
    q.settings.weighting = PV_WEIGHT_LINEAR;
    q.settings.als.loss = PV_LOSS_HKV;
    q.settings.als.unobserved_weight = 1;
    question_case_fit(&q);
    question_case_ask(&q, "me");
    assert_solved_with(bought, (const double[]){-2, 4, -1}, 3);
    assert_int_equal(pieces_of(&q, "P"), 1); /* what is disliked is no evidence */
    assert_consistent(&q, 1e-12);
}

static void the_stored_row_agrees_with_the_solved_one(void **state)
{
    (void)state;
    static const char *const users[] = {"a", "b", "c", "d", "me"};
    PREPARE_SHOP(timed, .as_of = "2020-12-26");
    question_case_fit(&q);
    for (size_t u = 0; u < 5; u++) {
        double stored[5];
        question_case_ask(&q, users[u]);
        for (size_t i = 0; i < 5; i++) stored[i] = phi_of(&q, bought[i]);
        assert_consistent(&q, 1e-5); /* the pieces are of the solved row */
        q.question.is_stored_history = false;
        question_case_prepare(&q);
        for (size_t i = 0; i < 5; i++) assert_true(fabs(stored[i] - phi_of(&q, bought[i])) <= 1e-5);
        assert_consistent(&q, 1e-12);
    }
}

static void a_known_users_score_is_the_product_of_stored_factors(void **state)
{
    (void)state;
    PREPARE_SHOP(timed, PRODUCTS(catalog), .as_of = "2020-12-26");
    question_case_fit(&q);
    question_case_ask(&q, "me");
    const pv_als_model *model = &((const pv_als_bound *)q.bound)->model;
    const float *x = model->user_factors + 4 * user_of(q.shop, "me");
    const float *y = model->product_factors + 4 * product_of(q.shop, "R");
    double sum = 0;
    for (int f = 0; f < 4; f++) sum += (double)x[f] * (double)y[f];
    assert_true(phi_of(&q, "R") == sum);
    assert_close(phi_of(&q, "N"), 0); /* nobody bought it: no factors */
    assert_int_equal(pieces_of(&q, "N"), 0);
    assert_says(&q, "N", false, NULL);
}

static void without_purchases_the_score_is_zero(void **state)
{
    (void)state;
    PREPARE_SHOP(timed, PRODUCTS(catalog), .as_of = "2020-12-26");
    question_case_fit(&q);
    question_case_ask(&q, NULL);
    assert_close(phi_of(&q, "P"), 0);
    assert_consistent(&q, 0);
}

/* Each removal is what solving the shorter history gives, down to the last product. */
static void removals_equal_the_answer_without_the_product(void **state)
{
    (void)state;
    PREPARE_SHOP(timed, PRODUCTS(catalog), .as_of = "2020-12-26");
    question_case_fit(&q);
    for (size_t t = 0; t < 5; t++) {
        const int32_t target = product_of(q.shop, bought[t]);
        for (int64_t k = 0; k < 2; k++) {
            double score, without[2], empty[1];
            question_case_ask(&q, "me");
            assert_int_equal(pv_als_signal_without(&score, without, q.prepared, target, NULL), PV_OK);
            assert_true(fabs(score - phi_of(&q, bought[t])) <= 1e-5);
            question_case_ask_without(&q, bought[k]);
            assert_true(fabs(phi_of(&q, bought[t]) - without[k]) <= 1e-9);
            assert_int_equal(pv_als_signal_without(&score, empty, q.prepared, target, NULL), PV_OK);
            assert_true(fabs(empty[0]) <= 1e-9); /* the last purchase gone, nothing is left */
        }
    }
}

/* Factors given by hand: R to Q 0.96, to P 0.8; S points away; T stands apart. */
static void it_names_the_past_purchases_whose_buyers_are_most_alike(void **state)
{
    (void)state;
    static const float given[5][4] = {
        {1, 0, 0, 0}, {0.6F, 0.8F, 0, 0}, {0.8F, 0.6F, 0, 0}, {-1, 0, 0, 0}, {0, 0, 1, 0}};
    PREPARE_SHOP(timed, PRODUCTS(catalog), .as_of = "2020-12-26");
    question_case_fit(&q);
    memcpy(tensor_data(&q.built.tensors, "product_factors"), given, sizeof given);
    pv_release(q.bound);
    q.bound = NULL;
    assert_int_equal(q.signal->bind(&q.bound, &q.built.tensors, q.shop, NULL), PV_OK);
    question_case_ask(&q, "me");
    assert_true(fabs(pv_als_similarity(q.bound, 2, 1) - 0.96) < 1e-6);
    assert_true(isnan(pv_als_similarity(q.bound, 0, 5)));
    assert_says(&q, "R", false, "Its buyers are most like those of Quill and Pen, which you bought.");
    const pv_fact nearest = fact_of(&q, "R", "nearest");
    assert_int_equal(nearest.kind, PV_FACT_NEAREST);
    assert_int_equal(nearest.integer, 2);
    assert_text(nearest.nearest[0].product, "Q");
    assert_text(nearest.nearest[1].name, "Pen");
    assert_text(fact_of(&q, "R", "product").text, "Q");
    assert_says(&q, "S", false, NULL);                                                       /* nothing alike */
    assert_says(&q, "Q", false, "Its buyers are most like those of Pen, which you bought."); /* not of itself */
}

/* Three German and three French companies, each country with products of its own; `cold` of either has bought nothing.
 * K is listed and not bought, of the brand that Germans buy. */
static const purchase_case by_country[] = {
    LINE("d1", "P", "2020-01-01"), LINE("d1", "Q", "2020-01-02"), LINE("d2", "P", "2020-01-01"),
    LINE("d2", "R", "2020-01-02"), LINE("d3", "Q", "2020-01-03"), LINE("d3", "R", "2020-01-03"),
    LINE("f1", "S", "2020-01-01"), LINE("f1", "T", "2020-01-02"), LINE("f2", "S", "2020-01-01"),
    LINE("f2", "U", "2020-01-02"), LINE("f3", "T", "2020-01-03"), LINE("f3", "U", "2020-01-03")};
static const user_case countries[] = {
    USER("d1", .country = "DE"),     USER("d2", .country = "DE"),     USER("d3", .country = "DE"),
    USER("f1", .country = "FR"),     USER("f2", .country = "FR"),     USER("f3", .country = "FR"),
    USER("cold-d", .country = "DE"), USER("cold-f", .country = "FR"), USER("cold-x", .country = "XX")};
static const product_case brands[] = {PRODUCT("P", .brand = "stark"), PRODUCT("Q", .brand = "stark"),
                                      PRODUCT("R", .brand = "stark"), PRODUCT("S", .brand = "beau"),
                                      PRODUCT("T", .brand = "beau"),  PRODUCT("U", .brand = "beau"),
                                      PRODUCT("K", .brand = "stark"), PRODUCT("L", .brand = "none")};

static void fit_with_features(void)
{
    PREPARE_SHOP(by_country, USERS(countries), PRODUCTS(brands), .as_of = "2020-12-26");
    q.settings.als.user_side_regularization = q.settings.als.product_side_regularization = 0.5;
    question_case_fit(&q);
}

static void a_company_without_purchases_gets_what_companies_of_its_country_buy(void **state)
{
    (void)state;
    fit_with_features();
    question_case_ask(&q, "cold-d");
    assert_true(phi_of(&q, "P") > 0.05 && phi_of(&q, "P") > 3 * fabs(phi_of(&q, "S")));
    assert_consistent(&q, 1e-12);
    pv_pieces pieces;
    assert_int_equal(q.signal->evidence(&pieces, q.prepared, product_of(q.shop, "P"), NULL), PV_OK);
    assert_int_equal(pieces.n, 1);
    assert_int_equal(pieces.items[0].product, -1);
    assert_text(pieces.items[0].label, "country: DE");
    assert_says(&q, "P", true, "It is what companies that have in common with you what is known of you buy.");
    question_case_ask(&q, "cold-f");
    assert_true(phi_of(&q, "S") > 3 * fabs(phi_of(&q, "P")));
    question_case_ask(&q, "cold-x"); /* nobody else is from there */
    assert_true(phi_of(&q, "P") == 0 && phi_of(&q, "S") == 0);
}

/* y = (A0 X'X + lam I)^-1 lam B g with lam = R A0 m, by elimination. */
static void a_product_that_nobody_bought_has_the_factors_of_its_features(void **state)
{
    (void)state;
    enum { D = 4, N_USERS = 6 };
    fit_with_features();
    const pv_als_bound *bound = q.bound;
    const pv_als_settings *settings = &bound->model.settings;
    const float *X = bound->model.user_factors, *B = bound->products.weights;
    const int64_t stark = pv_texts_search(&bound->products.names, pv_text_of("brand: stark"));
    assert_int_equal(bound->n_scored, 8);
    assert_true(stark >= 0);
    double H[D][D + 1], ridge = settings->regularization * settings->unobserved_weight * (double)N_USERS;
    for (int i = 0; i < D; i++) {
        H[i][D] = ridge * (double)B[stark * D + i];
        for (int j = 0; j < D; j++) {
            H[i][j] = i == j ? ridge : 0;
            for (int u = 0; u < N_USERS; u++)
                H[i][j] += settings->unobserved_weight * (double)X[u * D + i] * (double)X[u * D + j];
        }
    }
    for (int k = 0; k < D; k++)
        for (int i = 0; i < D; i++)
            for (int j = D; i != k && j >= k; j--) H[i][j] -= H[i][k] / H[k][k] * H[k][j];
    const float *y = bound->model.product_factors + (int64_t)product_of(q.shop, "K") * D;
    for (int i = 0; i < D; i++) assert_true(fabs((double)y[i] - H[i][D] / H[i][i]) <= 1e-6);
    question_case_ask(&q, "d1");
    assert_true(phi_of(&q, "K") > 0 && phi_of(&q, "L") == 0);
    assert_consistent(&q, 1e-5);
    static const char unbought[] = "Nobody bought it yet; the buyers of products like it are most like those of ";
    pv_statement said;
    assert_int_equal(q.signal->state(&said, q.prepared, product_of(q.shop, "K"), true, NULL), PV_OK);
    assert_true(said.text.size > sizeof unbought);
    assert_memory_equal(said.text.data, unbought, sizeof unbought - 1);
    question_case_ask(&q, "f1");
    assert_true(phi_of(&q, "K") < 0.1);
}

static void with_features_stored_rows_and_removals_agree_with_solving_again(void **state)
{
    (void)state;
    fit_with_features();
    for (int k = 0; k < 2; k++) {
        const char *const past[] = {"P", "Q"};
        double stored, score, without[2];
        question_case_ask(&q, "d1");
        stored = phi_of(&q, "R");
        assert_int_equal(pv_als_signal_without(&score, without, q.prepared, product_of(q.shop, "R"), NULL), PV_OK);
        assert_true(fabs(score - stored) <= 1e-5);
        question_case_ask_without(&q, past[k]);
        assert_true(fabs(phi_of(&q, "R") - without[k]) <= 1e-9);
        assert_consistent(&q, 1e-12);
        question_case_ask_without(&q, past[1 - k]); /* the country remains */
        const double cold = phi_of(&q, "R");
        question_case_ask(&q, "cold-d");
        assert_true(fabs(phi_of(&q, "R") - cold) <= 1e-12);
    }
}

static void what_is_known_of_an_unlisted_company_gives_its_prior(void **state)
{
    (void)state;
    fit_with_features();
    const pv_side_information *users = &((const pv_als_bound *)q.bound)->users;
    const pv_side_value known[] = {{pv_text_of("country"), pv_text_of("FR")},
                                   {pv_text_of("country"), pv_text_of("XX")},
                                   {pv_text_of("size"), pv_text_of("large")}};
    pv_side_row given, listed = pv_side_row_of(users, user_of(q.shop, "cold-f"));
    double mean[4], expected[4];
    assert_int_equal(pv_side_row_of_values(&given, users, known, 3, q.arena, NULL), PV_OK);
    assert_int_equal(given.n, 1);
    pv_side_mean(mean, users, &given, 4);
    pv_side_mean(expected, users, &listed, 4);
    assert_memory_equal(mean, expected, sizeof mean);
    assert_true(mean[0] != 0);
    assert_int_equal(pv_side_row_of(users, -1).n, 0);
}

static void tensors_of_features_that_cannot_be_are_refused(void **state)
{
    (void)state;
    fit_with_features();
    ((int64_t *)tensor_data(&q.built.tensors, "side.user_offset"))[1] = 99;
    assert_bind_refused(&q, "side.user_offset");
    ((int64_t *)tensor_data(&q.built.tensors, "side.user_offset"))[1] = 1;
    ((int32_t *)tensor_data(&q.built.tensors, "side.product_code"))[0] = 2;
    assert_bind_refused(&q, "side.product_code");
    ((int32_t *)tensor_data(&q.built.tensors, "side.product_code"))[0] = 0;
    ((float *)tensor_data(&q.built.tensors, "side.user_value"))[0] = (float)NAN;
    assert_bind_refused(&q, "side.user_value");
    ((float *)tensor_data(&q.built.tensors, "side.user_value"))[0] = 1;
    ((double *)tensor_data(&q.built.tensors, "side.user_gram"))[0] = (double)NAN;
    assert_bind_refused(&q, "side.user_gram");
}

static void tables_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const char *const floats[] = {"user_factors", "product_factors"};
    static const struct {
        const char *name;
        double bad;
    } numbers[] = {{"als.gram", (double)NAN},
                   {"als.loss", 2},
                   {"als.regularization", -1},
                   {"als.regularization", (double)NAN},
                   {"als.unobserved_weight", -1},
                   {"als.alpha", (double)INFINITY},
                   {"als.weighting", -1},
                   {"als.half_life_days", 0},
                   {"als.half_life_days", -(double)INFINITY}};
    PREPARE_SHOP(timed, .as_of = "2020-12-26");
    question_case_fit(&q);
    for (size_t k = 0; k < 2; k++) {
        float *data = tensor_data(&q.built.tensors, floats[k]);
        const float kept = data[7];
        data[7] = (float)NAN;
        assert_bind_refused(&q, floats[k]);
        data[7] = (float)INFINITY;
        assert_bind_refused(&q, floats[k]);
        data[7] = kept;
    }
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
        double *data = tensor_data(&q.built.tensors, numbers[k].name);
        const double kept = data[0];
        data[0] = numbers[k].bad;
        assert_bind_refused(&q, numbers[k].name);
        data[0] = kept;
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(log_weights_are_alpha_times_the_logarithm_of_the_orders),
        TEST(linear_weights_are_alpha_times_the_orders),
        TEST(each_order_is_halved_every_half_life),
        TEST(the_weight_of_a_purchase_event_multiplies_the_orders),
        TEST(in_a_simple_shop_counts_are_the_orders),
        TEST(dislikes_are_negative_weights),
        TEST(the_stored_row_agrees_with_the_solved_one),
        TEST(a_known_users_score_is_the_product_of_stored_factors),
        TEST(without_purchases_the_score_is_zero),
        TEST(removals_equal_the_answer_without_the_product),
        TEST(it_names_the_past_purchases_whose_buyers_are_most_alike),
        TEST(a_company_without_purchases_gets_what_companies_of_its_country_buy),
        TEST(a_product_that_nobody_bought_has_the_factors_of_its_features),
        TEST(with_features_stored_rows_and_removals_agree_with_solving_again),
        TEST(what_is_known_of_an_unlisted_company_gives_its_prior),
        TEST(tensors_of_features_that_cannot_be_are_refused),
        TEST(tables_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
