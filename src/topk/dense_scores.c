/* dense_scores.c - see dense_scores.h. */
#include "topk/dense_scores.h"
#include "base/failure.h"
#include "base/memory.h"
#include "kernels/scan_kernels.h"
#include <assert.h>
#include <string.h>

static_assert(PV_DENSE_WIDTH == PV_SCAN_DENSE_WIDTH, "blocks are those of the kernel");

static size_t count_blocks(int64_t n_products)
{
    return ((size_t)n_products + PV_DENSE_WIDTH - 1) / PV_DENSE_WIDTH;
}

size_t pv_dense_blocks_size(int64_t n_products, size_t n_factors)
{
    return count_blocks(n_products) * PV_DENSE_WIDTH * n_factors;
}

typedef float four_floats __attribute__((vector_size(16)));

/* Four factors of four rows, n apart, into four lanes of four factors. */
static void turn_four_by_four(float *lanes, const float *rows, size_t n)
{
    four_floats a, b, c, d;
    memcpy(&a, rows, sizeof a);
    memcpy(&b, rows + n, sizeof b);
    memcpy(&c, rows + 2 * n, sizeof c);
    memcpy(&d, rows + 3 * n, sizeof d);
    const four_floats ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5),
                      cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const four_floats ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7),
                      cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const four_floats turned[4] = {
        __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5), __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7),
        __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5), __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7)};
    for (size_t f = 0; f < 4; ++f) memcpy(lanes + f * PV_DENSE_WIDTH, &turned[f], sizeof turned[f]);
}

/* The factors from `first` on of `width` rows, one at a time; lanes without a row get 0. */
static void fill_lanes(float *block, const float *rows, size_t width, size_t first, size_t n)
{
    for (size_t f = first; f < n; ++f)
        for (size_t lane = 0; lane < PV_DENSE_WIDTH; ++lane)
            block[f * PV_DENSE_WIDTH + lane] = lane < width ? rows[lane * n + f] : 0.0f;
}

void pv_dense_blocks_fill(float *blocks, const float *factors, int64_t n_products, size_t n_factors)
{
    const size_t n = (size_t)n_products, whole = n_factors / 4 * 4;
    for (size_t first = 0; first < n; first += PV_DENSE_WIDTH, blocks += PV_DENSE_WIDTH * n_factors) {
        const float *rows = factors + first * n_factors;
        if (n - first < PV_DENSE_WIDTH) {
            fill_lanes(blocks, rows, n - first, 0, n_factors);
            return;
        }
        for (size_t f = 0; f < whole; f += 4)
            for (size_t lane = 0; lane < PV_DENSE_WIDTH; lane += 4)
                turn_four_by_four(blocks + f * PV_DENSE_WIDTH + lane, rows + lane * n_factors + f, n_factors);
        fill_lanes(blocks, rows, PV_DENSE_WIDTH, whole, n_factors);
    }
}

pv_status pv_dense_index_init(pv_dense_index *index, const float *factors, int64_t n_products, size_t n_factors,
                              pv_error *error)
{
    const size_t size = pv_dense_blocks_size(n_products, n_factors);
    float *blocks = pv_allocate(size, sizeof *blocks);
    *index = (pv_dense_index){.blocks = blocks, .n_products = n_products, .n_factors = n_factors, .owned = blocks};
    if (!blocks) return pv_fail_memory(error, "the blocked factors", size * sizeof *blocks);
    pv_dense_blocks_fill(blocks, factors, n_products, n_factors);
    return PV_OK;
}

void pv_dense_index_deinit(pv_dense_index *index)
{
    pv_release(index->owned);
    *index = (pv_dense_index){0};
}

void pv_dense_scores(double *scores, const pv_dense_index *index, const double *x)
{
    const size_t n = (size_t)index->n_products, d = index->n_factors, whole = n / PV_DENSE_WIDTH;
    const size_t rest = n - whole * PV_DENSE_WIDTH;
    const pv_scan_kernels *kernels = pv_scan_kernels_get();
    kernels->dense_scores(scores, index->blocks, whole, x, d);
    if (rest == 0) return;
    double last[PV_DENSE_WIDTH];
    kernels->dense_scores(last, index->blocks + whole * PV_DENSE_WIDTH * d, 1, x, d);
    memcpy(scores + whole * PV_DENSE_WIDTH, last, rest * sizeof *last);
}

void pv_dense_scores_two(double *scores_one, double *scores_two, const pv_dense_index *index, const double *x_one,
                         const double *x_two, int64_t first, int64_t n)
{
    const size_t d = index->n_factors;
    assert(first % PV_DENSE_WIDTH == 0 && first + n <= index->n_products);
    pv_scan_kernels_get()->dense_scores_two(scores_one, scores_two, index->blocks + (size_t)first * d, count_blocks(n),
                                            x_one, x_two, d);
}
