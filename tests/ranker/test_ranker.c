/* The score: a plain sum of contributions, the same number however it is asked for. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "signals/als_signal.h"
#include "support/model_case.h"
#include <math.h>
#include <string.h>

static model_case m;

static int tear_down(void **state)
{
    (void)state;
    model_case_deinit(&m);
    return 0;
}

static void assert_same_bits(double a, double b)
{
    if (memcmp(&a, &b, sizeof a) != 0) fail_msg("%.17g is not %.17g", a, b);
}

/* Contributions sum to the score in the order of the signals, product by product and all at once. */
static void assert_one_score(void)
{
    for (int32_t i = 0; i < (int32_t)m.shop->products.ids.n; i++) {
        const pv_kind kind = pv_ranking_kind(&m.ranking, i);
        double sum = m.ranking.base[kind];
        for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
            const double contribution = pv_ranking_contribution(&m.ranking, s, i);
            assert_same_bits(pv_ranking_kept_contribution(&m.ranking, s, i), contribution);
            if (m.ranking.weight[kind][s] > 0) sum += contribution;
        }
        assert_same_bits(m.ranking.scores[i], sum);
        assert_same_bits(pv_ranking_score_one(&m.ranking, i), sum);
    }
}

static void a_score_is_the_sum_of_its_contributions_bit_for_bit(void **state)
{
    (void)state;
    static const char *const users[] = {"u00", "u01", "u02", "u03", "u17", "u38", "u39", NULL};
    model_case_init(&m, generated_shop(), NULL, 2);
    for (size_t u = 0; u < sizeof users / sizeof *users; u++) {
        model_case_ask(&m, users[u]);
        assert_one_score();
    }
}

static void a_contribution_is_weight_of_its_kind_times_scaled_phi(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), NULL, 2);
    model_case_ask(&m, "u07");
    assert_int_equal(pv_ranking_prepare_rest(&m.ranking, NULL), PV_OK);
    int n_nonzero = 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        for (int32_t i = 0; i < (int32_t)m.shop->products.ids.n; i++) {
            const pv_weights *weights = &m.ranker->weights;
            const pv_kind kind = pv_ranking_kind(&m.ranking, i);
            const double phi = pv_signals[s]->score_one(m.ranking.prepared[s], i);
            const double unit = weights->scale[s] * pow((double)m.history.n_products, weights->power[s]);
            const double z = pv_signals[s]->form == PV_FORM_ROOT ? (phi > 0 ? sqrt(phi / unit) : 0) : phi / unit;
            const bool speaks = pv_signals[s]->kinds & (1 << kind);
            assert_close(pv_ranking_kept_contribution(&m.ranking, s, i), speaks ? weights->weight[kind][s] * z : 0);
            n_nonzero += phi != 0;
        }
    }
    assert_true(n_nonzero > 20); /* the shop has something to say */
}

static void the_factor_model_alone_scores_by_its_product(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), "als", 2);
    model_case_ask(&m, "u07");
    const pv_als_model *als = &((const pv_als_bound *)m.ranker->bound[PV_SIGNAL_ALS])->model;
    const int32_t d = als->settings.n_factors;
    for (int32_t i = 0; i < (int32_t)als->n_products; i++)
        assert_same_bits(m.ranking.scores[i], pv_als_score_stored(als->user_factors + (int64_t)m.question.user * d,
                                                                  als->product_factors + (int64_t)i * d, d));
    assert_one_score();
}

static void the_popular_list_scores_by_popularity_whatever_the_signals(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), NULL, 2);
    model_case_ask(&m, "u39");
    double scores[GENERATED_PRODUCTS];
    for (int32_t i = 0; i < GENERATED_PRODUCTS; i++) {
        scores[i] = m.ranking.scores[i];
        assert_same_bits(scores[i], pv_ranking_contribution(&m.ranking, PV_SIGNAL_POPULARITY, i));
    }
    model_case_deinit(&m);
    model_case_init(&m, generated_shop(), "als", 2);
    model_case_ask(&m, "u39");
    for (int32_t i = 0; i < GENERATED_PRODUCTS; i++) assert_same_bits(m.ranking.scores[i], scores[i]);
    assert_true(scores[0] > 0 || scores[1] > 0);
}

static void a_signal_of_weight_zero_adds_nothing_and_may_still_speak(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), "als,habit", 2);
    m.ranker->weights.weight[PV_KIND_NEW][PV_SIGNAL_HABIT] = 0;
    m.ranker->weights.weight[PV_KIND_REORDER][PV_SIGNAL_HABIT] = 0;
    model_case_ask(&m, "u07");
    assert_false(m.ranking.is_prepared[PV_SIGNAL_HABIT]);
    assert_int_equal(pv_ranking_prepare_late(&m.ranking, PV_SIGNAL_HABIT, NULL), PV_OK);
    assert_true(m.ranking.is_prepared[PV_SIGNAL_HABIT]);
    assert_int_equal(pv_ranking_prepare_rest(&m.ranking, NULL), PV_OK);
    assert_false(m.ranking.is_prepared[PV_SIGNAL_BRAND]); /* not of the model */
    assert_close(pv_ranking_contribution(&m.ranking, PV_SIGNAL_HABIT, 0), 0);
    assert_one_score();
}

static void a_model_without_what_serving_needs_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"weights.min_companies",  "weights.weight",   "popularity.buyers",
                                        "product_factors",        "category.orders",  "discount.lines",
                                        "bought_together.offset", "purchases.product"};
    model_case_init(&m, generated_shop(), NULL, 2);
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        pv_ranker *ranker = NULL;
        pv_error error = {.message = ""};
        for (size_t t = 0; t < m.built.tensors.count; t++) {
            pv_tensor *tensor = &m.built.tensors.items[t];
            if (strcmp(tensor->name, names[k]) != 0) continue;
            tensor->name[0] = '!';
            assert_int_equal(pv_ranker_create(&ranker, &m.built.tensors, &error), PV_E_INPUT);
            assert_non_null(strstr(error.message, "model: "));
            assert_null(ranker);
            tensor->name[0] = names[k][0];
        }
        assert_string_not_equal(error.message, "");
    }
}

static void a_k_that_cannot_be_is_refused(void **state)
{
    (void)state;
    static const int64_t bad[] = {0, -1, INT64_MAX};
    model_case_init(&m, generated_shop(), NULL, 2);
    int64_t *k = tensor_data(&m.built.tensors, "weights.min_companies");
    for (size_t b = 0; b < 3; b++) {
        pv_ranker *ranker = NULL;
        k[0] = bad[b];
        assert_int_equal(pv_ranker_create(&ranker, &m.built.tensors, NULL), PV_E_INPUT);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_score_is_the_sum_of_its_contributions_bit_for_bit),
        TEST(a_contribution_is_weight_of_its_kind_times_scaled_phi),
        TEST(the_factor_model_alone_scores_by_its_product),
        TEST(the_popular_list_scores_by_popularity_whatever_the_signals),
        TEST(a_signal_of_weight_zero_adds_nothing_and_may_still_speak),
        TEST(a_model_without_what_serving_needs_is_refused),
        TEST(a_k_that_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
