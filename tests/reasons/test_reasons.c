/* Which contributions are shown, what is said beside them, and that nothing of the sum is lost. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "reasons/reasons.h"
#include "support/model_case.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static model_case m;

static int set_up(void **state)
{
    (void)state;
    model_case_init(&m, generated_shop(), NULL, 2);
    model_case_ask(&m, "u24");
    assert_int_equal(pv_ranking_prepare_rest(&m.ranking, NULL), PV_OK); /* tests let any of them contribute */
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    model_case_deinit(&m);
    return 0;
}

static pv_item fill(int32_t product, const pv_reasons_rules *rules)
{
    pv_item item = {0};
    assert_int_equal(pv_reasons_fill(&item, &m.ranking, rules, product, NULL), PV_OK);
    return item;
}

/* Contributions of product 3 as given, in the order of the signals. */
static void give(const double contributions[PV_SIGNAL_COUNT])
{
    m.ranking.scores[3] = 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!m.ranking.contributions[s])
            m.ranking.contributions[s] = pv_arena_allocate(m.arena, GENERATED_PRODUCTS, sizeof(double));
        assert_non_null(m.ranking.contributions[s]);
        m.ranking.contributions[s][3] = contributions[s];
        m.ranking.scores[3] += contributions[s];
    }
}

static const double mixed_signs[PV_SIGNAL_COUNT] = {
    [PV_SIGNAL_ALS] = -0.5,      [PV_SIGNAL_BOUGHT_TOGETHER] = 0.2, [PV_SIGNAL_CATEGORY] = 0.1,
    [PV_SIGNAL_DISCOUNT] = 0.05, [PV_SIGNAL_HABIT] = 0.3,           [PV_SIGNAL_POPULARITY] = 0.01};

static void the_three_largest_are_shown_by_size_whatever_their_sign(void **state)
{
    (void)state;
    give(mixed_signs);
    const pv_item item = fill(3, &(pv_reasons_rules){.level = PV_EXPLAIN_TOP3});
    static const char *const codes[] = {"als", "habit", "bought_together"};
    assert_int_equal(item.n_reasons, 3);
    for (int k = 0; k < 3; k++) assert_string_equal(item.reasons[k].code, codes[k]);
    assert_close(item.reasons[0].contribution, -0.5);
    assert_close(item.reasons[0].share, (double)NAN);
    assert_close(item.reasons[1].share, 0.3 / 0.66);
    assert_close(item.reasons[2].share, 0.2 / 0.66);
    assert_close(item.reasons[0].if_removed_score, 0.66);
    assert_close(item.reasons[1].if_removed_score, 0.16 - 0.3);
    assert_close(item.other_positive, 0.16);
    assert_close(item.negative, 0);
    assert_close(item.shown_share, 0.5 / 0.66);
    assert_close(item.score, 0.16);
}

static void what_is_not_shown_is_kept_apart_by_sign(void **state)
{
    (void)state;
    const double small_negative[PV_SIGNAL_COUNT] = {-0.01, 0.2, 0.1, 0.05, 0.3, 0};
    give(small_negative);
    const pv_item item = fill(3, &(pv_reasons_rules){.level = PV_EXPLAIN_TOP3});
    assert_int_equal(item.n_reasons, 3);
    assert_close(item.other_positive, 0.05);
    assert_close(item.negative, -0.01);
}

static void full_shows_all_that_is_not_zero_and_leaves_nothing(void **state)
{
    (void)state;
    double one_zero[PV_SIGNAL_COUNT];
    memcpy(one_zero, mixed_signs, sizeof one_zero);
    one_zero[PV_SIGNAL_CATEGORY] = 0;
    give(one_zero);
    const pv_item item = fill(3, &(pv_reasons_rules){.level = PV_EXPLAIN_FULL});
    assert_int_equal(item.n_reasons, 5);
    assert_close(item.other_positive, 0);
    assert_close(item.negative, 0);
    assert_true(fabs(item.shown_share - 1) <= 1e-12);
}

static void none_shows_nothing_and_keeps_the_sums(void **state)
{
    (void)state;
    give(mixed_signs);
    const pv_item item = fill(3, &(pv_reasons_rules){.level = PV_EXPLAIN_NONE});
    assert_int_equal(item.n_reasons, 0);
    assert_int_equal(item.n_notes, 0);
    assert_close(item.other_positive, 0.66);
    assert_close(item.negative, -0.5);
    assert_close(item.shown_share, 0);
}

static void equal_sizes_stand_in_the_order_of_the_sum(void **state)
{
    (void)state;
    double equal[PV_SIGNAL_COUNT];
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) equal[s] = s == 1 ? -0.1 : 0.1;
    give(equal);
    const pv_item item = fill(3, &(pv_reasons_rules){.level = PV_EXPLAIN_FULL});
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) assert_string_equal(item.reasons[s].code, pv_signals[s]->code);
}

static void an_explanation_lists_zero_signals_too(void **state)
{
    (void)state;
    const double only_habit[PV_SIGNAL_COUNT] = {[PV_SIGNAL_HABIT] = 0.3};
    give(only_habit);
    const pv_item item = fill(3, &(pv_reasons_rules){.level = PV_EXPLAIN_FULL, .is_explanation = true});
    assert_int_equal(item.n_reasons, PV_SIGNAL_COUNT);
    assert_string_equal(item.reasons[0].code, "habit");
    assert_string_equal(item.reasons[1].code, "als");
    assert_close(item.reasons[1].contribution, 0);
}

static void with_nothing_positive_there_are_no_shares(void **state)
{
    (void)state;
    const double negative[PV_SIGNAL_COUNT] = {-0.2};
    give(negative);
    const pv_item item = fill(3, &(pv_reasons_rules){.level = PV_EXPLAIN_TOP3});
    assert_int_equal(item.n_reasons, 1);
    assert_close(item.reasons[0].share, (double)NAN);
    assert_close(item.shown_share, (double)NAN);
}

/* --- evidence ---------------------------------------------------------------------------------------------------- */

static void evidence_is_cut_to_the_three_largest_and_the_rest_is_told(void **state)
{
    (void)state;
    int64_t most = 0;
    for (int32_t i = 0; i < GENERATED_PRODUCTS; i++) {
        const pv_item item = fill(i, &(pv_reasons_rules){.level = PV_EXPLAIN_FULL});
        const pv_item whole = fill(i, &(pv_reasons_rules){.level = PV_EXPLAIN_FULL, .is_explanation = true});
        for (int64_t r = 0; r < item.n_reasons; r++) {
            const pv_reason *reason = &item.reasons[r], *all = &whole.reasons[r];
            double sum = reason->evidence_other;
            assert_string_equal(reason->code, all->code);
            assert_int_equal(reason->n_evidence, all->n_evidence < 3 ? all->n_evidence : 3);
            if (all->n_evidence > most) most = all->n_evidence;
            for (int64_t e = 0; e < reason->n_evidence; e++) {
                sum += reason->evidence[e].contribution;
                assert_close(reason->evidence[e].contribution, all->evidence[e].contribution);
            }
            for (int64_t e = 1; e < all->n_evidence; e++)
                assert_true(fabs(all->evidence[e - 1].contribution) >= fabs(all->evidence[e].contribution));
            if (all->n_evidence > 0) assert_close(sum, reason->contribution);
            if (all->n_evidence > 0) assert_true(fabs(all->evidence_other) <= 1e-5);
        }
    }
    assert_true(most > 3);
}

static void evidence_of_a_habit_is_dated_the_latest_of_equals_first(void **state)
{
    (void)state;
    model_case_ask(&m, "u01"); /* one product in four orders */
    const pv_item item = fill(product_of(m.shop, "P05"), &(pv_reasons_rules){.is_explanation = true});
    for (int64_t r = 0; r < item.n_reasons; r++) {
        const pv_reason *reason = &item.reasons[r];
        if (strcmp(reason->code, "habit") != 0) continue;
        assert_int_equal(reason->n_evidence, 4);
        for (int64_t e = 1; e < 4; e++)
            assert_true(pv_text_compare(reason->evidence[e - 1].date, reason->evidence[e].date) > 0);
    }
}

/* --- notes ------------------------------------------------------------------------------------------------------- */

static bool ends_with(pv_text text, const char *end)
{
    const size_t size = strlen(end);
    return text.size >= size && memcmp(text.data + text.size - size, end, size) == 0;
}

static void notes_stand_beside_the_sum_and_say_so(void **state)
{
    (void)state;
    int64_t n_beside = 0, n_within = 0;
    char user[8];
    for (int u = 0; u < 39; u++) {
        (void)snprintf(user, sizeof user, "u%02d", u);
        model_case_ask(&m, user);
        for (int32_t i = 0; i < GENERATED_PRODUCTS; i++) {
            const pv_item item = fill(i, &(pv_reasons_rules){.level = PV_EXPLAIN_TOP3});
            for (int64_t k = 0; k < item.n_notes; k++) {
                const pv_reason *note = &item.notes[k];
                const int signal = pv_signal_find(pv_text_of(note->code));
                const bool is_beside = pv_ranking_kept_contribution(&m.ranking, signal, i) == 0;
                assert_true(signal != PV_SIGNAL_HABIT && signal != PV_SIGNAL_POPULARITY);
                assert_int_equal(ends_with(note->text, " (not part of the score)."), is_beside);
                assert_false(ends_with(note->text, ". (not part of the score)."));
                assert_close(note->contribution, 0);
                for (int64_t r = 0; r < item.n_reasons; r++) assert_string_not_equal(item.reasons[r].code, note->code);
                n_beside += is_beside;
                n_within += !is_beside;
            }
        }
    }
    assert_true(n_beside > 0 && n_within > 0);
}

static void the_parts_of_every_item_sum_to_its_score(void **state)
{
    (void)state;
    static const pv_explain levels[] = {PV_EXPLAIN_NONE, PV_EXPLAIN_TOP3, PV_EXPLAIN_FULL};
    for (size_t l = 0; l < 3; l++) {
        for (int32_t i = 0; i < GENERATED_PRODUCTS; i++) {
            const pv_item item = fill(i, &(pv_reasons_rules){.level = levels[l]});
            double sum = item.base + item.policy + item.other_positive + item.negative;
            for (int64_t r = 0; r < item.n_reasons; r++) sum += item.reasons[r].contribution;
            assert_true(fabs(sum - item.score) <= 1e-12);
            for (int64_t r = 0; r < item.n_reasons; r++) assert_true(item.reasons[r].text.size > 0);
        }
    }
}

/* --- ranks ------------------------------------------------------------------------------------------------------- */

static void a_rank_counts_better_scores_and_breaks_ties_by_id(void **state)
{
    (void)state;
    const int32_t candidates[] = {0, 1, 2, 3};
    pv_reasons_rules rules = {0};
    const double scores[] = {0.5, 0.3, 0.3, 0.1};
    memcpy(m.ranking.scores, scores, sizeof scores);
    m.ranking.scores[4] = 9; /* no candidate */
    assert_int_equal(pv_reasons_rank_among(&rules, &m.ranking, candidates, 4, NULL), PV_OK);
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 3, 0.1), 4);
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 3, 0.3), 4); /* after both of equal score */
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 0, 0.3), 1); /* before them */
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 1, 0.3), 2); /* its own score does not stand in its way */
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 3, 0.6), 1);
}

static void at_equal_score_ids_decide_across_bought_and_listed_products(void **state)
{
    (void)state;
    static const purchase_case purchases[] = {LINE("a", "B", "2020-01-01"), LINE("a", "D", "2020-01-02")};
    static const product_case products[] = {PRODUCT("A"), PRODUCT("C"), PRODUCT("E")};
    const shop_case c = {PURCHASES(purchases), PRODUCTS(products)};
    built_shop built;
    built_shop_init(&built, &c); /* B, D, then A, C, E */
    const char *const ids[] = {"A", "B", "C", "D", "E"};
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++)
            assert_int_equal(
                pv_product_order(&built.shop, product_of(&built.shop, ids[a]), product_of(&built.shop, ids[b])), a < b);
    built_shop_deinit(&built);
}

static void ranks_are_counted_up_to_a_thousand(void **state)
{
    (void)state;
    enum { MANY = 1100 };
    static product_case products[MANY];
    static char ids[MANY][8];
    static const purchase_case purchases[] = {LINE("a", "A", "2020-01-01")};
    int32_t candidates[MANY];
    model_case_deinit(&m);
    for (int p = 0; p < MANY; p++) {
        (void)snprintf(ids[p], sizeof ids[p], "P%04d", p);
        products[p] = (product_case){.id = ids[p]};
        candidates[p] = p;
    }
    const shop_case c = {PURCHASES(purchases), PRODUCTS(products)};
    model_case_init(&m, &c, NULL, 2);
    model_case_ask(&m, "a");
    for (int p = 0; p < MANY; p++) m.ranking.scores[p] = MANY - p;
    pv_reasons_rules rules = {0};
    assert_int_equal(pv_reasons_rank_among(&rules, &m.ranking, candidates, MANY, NULL), PV_OK);
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 999, MANY - 999), 1000);
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 1000, MANY - 1000), 0);
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 0, MANY - 1000), 1000); /* not counting itself */
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 0, 99.5), 0);
    assert_int_equal(pv_rank_among(&m.ranking, &rules, 700, MANY - 512), 514); /* after the one of equal score */
}

static void ranks_are_told_when_they_are_wanted(void **state)
{
    (void)state;
    const int32_t candidates[] = {3};
    pv_reasons_rules rules = {.level = PV_EXPLAIN_TOP3};
    give(mixed_signs);
    assert_int_equal(fill(3, &rules).reasons[0].if_removed_rank, 0);
    assert_int_equal(pv_reasons_rank_among(&rules, &m.ranking, candidates, 1, NULL), PV_OK);
    assert_int_equal(fill(3, &rules).reasons[0].if_removed_rank, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_three_largest_are_shown_by_size_whatever_their_sign),
        TEST(what_is_not_shown_is_kept_apart_by_sign),
        TEST(full_shows_all_that_is_not_zero_and_leaves_nothing),
        TEST(none_shows_nothing_and_keeps_the_sums),
        TEST(equal_sizes_stand_in_the_order_of_the_sum),
        TEST(an_explanation_lists_zero_signals_too),
        TEST(with_nothing_positive_there_are_no_shares),
        TEST(evidence_is_cut_to_the_three_largest_and_the_rest_is_told),
        TEST(evidence_of_a_habit_is_dated_the_latest_of_equals_first),
        TEST(notes_stand_beside_the_sum_and_say_so),
        TEST(the_parts_of_every_item_sum_to_its_score),
        TEST(a_rank_counts_better_scores_and_breaks_ties_by_id),
        TEST(at_equal_score_ids_decide_across_bought_and_listed_products),
        TEST(ranks_are_counted_up_to_a_thousand),
        TEST(ranks_are_told_when_they_are_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
