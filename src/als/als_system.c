/* als_system.c - build and solve one row's normal equations. */
#include "als/als_system.h"
#include "als/cholesky.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

bool pv_als_system_init(pv_als_system *system, size_t n_factors)
{
    *system = (pv_als_system){.n_factors = n_factors};
    system->hessian = pv_allocate(n_factors * n_factors, sizeof *system->hessian);
    system->factor = pv_allocate(n_factors * n_factors, sizeof *system->factor);
    system->rhs = pv_allocate(n_factors, sizeof *system->rhs);
    system->solution = pv_allocate(n_factors, sizeof *system->solution);
    return system->hessian && system->factor && system->rhs && system->solution;
}

void pv_als_system_deinit(pv_als_system *system)
{
    pv_release(system->hessian);
    pv_release(system->factor);
    pv_release(system->rhs);
    pv_release(system->solution);
}

static void copy_lower_to_upper(double *matrix, size_t n)
{
    for (size_t i = 0; i < n; ++i)
        for (size_t j = 0; j < i; ++j) matrix[j * n + i] = matrix[i * n + j];
}

void pv_als_system_build(pv_als_system *system, const pv_als_background *background, double ridge, const pv_rows *rows,
                         const double *coefficients, const double *targets)
{
    size_t d = system->n_factors;
    double *H = system->hessian, *b = system->rhs;
    for (size_t i = 0; i < d * d; ++i) H[i] = background->weight * background->gram[i];
    for (size_t i = 0; i < d; ++i) H[i * d + i] += ridge;
    pv_kernels_get()->add_outer(H, rows, coefficients, d);
    copy_lower_to_upper(H, d);
    memset(b, 0, d * sizeof *b);
    for (size_t k = 0; k < rows->count; ++k) {
        const float *row = pv_rows_at(rows, k);
        for (size_t i = 0; i < d; ++i) b[i] += targets[k] * (double)row[i];
    }
}

bool pv_als_system_solve(pv_als_system *system)
{
    size_t d = system->n_factors;
    if (!pv_cholesky_factor(system->factor, &system->jitter, system->hessian, d)) return false;
    memcpy(system->solution, system->rhs, d * sizeof *system->rhs);
    pv_cholesky_solve(system->solution, system->factor, d);
    for (size_t i = 0; i < d; ++i)
        if (!isfinite(system->solution[i])) return false;
    return true;
}
