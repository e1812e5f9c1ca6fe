/* Every variant of the pair terms that this machine can run against the definition, bit for bit, at all lengths. */
#include "kernel_tables.h"
#include "kernels/pair_kernels.h"

enum { PRODUCTS = 150, LONGEST = 67, FEWEST = 5 };

static size_t list_variants(pv_add_pairs *variants[2])
{
    size_t n = 0;
    variants[n++] = &pv_add_pairs_scalar;
#if defined(__x86_64__)
    if (pv_isa_get() >= PV_ISA_AVX2) variants[n++] = &pv_add_pairs_avx2;
#endif
    return n;
}

static uint64_t draw(uint64_t below, uint64_t number)
{
    return pv_random_bits(11, 1, number) % below;
}

/* Counts around the fewest, shares that make terms of both signs, some products marked as owned. */
static void the_sums_have_the_bits_of_the_definition(void **state)
{
    (void)state;
    static int32_t products[LONGEST + 1], companies[LONGEST + 1];
    static double seen[2 * PRODUCTS], sums[PRODUCTS], expected[PRODUCTS];
    static uint8_t bought[PRODUCTS];
    pv_add_pairs *variants[2];
    const size_t n_variants = list_variants(variants);
    int n_counted = 0, n_silent = 0;
    for (size_t i = 0; i < PRODUCTS; ++i) {
        bought[i] = draw(3, i) == 0;
        seen[2 * i] = pv_random_uniform(11, 2, i);
        seen[2 * i + 1] = i % 10 == 0 ? -DBL_MIN : -pv_random_uniform(11, 3, i);
    }
    for (size_t t = 0; t < LONGEST; ++t) {
        products[t + 1] = (int32_t)(2 * t + draw(2, 1000 + t));
        companies[t + 1] = FEWEST - 2 + (int32_t)draw(6, 2000 + t);
    }
    for (size_t v = 0; v < n_variants; ++v)
        for (size_t n = 0; n <= LONGEST; ++n) {
            const pv_pair_row row = {.products = products + 1,
                                     .companies = companies + 1,
                                     .n = n,
                                     .buyers = 7.0 + (double)(n % 5),
                                     .own = (double)(n % 2),
                                     .factor = 0.37,
                                     .fewest = FEWEST};
            for (size_t i = 0; i < PRODUCTS; ++i) sums[i] = expected[i] = 0.1 * (double)i;
            for (size_t t = 1; t <= n; ++t) {
                const size_t i = (size_t)products[t];
                const double term = pv_pair_term(&row, companies[t], seen[2 * i + bought[i]]);
                expected[i] += term;
                n_counted += term > 0;
                n_silent += term == 0;
            }
            variants[v](sums, &row, seen, bought);
            assert_memory_equal(sums, expected, sizeof sums);
        }
    assert_true(n_counted > 100 && n_silent > 100);
}

static const pv_pair_row row = {.buyers = 10, .own = 1, .factor = 0.5, .fewest = 5};

/* 0.5 (8 - 10 x 0.25) = 2.75; the asking company bought both: 0.5 (7 - 10 x 0.25) = 2.25. */
static void a_term_is_the_excess_over_chance_among_the_others(void **state)
{
    (void)state;
    assert_true(pv_pair_term(&row, 8, 0.25) == 2.75);
    assert_true(pv_pair_term(&row, 8, -0.25) == 2.25);
}

static void a_term_needs_enough_other_companies_and_an_excess(void **state)
{
    (void)state;
    assert_true(pv_pair_term(&row, 5, 0.25) == 1.25);
    assert_true(pv_pair_term(&row, 5, -0.25) == 0); /* 4 others */
    assert_true(pv_pair_term(&row, 4, 0.25) == 0);
    assert_true(pv_pair_term(&row, 8, 0.8) == 0);
    assert_true(pv_pair_term(&row, 8, 0.9) == 0);
}

static void the_variant_is_one_of_this_instruction_set(void **state)
{
    (void)state;
    pv_add_pairs *variants[2];
    assert_true(pv_add_pairs_get() == variants[list_variants(variants) - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sums_have_the_bits_of_the_definition),
        cmocka_unit_test(a_term_is_the_excess_over_chance_among_the_others),
        cmocka_unit_test(a_term_needs_enough_other_companies_and_an_excess),
        cmocka_unit_test(the_variant_is_one_of_this_instruction_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
