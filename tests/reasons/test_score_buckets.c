/* Ranks by buckets against counting all scores: spread, crowded, equal and no scores. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "reasons/score_buckets.h"
#include <math.h>
#include <purvey/answer.h>

enum { PRODUCTS = 20000 };

static double scores[PRODUCTS];
static int32_t candidates[PRODUCTS];
static pv_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = pv_arena_create();
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    pv_arena_free(arena);
    return 0;
}

/* What the range leaves out on either side is above and below for certain; what it has are all others. */
static void check_range(const pv_score_buckets *buckets, int64_t n, double score)
{
    int64_t first = -1, end = -1, above = 0, at_least = 0, above_here = 0, equal_here = 0, equal = 0;
    for (int64_t c = 0; c < n; c++) {
        above += scores[candidates[c]] > score;
        equal += scores[candidates[c]] == score;
    }
    at_least = above + equal;
    if (!pv_score_buckets_range(&first, &end, buckets, score)) {
        assert_true(above > PV_RANK_MAX);
        return;
    }
    assert_true(first >= 0 && first <= above && end >= at_least && end <= n);
    for (int64_t e = 0; e < end; e++) {
        assert_true(buckets->scores[e] == scores[buckets->products[e]]);
        if (e < first) assert_true(buckets->scores[e] > score);
        if (e < first) continue;
        above_here += buckets->scores[e] > score;
        equal_here += buckets->scores[e] == score;
        if (e > first) assert_true(buckets->products[e] > buckets->products[e - 1]);
    }
    assert_int_equal(first + above_here, above);
    assert_int_equal(equal_here, equal);
}

/* Every second product is a candidate. */
static void check_all(int64_t n)
{
    pv_score_buckets buckets;
    for (int64_t c = 0; c < n; c++) candidates[c] = (int32_t)(2 * c + 1);
    assert_int_equal(pv_score_buckets_make(&buckets, scores, candidates, n, arena, NULL), PV_OK);
    for (int32_t p = 0; p < PRODUCTS; p += 211) {
        check_range(&buckets, n, scores[p]);
        check_range(&buckets, n, nextafter(scores[p], (double)INFINITY));
        check_range(&buckets, n, scores[p] * 0.75);
    }
    check_range(&buckets, n, -1e300);
    check_range(&buckets, n, 1e300);
}

static void spread_scores_are_counted(void **state)
{
    (void)state;
    for (int32_t p = 0; p < PRODUCTS; p++) scores[p] = pv_random_normal(1, 2, (uint64_t)p);
    check_all(PRODUCTS / 2);
    check_all(900); /* fewer than ranks are counted to */
    check_all(1);
}

static void crowded_and_equal_scores_are_counted(void **state)
{
    (void)state;
    for (int32_t p = 0; p < PRODUCTS; p++) scores[p] = p % 1000 == 1 ? 1e12 + p : (double)(p % 9) / 16;
    check_all(PRODUCTS / 2);
    for (int32_t p = 0; p < PRODUCTS; p++) scores[p] = 0.5;
    check_all(PRODUCTS / 2);
    for (int32_t p = 0; p < PRODUCTS; p++) scores[p] = p < 2000 ? 0x1p-1074 : 0;
    check_all(PRODUCTS / 2);
}

static void scores_of_both_ends_are_counted(void **state)
{
    (void)state;
    for (int32_t p = 0; p < PRODUCTS; p++) scores[p] = p % 2000 == 1 ? -1.5e308 : 1.5e308 - p * 1e292;
    check_all(PRODUCTS / 2);
}

static void nobody_stands_before_where_there_are_no_candidates(void **state)
{
    (void)state;
    pv_score_buckets buckets;
    int64_t first = -1, end = -1;
    assert_int_equal(pv_score_buckets_make(&buckets, scores, candidates, 0, arena, NULL), PV_OK);
    assert_true(pv_score_buckets_range(&first, &end, &buckets, 3));
    assert_int_equal(first, 0);
    assert_int_equal(end, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {TEST(spread_scores_are_counted), TEST(crowded_and_equal_scores_are_counted),
                                       TEST(scores_of_both_ends_are_counted),
                                       TEST(nobody_stands_before_where_there_are_no_candidates)};
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
