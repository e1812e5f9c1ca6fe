/* scan_query.c - see scan_query.h. */
#include "topk/scan_query.h"
#include "topk/scan_rounding.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Peaks of x for which no score overflows, and the products of its largest factors do not underflow: factors of
 * products lie in 2^-149 .. 2^128. */
#define LEAST_PEAK 0x1p-600
#define MOST_PEAK 0x1p600

/* Twice the rounding of a float32 sum and product; of a float64 sum of n products. */
#define VALUE_ROUNDING 0x1p-22
#define SUM_ROUNDING(n) ((double)(n) * 0x1p-52)

static void write_code(unsigned char *to, int32_t code, size_t bytes)
{
    if (bytes == 1) {
        *to = (unsigned char)code;
    } else {
        const int16_t wide = (int16_t)code;
        memcpy(to, &wide, sizeof wide);
    }
}

pv_scan_query pv_scan_query_make(void *codes, size_t stride, const double *x, size_t n_factors,
                                 const pv_scan_kernels *kernels)
{
    double peak = 0.0, rests = 0.0, squares = 0.0, code_squares = 0.0;
    for (size_t i = 0; i < n_factors; ++i) peak = fabs(x[i]) > peak ? fabs(x[i]) : peak;
    const bool is_bounded = peak >= LEAST_PEAK && peak <= MOST_PEAK;
    const double per_step = is_bounded ? kernels->query_levels / peak : 0.0;
    const size_t padded = (n_factors + 3) / 4 * 4;
    for (size_t i = 0; i < padded; ++i) {
        const double z = i < n_factors ? x[i] * per_step : 0.0, code = pv_round_integer(z);
        write_code((unsigned char *)codes + (i / 4 * stride + i % 4) * kernels->query_bytes,
                   (int32_t)code + kernels->query_offset, kernels->query_bytes);
        rests += (z - code) * (z - code);
        squares += z * z;
        code_squares += code * code;
    }
    if (peak > 0.0 && !is_bounded) return (pv_scan_query){.per_norm = (double)INFINITY, .length = (double)INFINITY};
    const double length = sqrt(squares) * PV_SUM_SLACK, code_length = sqrt(code_squares) * PV_SUM_SLACK;
    const double rounding = SUM_ROUNDING(n_factors + 8) * length + VALUE_ROUNDING * code_length;
    return (pv_scan_query){.per_norm = (sqrt(rests) + rounding) * PV_SUM_SLACK,
                           .per_error = code_length * (1.0 + VALUE_ROUNDING),
                           .floor = 0x1p-146,
                           .length = length * (1.0 + SUM_ROUNDING(n_factors + 8))};
}
