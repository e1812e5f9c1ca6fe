/* EASE against the equation, by Gauss elimination. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "baseline_case.h"
#include "base/random.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PRODUCTS 200
#define N_USERS 60

static baseline_case b;
static char user_names[N_USERS][8], product_names[MOST_PRODUCTS][8];
static purchase_case lines[N_USERS * MOST_PRODUCTS];
static uint8_t bought[N_USERS][MOST_PRODUCTS];
static double gram[MOST_PRODUCTS][MOST_PRODUCTS], inverse[MOST_PRODUCTS][MOST_PRODUCTS];

/* Each user buys about a sixth of n products, the first user all of them; one more product is only listed. */
static void build(int n)
{
    static const product_case listed[] = {PRODUCT("unsold", .available_from = "2020-01-01")};
    size_t n_lines = 0;
    for (int u = 0; u < N_USERS; u++) {
        snprintf(user_names[u], sizeof *user_names, "u%03d", u);
        for (int i = 0; i < n; i++) {
            snprintf(product_names[i], sizeof *product_names, "P%03d", i);
            bought[u][i] = u == 0 || pv_random_bits(1, (uint64_t)u, (uint64_t)i) % 6 == 0;
            if (bought[u][i])
                lines[n_lines++] =
                    (purchase_case){.user = user_names[u], .product = product_names[i], .time = "2020-03-01"};
        }
    }
    const shop_case shop = {.purchases = lines, .n_purchases = n_lines, PRODUCTS(listed), .as_of = "2020-04-01"};
    baseline_case_init(&b, &shop);
}

/* inverse = (X'X + 500 I)^-1 by Gauss-Jordan; the matrix is diagonally heavy enough to need no pivots. */
static void invert_gram(int n)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            gram[i][j] = i == j ? 500 : 0;
            for (int u = 0; u < N_USERS; u++) gram[i][j] += bought[u][i] && bought[u][j];
            inverse[i][j] = i == j;
        }
    for (int p = 0; p < n; p++) {
        const double pivot = gram[p][p];
        for (int j = 0; j < n; j++) gram[p][j] /= pivot, inverse[p][j] /= pivot;
        for (int i = 0; i < n; i++) {
            const double factor = gram[i][p];
            if (i == p) continue;
            for (int j = 0; j < n; j++) gram[i][j] -= factor * gram[p][j], inverse[i][j] -= factor * inverse[p][j];
        }
    }
}

static void assert_scores_of(int user, int n)
{
    double lowest = 0;
    baseline_case_ask(&b, user_names[user]);
    for (int i = 0; i < n; i++) {
        double expected = 0;
        for (int j = 0; j < n; j++)
            if (bought[user][j] && j != i) expected -= inverse[j][i] / inverse[i][i];
        const double actual = score_of(&b, product_names[i]);
        if (!(fabs(actual - expected) <= 2e-6)) fail_msg("product %d of %d: %.9g is not %.9g", i, n, actual, expected);
        if (actual < lowest) lowest = actual;
    }
    assert_true(score_of(&b, "unsold") == lowest - 1);
}

static void scores_are_those_of_the_equation(void **state)
{
    (void)state;
    static const int sizes[] = {1, 2, 7, 95, 96, 97, MOST_PRODUCTS};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        build(sizes[s]);
        invert_gram(sizes[s]);
        baseline_case_make(&b, &pv_ease);
        assert_scores_of(0, sizes[s]);
        for (int user = 1; user < N_USERS && sizes[s] >= 95; user += 20) assert_scores_of(user, sizes[s]);
        baseline_case_deinit(&b);
    }
}

static void bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    double alone[MOST_PRODUCTS + 1];
    pv_threads *two;
    build(MOST_PRODUCTS);
    two = b.input.threads;
    b.input.threads = NULL;
    baseline_case_make(&b, &pv_ease);
    baseline_case_ask(&b, "u001");
    memcpy(alone, b.scores, sizeof alone);
    b.input.threads = two;
    baseline_case_make(&b, &pv_ease);
    baseline_case_ask(&b, "u001");
    assert_memory_equal(alone, b.scores, sizeof alone);
    baseline_case_deinit(&b);
}

static void a_large_catalogue_is_left_out(void **state)
{
    (void)state;
    pv_shop shop = {.products.ids.n_warm = PV_EASE_MOST_PRODUCTS};
    const pv_baseline_input input = {.shop = &shop};
    assert_null(pv_ease.absent(&input));
    shop.products.ids.n_warm++;
    assert_string_equal(pv_ease.absent(&input), "more than 8,192 products");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_the_equation),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(a_large_catalogue_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
