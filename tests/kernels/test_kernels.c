/* Every kernel of every table against float64 sums, with bounds for float32 rounding. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/random.h"
#include "kernels/kernels.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 208, MOST_ROWS = 21, MATRIX_ROWS = 40, SLACK = 1 };

/* A matrix that starts at an odd address: kernels may assume float alignment and no more. */
typedef struct matrix {
    float *memory, *values;
    size_t stride;
} matrix;

static matrix random_matrix(size_t n_rows, size_t n, uint64_t stream)
{
    matrix m = {.memory = malloc((n_rows * (n + 3) + SLACK) * sizeof(float)), .stride = n + 3};
    m.values = m.memory + SLACK;
    for (size_t k = 0; k < n_rows * m.stride; ++k) m.values[k] = (float)pv_random_normal(5, stream, k);
    return m;
}

static const int32_t some_rows[MOST_ROWS] = {3, 0, 39, 7, 7, 12, 1, 30, 31, 32, 2, 38, 5, 6, 21, 22, 11, 9, 8, 25, 14};

static pv_rows rows_of(const matrix *m, size_t count, bool with_index)
{
    return (pv_rows){.values = m->values, .stride = m->stride, .index = with_index ? some_rows : NULL, .count = count};
}

static void assert_close(double actual, double expected, double size_of_terms, double epsilon)
{
    double bound = 100.0 * epsilon * size_of_terms;
    if (!(fabs(actual - expected) <= bound)) fail_msg("%.17g is not %.17g within %g", actual, expected, bound);
}

static double dot_expected(const float *a, const float *b, size_t n, double *size_of_terms)
{
    double sum = 0.0;
    *size_of_terms = 0.0;
    for (size_t i = 0; i < n; ++i) {
        sum += (double)a[i] * (double)b[i];
        *size_of_terms += fabs((double)a[i] * (double)b[i]);
    }
    return sum;
}

static void padding_rounds_up_to_lines(void **state)
{
    (void)state;
    assert_int_equal(pv_kernel_padded(0), 0);
    assert_int_equal(pv_kernel_padded(1), 16);
    assert_int_equal(pv_kernel_padded(16), 16);
    assert_int_equal(pv_kernel_padded(17), 32);
}

static void dots(void **state)
{
    const pv_kernels *kernels = *state;
    matrix m = random_matrix(2, LARGEST, 1);
    for (size_t n = 0; n <= LARGEST; n += PV_KERNEL_WIDTH) {
        const float *a = m.values, *b = m.values + m.stride;
        double size, expected = dot_expected(a, b, n, &size);
        assert_close((double)kernels->dot(a, b, n), expected, size, (double)FLT_EPSILON);
        assert_close(kernels->dot_wide(a, b, n), expected, size, DBL_EPSILON);
    }
    free(m.memory);
}

static void axpys(void **state)
{
    const pv_kernels *kernels = *state;
    for (size_t n = 0; n <= LARGEST; n += PV_KERNEL_WIDTH) {
        matrix m = random_matrix(2, LARGEST, 2);
        float before[LARGEST];
        memcpy(before, m.values, sizeof before);
        const float *x = m.values + m.stride;
        kernels->axpy(m.values, 0.7f, x, n);
        for (size_t i = 0; i < n; ++i) {
            double product = 0.7 * (double)x[i];
            assert_close((double)m.values[i], (double)before[i] + product, fabs((double)before[i]) + fabs(product),
                         (double)FLT_EPSILON);
        }
        for (size_t i = n; i < LARGEST; ++i) assert_true(m.values[i] == before[i]);
        free(m.memory);
    }
}

static void multiply_symmetric(void **state)
{
    const pv_kernels *kernels = *state;
    for (size_t n = PV_KERNEL_WIDTH; n <= 80; n += PV_KERNEL_WIDTH) {
        float *M = malloc(n * n * sizeof *M), v[80], out[81];
        for (size_t i = 0; i < n; ++i) {
            v[i] = (float)pv_random_normal(5, 3, i);
            for (size_t j = 0; j <= i; ++j) M[i * n + j] = M[j * n + i] = (float)pv_random_normal(5, 4, i * n + j);
        }
        out[n] = 77.0f;
        kernels->multiply_symmetric(out, M, v, n);
        for (size_t i = 0; i < n; ++i) {
            double size, expected = dot_expected(M + i * n, v, n, &size);
            assert_close((double)out[i], expected, size, (double)FLT_EPSILON);
        }
        assert_true(out[n] == 77.0f);
        free(M);
    }
}

static void pack_puts_rows_side_by_side(void **state)
{
    const pv_kernels *kernels = *state;
    matrix m = random_matrix(MATRIX_ROWS, 32, 6);
    float out[MOST_ROWS * 32 + 1];
    for (int with_index = 0; with_index < 2; ++with_index) {
        out[7 * 32] = 77.0f;
        pv_rows rows = rows_of(&m, 7, with_index);
        kernels->pack(out, &rows, 32);
        for (size_t k = 0; k < 7; ++k) {
            size_t row = with_index ? (size_t)some_rows[k] : k;
            assert_memory_equal(out + k * 32, m.values + row * m.stride, 32 * sizeof(float));
        }
        assert_true(out[7 * 32] == 77.0f);
    }
    free(m.memory);
}

static void check_projections(const pv_kernels *kernels, const pv_rows *rows, const float *targets, size_t n)
{
    float v[LARGEST], out[LARGEST], coefficients[MOST_ROWS];
    double expected[LARGEST], size[LARGEST];
    for (size_t i = 0; i < n; ++i) {
        v[i] = (float)pv_random_normal(5, 7, i);
        out[i] = (float)pv_random_normal(5, 8, i);
        expected[i] = (double)out[i];
        size[i] = fabs(expected[i]);
    }
    for (size_t k = 0; k < rows->count; ++k) {
        const float *row = pv_rows_at(rows, k);
        coefficients[k] = (float)pv_random_normal(5, 9, k);
        double terms, a = (double)coefficients[k] * dot_expected(row, v, n, &terms);
        double target = targets ? (double)targets[k] : 0.0;
        for (size_t i = 0; i < n; ++i) {
            expected[i] += (a - target) * (double)row[i];
            size[i] += (fabs((double)coefficients[k]) * terms + fabs(target)) * fabs((double)row[i]);
        }
    }
    kernels->add_projections(out, rows, coefficients, targets, v, n);
    for (size_t i = 0; i < n; ++i) assert_close((double)out[i], expected[i], size[i], (double)FLT_EPSILON);
}

static void add_projections(void **state)
{
    const pv_kernels *kernels = *state;
    float targets[MOST_ROWS];
    for (size_t k = 0; k < MOST_ROWS; ++k) targets[k] = (float)k * 0.25f;
    for (size_t n = PV_KERNEL_WIDTH; n <= LARGEST; n += 3 * PV_KERNEL_WIDTH) {
        matrix m = random_matrix(MATRIX_ROWS, n, 10);
        for (size_t count = 0; count <= MOST_ROWS; ++count)
            for (int with_index = 0; with_index < 2; ++with_index) {
                pv_rows rows = rows_of(&m, count, with_index);
                check_projections(kernels, &rows, NULL, n);
                check_projections(kernels, &rows, targets, n);
            }
        free(m.memory);
    }
}

static void add_squares(void **state)
{
    const pv_kernels *kernels = *state;
    matrix m = random_matrix(MATRIX_ROWS, 48, 11);
    for (size_t count = 0; count <= MOST_ROWS; ++count) {
        float out[48], coefficients[MOST_ROWS];
        double expected[48];
        for (size_t i = 0; i < 48; ++i) expected[i] = (double)(out[i] = 0.5f);
        pv_rows rows = rows_of(&m, count, true);
        for (size_t k = 0; k < count; ++k) {
            coefficients[k] = (float)k - 3.0f;
            for (size_t i = 0; i < 48; ++i)
                expected[i] +=
                    (double)coefficients[k] * (double)pv_rows_at(&rows, k)[i] * (double)pv_rows_at(&rows, k)[i];
        }
        kernels->add_squares(out, &rows, coefficients, 48);
        for (size_t i = 0; i < 48; ++i) assert_close((double)out[i], expected[i], 400.0, (double)FLT_EPSILON);
    }
    free(m.memory);
}

static void check_outer(const pv_kernels *kernels, const pv_rows *rows, const double *coefficients, size_t n)
{
    double *product = malloc((n * n + 1) * sizeof *product);
    for (size_t k = 0; k < n * n; ++k) product[k] = 0.25;
    product[n * n] = 77.0;
    kernels->add_outer(product, rows, coefficients, n);
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j <= i; ++j) {
            double expected = 0.25, size = 0.25;
            for (size_t k = 0; k < rows->count; ++k) {
                const float *row = pv_rows_at(rows, k);
                double term = (coefficients ? coefficients[k] : 1.0) * (double)row[i] * (double)row[j];
                expected += term;
                size += fabs(term);
            }
            assert_close(product[i * n + j], expected, size, DBL_EPSILON);
        }
    assert_true(product[n * n] == 77.0);
    free(product);
}

static void add_outer_of_every_size(void **state)
{
    const pv_kernels *kernels = *state;
    double coefficients[MOST_ROWS];
    for (size_t k = 0; k < MOST_ROWS; ++k) coefficients[k] = (double)k * 0.3 - 2.0;
    for (size_t n = 1; n <= 140; n += n < 70 ? 1 : 23) {
        matrix m = random_matrix(MATRIX_ROWS, n, 12);
        for (size_t count = 0; count <= MOST_ROWS; count += count < 9 ? 1 : 4)
            for (int with_index = 0; with_index < 2; ++with_index) {
                pv_rows rows = rows_of(&m, count, with_index);
                check_outer(kernels, &rows, coefficients, n);
                check_outer(kernels, &rows, NULL, n);
            }
        free(m.memory);
    }
}

/* The scalar table is the specification: its sums have one stated order, to the bit. */
static void scalar_sums_have_the_stated_order(void **state)
{
    (void)state;
    const pv_kernels *kernels = &pv_kernels_scalar;
    matrix m = random_matrix(MATRIX_ROWS, 64, 13);
    float sums[8] = {0}, coefficients[11], at_once[64] = {0}, one_by_one[64] = {0};
    const float *a = m.values, *b = m.values + m.stride;
    for (size_t i = 0; i < 64; ++i) sums[i % 8] += a[i] * b[i];
    float total = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    assert_true(kernels->dot(a, b, 64) == total);
    for (size_t k = 0; k < 11; ++k) coefficients[k] = 0.1f * (float)k;
    pv_rows rows = rows_of(&m, 11, true);
    kernels->add_projections(at_once, &rows, coefficients, NULL, a, 64);
    for (size_t k = 0; k < 11; ++k) {
        const float *row = pv_rows_at(&rows, k);
        kernels->axpy(one_by_one, coefficients[k] * kernels->dot(row, a, 64), row, 64);
    }
    assert_memory_equal(at_once, one_by_one, sizeof at_once);
    free(m.memory);
}

static void there_is_always_a_table(void **state)
{
    (void)state;
    assert_non_null(pv_kernels_get());
    assert_string_equal(pv_kernels_get()->isa, "scalar");
}

/* All tests once per table. */
int main(void)
{
    const pv_kernels *const tables[] = {&pv_kernels_scalar};
    int failed = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; ++t) {
        void *table = (void *)(uintptr_t)tables[t];
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_prestate(padding_rounds_up_to_lines, table),
            cmocka_unit_test_prestate(dots, table),
            cmocka_unit_test_prestate(axpys, table),
            cmocka_unit_test_prestate(multiply_symmetric, table),
            cmocka_unit_test_prestate(pack_puts_rows_side_by_side, table),
            cmocka_unit_test_prestate(add_projections, table),
            cmocka_unit_test_prestate(add_squares, table),
            cmocka_unit_test_prestate(add_outer_of_every_size, table),
            cmocka_unit_test_prestate(scalar_sums_have_the_stated_order, table),
            cmocka_unit_test_prestate(there_is_always_a_table, table),
        };
        failed += cmocka_run_group_tests_name(tables[t]->isa, tests, NULL, NULL);
    }
    return failed;
}
