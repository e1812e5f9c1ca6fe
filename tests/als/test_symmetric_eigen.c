/* Eigenvectors by what defines them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "als/symmetric_eigen.h"
#include "als_cases.h"
#include "base/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Solve, then check order, A v = lambda v and orthonormality to `bound`; the eigenvalues stay in `eigen`. */
static void solve_and_check(pv_symmetric_eigen *eigen, const double *A, size_t n, double bound)
{
    double *destroyed = malloc(n * n * sizeof *destroyed);
    pv_threads *threads = als_threads(2);
    memcpy(destroyed, A, n * n * sizeof *destroyed);
    assert_true(pv_symmetric_eigen_init(eigen, n));
    assert_true(pv_symmetric_eigen_solve(eigen, destroyed, threads));
    for (size_t i = 0; i < n; ++i) {
        const double *v = eigen->vectors + i * n;
        if (i > 0) assert_true(eigen->diagonal[i] <= eigen->diagonal[i - 1]);
        for (size_t k = 0; k < n; ++k) {
            double image = 0.0, product = 0.0;
            for (size_t j = 0; j < n; ++j) {
                image += A[k * n + j] * v[j];
                product += v[j] * eigen->vectors[k * n + j];
            }
            als_assert_close(image, eigen->diagonal[i] * v[k], bound);
            als_assert_close(product, i == k ? 1.0 : 0.0, 1e-13);
        }
    }
    pv_threads_free(threads);
    free(destroyed);
}

static void two_by_two_by_hand(void **state)
{
    (void)state;
    const double A[] = {2, 1, 1, 2}; /* 3 along (1, 1), 1 along (1, -1) */
    pv_symmetric_eigen eigen;
    solve_and_check(&eigen, A, 2, 1e-15);
    als_assert_close(eigen.diagonal[0], 3.0, 1e-15);
    als_assert_close(eigen.diagonal[1], 1.0, 1e-15);
    als_assert_close(fabs(eigen.vectors[0]), sqrt(0.5), 1e-15);
    pv_symmetric_eigen_deinit(&eigen);
}

static void every_size(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 70; ++n) {
        double *A = calloc(n * n, sizeof *A);
        for (size_t i = 0; i < n; ++i)
            for (size_t j = 0; j <= i; ++j) A[i * n + j] = A[j * n + i] = pv_random_normal(n, i, j);
        pv_symmetric_eigen eigen;
        solve_and_check(&eigen, A, n, 1e-12);
        pv_symmetric_eigen_deinit(&eigen);
        free(A);
    }
}

/* A Gram matrix of fewer rows than columns with columns of very different size, and one that is already diagonal. */
static void singular_and_diagonal(void **state)
{
    (void)state;
    enum { N = 24, RANK = 9 };
    double A[N * N] = {0}, D[N * N] = {0};
    for (size_t r = 0; r < RANK; ++r)
        for (size_t i = 0; i < N; ++i)
            for (size_t j = 0; j < N; ++j)
                A[i * N + j] += pv_random_normal(1, r, i) * pv_random_normal(1, r, j) * pow(0.2, (double)(i + j));
    for (size_t i = 0; i < N; ++i) D[i * N + i] = (double)(i % 5);
    pv_symmetric_eigen eigen;
    solve_and_check(&eigen, A, N, 1e-13);
    for (size_t i = RANK; i < N; ++i) als_assert_close(eigen.diagonal[i], 0.0, 1e-13);
    pv_symmetric_eigen_deinit(&eigen);
    solve_and_check(&eigen, D, N, 0.0);
    assert_true(eigen.diagonal[0] == 4.0 && eigen.diagonal[N - 1] == 0.0);
    pv_symmetric_eigen_deinit(&eigen);
}

static void a_matrix_that_is_not_finite_is_refused(void **state)
{
    (void)state;
    double A[] = {1, (double)NAN, (double)NAN, 1};
    pv_symmetric_eigen eigen;
    pv_threads *threads = als_threads(1);
    assert_true(pv_symmetric_eigen_init(&eigen, 2));
    assert_false(pv_symmetric_eigen_solve(&eigen, A, threads));
    pv_symmetric_eigen_deinit(&eigen);
    pv_threads_free(threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_by_two_by_hand),
        cmocka_unit_test(every_size),
        cmocka_unit_test(singular_and_diagonal),
        cmocka_unit_test(a_matrix_that_is_not_finite_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
