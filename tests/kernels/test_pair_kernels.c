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

/* Counts around the fewest, some products bought by the asking company. */
static void the_sums_have_the_bits_of_the_definition(void **state)
{
    (void)state;
    static int32_t products[LONGEST + 1], companies[LONGEST + 1];
    static float weights[LONGEST + 1];
    static double sums[PRODUCTS], expected[PRODUCTS];
    static uint8_t bought[PRODUCTS];
    pv_add_pairs *variants[2];
    const size_t n_variants = list_variants(variants);
    int n_counted = 0, n_silent = 0;
    for (size_t i = 0; i < PRODUCTS; ++i) bought[i] = draw(3, i) == 0;
    for (size_t t = 0; t <= LONGEST; ++t) {
        products[t] = (int32_t)(2 * t + draw(2, 1000 + t));
        companies[t] = FEWEST - 2 + (int32_t)draw(6, 2000 + t);
        weights[t] = (float)pv_random_uniform(11, 2, t);
    }
    for (size_t v = 0; v < n_variants; ++v)
        for (size_t n = 0; n <= LONGEST; ++n) {
            const pv_pair_row row = {.products = products + 1,
                                     .companies = companies + 1,
                                     .weights = weights + 1,
                                     .n = n,
                                     .own = (int32_t)(n % 2),
                                     .fewest = FEWEST};
            for (size_t i = 0; i < PRODUCTS; ++i) sums[i] = expected[i] = 0.1 * (double)i;
            for (size_t t = 0; t < n; ++t) {
                const size_t i = (size_t)row.products[t];
                const double term = pv_pair_term(&row, t, bought[i]);
                expected[i] += term;
                n_counted += term > 0;
                n_silent += term == 0;
            }
            variants[v](sums, &row, bought);
            assert_memory_equal(sums, expected, sizeof sums);
        }
    assert_true(n_counted > 100 && n_silent > 100);
}

static void a_term_needs_enough_companies_besides_the_asking_one(void **state)
{
    (void)state;
    const int32_t products[] = {0, 1, 2}, companies[] = {4, 5, 6};
    const float weights[] = {0.5f, 0.25f, 0.125f};
    pv_pair_row row = {products, companies, weights, 3, .own = 1, .fewest = 5};
    assert_true(pv_pair_term(&row, 0, 0) == 0);
    assert_true(pv_pair_term(&row, 1, 0) == 0.25);
    assert_true(pv_pair_term(&row, 1, 1) == 0); /* 4 others bought both */
    assert_true(pv_pair_term(&row, 2, 1) == 0.125);
    row.own = 0;
    assert_true(pv_pair_term(&row, 1, 1) == 0.25);
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
        cmocka_unit_test(a_term_needs_enough_companies_besides_the_asking_one),
        cmocka_unit_test(the_variant_is_one_of_this_instruction_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
