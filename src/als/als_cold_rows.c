/* als_cold_rows.c - rows without a pair: one system for all of them. */
#include "als/als.h"
#include "als/als_terms.h"
#include "als/cholesky.h"
#include "base/failure.h"
#include "base/memory.h"
#include <string.h>

pv_status pv_als_cold_rows(float *rows, int64_t n_rows, const double *gram, int64_t n_others,
                           const pv_als_settings *settings, pv_error *error)
{
    const size_t d = (size_t)settings->n_factors;
    const double ridge = pv_als_ridge(settings, 0, n_others), weight = pv_als_background_weight(settings);
    pv_status status = PV_OK;
    double jitter = 0.0, *factor = NULL, *x = NULL, *system = pv_allocate(d * d, sizeof *system);
    factor = pv_allocate(d * d, sizeof *factor);
    x = pv_allocate(d, sizeof *x);
    PV_TRY(pv_check_memory(system && factor && x, "rows without a purchase", error));
    for (size_t i = 0; i < d * d; ++i) system[i] = weight * gram[i];
    for (size_t i = 0; i < d; ++i) system[i * d + i] += ridge;
    if (!pv_cholesky_factor(factor, &jitter, system, d))
        PV_TRY(pv_fail(error, PV_E_INPUT, "the factors are too large for rows without a purchase"));
    for (int64_t row = 0; row < n_rows; ++row) {
        float *values = rows + (size_t)row * d;
        for (size_t i = 0; i < d; ++i) x[i] = ridge * (double)values[i];
        pv_cholesky_solve(x, factor, d);
        for (size_t i = 0; i < d; ++i) values[i] = (float)x[i];
    }
cleanup:
    pv_release(x);
    pv_release(factor);
    pv_release(system);
    return status;
}
