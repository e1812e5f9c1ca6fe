/* The inverse of large symmetric matrices against elimination, where they fill their blocks and where they do not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/memory.h"
#include "base/random.h"
#include "signals/symmetric_inverse.h"
#include "support/naive_inverse.h"
#include <string.h>

enum { SIDE = PV_KERNEL_BLOCK };

static size_t place(size_t n_blocks, size_t row, size_t column)
{
    return (column / SIDE * n_blocks * SIDE + row) * SIDE + column % SIDE;
}

/* A'A / n + I of random A, [n x n]: eigenvalues from 1 to about 5. */
static double *random_matrix(size_t n)
{
    double *root = pv_allocate(n * n, sizeof *root), *matrix = pv_allocate(n * n, sizeof *matrix);
    assert_true(root && matrix);
    for (size_t e = 0; e < n * n; e++) root[e] = pv_random_normal(3, n, e);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            for (size_t k = 0; k < n; k++) matrix[i * n + j] += root[k * n + i] * root[k * n + j] / (double)n;
            matrix[i * n + j] += i == j;
        }
    pv_release(root);
    return matrix;
}

/* The matrix in panels, the identity behind it; not a number below the blocks of the diagonal. */
static float *panels_of(const double *matrix, size_t n, size_t n_blocks)
{
    float *panels = pv_allocate(pv_symmetric_panels_size(n_blocks), sizeof *panels);
    assert_non_null(panels);
    for (size_t j = 0; j < n_blocks * SIDE; j++)
        for (size_t i = 0; i < n_blocks * SIDE; i++) {
            const double value = i < n && j < n ? matrix[i * n + j] : i == j;
            panels[place(n_blocks, i, j)] = i / SIDE > j / SIDE ? NAN : (float)value;
        }
    return panels;
}

static void assert_inverse(size_t n)
{
    const size_t n_blocks = (n + SIDE - 1) / SIDE;
    double *matrix = random_matrix(n), *expected = pv_allocate(n * n, sizeof *expected);
    float *panels = panels_of(matrix, n, n_blocks);
    assert_non_null(expected);
    assert_int_equal(pv_symmetric_inverse(panels, n_blocks, NULL, NULL), PV_OK);
    naive_inverse(expected, matrix, n);
    for (size_t i = 0; i < n_blocks * SIDE; i++)
        for (size_t j = 0; j < n_blocks * SIDE; j++) {
            const double actual = (double)panels[place(n_blocks, i, j)];
            const double wanted = i < n && j < n ? expected[i * n + j] : i == j;
            if (!(fabs(actual - wanted) <= 2e-6)) fail_msg("n %zu, %zu, %zu: %g is not %g", n, i, j, actual, wanted);
        }
    pv_release(matrix);
    pv_release(expected);
    pv_release(panels);
}

static void it_is_what_elimination_gives_at_every_tail(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 5, 47, 95, 96, 97, 130, 191, 192, 193, 200, 300};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) assert_inverse(sizes[s]);
}

static void nothing_has_an_inverse_without_work(void **state)
{
    (void)state;
    assert_int_equal(pv_symmetric_inverse(NULL, 0, NULL, NULL), PV_OK);
}

static void its_bits_do_not_depend_on_threads(void **state)
{
    (void)state;
    enum { N = 450, BLOCKS = 5 };
    double *matrix = random_matrix(N);
    float *alone = panels_of(matrix, N, BLOCKS);
    assert_int_equal(pv_symmetric_inverse(alone, BLOCKS, NULL, NULL), PV_OK);
    for (unsigned n_threads = 2; n_threads <= 7; n_threads += 5) {
        pv_threads *threads = NULL;
        float *panels = panels_of(matrix, N, BLOCKS);
        assert_int_equal(pv_threads_create(&threads, n_threads, NULL), PV_OK);
        assert_int_equal(pv_symmetric_inverse(panels, BLOCKS, threads, NULL), PV_OK);
        assert_memory_equal(panels, alone, pv_symmetric_panels_size(BLOCKS) * sizeof *panels);
        pv_threads_free(threads);
        pv_release(panels);
    }
    pv_release(alone);
    pv_release(matrix);
}

/* An eigenvalue below 0: the last diagonal entry is less than what the rest takes from it. */
static void a_matrix_that_is_not_positive_definite_is_refused(void **state)
{
    (void)state;
    enum { N = 150, BLOCKS = 2 };
    double *matrix = random_matrix(N);
    matrix[N * N - 1] = -0.1;
    float *panels = panels_of(matrix, N, BLOCKS);
    pv_error error = {.message = ""};
    assert_int_equal(pv_symmetric_inverse(panels, BLOCKS, NULL, &error), PV_E_INTERNAL);
    assert_non_null(strstr(error.message, "positive definite"));
    pv_release(matrix);
    pv_release(panels);
}

static void a_size_that_memory_cannot_have_is_none(void **state)
{
    (void)state;
    assert_int_equal(pv_symmetric_panels_size(3), 9 * SIDE * SIDE);
    assert_int_equal(pv_symmetric_panels_size((size_t)1 << 32), 0);
    assert_int_equal(pv_symmetric_panels_size((size_t)1 << 25), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_what_elimination_gives_at_every_tail),
        cmocka_unit_test(nothing_has_an_inverse_without_work),
        cmocka_unit_test(its_bits_do_not_depend_on_threads),
        cmocka_unit_test(a_matrix_that_is_not_positive_definite_is_refused),
        cmocka_unit_test(a_size_that_memory_cannot_have_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
