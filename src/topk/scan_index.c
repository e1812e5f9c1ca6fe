/* scan_index.c - see scan_index.h. */
#include "topk/scan_index.h"
#include "base/failure.h"
#include "base/memory.h"
#include "kernels/scan_kernels.h"
#include "topk/scan_rounding.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define MOST_CODE 127.0

enum { RADIX_BITS = 11, RADIX_PASSES = 3, RADIX = 1 << RADIX_BITS };

/* The arrays of an index while they are written. */
typedef struct index_arrays {
    int8_t *codes;
    float *scales, *norms, *errors;
    int32_t *sums, *products, *places;
} index_arrays;

/* Lay the arrays into one allocation, the codes first. */
static pv_status allocate_arrays(index_arrays *arrays, pv_scan_index *index, pv_error *error)
{
    const size_t n_places = index->n_blocks * PV_SCAN_WIDTH, n_codes = n_places * index->n_quads * 4;
    const size_t bytes = n_codes + n_places * (sizeof(float) + 2 * sizeof(int32_t)) +
                         index->n_blocks * 2 * sizeof(float) + index->n_products * sizeof(int32_t);
    index->owned = pv_allocate(bytes, 1);
    if (!index->owned) return pv_fail_memory(error, "the index of products", bytes);
    arrays->codes = index->owned;
    arrays->scales = (float *)(void *)(arrays->codes + n_codes);
    arrays->norms = arrays->scales + n_places;
    arrays->errors = arrays->norms + index->n_blocks;
    arrays->sums = (int32_t *)(void *)(arrays->errors + index->n_blocks);
    arrays->products = arrays->sums + n_places;
    arrays->places = arrays->products + n_places;
    return PV_OK;
}

/* In four lanes: in the order of the row the sum would wait for itself. */
static double norm_of(const float *row, size_t n)
{
    double sums[4] = {0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t lane = 0; lane < 4; ++lane) sums[lane] += (double)row[i + lane] * (double)row[i + lane];
    for (; i < n; ++i) sums[0] += (double)row[i] * (double)row[i];
    return sqrt((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/* norms[n] of the rows, rounded up, in units of a power of two, of which the inverse is returned. */
static double measure_rows(float *norms, double *exact, const pv_scan_index *index)
{
    double longest = 0.0;
    int exponent = 0;
    for (size_t i = 0; i < index->n_products; ++i) {
        exact[i] = norm_of(index->factors + i * index->n_factors, index->n_factors);
        if (exact[i] > longest) longest = exact[i];
    }
    (void)frexp(longest, &exponent);
    const double per_unit = ldexp(1.0, -exponent);
    for (size_t i = 0; i < index->n_products; ++i) norms[i] = pv_round_up(exact[i] * per_unit * PV_SUM_SLACK);
    return per_unit;
}

/* order[n] = the rows by falling norm, ties by number: a stable radix sort of the bits, which rise with the number. */
static void sort_by_norm(int32_t *order, int32_t *other, const float *norms, size_t n)
{
    for (size_t i = 0; i < n; ++i) order[i] = (int32_t)i;
    for (unsigned pass = 0; pass < RADIX_PASSES; ++pass) {
        const unsigned shift = pass * RADIX_BITS;
        size_t starts[RADIX + 1] = {0};
        for (size_t i = 0; i < n; ++i) {
            uint32_t bits;
            memcpy(&bits, norms + i, sizeof bits);
            starts[(~bits >> shift) % RADIX + 1]++;
        }
        for (size_t digit = 0; digit < RADIX; ++digit) starts[digit + 1] += starts[digit];
        for (size_t i = 0; i < n; ++i) {
            uint32_t bits;
            memcpy(&bits, norms + order[i], sizeof bits);
            other[starts[(~bits >> shift) % RADIX]++] = order[i];
        }
        memcpy(order, other, n * sizeof *order);
    }
}

/* Sums and peaks run in LANES lanes: in the order of the row they could not be vectors. */
enum { LANES = 4 };

static float peak_of(const float *row, size_t n)
{
    float peaks[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t lane = 0; lane < LANES; ++lane) {
            const float size = fabsf(row[i + lane]);
            peaks[lane] = size > peaks[lane] ? size : peaks[lane];
        }
    for (; i < n; ++i) peaks[0] = fabsf(row[i]) > peaks[0] ? fabsf(row[i]) : peaks[0];
    for (size_t lane = 1; lane < LANES; ++lane) peaks[0] = peaks[lane] > peaks[0] ? peaks[lane] : peaks[0];
    return peaks[0];
}

static double sum_of_squares(const double *values, size_t n)
{
    double sums[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t lane = 0; lane < LANES; ++lane) sums[lane] += values[i + lane] * values[i + lane];
    for (; i < n; ++i) sums[0] += values[i] * values[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Codes of one row into its lane of a block; returns |y - scale codes| rounded up. */
static float encode_row(int8_t *lane, float *scale, int32_t *sum, const float *row, size_t n, double per_unit)
{
    double rests[PV_SCAN_MOST_FACTORS];
    int8_t codes[PV_SCAN_MOST_FACTORS + 3];
    const float step = (float)((double)peak_of(row, n) * per_unit / MOST_CODE);
    /* So short beside the longest row that its scale has lost digits: no codes, all of it is error. */
    const double inverse = step >= FLT_MIN ? 1.0 / (double)step : 0.0;
    /* No code is above MOST_CODE: rounding of the scale adds 1e-5 at most. */
    int32_t total = 0;
    for (size_t i = 0; i < n; ++i) {
        const double value = (double)row[i] * per_unit, code = pv_round_integer(value * inverse);
        rests[i] = value - code * (double)step;
        codes[i] = (int8_t)(int32_t)code;
    }
    for (size_t i = 0; i < n; ++i) total += codes[i];
    for (size_t i = n; i % 4 != 0; ++i) codes[i] = 0;
    for (size_t i = 0; i < n; i += 4) memcpy(lane + i * PV_SCAN_WIDTH, codes + i, 4);
    *sum = total;
    *scale = inverse > 0.0 ? step : 0.0f;
    return pv_round_up(sqrt(sum_of_squares(rests, n)) * PV_SUM_SLACK);
}

static void encode_block(index_arrays *arrays, const pv_scan_index *index, size_t b, const float *norms,
                         double per_unit)
{
    const size_t first = b * PV_SCAN_WIDTH, d = index->n_factors;
    int8_t *codes = arrays->codes + first * index->n_quads * 4;
    for (size_t i = 0; i < PV_SCAN_WIDTH; ++i) {
        const size_t place = first + i;
        if (place >= index->n_products) {
            arrays->products[place] = -1;
            continue;
        }
        const size_t product = (size_t)arrays->products[place];
        const float error = encode_row(codes + 4 * i, arrays->scales + place, arrays->sums + place,
                                       index->factors + product * d, d, per_unit);
        if (error > arrays->errors[b]) arrays->errors[b] = error;
        if (norms[product] > arrays->norms[b]) arrays->norms[b] = norms[product];
        arrays->places[product] = (int32_t)place;
    }
}

pv_status pv_scan_index_init(pv_scan_index *index, const float *factors, int64_t n_products, size_t n_factors,
                             pv_error *error)
{
    pv_status status;
    const size_t n = (size_t)n_products;
    *index = (pv_scan_index){.factors = factors,
                             .n_products = n,
                             .n_factors = n_factors,
                             .n_blocks = (n + PV_SCAN_WIDTH - 1) / PV_SCAN_WIDTH,
                             .n_quads = (n_factors + 3) / 4};
    index_arrays arrays = {0};
    float *norms = pv_allocate(n, sizeof *norms);
    double *exact = pv_allocate(n, sizeof *exact);
    PV_TRY(pv_check_memory(norms && exact, "the norms of products", error));
    PV_TRY(allocate_arrays(&arrays, index, error));
    const double per_unit = measure_rows(norms, exact, index);
    sort_by_norm(arrays.products, arrays.places, norms, n);
    for (size_t b = 0; b < index->n_blocks; ++b) encode_block(&arrays, index, b, norms, per_unit);
    index->codes = arrays.codes;
    index->scales = arrays.scales;
    index->sums = arrays.sums;
    index->norms = arrays.norms;
    index->errors = arrays.errors;
    index->products = arrays.products;
    index->places = arrays.places;
cleanup:
    pv_release(exact);
    pv_release(norms);
    return status;
}

void pv_scan_index_deinit(pv_scan_index *index)
{
    pv_release(index->owned);
    *index = (pv_scan_index){0};
}
