/* The best n against a full sort. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "topk/topk.h"
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define N_PRODUCTS 300

static double scores[N_PRODUCTS];
static int32_t places[N_PRODUCTS]; /* place of each product in the order of ids */
static uint64_t n_drawn;

static int64_t draw(int64_t below)
{
    return (int64_t)(pv_random_bits(11, 0, n_drawn++) % (uint64_t)below);
}

static bool by_place(const void *context, int32_t a, int32_t b)
{
    const int32_t *order = context;
    return order[a] < order[b];
}

static int compare_naively(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    if (scores[a] != scores[b]) return scores[a] > scores[b] ? -1 : 1;
    return (places[a] > places[b]) - (places[a] < places[b]);
}

static void shuffle(int32_t *numbers, int64_t count)
{
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t other = draw(i + 1);
        int32_t kept = numbers[i];
        numbers[i] = numbers[other];
        numbers[other] = kept;
    }
}

/* Every n for these candidates; what stands behind the result must not be touched. */
static void assert_all_selections(const int32_t *candidates, int64_t n_candidates)
{
    int32_t sorted[N_PRODUCTS], best[N_PRODUCTS + 1];
    for (int64_t i = 0; i < n_candidates; i++) sorted[i] = candidates[i];
    qsort(sorted, (size_t)n_candidates, sizeof *sorted, compare_naively);
    for (int64_t n = 0; n <= n_candidates + 2; n++) {
        int64_t expected = n < n_candidates ? n : n_candidates;
        for (int64_t i = 0; i <= n_candidates; i++) best[i] = -7;
        assert_int_equal(pv_topk_select(best, n, scores, candidates, n_candidates, by_place, places), expected);
        for (int64_t i = 0; i < expected; i++) assert_int_equal(best[i], sorted[i]);
        assert_int_equal(best[expected], -7);
    }
}

static double constant(int i)
{
    (void)i;
    return 0.25;
}

static double rising(int i)
{
    return i;
}

static double falling(int i)
{
    return -i;
}

static double few_values(int i)
{
    (void)i;
    return (double)draw(3);
}

static double tiny_differences(int i)
{
    return 1 + (i * 37 % N_PRODUCTS) * 0x1p-52;
}

static double extremes(int i)
{
    static const double values[] = {HUGE_VAL, -HUGE_VAL, 1.7976931348623157e308, -1.7976931348623157e308, 0.0,
                                    -0.0,     5e-324};
    return values[i * 5 % 7];
}

static void selection_equals_a_full_sort(void **state)
{
    (void)state;
    static double (*const shapes[])(int) = {constant, rising, falling, few_values, tiny_differences, extremes};
    static const int64_t counts[] = {0, 1, 2, 3, 7, 64, N_PRODUCTS};
    int32_t candidates[N_PRODUCTS];
    for (size_t shape = 0; shape < sizeof shapes / sizeof *shapes; shape++) {
        for (int i = 0; i < N_PRODUCTS; i++) {
            scores[i] = shapes[shape](i);
            candidates[i] = places[i] = i;
        }
        shuffle(places, N_PRODUCTS);
        for (size_t count = 0; count < sizeof counts / sizeof *counts; count++) {
            assert_all_selections(candidates, counts[count]);
            shuffle(candidates, N_PRODUCTS);
        }
    }
}

static void not_a_number_does_not_loop(void **state)
{
    (void)state;
    int32_t candidates[N_PRODUCTS], best[N_PRODUCTS];
    for (int i = 0; i < N_PRODUCTS; i++) {
        scores[i] = i % 2 ? (double)NAN : (double)i;
        candidates[i] = i;
    }
    assert_int_equal(pv_topk_select(best, 40, scores, candidates, N_PRODUCTS, by_place, places), 40);
    for (int i = 0; i < 40; i++) assert_in_range(best[i], 0, N_PRODUCTS - 1);
}

static void a_negative_n_selects_nothing(void **state)
{
    (void)state;
    int32_t candidates[1] = {0}, best[1] = {-7};
    assert_int_equal(pv_topk_select(best, -1, scores, candidates, 1, by_place, places), 0);
    assert_int_equal(best[0], -7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selection_equals_a_full_sort),
        cmocka_unit_test(not_a_number_does_not_loop),
        cmocka_unit_test(a_negative_n_selects_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
