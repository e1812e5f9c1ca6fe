/* scan_scalar.c - the scan kernels in portable C. */
#include "kernels/scan_kernels.h"
#include "kernels/scan_rows.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define KERNEL static

/* Products whose sums are kept at the same time: what fits the registers of any processor. */
enum { DENSE_LANES = 8 };

KERNEL void dense_scores(double *scores, const float *blocks, size_t n_blocks, const double *x, size_t n)
{
    for (size_t first = 0; first < n_blocks * PV_SCAN_DENSE_WIDTH; first += DENSE_LANES) {
        const float *lanes =
            blocks + first / PV_SCAN_DENSE_WIDTH * PV_SCAN_DENSE_WIDTH * n + first % PV_SCAN_DENSE_WIDTH;
        double sums[DENSE_LANES] = {0};
        for (size_t f = 0; f < n; ++f)
            for (size_t lane = 0; lane < DENSE_LANES; ++lane)
                sums[lane] += x[f] * (double)lanes[f * PV_SCAN_DENSE_WIDTH + lane];
        for (size_t lane = 0; lane < DENSE_LANES; ++lane) scores[first + lane] = sums[lane];
    }
}

KERNEL void dense_scores_two(double *first, double *second, const float *blocks, size_t n_blocks, const double *x_first,
                             const double *x_second, size_t n)
{
    dense_scores(first, blocks, n_blocks, x_first, n);
    dense_scores(second, blocks, n_blocks, x_second, n);
}

typedef double doubles;
enum { DOUBLES = 1 };

KERNEL inline doubles load_doubles(const double *from)
{
    return *from;
}

KERNEL inline void store_doubles(double *to, doubles values)
{
    *to = values;
}

KERNEL inline doubles every_double(double value)
{
    return value;
}

KERNEL inline doubles times(doubles a, doubles b)
{
    return a * b;
}

KERNEL inline doubles plus(doubles a, doubles b)
{
    return a + b;
}

KERNEL inline doubles least(doubles a, doubles b)
{
    return a < b ? a : b;
}

KERNEL inline doubles root(doubles phi, doubles inverse)
{
    return phi > 0 ? sqrt(phi * inverse) : 0;
}

KERNEL inline bool any_positive(doubles phi)
{
    (void)phi; /* a branch a product would cost more than the root, and keep compilers from making vectors */
    return true;
}
#include "kernels/scan_sums.h"

typedef int32_t ints __attribute__((vector_size(16)));
typedef uint32_t words __attribute__((vector_size(16)));
typedef int16_t shorts __attribute__((vector_size(16)));
typedef uint16_t halves __attribute__((vector_size(16)));
typedef float floats __attribute__((vector_size(16)));

/* Codes as 16-bit numbers: the first and third of each four, the second and fourth. Which is which depends on the byte
 * order of the processor, the sum of both does not. */
typedef struct codes {
    shorts even, odd;
} codes;

enum { LANES = 4, TILE_QUERIES = 3, LEVELS = 127, QUERY_BYTES = 1, OFFSET = 0 };

KERNEL inline codes widen(words four)
{
    return (codes){(shorts)((halves)four << 8) >> 8, (shorts)four >> 8};
}

KERNEL inline codes load_codes(const int8_t *from)
{
    words word;
    memcpy(&word, from, sizeof word);
    return widen(word);
}

KERNEL inline codes every_query(const unsigned char *four)
{
    uint32_t word;
    memcpy(&word, four, sizeof word);
    return widen((words){word, word, word, word});
}

KERNEL inline ints start(const int32_t *sums)
{
    (void)sums; /* query codes are signed */
    return (ints){0};
}

/* Sums of two products fit 16 bits: 2 x 127 x 127. */
KERNEL inline ints add_dots(ints sum, codes query, codes products)
{
    const ints pairs = (ints)(query.even * products.even + query.odd * products.odd);
    return sum + ((ints)((words)pairs << 16) >> 16) + (pairs >> 16);
}

KERNEL inline uint32_t finish_four(float *values, ints sum, const float *scales, float limit)
{
    floats value;
    memcpy(&value, scales, sizeof value);
    value *= __builtin_convertvector(sum, floats);
    memcpy(values, &value, sizeof value);
    const ints bits = (ints){1, 2, 4, 8} & ~(ints)(value < limit);
    return (uint32_t)(bits[0] | bits[1] | bits[2] | bits[3]);
}

KERNEL inline uint32_t finish(float *values, ints low, ints high, const float *scales, float limit)
{
    return finish_four(values, low, scales, limit) | finish_four(values + LANES, high, scales + LANES, limit) << LANES;
}

#define TABLE pv_scan_scalar
#define ISA "scalar"
#include "kernels/scan_int8.h"
