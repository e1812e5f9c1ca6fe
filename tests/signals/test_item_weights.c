/* Item-item weights against the equations, computed by elimination in float64. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/memory.h"
#include "base/random.h"
#include "signals/item_weights.h"
#include "support/naive_inverse.h"
#include "support/shop_case.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { USERS = 60, PRODUCTS = 130, MOST_LINES = 2 * USERS * PRODUCTS };

static purchase_case lines[MOST_LINES];
static size_t n_lines;
static char users[USERS][8], products[PRODUCTS][8], days[300][16];

static void buy(size_t user, size_t product, bool is_timed, uint64_t random)
{
    lines[n_lines++] = (purchase_case){
        .user = users[user], .product = products[product], .time = is_timed ? days[random % 300] : NULL, .count = 1};
}

/* Every user buys a third of the products, some of these twice; the first three buy one product alone. */
static void make_shop(built_shop *built, bool is_timed)
{
    n_lines = 0;
    for (size_t u = 0; u < USERS; u++) (void)snprintf(users[u], sizeof users[u], "u%03zu", u);
    for (size_t p = 0; p < PRODUCTS; p++) (void)snprintf(products[p], sizeof products[p], "p%03zu", p);
    for (size_t d = 0; d < 300; d++)
        (void)snprintf(days[d], sizeof days[d], "2020-%02zu-%02zu", 1 + d / 25, 1 + d % 25);
    for (size_t u = 0; u < USERS; u++)
        for (size_t p = 0; p < PRODUCTS; p++) {
            const uint64_t random = pv_random_bits(7, u, p);
            if (u < 3 ? p != u : random % 3 != 0) continue;
            buy(u, p, is_timed, random >> 8);
            if (random % 9 == 0) buy(u, p, is_timed, random >> 20);
        }
    built_shop_init(built, &(shop_case){.purchases = lines, .n_purchases = n_lines});
}

/* X'WX + 30 I and X'WY of the products listed, [n x n], from the lines. */
static void naive_system(double *system, double *targets, const pv_shop *shop, const int32_t *listed, size_t n)
{
    for (int64_t u = 0; u < shop->users.ids.n_warm; u++) {
        const pv_lines bought = pv_shop_user_lines(shop, u);
        double x[PRODUCTS] = {0}, y[PRODUCTS] = {0}, n_distinct = 0;
        for (int64_t l = 0; l < bought.n; l++) {
            const double age = bought.time ? (double)(shop->as_of - bought.time[l]) / 86400 : 0;
            n_distinct += x[bought.product[l]] == 0;
            x[bought.product[l]] = 1;
            y[bought.product[l]] = fmax(y[bought.product[l]], exp2(-age / 60));
        }
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                system[i * n + j] += x[listed[i]] * x[listed[j]] / sqrt(n_distinct);
                targets[i * n + j] += x[listed[i]] * y[listed[j]] / sqrt(n_distinct);
            }
    }
    for (size_t i = 0; i < n; i++) system[i * n + i] += 30;
}

/* B_ij, by source i and target j. */
static double *naive_weights(const pv_shop *shop, const int32_t *listed, size_t n)
{
    double *system = pv_allocate(n * n, sizeof *system), *targets = pv_allocate(n * n, sizeof *targets);
    double *P = pv_allocate(n * n, sizeof *P), *C = pv_allocate(n * n, sizeof *C), *B = pv_allocate(n * n, sizeof *B);
    assert_true(system && targets && P && C && B);
    naive_system(system, targets, shop, listed, n);
    naive_inverse(P, system, n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++) C[i * n + j] += P[i * n + k] * targets[k * n + j];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) B[i * n + j] = C[i * n + j] - P[i * n + j] * C[j * n + j] / P[j * n + j];
    pv_release(system);
    pv_release(targets);
    pv_release(P);
    pv_release(C);
    return B;
}

static void assert_weights(const pv_shop *shop, const int32_t *listed, size_t n)
{
    pv_item_weights *weights = NULL;
    double *expected = naive_weights(shop, listed, n);
    assert_int_equal(pv_item_weights_create(&weights, shop, listed, n, NULL, NULL), PV_OK);
    assert_int_equal(pv_item_weights_panels(weights), (n + PV_WEIGHTS_PANEL - 1) / PV_WEIGHTS_PANEL);
    float *panel = pv_allocate(pv_item_weights_panel_size(weights), sizeof *panel);
    assert_non_null(panel);
    for (size_t i = 0; i < n; i++) {
        if (i % PV_WEIGHTS_PANEL == 0) pv_item_weights_panel(panel, weights, i / PV_WEIGHTS_PANEL);
        for (size_t j = 0; j < n; j++) {
            const double actual = (double)panel[j * PV_WEIGHTS_PANEL + i % PV_WEIGHTS_PANEL];
            if (!(fabs(actual - expected[i * n + j]) <= 1e-6))
                fail_msg("%zu to %zu: %g is not %g", i, j, actual, expected[i * n + j]);
        }
    }
    pv_release(panel);
    pv_release(expected);
    pv_item_weights_free(weights);
}

static void they_are_what_the_equations_say(void **state)
{
    (void)state;
    built_shop built;
    int32_t listed[PRODUCTS];
    for (int32_t i = 0; i < PRODUCTS; i++) listed[i] = i;
    for (int is_timed = 0; is_timed < 2; is_timed++) {
        make_shop(&built, is_timed);
        assert_int_equal(built.shop.products.ids.n_warm, PRODUCTS);
        assert_weights(&built.shop, listed, PRODUCTS);
        built_shop_deinit(&built);
    }
}

/* Two users buy nothing that is in the system. */
static void a_product_may_be_left_out_and_still_weigh_on_its_buyers(void **state)
{
    (void)state;
    built_shop built;
    int32_t listed[PRODUCTS];
    size_t n = 0;
    make_shop(&built, true);
    for (int32_t i = 0; i < PRODUCTS; i++)
        if (i > 1 && i % 5 != 3) listed[n++] = i;
    assert_weights(&built.shop, listed, n);
    assert_weights(&built.shop, listed, 1);
    assert_weights(&built.shop, listed, PV_WEIGHTS_PANEL);
    assert_weights(&built.shop, listed, 0);
    built_shop_deinit(&built);
}

static void a_recent_purchase_teaches_more_than_an_old_one(void **state)
{
    (void)state;
    enum { COMPANIES = 10 };
    n_lines = 0;
    for (size_t u = 0; u < 2 * COMPANIES; u++) { /* half of them buy old and new, the others old and stale */
        (void)snprintf(users[u], sizeof users[u], "u%03zu", u);
        lines[n_lines++] = (purchase_case){.user = users[u], .product = "old", .time = "2019-01-01"};
        lines[n_lines++] = u < COMPANIES ? (purchase_case){.user = users[u], .product = "recent", .time = "2020-01-01"}
                                         : (purchase_case){.user = users[u], .product = "stale", .time = "2019-01-01"};
    }
    built_shop built;
    built_shop_init(&built, &(shop_case){.purchases = lines, .n_purchases = n_lines});
    const int32_t listed[] = {0, 1, 2}; /* old, recent, stale */
    pv_item_weights *weights = NULL;
    assert_int_equal(pv_item_weights_create(&weights, &built.shop, listed, 3, NULL, NULL), PV_OK);
    float panel[PV_WEIGHTS_PANEL * PV_WEIGHTS_PANEL];
    pv_item_weights_panel(panel, weights, 0);
    const float recent = panel[1 * PV_WEIGHTS_PANEL], stale = panel[2 * PV_WEIGHTS_PANEL];
    assert_true(fabs((double)recent / (double)stale - exp2(365.0 / 60)) < 0.01);
    pv_item_weights_free(weights);
    built_shop_deinit(&built);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_what_the_equations_say),
        cmocka_unit_test(a_product_may_be_left_out_and_still_weigh_on_its_buyers),
        cmocka_unit_test(a_recent_purchase_teaches_more_than_an_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
