/* The effect of never having bought a product is the answer to the same question with the shorter history. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "reasons/removal.h"
#include "support/model_case.h"
#include <math.h>

static model_case m;

static int tear_down(void **state)
{
    (void)state;
    model_case_deinit(&m);
    return 0;
}

static pv_removal *removals_of(int32_t target, int64_t *n)
{
    pv_removal *removals = NULL;
    assert_int_equal(pv_removals_make(&removals, n, &m.ranking, target, m.apart, NULL), PV_OK);
    return removals;
}

/* The score of `target` when the question is asked again without `past`. */
static double score_without(const char *user, pv_text past, int32_t target)
{
    pv_history reduced;
    model_case_ask(&m, user);
    const int32_t product = (int32_t)pv_ids_find(&m.shop->products.ids, past);
    assert_int_equal(pv_history_without(&reduced, &m.history, product, m.arena, NULL), PV_OK);
    m.history = reduced;
    m.question.is_stored_history = false;
    assert_int_equal(pv_ranking_make(&m.ranking, m.ranker, &m.question, false, NULL), PV_OK);
    assert_int_equal(pv_ranking_score(&m.ranking, NULL), PV_OK);
    return m.ranking.scores[target];
}

/* Every purchase of the user against every product of the shop. */
static void assert_removals_are_answers(const char *user)
{
    for (int32_t target = 0; target < GENERATED_PRODUCTS; target++) {
        pv_removal kept[GENERATED_PRODUCTS];
        int64_t n = 0;
        model_case_ask(&m, user);
        const pv_removal *removals = removals_of(target, &n);
        assert_int_equal(n, m.history.n_products);
        for (int64_t k = 0; k < n; k++) kept[k] = removals[k];
        for (int64_t k = 0; k < n; k++) {
            const double score = score_without(user, kept[k].product, target);
            if (!(fabs(kept[k].score - score) <= 1e-9))
                fail_msg("%s without %.*s: %.17g is not %.17g", user, (int)kept[k].product.size, kept[k].product.data,
                         kept[k].score, score);
        }
    }
}

static void each_removal_is_the_answer_without_the_product(void **state)
{
    (void)state;
    static const char *const users[] = {"u02", "u03", "u04", "u11", "u24", "u37"};
    model_case_init(&m, generated_shop(), NULL, 2);
    for (size_t u = 0; u < sizeof users / sizeof *users; u++) assert_removals_are_answers(users[u]);
}

/* All but popularity show each past purchase that they sum. */
#define WITH_PIECES "als,bought_together,category,discount,habit,popularity"

static void the_only_purchase_removed_leaves_what_needs_no_history(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), WITH_PIECES, 2);
    assert_removals_are_answers("u00");
    assert_removals_are_answers("u01");
    model_case_ask(&m, "u00");
    for (int32_t target = 0; target < GENERATED_PRODUCTS; target++) {
        int64_t n = 0;
        const pv_removal *removals = removals_of(target, &n);
        assert_int_equal(n, 1);
        const double phi =
            pv_signals[PV_SIGNAL_POPULARITY]->score_one(m.ranking.prepared[PV_SIGNAL_POPULARITY], target);
        const double expected = pv_ranking_contribution_of(&m.ranking, PV_SIGNAL_POPULARITY, PV_KIND_NEW, phi);
        assert_true(fabs(removals[0].score - expected) <= 1e-9);
    }
}

static void a_removal_holds_with_the_factor_model_alone(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), "als", 2);
    assert_removals_are_answers("u11");
    assert_removals_are_answers("u00");
}

static void a_removal_holds_where_the_shop_promotes(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), NULL, 2);
    double *promotion = tensor_data(&m.built.tensors, "products.promotion");
    for (int32_t i = 0; i < GENERATED_PRODUCTS; i += 3) promotion[i] = 0.5;
    m.ranker->has_promotions = true;
    assert_removals_are_answers("u11");
    assert_removals_are_answers("u24");
}

static void removals_begin_with_the_largest_effect_and_ties_are_bytewise(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), NULL, 2);
    model_case_ask(&m, "u24");
    for (int32_t target = 0; target < GENERATED_PRODUCTS; target++) {
        int64_t n = 0;
        const pv_removal *removals = removals_of(target, &n);
        for (int64_t k = 1; k < n; k++)
            assert_true(removals[k - 1].score < removals[k].score ||
                        (removals[k - 1].score == removals[k].score &&
                         pv_text_compare(removals[k - 1].product, removals[k].product) < 0));
    }
}

static void contributions_are_the_evidence_of_all_signals(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), WITH_PIECES, 2);
    model_case_ask(&m, "u24");
    for (int32_t target = 0; target < GENERATED_PRODUCTS; target++) {
        int64_t n = 0;
        double sum = 0;
        const pv_removal *removals = removals_of(target, &n);
        for (int64_t k = 0; k < n; k++) sum += removals[k].contribution;
        const double expected =
            m.ranking.scores[target] - pv_ranking_contribution(&m.ranking, PV_SIGNAL_POPULARITY, target);
        assert_true(fabs(sum - expected) <= 1e-5); /* popularity shows no evidence; als to 1e-5 */
    }
}

static void without_purchases_there_is_nothing_to_remove(void **state)
{
    (void)state;
    int64_t n = -1;
    model_case_init(&m, generated_shop(), NULL, 2);
    model_case_ask(&m, "u39");
    (void)removals_of(0, &n);
    assert_int_equal(n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_removal_is_the_answer_without_the_product),
        TEST(the_only_purchase_removed_leaves_what_needs_no_history),
        TEST(a_removal_holds_with_the_factor_model_alone),
        TEST(a_removal_holds_where_the_shop_promotes),
        TEST(removals_begin_with_the_largest_effect_and_ties_are_bytewise),
        TEST(contributions_are_the_evidence_of_all_signals),
        TEST(without_purchases_there_is_nothing_to_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
