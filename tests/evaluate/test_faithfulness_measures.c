/* Each measure of reasons where its outcome is known, on numbers that the test plants into a customer's list. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "evaluate/faithfulness_customer.h"
#include "reasons/removal.h"
#include "support/model_case.h"
#include <string.h>

static model_case m;
static pv_faithfulness_study study;
static pv_sampled_customer *customer;

static int set_up(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), NULL, 2);
    pv_faithfulness_settings_init(&study.settings);
    study.served = study.recomputed = m.ranker;
    return pv_sampled_customer_create(&customer, &study, NULL) == PV_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_sampled_customer_free(customer);
    model_case_deinit(&m);
    return 0;
}

static void ask(const char *user)
{
    assert_int_equal(pv_sampled_customer_ask(customer, user_of(m.shop, user), NULL), PV_OK);
}

/* --- planted contributions ---------------------------------------------------------------------------------------- */

static double planted[PV_SIGNAL_COUNT][GENERATED_PRODUCTS];

/* From here on the customer's contributions are those that are planted, all other products 0. */
static void begin_planting(void)
{
    pv_ranking *ranking = &customer->served.asked.ranking;
    memset(planted, 0, sizeof planted);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) ranking->contributions[s] = planted[s];
    for (int kind = 0; kind < PV_KIND_COUNT; kind++) ranking->base[kind] = 0;
}

/* `count` contributions of the same size. */
static void plant(int32_t product, int count, double contribution)
{
    for (int s = 0; s < count; s++) planted[s][product] = contribution;
}

/* Scores that are the planted sums, and a list of the first product alone. */
static void end_planting(int32_t first)
{
    pv_trial *served = &customer->served;
    for (int32_t p = 0; p < GENERATED_PRODUCTS; p++) {
        served->asked.ranking.scores[p] = 0;
        for (int s = 0; s < PV_SIGNAL_COUNT; s++) served->asked.ranking.scores[p] += planted[s][p];
    }
    assert_int_equal(pv_reasons_rank_among(&served->rules, &served->asked.ranking, served->rules.candidates,
                                           served->rules.n_candidates, NULL),
                     PV_OK);
    customer->n = 1;
    customer->list[0] = first;
    customer->items[0].score = served->asked.ranking.scores[first];
}

static void items_stay_where_all_lose_alike(void **state)
{
    (void)state;
    ask("u05");
    begin_planting();
    plant(3, 4, 1.0); /* 4.0, shown 3.0 */
    plant(7, 4, 0.9); /* 3.6, shown 2.7 */
    end_planting(3);
    assert_int_equal(pv_measure_lists(customer, NULL), PV_OK);
    assert_int_equal(customer->tally.sufficient, 1);
    assert_int_equal(customer->tally.sufficient_alone, 0); /* 3.0 behind 3.6 */
}

static void items_fall_that_owe_their_place_to_what_is_not_shown(void **state)
{
    (void)state;
    ask("u05");
    begin_planting();
    plant(3, 5, 1.0); /* 5.0, shown 3.0 */
    plant(7, 1, 3.5); /* all of it shown */
    end_planting(3);
    assert_int_equal(pv_measure_lists(customer, NULL), PV_OK);
    assert_int_equal(customer->tally.sufficient, 0);
    plant(7, 1, 2.5);
    end_planting(3);
    assert_int_equal(pv_measure_lists(customer, NULL), PV_OK);
    assert_int_equal(customer->tally.sufficient, 1);
}

static void negative_contributions_are_kept(void **state)
{
    (void)state;
    ask("u05");
    begin_planting();
    plant(3, 3, 1.0);
    planted[4][3] = -0.5; /* 2.5 */
    plant(7, 3, 0.8);
    planted[5][7] = 0.05; /* 2.45, shown 2.4 */
    end_planting(3);
    assert_int_equal(pv_measure_lists(customer, NULL), PV_OK);
    assert_int_equal(customer->tally.sufficient, 1);
    planted[4][3] = -0.62; /* 2.38 */
    end_planting(3);
    customer->tally.sufficient = 0;
    assert_int_equal(pv_measure_lists(customer, NULL), PV_OK);
    assert_int_equal(customer->tally.sufficient, 0);
}

static void necessity_counts_lost_ranks(void **state)
{
    (void)state;
    static const double sizes[] = {3, 2, 1, 0.5, 0.4, 0.3}; /* 7.2; without the largest 1.2, without the others 6 */
    pv_reason reasons[6] = {{0}};
    ask("u05");
    begin_planting();
    for (int k = 0; k < 6; k++) {
        planted[k][3] = sizes[k];
        reasons[k] = (pv_reason){.contribution = sizes[k]};
    }
    plant(1, 1, 7), plant(2, 1, 6.5), plant(4, 1, 5), plant(5, 1, 4), plant(6, 1, 3);
    end_planting(3);
    customer->items[0].reasons = reasons;
    customer->items[0].n_reasons = 6;
    pv_measure_necessity(customer);
    assert_int_equal(customer->tally.drop_largest.n, 1);
    assert_close(customer->tally.drop_largest.sum, 5);
    assert_close(customer->tally.drop_random.sum, 2);
    customer->items[0].n_reasons = 3; /* 3 against one of 2 and 1: both leave it first of those above */
    pv_measure_necessity(customer);
    assert_int_equal(customer->tally.drop_largest.n, 2);
    customer->items[0].n_reasons = 1; /* nothing to compare with */
    pv_measure_necessity(customer);
    assert_int_equal(customer->tally.drop_largest.n, 2);
}

static void places_that_policy_moved_are_counted(void **state)
{
    (void)state;
    double policy[GENERATED_PRODUCTS] = {0};
    ask("u05");
    assert_int_equal(customer->n, 10);
    assert_int_equal(pv_measure_lists(customer, NULL), PV_OK);
    assert_int_equal(customer->tally.honest, 10);
    const int32_t lifted = customer->list[5];
    for (int k = 5; k > 0; k--) customer->list[k] = customer->list[k - 1];
    customer->list[0] = lifted;
    policy[lifted] = 100;
    customer->served.asked.ranking.policy = policy;
    customer->served.asked.ranking.scores[lifted] += 100;
    customer->tally.honest = 0;
    assert_int_equal(pv_measure_lists(customer, NULL), PV_OK);
    assert_int_equal(customer->tally.honest, 4);
}

/* --- sums and codes ----------------------------------------------------------------------------------------------- */

static void a_part_that_is_missing_is_an_error_of_its_size(void **state)
{
    (void)state;
    const pv_reason reasons[] = {{.contribution = 0.5}, {.contribution = -0.125}};
    pv_item item = {.score = 1.375,
                    .base = 0.25,
                    .policy = 0.5,
                    .reasons = reasons,
                    .n_reasons = 2,
                    .other_positive = 0.375,
                    .negative = -0.125};
    assert_close(pv_additivity_error(&item), 0);
    item.policy = 0;
    assert_close(pv_additivity_error(&item), 0.5);
}

static void a_planted_gap_between_score_and_sum_is_found(void **state)
{
    (void)state;
    ask("u05");
    pv_measure_sums(customer);
    assert_true(customer->tally.additivity <= 1e-12);
    assert_int_equal(customer->tally.n_coverage, 10);
    customer->shown[4].other_positive += 0.25;
    pv_measure_sums(customer);
    assert_true(customer->tally.additivity > 0.25 - 1e-9 && customer->tally.additivity < 0.25 + 1e-9);
}

static void codes_overlap_as_sets_and_as_lists(void **state)
{
    (void)state;
    const pv_leading_codes a = {{"als", "habit", "trend"}, 3}, b = {{"habit", "als", "trend"}, 3}, c = {{"als"}, 1};
    const pv_leading_codes none = {.n = 0};
    assert_close(pv_codes_in_common(&a, &b), 1);
    assert_close(pv_codes_in_place(&a, &b), 1.0 / 3);
    assert_close(pv_codes_in_common(&a, &c), 1.0 / 3);
    assert_close(pv_codes_in_place(&a, &c), 1.0 / 3);
    assert_close(pv_codes_in_place(&b, &c), 0);
    assert_close(pv_codes_in_common(&none, &none), 1);
    assert_close(pv_codes_in_common(&none, &c), 0);
}

static void a_history_of_one_order_has_no_unrelated_one(void **state)
{
    (void)state;
    ask("u00");
    assert_int_equal(pv_measure_removals(customer, NULL), PV_OK);
    assert_int_equal(pv_measure_stability(customer, NULL), PV_OK);
    assert_int_equal(customer->tally.stability.n, 0);
}

static void the_strongest_purchases_weigh_most_in_the_evidence(void **state)
{
    (void)state;
    ask("u24");
    assert_int_equal(pv_measure_removals(customer, NULL), PV_OK);
    model_case_ask(&m, "u24");
    for (int64_t k = 0; k < customer->n; k++) {
        pv_removal *removals = NULL;
        int64_t n = 0;
        double last = 1e300;
        assert_int_equal(pv_removals_make(&removals, &n, &m.ranking, customer->list[k], m.apart, NULL), PV_OK);
        for (int j = 0; j < PV_STRONGEST; j++) {
            double contribution = 0;
            int64_t above = 0;
            const int32_t product = customer->strongest[k][j];
            if (product < 0) continue;
            for (int64_t r = 0; r < n; r++)
                if (pv_ids_find(&m.shop->products.ids, removals[r].product) == product)
                    contribution = removals[r].contribution;
            for (int64_t r = 0; r < n; r++) above += removals[r].contribution > contribution;
            assert_int_equal(above, j);
            assert_true(contribution > 0 && contribution <= last);
            last = contribution;
        }
    }
}

static void shuffling_gives_every_weight_to_another_signal(void **state)
{
    (void)state;
    for (uint64_t stream = 0; stream < 50; stream++) {
        double weight[PV_SIGNAL_COUNT] = {0, 0.1, 0, 0.2, 0.3, 0, 0.4}, sum = 0;
        const double before[PV_SIGNAL_COUNT] = {0, 0.1, 0, 0.2, 0.3, 0, 0.4};
        assert_true(pv_shuffle_weights(weight, 42, stream));
        for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
            assert_true(before[s] > 0 ? weight[s] > 0 && weight[s] != before[s] : weight[s] == 0);
            sum += weight[s] * weight[s];
        }
        assert_close(sum, 0.01 + 0.04 + 0.09 + 0.16);
    }
    double alone[PV_SIGNAL_COUNT] = {0, 0.5};
    assert_false(pv_shuffle_weights(alone, 42, 0));
    assert_close(alone[1], 0.5);
}

static void weights_that_are_no_ones_leave_other_reasons(void **state)
{
    (void)state;
    ask("u05");
    assert_int_equal(pv_measure_sanity(customer, NULL), PV_OK);
    assert_true(customer->tally.sanity.n > 0);
    assert_true(customer->tally.sanity.sum < 0.7 * (double)customer->tally.sanity.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_stay_where_all_lose_alike),
        cmocka_unit_test(items_fall_that_owe_their_place_to_what_is_not_shown),
        cmocka_unit_test(negative_contributions_are_kept),
        cmocka_unit_test(necessity_counts_lost_ranks),
        cmocka_unit_test(places_that_policy_moved_are_counted),
        cmocka_unit_test(a_part_that_is_missing_is_an_error_of_its_size),
        cmocka_unit_test(a_planted_gap_between_score_and_sum_is_found),
        cmocka_unit_test(codes_overlap_as_sets_and_as_lists),
        cmocka_unit_test(a_history_of_one_order_has_no_unrelated_one),
        cmocka_unit_test(the_strongest_purchases_weigh_most_in_the_evidence),
        cmocka_unit_test(shuffling_gives_every_weight_to_another_signal),
        cmocka_unit_test(weights_that_are_no_ones_leave_other_reasons),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
