/* triangular_kernels.h - float64 triangular systems and Cholesky, written once for all instruction sets.
 *
 * Included by kernel_table.h behind exact_kernels.h. A kernels_<set>.c defines before, beside what that file needs:
 *   transpose_wide(v)       of DOUBLES vectors of DOUBLES lanes, in place
 *
 * Systems are solved for SIDES right-hand sides at once, which lie side by side: sides[k * SIDES + lane]. The Cholesky
 * factorization stands on that solver: with L L' = A known for the rows before, a row of L is the solution of L l = a
 * for the same row of A, and its pivot is what l'l leaves of the diagonal (Golub, Van Loan, Matrix Computations, 4.2).
 */
#include "kernels/exact_kernels.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

#if defined(KERNEL) /* a template: nothing on its own */
enum {
    SIDES = WIDE_COLUMNS,
    SOLVE_ROWS = 4,    /* of a tile */
    SOLVE_BLOCK = 128, /* unknowns that lie side by side at a time */
    VECTOR_ROWS = 8    /* taken at once where there is one right-hand side: a multiple of all DOUBLES */
};

/* sides [size x SIDES] = the first `size` numbers of `count` rows; lanes behind them repeat the first row. */
KERNEL void gather_sides(double *sides, const double *rows, size_t stride, size_t count, size_t size)
{
    for (size_t part = 0; part < SIDES; part += DOUBLES) {
        const double *lane[DOUBLES];
#pragma GCC unroll 8
        for (size_t r = 0; r < DOUBLES; ++r) lane[r] = rows + (part + r < count ? part + r : 0) * stride;
        size_t whole = size - size % DOUBLES;
        for (size_t k = 0; k < whole; k += DOUBLES) {
            doubles v[DOUBLES];
#pragma GCC unroll 8
            for (size_t r = 0; r < DOUBLES; ++r) v[r] = load_wide(lane[r] + k);
            transpose_wide(v);
#pragma GCC unroll 8
            for (size_t r = 0; r < DOUBLES; ++r) store_wide(sides + (k + r) * SIDES + part, v[r]);
        }
        for (size_t k = whole; k < size; ++k)
            for (size_t r = 0; r < DOUBLES; ++r) sides[k * SIDES + part + r] = lane[r][k];
    }
}

/* The way back, for the `count` rows alone. */
KERNEL void scatter_sides(double *rows, size_t stride, size_t count, const double *sides, size_t size)
{
    for (size_t part = 0; part < count; part += DOUBLES) {
        size_t lanes = count - part < DOUBLES ? count - part : DOUBLES, whole = size - size % DOUBLES;
        double *to = rows + part * stride;
        for (size_t k = 0; k < whole; k += DOUBLES) {
            doubles v[DOUBLES];
#pragma GCC unroll 8
            for (size_t r = 0; r < DOUBLES; ++r) v[r] = load_wide(sides + (k + r) * SIDES + part);
            transpose_wide(v);
#pragma GCC unroll 8
            for (size_t r = 0; r < DOUBLES; ++r)
                if (r < lanes) store_wide(to + r * stride + k, v[r]);
        }
        for (size_t k = whole; k < size; ++k)
            for (size_t r = 0; r < lanes; ++r) to[r * stride + k] = sides[k * SIDES + part + r];
    }
}

/* `height` rows of a solution, from row i of L on, given those before. */
TILE void solve_tile(double *sides, const double *L, size_t i, size_t height, size_t n)
{
    doubles tile[SOLVE_ROWS][2];
    multiply_tile_wide(tile, height, L + i * n, n, 1, sides, SIDES, i);
#pragma GCC unroll 4
    for (size_t r = 0; r < height; ++r) {
        const double *row = L + (i + r) * n + i;
        double *out = sides + (i + r) * SIDES;
        doubles inverse = every_wide(1.0 / row[r]);
        doubles low = load_wide(out) - tile[r][0], high = load_wide(out + DOUBLES) - tile[r][1];
#pragma GCC unroll 4
        for (size_t q = 0; q < r; ++q) {
            doubles minus = every_wide(-row[q]);
            low = fused_wide(minus, tile[q][0], low);
            high = fused_wide(minus, tile[q][1], high);
        }
        tile[r][0] = low * inverse;
        tile[r][1] = high * inverse;
        store_wide(out, tile[r][0]);
        store_wide(out + DOUBLES, tile[r][1]);
    }
}

/* sides = L^-1 sides, L [size x size] with its rows n apart. */
KERNEL void solve_triangle(double *sides, size_t size, const double *L, size_t n)
{
    size_t i = 0;
    for (; i + SOLVE_ROWS <= size; i += SOLVE_ROWS) solve_tile(sides, L, i, SOLVE_ROWS, n);
    for (; i < size; ++i) solve_tile(sides, L, i, 1, n);
}

/* out [height x SIDES] -= a sides: multiply_tile_wide() says how a lies. */
TILE void subtract_tile(double *out, size_t height, const double *a, size_t a_row, size_t a_column, const double *sides,
                        size_t depth)
{
    doubles tile[SOLVE_ROWS][2];
    multiply_tile_wide(tile, height, a, a_row, a_column, sides, SIDES, depth);
#pragma GCC unroll 4
    for (size_t r = 0; r < height; ++r, out += SIDES) {
        store_wide(out, load_wide(out) - tile[r][0]);
        store_wide(out + DOUBLES, load_wide(out + DOUBLES) - tile[r][1]);
    }
}

/* out [size x SIDES] -= L sides, L [size x depth] with its rows n apart. */
KERNEL void subtract_products(double *out, size_t size, const double *L, size_t n, const double *sides, size_t depth)
{
    size_t i = 0;
    for (; i + SOLVE_ROWS <= size; i += SOLVE_ROWS)
        subtract_tile(out + i * SIDES, SOLVE_ROWS, L + i * n, n, 1, sides, depth);
    for (; i < size; ++i) subtract_tile(out + i * SIDES, 1, L + i * n, n, 1, sides, depth);
}

/* products [SIDES x SIDES] -= sides' sides: what the solutions take from the pivots. */
KERNEL void subtract_pivots(double *products, const double *sides, size_t size)
{
    for (size_t r = 0; r < SIDES; r += SOLVE_ROWS)
        subtract_tile(products + r * SIDES, SOLVE_ROWS, sides + r, 1, SIDES, sides, size);
}

/* rows [count, `stride` apart] = their solutions of L w = row, L [size x size] with its rows n apart; count at most
 * SIDES. pivots [SIDES x SIDES] -= the products of the solutions; NULL when they are not needed. */
KERNEL void solve_sides(double *rows, size_t stride, size_t count, double *pivots, const double *L, size_t size,
                        size_t n)
{
    double sides[SOLVE_BLOCK * SIDES], earlier[SOLVE_BLOCK * SIDES];
    for (size_t first = 0; first < size; first += SOLVE_BLOCK) {
        size_t block = size - first < SOLVE_BLOCK ? size - first : SOLVE_BLOCK;
        gather_sides(sides, rows + first, stride, count, block);
        for (size_t before = 0; before < first; before += SOLVE_BLOCK) {
            gather_sides(earlier, rows + before, stride, count, SOLVE_BLOCK);
            subtract_products(sides, block, L + first * n + before, n, earlier, SOLVE_BLOCK);
        }
        solve_triangle(sides, block, L + first * n + first, n);
        if (pivots) subtract_pivots(pivots, sides, block);
        scatter_sides(rows + first, stride, count, sides, block);
    }
}

KERNEL void forward_rows(double *rows, size_t count, const double *L, size_t n)
{
    for (size_t k = 0; k < count; k += SIDES)
        solve_sides(rows + k * n, n, count - k < SIDES ? count - k : SIDES, NULL, L, n, n);
}

/* --- Cholesky ----------------------------------------------------------------------------------------------------- */

/* Factor what is left of `size` rows of the diagonal: pivots [SIDES x SIDES] becomes the transposed factor, its upper
 * triangle. diagonal [size] is what the pivots are measured against. */
KERNEL bool factor_pivots(double *pivots, const double *diagonal, size_t size, double tolerance)
{
    for (size_t j = 0; j < size; ++j) {
        double *row = pivots + j * SIDES, pivot = row[j];
        if (!(pivot > tolerance * diagonal[j])) return false; /* not a number or an infinite diagonal too */
        doubles inverse = every_wide(1.0 / sqrt(pivot));
        doubles low = load_wide(row) * inverse, high = load_wide(row + DOUBLES) * inverse;
        store_wide(row, low);
        store_wide(row + DOUBLES, high);
        row[j] = sqrt(pivot);
        for (size_t i = j + 1; i < size; ++i) {
            double *out = pivots + i * SIDES;
            doubles minus = every_wide(-row[i]);
            store_wide(out, fused_wide(minus, low, load_wide(out)));
            store_wide(out + DOUBLES, fused_wide(minus, high, load_wide(out + DOUBLES)));
        }
    }
    return true;
}

KERNEL bool cholesky_factor(double *L, const double *A, double jitter, size_t n)
{
    double tolerance = (double)n * 0x1p-52;
    for (size_t first = 0; first < n; first += SIDES) {
        size_t height = n - first < SIDES ? n - first : SIDES;
        double pivots[SIDES * SIDES] = {0}, diagonal[SIDES];
        double *rows = L + first * n;
        for (size_t r = 0; r < height; ++r) {
            const double *from = A + (first + r) * n;
            memcpy(rows + r * n, from, first * sizeof *rows);
            for (size_t c = 0; c < r; ++c) pivots[c * SIDES + r] = from[first + c];
            pivots[r * SIDES + r] = diagonal[r] = from[first + r] + jitter;
        }
        solve_sides(rows, n, height, pivots, L, first, n);
        if (!factor_pivots(pivots, diagonal, height, tolerance)) return false;
        for (size_t r = 0; r < height; ++r)
            for (size_t c = 0; c <= r; ++c) rows[r * n + first + c] = pivots[c * SIDES + r];
    }
    return true;
}

/* sums[r] = row r . x over n numbers, n a multiple of VECTOR_ROWS, for rows that are `stride` apart. */
TILE void dot_prefixes(double *sums, size_t height, const double *rows, size_t stride, const double *x, size_t n)
{
    doubles s[VECTOR_ROWS];
#pragma GCC unroll 8
    for (size_t r = 0; r < height; ++r) s[r] = every_wide(0.0);
    for (size_t k = 0; k < n; k += DOUBLES) {
        doubles v = load_wide(x + k);
#pragma GCC unroll 8
        for (size_t r = 0; r < height; ++r) s[r] = fused_wide(load_wide(rows + r * stride + k), v, s[r]);
    }
#pragma GCC unroll 8
    for (size_t r = 0; r < height; ++r) sums[r] = sum_lanes_wide(s[r]);
}

/* x[0 .. n) -= the rows times a, n a multiple of VECTOR_ROWS. */
TILE void subtract_prefixes(double *x, size_t height, const double *rows, size_t stride, const double *a, size_t n)
{
    for (size_t k = 0; k < n; k += DOUBLES) {
        doubles v = load_wide(x + k);
#pragma GCC unroll 8
        for (size_t r = 0; r < height; ++r) v = fused_wide(every_wide(-a[r]), load_wide(rows + r * stride + k), v);
        store_wide(x + k, v);
    }
}

/* x = L^-1 x, VECTOR_ROWS unknowns at a time, so that what lies before them has no tail. */
KERNEL void solve_lower(double *x, const double *L, size_t n)
{
    for (size_t i = 0; i < n; i += VECTOR_ROWS) {
        const double *rows = L + i * n;
        size_t height = n - i < VECTOR_ROWS ? n - i : VECTOR_ROWS;
        double sums[VECTOR_ROWS];
        if (height == VECTOR_ROWS)
            dot_prefixes(sums, VECTOR_ROWS, rows, n, x, i);
        else
            for (size_t r = 0; r < height; ++r) dot_prefixes(sums + r, 1, rows + r * n, n, x, i);
        for (size_t r = 0; r < height; ++r) {
            double value = x[i + r] - sums[r];
            for (size_t q = 0; q < r; ++q) value -= rows[r * n + i + q] * x[i + q];
            x[i + r] = value / rows[r * n + i + r];
        }
    }
}

/* x = L'^-1 x. */
KERNEL void solve_upper(double *x, const double *L, size_t n)
{
    for (size_t i = (n + VECTOR_ROWS - 1) / VECTOR_ROWS * VECTOR_ROWS; i > 0;) {
        i -= VECTOR_ROWS;
        const double *rows = L + i * n;
        size_t height = n - i < VECTOR_ROWS ? n - i : VECTOR_ROWS;
        for (size_t r = height; r-- > 0;) {
            double value = x[i + r] /= rows[r * n + i + r];
            for (size_t q = 0; q < r; ++q) x[i + q] -= value * rows[r * n + i + q];
        }
        if (height == VECTOR_ROWS)
            subtract_prefixes(x, VECTOR_ROWS, rows, n, x + i, i);
        else
            for (size_t r = 0; r < height; ++r) subtract_prefixes(x, 1, rows + r * n, n, x + i + r, i);
    }
}

KERNEL void cholesky_solve(double *x, const double *L, size_t n)
{
    solve_lower(x, L, n);
    solve_upper(x, L, n);
}
#endif
