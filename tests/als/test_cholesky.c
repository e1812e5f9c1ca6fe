/* The small Cholesky: factor, solve, jitter. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als/cholesky.h"
#include "als_cases.h"
#include <math.h>
#include <stdlib.h>

static void factor_by_hand(void **state)
{
    (void)state;
    /* L = [2 0 0; 1 3 0; -1 2 1]; what stands above the diagonal of A is not read. */
    const double A[] = {4, 99, 99, 2, 10, 99, -2, 5, 6};
    double L[9] = {0}, jitter = 77.0, x[] = {3.0, 12.0, 6.5}; /* A (1, 1/2, 1)' */
    assert_true(pv_cholesky_factor(L, &jitter, A, 3));
    const double expected[] = {2, 0, 0, 1, 3, 0, -1, 2, 1};
    for (int k = 0; k < 9; ++k) als_assert_close(L[k], expected[k], 1e-15);
    assert_true(jitter == 0.0);
    pv_cholesky_solve(x, L, 3);
    als_assert_close(x[0], 1.0, 1e-14);
    als_assert_close(x[1], 0.5, 1e-14);
    als_assert_close(x[2], 1.0, 1e-14);
}

/* A = B B' + diagonal for every size up to 40: L L' = A and A x = b. */
static void factor_and_solve_of_every_size(void **state)
{
    (void)state;
    for (int32_t n = 1; n <= 40; ++n) {
        size_t size = (size_t)(n * n);
        float *B = als_random_factors(n, n, 31), *wanted = als_random_factors(n, 1, 32);
        double *A = calloc(size, sizeof *A), *L = calloc(size, sizeof *L), *x = calloc((size_t)n, sizeof *x), jitter;
        for (int32_t i = 0; i < n; ++i)
            for (int32_t j = 0; j < n; ++j) {
                A[i * n + j] = (i == j ? 0.5 : 0.0) + pv_als_score_stored(B + i * n, B + j * n, n);
                x[i] += A[i * n + j] * (double)wanted[j];
            }
        assert_true(pv_cholesky_factor(L, &jitter, A, (size_t)n));
        assert_true(jitter == 0.0);
        pv_cholesky_solve(x, L, (size_t)n);
        for (int32_t i = 0; i < n; ++i) {
            als_assert_close(x[i], (double)wanted[i], 1e-12);
            for (int32_t j = 0; j <= i; ++j) {
                double product = 0.0;
                for (int32_t k = 0; k <= j; ++k) product += L[i * n + k] * L[j * n + k];
                als_assert_close(product, A[i * n + j], 1e-13);
            }
        }
        free(B), free(wanted), free(A), free(L), free(x);
    }
}

static void singular_matrix_gets_the_smallest_jitter(void **state)
{
    (void)state;
    const double rank_one[] = {1, 2, 2, 4};
    double L[4], jitter = 0.0, x[] = {5.0, 10.0}; /* rank_one (1, 2)' */
    assert_true(pv_cholesky_factor(L, &jitter, rank_one, 2));
    assert_true(jitter == 4.0 * 0x1p-40);
    pv_cholesky_solve(x, L, 2);
    als_assert_close(x[0] + 2.0 * x[1], 5.0, 1e-9);
    const double zero[] = {0, 0, 0, 0};
    assert_true(pv_cholesky_factor(L, &jitter, zero, 2));
    assert_true(jitter == 1.0 && L[0] == 1.0 && L[2] == 0.0 && L[3] == 1.0);
}

/* An eigenvalue of -2^-34 needs more than the first jitter. */
static void slightly_indefinite_matrix_gets_more(void **state)
{
    (void)state;
    const double A[] = {1.0, 0.0, 0.0, -0x1p-34};
    double L[4], jitter = 0.0;
    assert_true(pv_cholesky_factor(L, &jitter, A, 2));
    assert_true(jitter == 0x1p-32);
}

static void hopeless_matrices_are_refused(void **state)
{
    (void)state;
    const double infinite[] = {(double)INFINITY, 0, 0, 1}, nan[] = {1, 0, (double)NAN, 1}, negative[] = {-1, 0, 0, -1};
    double L[4], jitter;
    assert_false(pv_cholesky_factor(L, &jitter, infinite, 2));
    assert_false(pv_cholesky_factor(L, &jitter, nan, 2));
    assert_false(pv_cholesky_factor(L, &jitter, negative, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factor_by_hand),
        cmocka_unit_test(factor_and_solve_of_every_size),
        cmocka_unit_test(singular_matrix_gets_the_smallest_jitter),
        cmocka_unit_test(slightly_indefinite_matrix_gets_more),
        cmocka_unit_test(hopeless_matrices_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
