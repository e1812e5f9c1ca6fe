/* symmetric_eigen.c - see symmetric_eigen.h.
 *
 * A = Q T Q', Q = P_0 P_1 .. with P_k = I - v_k v_k'; QL turns T into diag by rotations G_1 G_2 .., so the rows of
 * .. G_2' G_1' Q' are the eigenvectors. Every column of that product is made from a column of the identity without
 * looking at the others: threads take slices of columns.
 */
#include "als/symmetric_eigen.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

enum {
    SLICE = 16,           /* columns of the eigenvector matrix a task makes */
    MOST_SWEEPS = 60,     /* of QL per eigenvalue; 1 to 2 are usual */
    ROTATIONS_PER_ROW = 4 /* rotations kept are at most this many times n^2 / 2: far above what is seen */
};

bool pv_symmetric_eigen_init(pv_symmetric_eigen *eigen, size_t n)
{
    *eigen = (pv_symmetric_eigen){.n = n, .capacity = ROTATIONS_PER_ROW * (n * n / 2 + n)};
    eigen->reflectors = pv_allocate(n * n, sizeof(double));
    eigen->diagonal = pv_allocate(n, sizeof(double));
    eigen->off = pv_allocate(n, sizeof(double));
    eigen->vectors = pv_allocate(n * n, sizeof(double));
    eigen->workspace = pv_allocate(n * (n + SLICE + 2), sizeof(double));
    eigen->rotations = pv_allocate(eigen->capacity, 2 * sizeof(double));
    eigen->rotated = pv_allocate(eigen->capacity, sizeof(int32_t));
    return eigen->reflectors && eigen->diagonal && eigen->off && eigen->vectors && eigen->workspace &&
           eigen->rotations && eigen->rotated;
}

void pv_symmetric_eigen_deinit(pv_symmetric_eigen *eigen)
{
    pv_release(eigen->reflectors);
    pv_release(eigen->diagonal);
    pv_release(eigen->off);
    pv_release(eigen->vectors);
    pv_release(eigen->workspace);
    pv_release(eigen->rotations);
    pv_release(eigen->rotated);
}

/* v [n] of the reflection I - v v' that maps a [n], n >= 2, onto (norm, 0, ..); returns norm. v = 0 where a has only a
 * first element. */
static double make_reflector(double *v, const double *a, size_t n)
{
    double largest = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; ++i) largest = fmax(largest, fabs(a[i]));
    double tail = 0.0;
    for (size_t i = 1; i < n; ++i) tail = fmax(tail, fabs(a[i]));
    memset(v, 0, n * sizeof *v);
    if (tail == 0.0) return a[0];
    for (size_t i = 0; i < n; ++i) squares += (a[i] / largest) * (a[i] / largest);
    double norm = a[0] > 0.0 ? -largest * sqrt(squares) : largest * sqrt(squares);
    /* |a - norm e|^2 = 2 norm (norm - a_0); v = (a - norm e) sqrt(2) / |a - norm e| */
    double scale = 1.0 / sqrt(norm / largest * ((norm - a[0]) / largest)) / largest;
    for (size_t i = 0; i < n; ++i) v[i] = a[i] * scale;
    v[0] = (a[0] - norm) * scale;
    return norm;
}

/* A [m x m of stride n] becomes (I - v v') A (I - v v'). */
static void reflect_both_sides(double *A, const double *v, double *w, size_t m, size_t n)
{
    double along = 0.0;
    for (size_t i = 0; i < m; ++i) w[i] = 0.0;
    for (size_t k = 0; k < m; ++k) {
        const double *row = A + k * n;
        double x = v[k];
        for (size_t i = 0; i < m; ++i) w[i] += x * row[i];
    }
    for (size_t i = 0; i < m; ++i) along += v[i] * w[i];
    for (size_t i = 0; i < m; ++i) w[i] -= 0.5 * along * v[i];
    for (size_t k = 0; k < m; ++k) {
        double *row = A + k * n, x = v[k], y = w[k];
        for (size_t i = 0; i < m; ++i) row[i] -= x * w[i] + y * v[i];
    }
}

static void tridiagonalize(pv_symmetric_eigen *eigen, double *A)
{
    size_t n = eigen->n;
    for (size_t k = 0; k + 2 < n; ++k) {
        double *v = eigen->reflectors + k * n;
        eigen->off[k] = make_reflector(v, A + k * n + k + 1, n - k - 1);
        reflect_both_sides(A + (k + 1) * n + k + 1, v, eigen->workspace, n - k - 1, n);
    }
    if (n >= 2) eigen->off[n - 2] = A[(n - 2) * n + n - 1];
    eigen->off[n - 1] = 0.0;
    for (size_t k = 0; k < n; ++k) eigen->diagonal[k] = A[k * n + k];
}

/* One implicit QL sweep over the unreduced block [first, last]; keeps its rotations. */
static void sweep(pv_symmetric_eigen *eigen, size_t first, size_t last)
{
    double *d = eigen->diagonal, *e = eigen->off;
    double slope = (d[first + 1] - d[first]) / (2.0 * e[first]), length = sqrt(slope * slope + 1.0);
    double g = d[last] - d[first] + e[first] / (slope + copysign(length, slope));
    double s = 1.0, c = 1.0, p = 0.0;
    for (size_t i = last; i-- > first;) {
        double f = s * e[i], b = c * e[i];
        double r = sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r == 0.0) { /* the block falls apart: go on with the smaller one */
            d[i + 1] -= p;
            e[last] = 0.0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2.0 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        eigen->rotations[2 * eigen->n_rotations] = c;
        eigen->rotations[2 * eigen->n_rotations + 1] = s;
        eigen->rotated[eigen->n_rotations++] = (int32_t)i;
    }
    d[first] -= p;
    e[first] = g;
    e[last] = 0.0;
}

static bool diagonalize(pv_symmetric_eigen *eigen)
{
    const double *d = eigen->diagonal, *e = eigen->off;
    size_t n = eigen->n;
    eigen->n_rotations = 0;
    for (size_t first = 0; first < n; ++first) {
        for (int turn = 0;; ++turn) {
            size_t last = first;
            while (last + 1 < n && fabs(e[last]) > 0x1p-52 * (fabs(d[last]) + fabs(d[last + 1]))) ++last;
            if (last == first) break;
            if (turn == MOST_SWEEPS || eigen->n_rotations + n > eigen->capacity) return false;
            sweep(eigen, first, last);
        }
    }
    return true;
}

/* rows i and i + 1 of the slice by one rotation. */
static inline void rotate_rows(double *low, double *high, double c, double s)
{
    for (size_t j = 0; j < SLICE; ++j) {
        double f = high[j];
        high[j] = s * low[j] + c * f;
        low[j] = c * low[j] - s * f;
    }
}

/* slice [m x SLICE] becomes (I - v v') slice. */
static void reflect_slice(double *slice, const double *v, size_t m)
{
    double along[SLICE] = {0};
    for (size_t i = 0; i < m; ++i)
        for (size_t j = 0; j < SLICE; ++j) along[j] += v[i] * slice[i * SLICE + j];
    for (size_t i = 0; i < m; ++i)
        for (size_t j = 0; j < SLICE; ++j) slice[i * SLICE + j] -= v[i] * along[j];
}

/* Columns [first, first + SLICE) of the eigenvector matrix, before it is sorted. */
static void make_slice(void *context, size_t task, unsigned thread)
{
    pv_symmetric_eigen *eigen = context;
    size_t n = eigen->n, first = task * SLICE, width = n - first < SLICE ? n - first : SLICE;
    (void)thread;
    /* workspace is [n x SLICE] per task behind the 2 n of the tridiagonalization; the last slice may be narrower */
    double *slice = eigen->workspace + 2 * n + task * n * SLICE;
    memset(slice, 0, n * SLICE * sizeof *slice);
    for (size_t j = 0; j < width; ++j) slice[(first + j) * SLICE + j] = 1.0;
    for (size_t k = 0; k + 2 < n; ++k) reflect_slice(slice + (k + 1) * SLICE, eigen->reflectors + k * n, n - k - 1);
    for (size_t r = 0; r < eigen->n_rotations; ++r) {
        double *low = slice + (size_t)eigen->rotated[r] * SLICE;
        rotate_rows(low, low + SLICE, eigen->rotations[2 * r], eigen->rotations[2 * r + 1]);
    }
    for (size_t i = 0; i < n; ++i) memcpy(eigen->vectors + i * n + first, slice + i * SLICE, width * sizeof *slice);
}

static void sort_descending(pv_symmetric_eigen *eigen)
{
    size_t n = eigen->n;
    double *d = eigen->diagonal, *row = eigen->workspace;
    for (size_t i = 0; i < n; ++i) {
        size_t largest = i;
        for (size_t k = i + 1; k < n; ++k)
            if (d[k] > d[largest]) largest = k;
        if (largest == i) continue;
        double value = d[i];
        d[i] = d[largest];
        d[largest] = value;
        memcpy(row, eigen->vectors + i * n, n * sizeof *row);
        memcpy(eigen->vectors + i * n, eigen->vectors + largest * n, n * sizeof *row);
        memcpy(eigen->vectors + largest * n, row, n * sizeof *row);
    }
}

bool pv_symmetric_eigen_solve(pv_symmetric_eigen *eigen, double *A, pv_threads *threads)
{
    size_t n = eigen->n;
    for (size_t i = 0; i < n * n; ++i)
        if (!isfinite(A[i])) return false;
    tridiagonalize(eigen, A);
    if (!diagonalize(eigen)) return false;
    pv_threads_run(threads, (n + SLICE - 1) / SLICE, make_slice, eigen);
    sort_descending(eigen);
    return true;
}
