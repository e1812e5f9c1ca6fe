/* scan_rows.h - canonical scores of scattered rows, four at a time: one sum would wait for itself at each addition. For
 * instruction sets that gain nothing from turning rows into lanes. */
#ifndef PV_SCAN_ROWS_H
#define PV_SCAN_ROWS_H

#include "kernels/canonical_dot.h"
#include <stdint.h>

static inline void score_rows(double *scores, const float *factors, const int32_t *rows, size_t count, const double *x,
                              size_t n)
{
    size_t k = 0;
    for (; k + 4 <= count; k += 4) {
        const float *y0 = factors + (size_t)rows[k] * n, *y1 = factors + (size_t)rows[k + 1] * n;
        const float *y2 = factors + (size_t)rows[k + 2] * n, *y3 = factors + (size_t)rows[k + 3] * n;
        double s0 = 0.0, s1 = 0.0, s2 = 0.0, s3 = 0.0;
        for (size_t i = 0; i < n; ++i) {
            s0 += x[i] * (double)y0[i];
            s1 += x[i] * (double)y1[i];
            s2 += x[i] * (double)y2[i];
            s3 += x[i] * (double)y3[i];
        }
        scores[k] = s0;
        scores[k + 1] = s1;
        scores[k + 2] = s2;
        scores[k + 3] = s3;
    }
    for (; k < count; ++k) scores[k] = pv_canonical_dot(x, factors + (size_t)rows[k] * n, n);
}

#endif
