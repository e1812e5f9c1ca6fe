/* The float32 kernels of every table against float64 sums, with bounds for float32 rounding. */
#include "kernel_tables.h"

enum { LARGEST = 208 };
static const double EPSILON = (double)FLT_EPSILON;

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
    for (size_t n = 0; n <= LARGEST; n += PV_KERNEL_WIDTH) {
        float *a = odd_floats(n, 1), *b = odd_floats(n, 2);
        double size, expected = dot_expected(a, b, n, &size);
        assert_close((double)kernels->dot(a, b, n), expected, size, EPSILON);
        free_floats(a);
        free_floats(b);
    }
}

static void axpys(void **state)
{
    const pv_kernels *kernels = *state;
    for (size_t n = 0; n <= LARGEST; n += PV_KERNEL_WIDTH) {
        float *y = odd_floats(n, 1), *before = odd_floats(n, 1), *x = odd_floats(n, 2);
        kernels->axpy(y, 0.7f, x, n);
        for (size_t i = 0; i < n; ++i) {
            double product = (double)0.7f * (double)x[i];
            assert_close((double)y[i], (double)before[i] + product, fabs((double)before[i]) + fabs(product), EPSILON);
        }
        free_floats(y);
        free_floats(before);
        free_floats(x);
    }
}

static void multiply_symmetric(void **state)
{
    const pv_kernels *kernels = *state;
    for (size_t n = 0; n <= 80; n += PV_KERNEL_WIDTH) {
        float *M = odd_floats(n * n, 3), *v = odd_floats(n, 4), *out = odd_floats(n, 5);
        for (size_t i = 0; i < n; ++i)
            for (size_t j = 0; j < i; ++j) M[j * n + i] = M[i * n + j];
        kernels->multiply_symmetric(out, M, v, n);
        for (size_t i = 0; i < n; ++i) {
            double size, expected = dot_expected(M + i * n, v, n, &size);
            assert_close((double)out[i], expected, size, EPSILON);
        }
        free_floats(M);
        free_floats(v);
        free_floats(out);
    }
}

static void pack_puts_rows_side_by_side(void **state)
{
    const pv_kernels *kernels = *state;
    for (size_t n = PV_KERNEL_WIDTH; n <= 80; n += PV_KERNEL_WIDTH) {
        float *matrix = odd_floats(MATRIX_ROWS * n, 6), *out = odd_floats(MOST_ROWS * n, 7);
        for (size_t count = 0; count <= MOST_ROWS; ++count)
            for (int with_index = 0; with_index < 2; ++with_index) {
                pv_rows rows = rows_of(matrix, n, count, with_index);
                kernels->pack(out, &rows, n);
                for (size_t k = 0; k < count; ++k)
                    assert_memory_equal(out + k * n, pv_rows_at(&rows, k), n * sizeof(float));
            }
        free_floats(matrix);
        free_floats(out);
    }
}

/* --- passes over rows --------------------------------------------------------------------------------------------- */

/* expected [n] and the size of its terms: out + sum_k (c_k (row_k . v) - t_k) row_k, v NULL = c_k row_k alone. */
static void sum_rows(double *expected, double *size, const float *out, const pv_rows *rows, const float *c,
                     const float *t, const float *v, size_t n)
{
    for (size_t i = 0; i < n; ++i) size[i] = fabs(expected[i] = (double)out[i]);
    for (size_t k = 0; k < rows->count; ++k) {
        const float *row = pv_rows_at(rows, k);
        double terms = 1.0, dot = v ? dot_expected(row, v, n, &terms) : 1.0, target = t ? (double)t[k] : 0.0;
        for (size_t i = 0; i < n; ++i) {
            expected[i] += ((double)c[k] * dot - target) * (double)row[i];
            size[i] += (fabs((double)c[k]) * terms + fabs(target)) * fabs((double)row[i]);
        }
    }
}

static void assert_all_close(const float *actual, const double *expected, const double *size, size_t n)
{
    for (size_t i = 0; i < n; ++i) assert_close((double)actual[i], expected[i], size[i], EPSILON);
}

static void check_pass(const pv_kernels *kernels, const pv_rows *rows, const float *targets, size_t n)
{
    float *v = odd_floats(n, 7), *start = odd_floats(n, 8), *out = odd_floats(n, 8), *c = odd_floats(rows->count, 9);
    float *products = odd_floats(rows->count, 1);
    double expected[LARGEST], size[LARGEST];
    sum_rows(expected, size, start, rows, c, targets, v, n);
    kernels->project(out, products, rows, c, targets, v, n);
    assert_all_close(out, expected, size, n);
    for (size_t k = 0; k < rows->count; ++k) {
        double terms, dot = dot_expected(pv_rows_at(rows, k), v, n, &terms);
        assert_close((double)products[k], dot, terms, EPSILON);
    }
    float without_dots[LARGEST];
    memcpy(without_dots, start, n * sizeof *start);
    kernels->project(without_dots, NULL, rows, c, targets, v, n);
    assert_memory_equal(without_dots, out, n * sizeof *out);

    memcpy(out, start, n * sizeof *out);
    sum_rows(expected, size, start, rows, c, NULL, NULL, n);
    kernels->add_rows(out, rows, c, n);
    assert_all_close(out, expected, size, n);
    free_floats(v);
    free_floats(start);
    free_floats(out);
    free_floats(c);
    free_floats(products);
}

static void passes(void **state)
{
    const pv_kernels *kernels = *state;
    float *targets = odd_floats(MOST_ROWS, 10);
    for (size_t n = PV_KERNEL_WIDTH; n <= LARGEST; n += n < 96 ? PV_KERNEL_WIDTH : 7 * PV_KERNEL_WIDTH) {
        float *matrix = odd_floats(MATRIX_ROWS * (n + 3), 11);
        for (size_t count = 0; count <= MOST_ROWS; ++count)
            for (int with_index = 0; with_index < 2; ++with_index) {
                pv_rows rows = rows_of(matrix, n + 3, count, with_index);
                check_pass(kernels, &rows, NULL, n);
                check_pass(kernels, &rows, targets, n);
            }
        free_floats(matrix);
    }
    free_floats(targets);
}

static void add_squares(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 48 };
    float *matrix = odd_floats(MATRIX_ROWS * N, 11), *c = odd_floats(MOST_ROWS, 12);
    for (size_t count = 0; count <= MOST_ROWS; ++count) {
        float *out = odd_floats(N, 13);
        double expected[N], size[N];
        pv_rows rows = rows_of(matrix, N, count, true);
        for (size_t i = 0; i < N; ++i) size[i] = fabs(expected[i] = (double)out[i]);
        for (size_t k = 0; k < count; ++k)
            for (size_t i = 0; i < N; ++i) {
                double y = (double)pv_rows_at(&rows, k)[i];
                expected[i] += (double)c[k] * y * y;
                size[i] += fabs((double)c[k]) * y * y;
            }
        kernels->add_squares(out, &rows, c, N);
        assert_all_close(out, expected, size, N);
        free_floats(out);
    }
    free_floats(matrix);
    free_floats(c);
}

/* --- products of matrices ----------------------------------------------------------------------------------------- */

static void check_multiply(const pv_kernels *kernels, size_t count, size_t n)
{
    float *rows = odd_floats(count * n, 14), *matrix = odd_floats(n * n, 15), *out = odd_floats(count * n, 16);
    kernels->multiply(out, rows, count, matrix, n);
    for (size_t k = 0; k < count; ++k)
        for (size_t j = 0; j < n; ++j) {
            double expected = 0.0, size = 0.0;
            for (size_t i = 0; i < n; ++i) {
                double term = (double)rows[k * n + i] * (double)matrix[i * n + j];
                expected += term;
                size += fabs(term);
            }
            assert_close((double)out[k * n + j], expected, size, EPSILON);
        }
    kernels->multiply(rows, rows, count, matrix, n); /* in place */
    assert_memory_equal(rows, out, count * n * sizeof *out);
    free_floats(rows);
    free_floats(matrix);
    free_floats(out);
}

static void multiply(void **state)
{
    for (size_t n = PV_KERNEL_WIDTH; n <= 64; n += PV_KERNEL_WIDTH)
        for (size_t count = 0; count <= MOST_ROWS; ++count) check_multiply(*state, count, n);
    check_multiply(*state, 13, 272);
    check_multiply(*state, 1, 1024);
    check_multiply(*state, 7, 1024);
}

/* What a row becomes does not depend on the rows beside it: chunks may be cut anywhere. */
static void multiply_row_by_row_gives_the_same_bits(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 48, COUNT = 20 };
    float *rows = odd_floats(COUNT * N, 17), *matrix = odd_floats(N * N, 18), together[COUNT * N], alone[COUNT * N];
    kernels->multiply(together, rows, COUNT, matrix, N);
    for (size_t k = 0; k < COUNT; ++k) kernels->multiply(alone + k * N, rows + k * N, 1, matrix, N);
    assert_memory_equal(together, alone, sizeof together);
    free_floats(rows);
    free_floats(matrix);
}

static void check_products(const pv_kernels *kernels, size_t count, size_t n)
{
    float *a = odd_floats(count * n, 19), *b = odd_floats(count * n, 20);
    double *matrix = odd_doubles(n * n, 21), *before = odd_doubles(n * n, 21);
    kernels->add_products(matrix, a, b, count, n);
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j <= i; ++j) {
            double expected = before[i * n + j], size = fabs(expected);
            for (size_t k = 0; k < count; ++k) {
                double term = (double)a[k * n + i] * (double)b[k * n + j];
                expected += term;
                size += fabs(term);
            }
            assert_close(matrix[i * n + j], expected, size, EPSILON);
        }
    free_floats(a);
    free_floats(b);
    free_doubles(matrix);
    free_doubles(before);
}

static void add_products(void **state)
{
    for (size_t n = PV_KERNEL_WIDTH; n <= 112; n += PV_KERNEL_WIDTH) {
        for (size_t count = 0; count <= MOST_ROWS; count += n < 64 ? 1 : 13) check_products(*state, count, n);
        for (size_t count = 255; count <= 257; ++count) check_products(*state, count, n);
    }
    check_products(*state, 600, 32);
}

/* Behind 2^15 float32 has no room for the fraction of 1 + 2^-10. */
static void add_products_sums_long_histories_in_float64(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 16, COUNT = 40000 };
    float *a = odd_floats((size_t)COUNT * N, 1), *ones = odd_floats((size_t)COUNT * N, 1);
    double *matrix = odd_doubles((size_t)N * N, 2);
    for (size_t i = 0; i < (size_t)COUNT * N; ++i) {
        a[i] = 1.0f + 0x1p-10f;
        ones[i] = 1.0f;
    }
    for (size_t i = 0; i < (size_t)N * N; ++i) matrix[i] = 0x1p30;
    kernels->add_products(matrix, a, ones, COUNT, N);
    for (size_t i = 0; i < N; ++i)
        for (size_t j = 0; j <= i; ++j) assert_true(matrix[i * N + j] == 0x1p30 + (double)COUNT * (1.0 + 0x1p-10));
    free_floats(a);
    free_floats(ones);
    free_doubles(matrix);
}

/* --- the same bits ------------------------------------------------------------------------------------------------ */

static void zeros_behind_change_no_bit(void **state)
{
    const pv_kernels *kernels = *state;
    enum { N = 48, PADDED = 64, COUNT = 21 };
    float *rows = odd_floats(COUNT * PADDED, 22), *v = odd_floats(PADDED, 23), *c = odd_floats(COUNT, 24);
    float narrow[PADDED] = {0}, wide[PADDED] = {0}, narrow_dots[COUNT], wide_dots[COUNT];
    for (size_t i = N; i < PADDED; ++i) {
        v[i] = 0.0f;
        for (size_t k = 0; k < COUNT; ++k) rows[k * PADDED + i] = 0.0f;
    }
    pv_rows view = rows_of(rows, PADDED, COUNT, false);
    kernels->project(narrow, narrow_dots, &view, c, NULL, v, N);
    kernels->project(wide, wide_dots, &view, c, NULL, v, PADDED);
    assert_memory_equal(narrow, wide, sizeof narrow);
    assert_memory_equal(narrow_dots, wide_dots, sizeof narrow_dots);
    float narrow_dot = kernels->dot(rows, v, N), wide_dot = kernels->dot(rows, v, PADDED);
    assert_memory_equal(&narrow_dot, &wide_dot, sizeof narrow_dot);
    free_floats(rows);
    free_floats(v);
    free_floats(c);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(padding_rounds_up_to_lines),
        cmocka_unit_test(dots),
        cmocka_unit_test(axpys),
        cmocka_unit_test(multiply_symmetric),
        cmocka_unit_test(pack_puts_rows_side_by_side),
        cmocka_unit_test(passes),
        cmocka_unit_test(add_squares),
        cmocka_unit_test(multiply),
        cmocka_unit_test(multiply_row_by_row_gives_the_same_bits),
        cmocka_unit_test(add_products),
        cmocka_unit_test(add_products_sums_long_histories_in_float64),
        cmocka_unit_test(zeros_behind_change_no_bit),
    };
    return run_on_all_tables(tests);
}
