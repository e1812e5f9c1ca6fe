/* kernels_scalar.c - the specification of the kernels, in portable C.
 *
 * Order of sums: a dot product keeps eight partial sums, sum l over the elements i = l mod 8, and adds them as
 * ((s0+s4)+(s2+s6)) + ((s1+s5)+(s3+s7)). Everything else adds row after row, in order; that several rows are taken in
 * one pass over the output saves loads and changes no bit. Four-lane vectors (SSE2, NEON) hold the partial sums because
 * compilers keep arrays of them in memory.
 */
#include "kernels/kernels.h"
#include <string.h>

typedef float floats __attribute__((vector_size(16)));
typedef double doubles __attribute__((vector_size(16)));

enum { LANES = 4, DOT_LANES = 8, PASS_ROWS = 4, OUTER_ROWS = 8, OUTER_COLUMNS = 64 };

static inline floats load(const float *from)
{
    floats value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline float sum_lanes(floats low, floats high)
{
    floats sum = low + high;
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

static float dot(const float *a, const float *b, size_t n)
{
    floats low = {0}, high = {0};
    for (size_t i = 0; i < n; i += DOT_LANES) {
        low += load(a + i) * load(b + i);
        high += load(a + i + LANES) * load(b + i + LANES);
    }
    return sum_lanes(low, high);
}

static inline doubles widen(const float *from)
{
    return (doubles){(double)from[0], (double)from[1]};
}

static double dot_wide(const float *a, const float *b, size_t n)
{
    doubles s01 = {0}, s23 = {0}, s45 = {0}, s67 = {0};
    for (size_t i = 0; i < n; i += DOT_LANES) {
        s01 += widen(a + i) * widen(b + i);
        s23 += widen(a + i + 2) * widen(b + i + 2);
        s45 += widen(a + i + 4) * widen(b + i + 4);
        s67 += widen(a + i + 6) * widen(b + i + 6);
    }
    doubles even = (s01 + s45) + (s23 + s67);
    return even[0] + even[1];
}

static void axpy(float *restrict y, float a, const float *restrict x, size_t n)
{
    for (size_t i = 0; i < n; ++i) y[i] += a * x[i];
}

static void multiply_symmetric(float *restrict out, const float *restrict matrix, const float *restrict v, size_t n)
{
    for (size_t i = 0; i < n; ++i) out[i] = 0.0f;
    for (size_t k = 0; k < n; k += PASS_ROWS) {
        const float *restrict m0 = matrix + k * n, *restrict m1 = m0 + n, *restrict m2 = m1 + n, *restrict m3 = m2 + n;
        float a0 = v[k], a1 = v[k + 1], a2 = v[k + 2], a3 = v[k + 3];
        for (size_t i = 0; i < n; ++i) out[i] = (((out[i] + a0 * m0[i]) + a1 * m1[i]) + a2 * m2[i]) + a3 * m3[i];
    }
}

static void pack(float *out, const pv_rows *rows, size_t n)
{
    for (size_t k = 0; k < rows->count; ++k) memcpy(out + k * n, pv_rows_at(rows, k), n * sizeof *out);
}

/* dots[r] = row[r] . v, each as dot() does it. */
static inline void dot_four(float dots[PASS_ROWS], const float *const row[PASS_ROWS], const float *v, size_t n)
{
    floats low0 = {0}, low1 = {0}, low2 = {0}, low3 = {0}, high0 = {0}, high1 = {0}, high2 = {0}, high3 = {0};
    const float *r0 = row[0], *r1 = row[1], *r2 = row[2], *r3 = row[3];
    for (size_t i = 0; i < n; i += DOT_LANES) {
        floats low = load(v + i), high = load(v + i + LANES);
        low0 += load(r0 + i) * low;
        low1 += load(r1 + i) * low;
        low2 += load(r2 + i) * low;
        low3 += load(r3 + i) * low;
        high0 += load(r0 + i + LANES) * high;
        high1 += load(r1 + i + LANES) * high;
        high2 += load(r2 + i + LANES) * high;
        high3 += load(r3 + i + LANES) * high;
    }
    dots[0] = sum_lanes(low0, high0);
    dots[1] = sum_lanes(low1, high1);
    dots[2] = sum_lanes(low2, high2);
    dots[3] = sum_lanes(low3, high3);
}

/* out += a[0] row[0] + .. a[3] row[3], row after row. */
static inline void axpy_four(float *restrict out, const float a[PASS_ROWS], const float *const row[PASS_ROWS], size_t n)
{
    const float *restrict r0 = row[0], *restrict r1 = row[1], *restrict r2 = row[2], *restrict r3 = row[3];
    float a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3];
    for (size_t i = 0; i < n; ++i) out[i] = (((out[i] + a0 * r0[i]) + a1 * r1[i]) + a2 * r2[i]) + a3 * r3[i];
}

static void add_projections(float *out, const pv_rows *rows, const float *coefficients, const float *targets,
                            const float *v, size_t n)
{
    size_t k = 0;
    for (; k + PASS_ROWS <= rows->count; k += PASS_ROWS) {
        const float *const row[PASS_ROWS] = {pv_rows_at(rows, k), pv_rows_at(rows, k + 1), pv_rows_at(rows, k + 2),
                                             pv_rows_at(rows, k + 3)};
        float a[PASS_ROWS];
        dot_four(a, row, v, n);
        for (size_t r = 0; r < PASS_ROWS; ++r) a[r] = coefficients[k + r] * a[r] - (targets ? targets[k + r] : 0.0f);
        axpy_four(out, a, row, n);
    }
    for (; k < rows->count; ++k) {
        const float *row = pv_rows_at(rows, k);
        axpy(out, coefficients[k] * dot(row, v, n) - (targets ? targets[k] : 0.0f), row, n);
    }
}

static void add_squares(float *restrict out, const pv_rows *rows, const float *coefficients, size_t n)
{
    for (size_t k = 0; k < rows->count; ++k) {
        const float *restrict row = pv_rows_at(rows, k);
        float c = coefficients[k];
        for (size_t i = 0; i < n; ++i) out[i] += (c * row[i]) * row[i];
    }
}

/* Add (c row[i]) row[j] of eight rows to matrix[i][j], j in [first, last), i in [first, n). */
static void add_outer_panel(double *matrix, const float *const row[OUTER_ROWS], const double c[OUTER_ROWS],
                            size_t first, size_t last, size_t n)
{
    double y[OUTER_ROWS][OUTER_COLUMNS];
    for (size_t r = 0; r < OUTER_ROWS; ++r)
        for (size_t j = first; j < last; ++j) y[r][j - first] = (double)row[r][j];
    for (size_t i = first; i < n; ++i) {
        /* Rounded up to eight columns: no tail loops, at the price of entries above the diagonal. */
        size_t width = (i - first) / 8 * 8 + 8;
        if (width > last - first) width = last - first;
        double a[OUTER_ROWS];
        for (size_t r = 0; r < OUTER_ROWS; ++r) a[r] = c[r] * (double)row[r][i];
        double *restrict out = matrix + i * n + first;
        for (size_t j = 0; j < width; ++j) {
            double sum = (((out[j] + a[0] * y[0][j]) + a[1] * y[1][j]) + a[2] * y[2][j]) + a[3] * y[3][j];
            out[j] = (((sum + a[4] * y[4][j]) + a[5] * y[5][j]) + a[6] * y[6][j]) + a[7] * y[7][j];
        }
    }
}

static void add_outer(double *matrix, const pv_rows *rows, const double *coefficients, size_t n)
{
    for (size_t k = 0; k < rows->count; k += OUTER_ROWS) {
        const float *row[OUTER_ROWS];
        double c[OUTER_ROWS];
        for (size_t r = 0; r < OUTER_ROWS; ++r) {
            size_t at = k + r < rows->count ? k + r : k; /* behind the end: any row, weight 0 */
            row[r] = pv_rows_at(rows, at);
            c[r] = at != k + r ? 0.0 : coefficients ? coefficients[at] : 1.0;
        }
        for (size_t first = 0; first < n; first += OUTER_COLUMNS)
            add_outer_panel(matrix, row, c, first, first + OUTER_COLUMNS < n ? first + OUTER_COLUMNS : n, n);
    }
}

const pv_kernels pv_kernels_scalar = {
    .isa = "scalar",
    .dot = dot,
    .dot_wide = dot_wide,
    .axpy = axpy,
    .multiply_symmetric = multiply_symmetric,
    .pack = pack,
    .add_projections = add_projections,
    .add_squares = add_squares,
    .add_outer = add_outer,
};
