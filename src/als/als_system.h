/* als_system.h - one row's normal equations H x = b in float64, for training and for exact answers alike.
 *
 *   H = a0 G + ridge I + sum_k c_k y_k y_k',   b = sum_k t_k y_k   (als_terms.h)
 */
#ifndef PV_ALS_SYSTEM_H
#define PV_ALS_SYSTEM_H

#include "kernels/kernels.h"
#include <stdbool.h>

/* Scratch of one thread, reused from row to row. */
typedef struct pv_als_system {
    size_t n_factors;
    double *hessian;  /* H, [n_factors x n_factors], full symmetric */
    double *factor;   /* lower Cholesky factor of H + jitter I, [n_factors x n_factors] */
    double *rhs;      /* b, [n_factors] */
    double *solution; /* x, [n_factors] */
    double jitter;    /* cholesky.h; 0 unless H is singular to working precision */
} pv_als_system;

/* False on no memory; deinit is allowed then, and on a zeroed struct. */
bool pv_als_system_init(pv_als_system *system, size_t n_factors);
void pv_als_system_deinit(pv_als_system *system);

/* The background of all rows of one side. */
typedef struct pv_als_background {
    const double *gram; /* G of the fixed side, [n_factors x n_factors], full symmetric */
    double weight;      /* a0 */
} pv_als_background;

/* Build H and b. coefficients, targets [rows->count]. Cost: count n_factors^2 / 2. */
void pv_als_system_build(pv_als_system *system, const pv_als_background *background, double ridge, const pv_rows *rows,
                         const double *coefficients, const double *targets);

/* Factor H and solve for x. False when H or b is not finite. Cost: n_factors^3 / 6. */
bool pv_als_system_solve(pv_als_system *system);

#endif
