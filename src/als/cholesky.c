/* cholesky.c - left-looking Cholesky by columns.
 *
 * All work is in dot products of row prefixes, which lie contiguous in memory; four rows share the loads of the pivot
 * row. Each dot product keeps four partial sums, over the elements i = l mod 4, and a tail.
 */
#include "als/cholesky.h"
#include <math.h>
#include <string.h>

typedef double doubles __attribute__((vector_size(16)));

enum { LANES = 2, DOT_LANES = 4, ROWS = 4 };

static inline doubles load(const double *from)
{
    doubles value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline double sum_lanes(doubles low, doubles high)
{
    doubles sum = low + high;
    return sum[0] + sum[1];
}

static double dot(const double *a, const double *b, size_t n)
{
    doubles low = {0}, high = {0};
    size_t i = 0;
    for (; i + DOT_LANES <= n; i += DOT_LANES) {
        low += load(a + i) * load(b + i);
        high += load(a + i + LANES) * load(b + i + LANES);
    }
    double sum = sum_lanes(low, high);
    for (; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

/* dots[r] = row_r . b for four consecutive rows of a matrix, each as dot() does it. */
static void dot_four(double dots[ROWS], const double *rows, size_t stride, const double *b, size_t n)
{
    const double *r0 = rows, *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride;
    doubles low0 = {0}, low1 = {0}, low2 = {0}, low3 = {0}, high0 = {0}, high1 = {0}, high2 = {0}, high3 = {0};
    size_t i = 0;
    for (; i + DOT_LANES <= n; i += DOT_LANES) {
        doubles low = load(b + i), high = load(b + i + LANES);
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
    for (; i < n; ++i) {
        dots[0] += r0[i] * b[i];
        dots[1] += r1[i] * b[i];
        dots[2] += r2[i] * b[i];
        dots[3] += r3[i] * b[i];
    }
}

/* Column j of L below its diagonal. */
static void eliminate_column(double *L, const double *A, size_t j, size_t n)
{
    const double *pivot_row = L + j * n;
    double inverse = 1.0 / pivot_row[j];
    size_t i = j + 1;
    for (; i + ROWS <= n; i += ROWS) {
        double dots[ROWS];
        dot_four(dots, L + i * n, n, pivot_row, j);
        for (size_t r = 0; r < ROWS; ++r) L[(i + r) * n + j] = (A[(i + r) * n + j] - dots[r]) * inverse;
    }
    for (; i < n; ++i) L[i * n + j] = (A[i * n + j] - dot(L + i * n, pivot_row, j)) * inverse;
}

static bool try_factor(double *L, const double *A, double jitter, size_t n)
{
    for (size_t j = 0; j < n; ++j) {
        double diagonal = A[j * n + j] + jitter;
        double pivot = diagonal - dot(L + j * n, L + j * n, j);
        if (!(pivot > (double)n * 0x1p-52 * diagonal) || !isfinite(pivot)) return false;
        L[j * n + j] = sqrt(pivot);
        eliminate_column(L, A, j, n);
    }
    return true;
}

bool pv_cholesky_factor(double *L, double *jitter, const double *A, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n; ++i) {
        if (!isfinite(A[i * n + i])) return false;
        largest = fmax(largest, A[i * n + i]);
    }
    *jitter = 0.0;
    if (try_factor(L, A, 0.0, n)) return true;
    if (largest == 0.0) {
        *jitter = 1.0;
        return try_factor(L, A, *jitter, n);
    }
    for (*jitter = largest * 0x1p-40; *jitter <= largest * (double)n; *jitter *= 16.0)
        if (try_factor(L, A, *jitter, n)) return true;
    return false;
}

void pv_cholesky_solve(double *x, const double *L, size_t n)
{
    for (size_t i = 0; i < n; ++i) x[i] = (x[i] - dot(L + i * n, x, i)) / L[i * n + i];
    for (size_t i = n; i-- > 0;) {
        const double *row = L + i * n;
        double value = x[i] / row[i];
        x[i] = value;
        for (size_t j = 0; j < i; ++j) x[j] -= value * row[j];
    }
}
