/* exact_kernels.h - float64 sums of float32 rows, written once for all instruction sets.
 *
 * Included by kernel_table.h behind training_kernels.h. A kernels_<set>.c defines before:
 *   KERNEL                            storage and target attribute of a kernel function
 *   doubles, DOUBLES                  a vector and its number of lanes, at most 8; + - * act lane by lane
 *   load_wide, store_wide, every_wide unaligned memory access; one number in all lanes
 *   fused_wide(a, b, c)               a b + c
 *   sum_lanes_wide(v)                 the sum of the lanes
 *   widen(from)                       DOUBLES floats
 *
 * All products of matrices go through one tile that stays in registers: a few rows by two vectors of columns.
 */
#include "kernels/kernels.h"

#if defined(KERNEL) /* a template: nothing on its own */
enum {
    WIDE_COLUMNS = 2 * DOUBLES,
    OUTER_ROWS = 6,    /* of a tile of add_outer */
    SCALED_ROW = 8,    /* that many columns, rounded up to vectors */
    OUTER_DEPTH = 32,  /* rows that add_outer sums before it goes to the matrix */
    OUTER_COLUMNS = 64 /* of a panel, which stays in the first-level cache with its rows */
};

KERNEL double dot_wide(const float *a, const float *b, size_t n)
{
    doubles s0 = every_wide(0.0), s1 = s0;
    for (size_t i = 0; i < n; i += 2 * DOUBLES) {
        s0 = fused_wide(widen(a + i), widen(b + i), s0);
        s1 = fused_wide(widen(a + i + DOUBLES), widen(b + i + DOUBLES), s1);
    }
    return sum_lanes_wide(s0 + s1);
}

/* Float32 rounds a sum of 16 rows by little more than it rounds one of them; it is the long sums that need float64. */
KERNEL void project_wide(double *out, const pv_rows *rows, const float *coefficients, const float *targets,
                         const float *v, size_t n)
{
    enum { SUM_ROWS = 16 };
    float sums[MOST_COLUMNS];
    for (size_t k = 0; k < rows->count; k += SUM_ROWS) {
        const pv_rows block = {.values = rows->index ? rows->values : rows->values + k * rows->stride,
                               .stride = rows->stride,
                               .index = rows->index ? rows->index + k : NULL,
                               .count = rows->count - k < SUM_ROWS ? rows->count - k : SUM_ROWS};
        memset(sums, 0, n * sizeof *sums);
        project_rows(sums, NULL, &block, coefficients + k, targets + k, v, n);
        for (size_t i = 0; i < n; i += DOUBLES) store_wide(out + i, load_wide(out + i) + widen(sums + i));
    }
}

/* tile [height x 2 vectors] = a b over `depth`: a has its rows a_row and its columns a_column apart, b its rows
 * b_row. */
TILE void multiply_tile_wide(doubles tile[][2], size_t height, const double *a, size_t a_row, size_t a_column,
                             const double *b, size_t b_row, size_t depth)
{
#pragma GCC unroll 6
    for (size_t r = 0; r < height; ++r) tile[r][0] = tile[r][1] = every_wide(0.0);
    for (size_t k = 0; k < depth; ++k) {
        doubles low = load_wide(b + k * b_row), high = load_wide(b + k * b_row + DOUBLES);
#pragma GCC unroll 6
        for (size_t r = 0; r < height; ++r) {
            doubles x = every_wide(a[r * a_row + k * a_column]);
            tile[r][0] = fused_wide(x, low, tile[r][0]);
            tile[r][1] = fused_wide(x, high, tile[r][1]);
        }
    }
}

/* panel [depth x OUTER_COLUMNS] = `width` columns of the rows from `first` on, zeros behind them. */
KERNEL void widen_panel(double *panel, const float *const *rows, size_t depth, size_t first, size_t width)
{
    size_t filled = (width + WIDE_COLUMNS - 1) / WIDE_COLUMNS * WIDE_COLUMNS;
    for (size_t k = 0; k < depth; ++k, panel += OUTER_COLUMNS) {
        const float *from = rows[k] + first;
        size_t j = 0;
        for (; j + DOUBLES <= width; j += DOUBLES) store_wide(panel + j, widen(from + j));
        for (; j < width; ++j) panel[j] = (double)from[j];
        for (; j < filled; ++j) panel[j] = 0.0;
    }
}

/* scaled [depth x SCALED_ROW] = c_k times the columns of row k from `first` on, zeros behind n. */
KERNEL void scale_columns(double *scaled, const float *const *rows, const double *c, size_t depth, size_t first,
                          size_t n)
{
    for (size_t k = 0; k < depth; ++k, scaled += SCALED_ROW) {
        const float *from = rows[k] + first;
        if (first + SCALED_ROW <= n) {
            doubles factor = every_wide(c[k]);
#pragma GCC unroll 4
            for (size_t r = 0; r < SCALED_ROW; r += DOUBLES) store_wide(scaled + r, factor * widen(from + r));
        } else {
            for (size_t r = 0; r < OUTER_ROWS; ++r) scaled[r] = first + r < n ? c[k] * (double)from[r] : 0.0;
        }
    }
}

/* matrix += tile, as far as the matrix goes. */
TILE void add_tile(double *matrix, size_t n, doubles tile[OUTER_ROWS][2], size_t height, size_t width)
{
    if (height == OUTER_ROWS && width >= WIDE_COLUMNS) {
#pragma GCC unroll 6
        for (size_t r = 0; r < OUTER_ROWS; ++r) {
            double *row = matrix + r * n;
            store_wide(row, load_wide(row) + tile[r][0]);
            store_wide(row + DOUBLES, load_wide(row + DOUBLES) + tile[r][1]);
        }
        return;
    }
    double sums[OUTER_ROWS][WIDE_COLUMNS];
#pragma GCC unroll 6
    for (size_t r = 0; r < OUTER_ROWS; ++r) {
        store_wide(sums[r], tile[r][0]);
        store_wide(sums[r] + DOUBLES, tile[r][1]);
    }
    for (size_t r = 0; r < height; ++r)
        for (size_t j = 0; j < width && j < WIDE_COLUMNS; ++j) matrix[r * n + j] += sums[r][j];
}

/* add_outer() of `depth` rows. */
KERNEL void add_outer_block(double *matrix, const float *const *rows, const double *c, size_t depth, size_t n)
{
    double panel[OUTER_DEPTH * OUTER_COLUMNS], scaled[OUTER_DEPTH * SCALED_ROW];
    for (size_t first = 0; first < n; first += OUTER_COLUMNS) {
        size_t columns = n - first < OUTER_COLUMNS ? n - first : OUTER_COLUMNS;
        widen_panel(panel, rows, depth, first, columns);
        for (size_t i = first; i < n; i += OUTER_ROWS) {
            size_t height = n - i < OUTER_ROWS ? n - i : OUTER_ROWS, needed = i + height - first;
            scale_columns(scaled, rows, c, depth, i, n);
            for (size_t j = 0; j < columns && j < needed; j += WIDE_COLUMNS) {
                doubles tile[OUTER_ROWS][2];
                multiply_tile_wide(tile, OUTER_ROWS, scaled, 1, SCALED_ROW, panel + j, OUTER_COLUMNS, depth);
                add_tile(matrix + i * n + first + j, n, tile, height, columns - j);
            }
        }
    }
}

KERNEL void add_outer(double *matrix, const pv_rows *rows, const double *coefficients, size_t n)
{
    for (size_t k = 0; k < rows->count; k += OUTER_DEPTH) {
        size_t depth = rows->count - k < OUTER_DEPTH ? rows->count - k : OUTER_DEPTH;
        const float *block[OUTER_DEPTH];
        double c[OUTER_DEPTH];
        for (size_t r = 0; r < depth; ++r) {
            block[r] = pv_rows_at(rows, k + r);
            c[r] = coefficients ? coefficients[k + r] : 1.0;
        }
        add_outer_block(matrix, block, c, depth, n);
    }
}
#endif
