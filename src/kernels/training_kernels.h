/* training_kernels.h - the float32 kernels of training, written once for all instruction sets.
 *
 * Included by kernel_table.h. A kernels_<set>.c defines before:
 *   KERNEL                  storage and target attribute of a kernel function
 *   TILE                    the same for one that must be inlined, so that its arrays of vectors become registers
 *   floats, FLOATS          a vector and its number of lanes; + - * / act lane by lane
 *   load, store, every      unaligned memory access; one number in all lanes
 *   fused(a, b, c)          a b + c
 *   sum_lanes(v)            the sum of the lanes
 *   sum_lanes_of_eight(out, v) out[r] = sum of the lanes of v[r]
 *
 * Passes take eight rows at a time: eight dot products (one multiply-add per element, the vector v loaded once for
 * eight rows, eight independent sums hide the latency), then eight scaled rows onto the output, which is loaded and
 * stored once for eight rows while they are still in the first-level cache.
 */
#include "kernels/kernels.h"
#include <float.h>
#include <stdbool.h>
#include <string.h>

#if defined(KERNEL) /* a template: nothing on its own */
enum {
    PASS_ROWS = 8,
    TILE_ROWS = 6,
    TILE_COLUMNS = 2 * FLOATS,
    HAS_HALF_TILE = PV_KERNEL_WIDTH % TILE_COLUMNS != 0, /* whether half a tile can be left of a padded length */
    MOST_COLUMNS = 1024
};

KERNEL float dot(const float *a, const float *b, size_t n)
{
    floats even = every(0.0f), odd = every(0.0f);
    size_t i = 0;
    for (; i + 2 * FLOATS <= n; i += 2 * FLOATS) {
        even = fused(load(a + i), load(b + i), even);
        odd = fused(load(a + i + FLOATS), load(b + i + FLOATS), odd);
    }
    if (i < n) even = fused(load(a + i), load(b + i), even);
    return sum_lanes(even + odd);
}

KERNEL void pack(float *out, const pv_rows *rows, size_t n)
{
    enum { AHEAD = 8, LINE = 16 };
    for (size_t k = 0; k < rows->count; ++k) {
        const float *row = pv_rows_at(rows, k);
        if (k + AHEAD < rows->count) {
            const float *later = pv_rows_at(rows, k + AHEAD);
            for (size_t i = 0; i < n; i += LINE) __builtin_prefetch(later + i);
        }
        for (size_t i = 0; i < n; i += FLOATS) store(out + k * n + i, load(row + i));
    }
}

/* sums[r] = row r . v for `height` rows, 4 or 8. */
TILE void dot_rows(float sums[PASS_ROWS], const float *const *rows, size_t height, const float *v, size_t n)
{
    floats s[PASS_ROWS];
#pragma GCC unroll 8
    for (size_t r = 0; r < PASS_ROWS; ++r) s[r] = every(0.0f);
    for (size_t i = 0; i < n; i += FLOATS) {
        floats x = load(v + i);
#pragma GCC unroll 8
        for (size_t r = 0; r < height; ++r) s[r] = fused(load(rows[r] + i), x, s[r]);
    }
    sum_lanes_of_eight(sums, s);
}

/* out += a[0] row 0 + a[1] row 1 + .. for `height` rows, 4 or 8. */
TILE void add_scaled_rows(float *out, const float *const *rows, size_t height, const float *a, size_t n)
{
    floats scale[PASS_ROWS];
#pragma GCC unroll 8
    for (size_t r = 0; r < height; ++r) scale[r] = every(a[r]);
    size_t i = 0;
    for (; i + TILE_COLUMNS <= n; i += TILE_COLUMNS) {
        floats low = load(out + i), high = load(out + i + FLOATS);
#pragma GCC unroll 8
        for (size_t r = 0; r < height; ++r) {
            low = fused(scale[r], load(rows[r] + i), low);
            high = fused(scale[r], load(rows[r] + i + FLOATS), high);
        }
        store(out + i, low);
        store(out + i + FLOATS, high);
    }
    if (!HAS_HALF_TILE || i == n) return;
    floats last = load(out + i);
#pragma GCC unroll 8
    for (size_t r = 0; r < height; ++r) last = fused(scale[r], load(rows[r] + i), last);
    store(out + i, last);
}

KERNEL void axpy(float *y, float a, const float *x, size_t n)
{
    floats scale = every(a);
    for (size_t i = 0; i < n; i += FLOATS) store(y + i, fused(scale, load(x + i), load(y + i)));
}

/* Pointers to `height` rows from row k on. */
KERNEL inline void point(const float **pointers, const pv_rows *rows, size_t k, size_t height)
{
#pragma GCC unroll 8
    for (size_t r = 0; r < height; ++r) pointers[r] = pv_rows_at(rows, k + r);
}

/* Ask for the rows of a coming block, so that they are there when it is their turn. */
KERNEL inline void prefetch_rows(const pv_rows *rows, size_t k, size_t n)
{
    enum { LINE = 16 };
    if (k + PASS_ROWS > rows->count) return;
    for (size_t r = 0; r < PASS_ROWS; ++r) {
        const float *row = pv_rows_at(rows, k + r);
        for (size_t i = 0; i < n; i += LINE) __builtin_prefetch(row + i);
    }
}

/* a[r] = coefficients[r] a[r] - targets[r]; the dot products are kept in `dots`. */
TILE void scale_dots(float *a, float *dots, const float *coefficients, const float *targets, size_t height)
{
    if (dots) memcpy(dots, a, height * sizeof *dots);
    size_t r = 0;
    for (; r + FLOATS <= height; r += FLOATS) {
        floats scaled = load(coefficients + r) * load(a + r);
        if (targets) scaled -= load(targets + r);
        store(a + r, scaled);
    }
    for (; r < height; ++r) {
        a[r] *= coefficients[r];
        if (targets) a[r] -= targets[r];
    }
}

TILE void project_rows(float *out, float *dots, const pv_rows *rows, const float *coefficients, const float *targets,
                       const float *v, size_t n)
{
    enum { HALF = PASS_ROWS / 2 };
    const float *pointers[2][PASS_ROWS];
    float sums[2][PASS_ROWS];
    size_t k = 0, count = rows->count;
    bool is_first = dots && rows->index;
    if (count >= PASS_ROWS) {
        point(pointers[0], rows, 0, PASS_ROWS);
        if (is_first) prefetch_rows(rows, PASS_ROWS, n);
        dot_rows(sums[0], pointers[0], PASS_ROWS, v, n);
    }
    for (size_t turn = 0; k + PASS_ROWS <= count; k += PASS_ROWS, turn ^= 1) {
        /* The next block's dot products are under way while the sums of this one come together. */
        if (k + 2 * PASS_ROWS <= count) {
            if (is_first) prefetch_rows(rows, k + 2 * PASS_ROWS, n);
            point(pointers[turn ^ 1], rows, k + PASS_ROWS, PASS_ROWS);
            dot_rows(sums[turn ^ 1], pointers[turn ^ 1], PASS_ROWS, v, n);
        }
        scale_dots(sums[turn], dots ? dots + k : NULL, coefficients + k, targets ? targets + k : NULL, PASS_ROWS);
        add_scaled_rows(out, pointers[turn], PASS_ROWS, sums[turn], n);
    }
    if (k + HALF <= count) {
        point(pointers[0], rows, k, HALF);
        dot_rows(sums[0], pointers[0], HALF, v, n);
        scale_dots(sums[0], dots ? dots + k : NULL, coefficients + k, targets ? targets + k : NULL, HALF);
        add_scaled_rows(out, pointers[0], HALF, sums[0], n);
        k += HALF;
    }
    for (; k < count; ++k) {
        const float *row = pv_rows_at(rows, k);
        sums[0][0] = dot(row, v, n);
        scale_dots(sums[0], dots ? dots + k : NULL, coefficients + k, targets ? targets + k : NULL, 1);
        axpy(out, sums[0][0], row, n);
    }
}

KERNEL void project(float *out, float *dots, const pv_rows *rows, const float *coefficients, const float *targets,
                    const float *v, size_t n)
{
    project_rows(out, dots, rows, coefficients, targets, v, n);
}

KERNEL void add_rows(float *out, const pv_rows *rows, const float *coefficients, size_t n)
{
    const float *pointers[PASS_ROWS];
    size_t k = 0;
    for (; k + PASS_ROWS <= rows->count; k += PASS_ROWS) {
        point(pointers, rows, k, PASS_ROWS);
        add_scaled_rows(out, pointers, PASS_ROWS, coefficients + k, n);
    }
    for (; k < rows->count; ++k) axpy(out, coefficients[k], pv_rows_at(rows, k), n);
}

KERNEL void multiply_symmetric(float *out, const float *matrix, const float *v, size_t n)
{
    memset(out, 0, n * sizeof *out);
    add_rows(out, &(pv_rows){.values = matrix, .stride = n, .count = n}, v, n);
}

KERNEL void add_squares(float *out, const pv_rows *rows, const float *coefficients, size_t n)
{
    for (size_t k = 0; k < rows->count; ++k) {
        const float *row = pv_rows_at(rows, k);
        floats c = every(coefficients[k]);
        for (size_t i = 0; i < n; i += FLOATS) {
            floats y = load(row + i);
            store(out + i, fused(c * y, y, load(out + i)));
        }
    }
}

/* tile [height x width vectors] = a b over `depth`: a has its rows a_row and its columns a_column apart, b its rows
 * b_row. */
TILE void multiply_tile(floats tile[TILE_ROWS][2], size_t height, size_t width, const float *a, size_t a_row,
                        size_t a_column, const float *b, size_t b_row, size_t depth)
{
#pragma GCC unroll 6
    for (size_t r = 0; r < height; ++r) tile[r][0] = tile[r][1] = every(0.0f);
    for (size_t k = 0; k < depth; ++k, a += a_column, b += b_row) {
        floats low = load(b), high = width > 1 ? load(b + FLOATS) : low;
#pragma GCC unroll 6
        for (size_t r = 0; r < height; ++r) {
            floats x = every(a[r * a_row]);
            tile[r][0] = fused(x, low, tile[r][0]);
            if (width > 1) tile[r][1] = fused(x, high, tile[r][1]);
        }
    }
}

TILE void store_tile(float *out, size_t n, floats tile[TILE_ROWS][2], size_t height, size_t width)
{
#pragma GCC unroll 6
    for (size_t r = 0; r < height; ++r, out += n) {
        store(out, tile[r][0]);
        if (width > 1) store(out + FLOATS, tile[r][1]);
    }
}

/* `height` rows of out = rows x matrix. The rows are copied because out may be rows. */
TILE void multiply_rows(float *out, const float *rows, size_t height, const float *matrix, size_t n)
{
    float copied[TILE_ROWS * MOST_COLUMNS];
    floats tile[TILE_ROWS][2];
    size_t j = 0;
    memcpy(copied, rows, height * n * sizeof *copied);
    for (; j + TILE_COLUMNS <= n; j += TILE_COLUMNS) {
        multiply_tile(tile, height, 2, copied, n, 1, matrix + j, n, n);
        store_tile(out + j, n, tile, height, 2);
    }
    if (!HAS_HALF_TILE || j == n) return;
    multiply_tile(tile, height, 1, copied, n, 1, matrix + j, n, n);
    store_tile(out + j, n, tile, height, 1);
}

KERNEL void multiply(float *out, const float *rows, size_t count, const float *matrix, size_t n)
{
    size_t k = 0;
    for (; k + TILE_ROWS <= count; k += TILE_ROWS) multiply_rows(out + k * n, rows + k * n, TILE_ROWS, matrix, n);
    for (; k < count; ++k) multiply_rows(out + k * n, rows + k * n, 1, matrix, n);
}

_Static_assert(PV_KERNEL_BLOCK % TILE_ROWS == 0 && PV_KERNEL_BLOCK % TILE_COLUMNS == 0, "a tile would be cut");

/* Three blocks stay in the second-level cache, two vectors of columns of one in the first. */
KERNEL void add_block_product(float *out, float scale, const float *a, const float *b)
{
    enum { SIDE = PV_KERNEL_BLOCK };
    const floats factor = every(scale);
    floats tile[TILE_ROWS][2];
    for (size_t j = 0; j < SIDE; j += TILE_COLUMNS)
        for (size_t i = 0; i < SIDE; i += TILE_ROWS) {
            float *to = out + i * SIDE + j;
            multiply_tile(tile, TILE_ROWS, 2, a + i, 1, SIDE, b + j, SIDE, SIDE);
#pragma GCC unroll 6
            for (size_t r = 0; r < TILE_ROWS; ++r, to += SIDE) {
                store(to, fused(factor, tile[r][0], load(to)));
                store(to + FLOATS, fused(factor, tile[r][1], load(to + FLOATS)));
            }
        }
}

/* A tile of matrix += a'b, of whose rows the first `skipped` are not wanted. */
TILE void add_products_tile(double *matrix, const float *a, const float *b, size_t count, size_t n, size_t skipped,
                            size_t width)
{
    floats tile[TILE_ROWS][2];
    float sums[TILE_ROWS * TILE_COLUMNS];
    multiply_tile(tile, TILE_ROWS, width, a, 1, n, b, n, count);
    store_tile(sums, TILE_COLUMNS, tile, TILE_ROWS, width);
    for (size_t r = skipped; r < TILE_ROWS; ++r)
        for (size_t c = 0; c < width * FLOATS; ++c) matrix[r * n + c] += (double)sums[r * TILE_COLUMNS + c];
}

/* matrix += a'b over at most SUM_ROWS rows, summed in float32 and then added to the float64 matrix. */
KERNEL void add_products_block(double *matrix, const float *a, const float *b, size_t count, size_t n)
{
    for (size_t i = 0; i < n; i += TILE_ROWS) {
        /* The last tile overlaps the one before it, whose rows it leaves alone. */
        size_t first = i + TILE_ROWS <= n ? i : n - TILE_ROWS, last = first + TILE_ROWS, j = 0;
        double *rows = matrix + first * n;
        for (; j < last && j + TILE_COLUMNS <= n; j += TILE_COLUMNS)
            add_products_tile(rows + j, a + first, b + j, count, n, i - first, 2);
        if (HAS_HALF_TILE && j < last) add_products_tile(rows + j, a + first, b + j, count, n, i - first, 1);
    }
}

KERNEL void add_products(double *matrix, const float *a, const float *b, size_t count, size_t n)
{
    enum { SUM_ROWS = 256 };
    for (size_t k = 0; k < count; k += SUM_ROWS)
        add_products_block(matrix, a + k * n, b + k * n, count - k < SUM_ROWS ? count - k : SUM_ROWS, n);
}

/* out = diagonal v + coupling. */
KERNEL inline void multiply_background(float *out, const pv_row_system *system, const float *v, const float *coupling)
{
    for (size_t i = 0; i < system->n; i += FLOATS) {
        floats product = load(system->diagonal + i) * load(v + i);
        if (coupling) product += load(coupling + i);
        store(out + i, product);
    }
}

/* z = r / diagonal; returns r . z and, in *squared, r . r. */
KERNEL inline float precondition(float *z, float *squared, const float *r, const float *diagonal, size_t n)
{
    floats along = every(0.0f), norm = every(0.0f);
    for (size_t i = 0; i < n; i += FLOATS) {
        floats value = load(r + i), scaled = value / load(diagonal + i);
        store(z + i, scaled);
        along = fused(value, scaled, along);
        norm = fused(value, value, norm);
    }
    *squared = sum_lanes(norm);
    return sum_lanes(along);
}

KERNEL size_t conjugate_gradients(float *x, float *dots, float *scratch, const pv_row_system *system, size_t most_steps,
                                  float limit)
{
    size_t n = system->n, step = 0;
    float *r = scratch, *z = r + n, *p = z + n, *q = p + n, squared;
    multiply_background(q, system, x, system->coupling);
    project_rows(q, dots, &system->rows, system->coefficients, system->targets, x, n);
    for (size_t i = 0; i < n; i += FLOATS) store(r + i, every(0.0f) - load(q + i));
    float rz = precondition(p, &squared, r, system->diagonal, n);
    /* Written so that not-a-number goes on into x, where the caller sees it; below FLT_MIN products lose their digits.
     */
    while (step < most_steps && !(squared <= limit) && !(rz <= FLT_MIN)) {
        multiply_background(q, system, p, NULL);
        project_rows(q, NULL, &system->rows, system->coefficients, NULL, p, n);
        float curvature = dot(p, q, n), rz_before = rz;
        if (curvature <= 0.0f) break; /* singular along p to float32 precision */
        axpy(x, rz / curvature, p, n);
        if (++step == most_steps) break;
        axpy(r, -(rz / curvature), q, n);
        rz = precondition(z, &squared, r, system->diagonal, n);
        floats beta = every(rz / rz_before);
        for (size_t i = 0; i < n; i += FLOATS) store(p + i, fused(beta, load(p + i), load(z + i)));
    }
    return step;
}
#endif
