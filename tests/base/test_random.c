/* Random numbers against values computed with an independent Python script. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include <math.h>

static void bits_are_those_of_the_reference(void **state)
{
    (void)state;
    assert_true(pv_random_bits(0, 0, 0) == UINT64_C(0x1cd364143cce4aae));
    assert_true(pv_random_bits(42, 0, 0) == UINT64_C(0x55417331f90c3204));
    assert_true(pv_random_bits(42, 1, 0) == UINT64_C(0x68d08b058855095e));
    assert_true(pv_random_bits(42, 0, 1) == UINT64_C(0x2b2fbcc3bde9946f));
    assert_true(pv_random_bits(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_C(0x5601b840d45706d7));
    assert_true(pv_random_uniform(42, 0, 0) == 0.3330299374584207);
    assert_true(fabs(pv_random_normal(42, 0, 0) - (127874.0 - 131070.0) / 37837.22723720648) < 1e-15);
}

static void uniform_and_normal_have_their_moments(void **state)
{
    (void)state;
    const double n = 200000;
    double sum = 0, squares = 0, normal_sum = 0, normal_squares = 0;
    for (uint64_t i = 0; i < 200000; i++) {
        double uniform = pv_random_uniform(7, 3, i), normal = pv_random_normal(7, 3, i);
        assert_true(uniform >= 0 && uniform < 1);
        sum += uniform;
        squares += uniform * uniform;
        normal_sum += normal;
        normal_squares += normal * normal;
    }
    /* Five standard errors: 1/sqrt(12 n) and 1/sqrt(n) for means, and alike for squares. */
    assert_true(fabs(sum / n - 0.5) < 0.0033);
    assert_true(fabs(squares / n - 1.0 / 3) < 0.0034);
    assert_true(fabs(normal_sum / n) < 0.0112);
    assert_true(fabs(normal_squares / n - 1) < 0.0159);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_those_of_the_reference),
        cmocka_unit_test(uniform_and_normal_have_their_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
