/* Means, intervals and comparisons of drawn companies: small cases by hand, coverage by simulation. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "evaluate/bootstrap.h"
#include "support/shop_case.h"
#include <math.h>

#define DRAWS 2000
#define SEED 42

static pv_bootstrap *drawn(const int32_t *company, const double *values, int64_t n_rows, int64_t n_columns)
{
    pv_bootstrap *b = NULL;
    const pv_bootstrap_rows rows = {n_rows, n_columns, company, values};
    assert_int_equal(pv_bootstrap_create(&b, &rows, DRAWS, SEED, NULL, NULL), PV_OK);
    return b;
}

static void one_company_leaves_no_doubt(void **state)
{
    (void)state;
    static const int32_t company[] = {7, 7};
    static const double values[] = {0.25, 0.75};
    pv_bootstrap *b = drawn(company, values, 2, 1);
    const pv_interval interval = pv_bootstrap_interval(b, 0);
    assert_int_equal(pv_bootstrap_companies(b), 1);
    assert_close(interval.value, 0.5);
    assert_close(interval.low, 0.5);
    assert_close(interval.high, 0.5);
    pv_bootstrap_free(b);
}

/* Of two companies a draw takes one of them twice or both: means 1, 0 or (1 + 1 + 0) / 3. */
static void a_company_brings_all_its_rows(void **state)
{
    (void)state;
    static const int32_t company[] = {0, 0, 1};
    static const double values[] = {1, 1, 0};
    pv_bootstrap *b = drawn(company, values, 3, 1);
    const pv_interval interval = pv_bootstrap_interval(b, 0);
    assert_close(interval.value, 2.0 / 3);
    assert_close(interval.low, 0);
    assert_close(interval.high, 1);
    pv_bootstrap_free(b);
}

static void rows_without_a_say_do_not_count(void **state)
{
    (void)state;
    static const int32_t company[] = {0, 1, 2};
    static const double values[] = {1, (double)NAN, 1, (double)NAN, (double)NAN, (double)NAN};
    pv_bootstrap *b = drawn(company, values, 3, 2);
    assert_close(pv_bootstrap_interval(b, 0).value, 1);
    assert_close(pv_bootstrap_interval(b, 0).low, 1);
    assert_true(isnan(pv_bootstrap_interval(b, 1).value) && isnan(pv_bootstrap_interval(b, 1).low));
    assert_true(isnan(pv_bootstrap_compare(b, 0, 1).difference.value));
    assert_true(isnan(pv_bootstrap_compare(b, 0, 1).p_value));
    pv_bootstrap_free(b);
}

/* Values differ widely between companies, their differences do not: only paired draws see that. */
static void comparisons_are_paired(void **state)
{
    (void)state;
    int32_t company[20];
    double values[20][2];
    for (int k = 0; k < 20; k++) {
        company[k] = k;
        values[k][0] = 0.5 + k;
        values[k][1] = k;
    }
    pv_bootstrap *b = drawn(company, &values[0][0], 20, 2);
    const pv_comparison compared = pv_bootstrap_compare(b, 0, 1);
    assert_close(compared.difference.value, 0.5);
    assert_close(compared.difference.low, 0.5);
    assert_close(compared.difference.high, 0.5);
    assert_close(compared.ratio.value, 10.0 / 9.5);
    assert_true(compared.ratio.low < 10.0 / 9.5 && compared.ratio.high > 10.0 / 9.5);
    assert_close(compared.p_value, 2.0 / (DRAWS + 1));
    assert_close(pv_bootstrap_compare(b, 1, 1).p_value, 1);
    pv_bootstrap_free(b);
}

static void draws_do_not_depend_on_threads(void **state)
{
    (void)state;
    int32_t company[50];
    double values[50];
    for (int k = 0; k < 50; k++) {
        company[k] = k / 2;
        values[k] = pv_random_uniform(1, 2, (uint64_t)k);
    }
    const pv_bootstrap_rows rows = {50, 1, company, values};
    pv_threads *threads = NULL;
    pv_bootstrap *many = NULL;
    assert_int_equal(pv_threads_create(&threads, 3, NULL), PV_OK);
    assert_int_equal(pv_bootstrap_create(&many, &rows, DRAWS, SEED, threads, NULL), PV_OK);
    pv_bootstrap *one = drawn(company, values, 50, 1);
    const pv_interval a = pv_bootstrap_interval(many, 0), b = pv_bootstrap_interval(one, 0);
    assert_true(a.value == b.value && a.low == b.low && a.high == b.high);
    assert_true(a.low < a.value && a.value < a.high);
    pv_bootstrap_free(one);
    pv_bootstrap_free(many);
    pv_threads_free(threads);
}

/* Of 400 samples of 40 companies from a distribution with mean 0, about 95 % of the intervals hold 0. */
static void intervals_hold_the_truth_about_as_often_as_they_say(void **state)
{
    (void)state;
    enum { SAMPLES = 400, COMPANIES = 40 };
    int held = 0;
    int32_t company[COMPANIES];
    double values[COMPANIES];
    for (int sample = 0; sample < SAMPLES; sample++) {
        for (int k = 0; k < COMPANIES; k++) {
            company[k] = k;
            values[k] = pv_random_normal(3, (uint64_t)sample, (uint64_t)k);
        }
        pv_bootstrap *b = NULL;
        const pv_bootstrap_rows rows = {COMPANIES, 1, company, values};
        assert_int_equal(pv_bootstrap_create(&b, &rows, 400, (uint64_t)sample, NULL, NULL), PV_OK);
        const pv_interval interval = pv_bootstrap_interval(b, 0);
        held += interval.low <= 0 && interval.high >= 0;
        pv_bootstrap_free(b);
    }
    assert_in_range(held, 90 * SAMPLES / 100, 98 * SAMPLES / 100);
}

static void holm_multiplies_the_smallest_most(void **state)
{
    (void)state;
    pv_comparison c[] = {{.p_value = 0.04}, {.p_value = 0.01}, {.p_value = (double)NAN}, {.p_value = 0.03}};
    pv_comparison *const all[] = {&c[0], &c[1], &c[2], &c[3]};
    pv_holm_adjust(all, 4);
    assert_close(c[1].p_adjusted, 0.03);
    assert_close(c[3].p_adjusted, 0.06);
    assert_close(c[0].p_adjusted, 0.06); /* never below a smaller one */
    assert_true(isnan(c[2].p_adjusted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_company_leaves_no_doubt),
        cmocka_unit_test(a_company_brings_all_its_rows),
        cmocka_unit_test(rows_without_a_say_do_not_count),
        cmocka_unit_test(comparisons_are_paired),
        cmocka_unit_test(draws_do_not_depend_on_threads),
        cmocka_unit_test(intervals_hold_the_truth_about_as_often_as_they_say),
        cmocka_unit_test(holm_multiplies_the_smallest_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
