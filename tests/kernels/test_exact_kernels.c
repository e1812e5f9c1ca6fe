/* The float64 kernels of every table, at all sizes, against plain loops. */
#include "kernel_tables.h"

enum { LARGEST = 130, RANK = 8 };

static void dots_wide(void **state)
{
    const pv_kernels *kernels = *state;
    for (size_t n = 0; n <= 208; n += PV_KERNEL_WIDTH) {
        float *a = odd_floats(n, 1), *b = odd_floats(n, 2);
        double size, expected = dot_expected(a, b, n, &size);
        assert_close(kernels->dot_wide(a, b, n), expected, size, DBL_EPSILON);
        free_floats(a);
        free_floats(b);
    }
}

static void check_projection(const pv_kernels *kernels, const pv_rows *rows, size_t n)
{
    float *c = odd_floats(rows->count, 12), *t = odd_floats(rows->count, 13), *v = odd_floats(n, 14);
    double *out = odd_doubles(n, 15), *expected = odd_doubles(n, 15), *size = odd_doubles(n, 15);
    for (size_t i = 0; i < n; ++i) size[i] = fabs(expected[i]);
    for (size_t k = 0; k < rows->count; ++k) {
        const float *row = pv_rows_at(rows, k);
        double terms, a = (double)c[k] * dot_expected(row, v, n, &terms) - (double)t[k];
        for (size_t i = 0; i < n; ++i) {
            expected[i] += a * (double)row[i];
            size[i] += (fabs((double)c[k]) * terms + fabs((double)t[k])) * fabs((double)row[i]);
        }
    }
    kernels->project_wide(out, rows, c, t, v, n);
    for (size_t i = 0; i < n; ++i) assert_close(out[i], expected[i], size[i], (double)FLT_EPSILON);
    free_floats(c);
    free_floats(t);
    free_floats(v);
    free_doubles(out);
    free_doubles(expected);
    free_doubles(size);
}

static void projections_wide(void **state)
{
    for (size_t n = 0; n <= 80; n += PV_KERNEL_WIDTH) {
        float *matrix = odd_floats(MATRIX_ROWS * n, 5);
        for (size_t count = 0; count <= MOST_ROWS; ++count) {
            pv_rows rows = rows_of(matrix, n, count, count % 2);
            check_projection(*state, &rows, n);
        }
        free_floats(matrix);
    }
}

/* Behind 2^30 float32 has no room for the fraction of 1 + 2^-10. */
static void projections_wide_sum_long_histories_in_float64(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 16, COUNT = 5000 };
    float *matrix = odd_floats((size_t)COUNT * N, 1), *c = odd_floats(COUNT, 2), *t = odd_floats(COUNT, 3), v[N] = {0};
    double *out = odd_doubles(N, 4);
    for (size_t i = 0; i < (size_t)COUNT * N; ++i) matrix[i] = 1.0f;
    for (size_t k = 0; k < COUNT; ++k) t[k] = -(1.0f + 0x1p-10f);
    for (size_t i = 0; i < N; ++i) out[i] = 0x1p30;
    const pv_rows rows = {.values = matrix, .stride = N, .count = COUNT};
    kernels->project_wide(out, &rows, c, t, v, N);
    for (size_t i = 0; i < N; ++i) assert_true(out[i] == 0x1p30 + (double)COUNT * (1.0 + 0x1p-10));
    free_floats(matrix);
    free_floats(c);
    free_floats(t);
    free_doubles(out);
}

static void check_outer(const pv_kernels *kernels, const pv_rows *rows, const double *coefficients, size_t n)
{
    double *product = odd_doubles(n * n, 3), *before = odd_doubles(n * n, 3);
    kernels->add_outer(product, rows, coefficients, n);
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j <= i; ++j) {
            double expected = before[i * n + j], size = fabs(expected);
            for (size_t k = 0; k < rows->count; ++k) {
                const float *row = pv_rows_at(rows, k);
                double term = (coefficients ? coefficients[k] : 1.0) * (double)row[i] * (double)row[j];
                expected += term;
                size += fabs(term);
            }
            assert_close(product[i * n + j], expected, size, DBL_EPSILON);
        }
    free_doubles(product);
    free_doubles(before);
}

static void add_outer_of_every_size(void **state)
{
    double *coefficients = odd_doubles(MOST_ROWS, 4);
    for (size_t n = 0; n <= LARGEST; ++n) {
        float *matrix = odd_floats(MATRIX_ROWS * n, 5);
        for (size_t count = n < 20 ? 0 : n * 7 % MOST_ROWS; count <= MOST_ROWS; count += n < 20 ? 1 : MOST_ROWS)
            for (int with_index = 0; with_index < 2; ++with_index) {
                pv_rows rows = rows_of(matrix, n, count, with_index);
                check_outer(*state, &rows, with_index ? coefficients : NULL, n);
            }
        free_floats(matrix);
    }
    free_doubles(coefficients);
}

/* --- Cholesky ----------------------------------------------------------------------------------------------------- */

/* A = B B' + I with eight columns of B, lower triangle; above it what must not be read. */
static double *positive_definite(size_t n)
{
    double *B = odd_doubles(n * RANK, 6), *A = odd_doubles(n * n, 7);
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j < n; ++j) {
            double sum = i == j ? 1.0 : 0.0;
            for (size_t k = 0; k < RANK; ++k) sum += B[i * RANK + k] * B[j * RANK + k];
            A[i * n + j] = j > i ? (double)NAN : sum;
        }
    free_doubles(B);
    return A;
}

/* L L' = A + jitter I, and nothing above the diagonal touched. */
static void assert_factored(const double *L, const double *A, double jitter, size_t n)
{
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j <= i; ++j) {
            double sum = 0.0, size = 1.0;
            for (size_t k = 0; k <= j; ++k) {
                sum += L[i * n + k] * L[j * n + k];
                size += fabs(L[i * n + k] * L[j * n + k]);
            }
            assert_close(sum, A[i * n + j] + (i == j ? jitter : 0.0), size, DBL_EPSILON);
        }
        for (size_t j = i + 1; j < n; ++j) assert_true(L[i * n + j] == 77.0);
    }
}

/* All small sizes, and some that take more than one block. */
static size_t next_size(size_t n)
{
    return n < LARGEST ? n + 1 : n + 87;
}

static void factors_of_every_size(void **state)
{
    const pv_kernels *kernels = *state;
    for (size_t n = 0; n <= 310; n = next_size(n)) {
        double *A = positive_definite(n), *L = odd_doubles(n * n, 8), jitter = n % 2 ? 0.5 : 0.0;
        for (size_t i = 0; i < n * n; ++i) L[i] = 77.0;
        assert_true(kernels->cholesky_factor(L, A, jitter, n));
        assert_factored(L, A, jitter, n);
        assert_true(kernels->cholesky_factor(A, A, jitter, n)); /* in place */
        for (size_t i = 0; i < n; ++i) assert_memory_equal(A + i * n, L + i * n, (i + 1) * sizeof *L);
        free_doubles(A);
        free_doubles(L);
    }
}

static void what_is_not_positive_definite_has_no_factor(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 37 };
    double L[N * N];
    for (size_t at = 0; at < N; ++at) {
        static const double spoilt[] = {-1.0, 0.0, (double)NAN, (double)INFINITY, -(double)INFINITY};
        for (size_t s = 0; s < sizeof spoilt / sizeof *spoilt; ++s) {
            double *A = positive_definite(N);
            A[at * N + at] = spoilt[s];
            assert_false(kernels->cholesky_factor(L, A, 0.0, N));
            free_doubles(A);
        }
    }
    double ones[N * N], zeros[N * N] = {0};
    for (size_t i = 0; i < (size_t)N * N; ++i) ones[i] = 1.0; /* of rank one */
    assert_false(kernels->cholesky_factor(L, ones, 0.0, N));
    assert_true(kernels->cholesky_factor(L, ones, 1e-3, N));
    assert_false(kernels->cholesky_factor(L, zeros, 0.0, N));
    assert_true(kernels->cholesky_factor(L, zeros, 1.0, N));
}

/* A pivot must be above n 2^-52 times its diagonal entry: with [1 1; 1 1 + e], it is e. */
static void small_pivots_are_measured_against_their_diagonal(void **state)
{
    const pv_kernels *kernels = *state;
    double L[4], enough[4] = {1.0, 0.0, 1.0, 1.0 + 0x1p-50}, too_little[4] = {1.0, 0.0, 1.0, 1.0 + 0x1p-51};
    assert_true(kernels->cholesky_factor(L, enough, 0.0, 2));
    assert_true(L[3] == 0x1p-25);
    assert_false(kernels->cholesky_factor(L, too_little, 0.0, 2));
}

static void solutions_of_every_size(void **state)
{
    const pv_kernels *kernels = *state;
    for (size_t n = 0; n <= 310; n = next_size(n)) {
        double *A = positive_definite(n), *x = odd_doubles(n, 9), *b = odd_doubles(n, 9);
        double *L = odd_doubles(n * n, 8);
        assert_true(kernels->cholesky_factor(L, A, 0.0, n));
        kernels->cholesky_solve(x, L, n);
        for (size_t i = 0; i < n; ++i) {
            double sum = 0.0, size = fabs(b[i]);
            for (size_t j = 0; j < n; ++j) {
                double term = (j <= i ? A[i * n + j] : A[j * n + i]) * x[j];
                sum += term;
                size += fabs(term);
            }
            assert_close(sum, b[i], size, DBL_EPSILON);
        }
        free_doubles(A);
        free_doubles(x);
        free_doubles(b);
        free_doubles(L);
    }
}

/* --- many right-hand sides ---------------------------------------------------------------------------------------- */

/* L w = b for each row. */
static void check_forward(const pv_kernels *kernels, const double *L, size_t count, size_t n)
{
    double *rows = odd_doubles(count * n, 10), *before = odd_doubles(count * n, 10);
    kernels->forward_rows(rows, count, L, n);
    for (size_t r = 0; r < count; ++r)
        for (size_t i = 0; i < n; ++i) {
            double sum = 0.0, size = fabs(before[r * n + i]);
            for (size_t k = 0; k <= i; ++k) {
                sum += L[i * n + k] * rows[r * n + k];
                size += fabs(L[i * n + k] * rows[r * n + k]);
            }
            assert_close(sum, before[r * n + i], size, DBL_EPSILON);
        }
    free_doubles(rows);
    free_doubles(before);
}

static double *factor(const pv_kernels *kernels, size_t n)
{
    double *A = positive_definite(n);
    assert_true(kernels->cholesky_factor(A, A, 0.0, n));
    return A;
}

static void forward_rows_of_every_size(void **state)
{
    for (size_t n = 0; n <= 310; n = next_size(n)) {
        double *L = factor(*state, n);
        check_forward(*state, L, n * 7 % MOST_ROWS, n);
        for (size_t count = 0; n % 32 == 1 && count <= MOST_ROWS; ++count) check_forward(*state, L, count, n);
        free_doubles(L);
    }
}

static void a_row_among_others_gets_the_same_bits(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 45, COUNT = 19 };
    double *L = factor(kernels, N), *together = odd_doubles(COUNT * N, 11), *alone = odd_doubles(COUNT * N, 11);
    kernels->forward_rows(together, COUNT, L, N);
    for (size_t r = 0; r < COUNT; ++r) kernels->forward_rows(alone + r * N, 1, L, N);
    assert_memory_equal(together, alone, COUNT * N * sizeof *alone);
    free_doubles(L);
    free_doubles(together);
    free_doubles(alone);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(dots_wide),
        cmocka_unit_test(projections_wide),
        cmocka_unit_test(projections_wide_sum_long_histories_in_float64),
        cmocka_unit_test(add_outer_of_every_size),
        cmocka_unit_test(factors_of_every_size),
        cmocka_unit_test(what_is_not_positive_definite_has_no_factor),
        cmocka_unit_test(small_pivots_are_measured_against_their_diagonal),
        cmocka_unit_test(solutions_of_every_size),
        cmocka_unit_test(forward_rows_of_every_size),
        cmocka_unit_test(a_row_among_others_gets_the_same_bits),
    };
    return run_on_all_tables(tests);
}
