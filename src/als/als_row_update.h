/* als_row_update.h - one row of one half step of training.
 *
 * Threads:  pv_als_half is read-only while rows are solved; one pv_als_scratch per thread.
 */
#ifndef PV_ALS_ROW_UPDATE_H
#define PV_ALS_ROW_UPDATE_H

#include "als/als.h"
#include "als/als_factors.h"
#include "als/als_prior.h"
#include "als/als_system.h"
#include <stdbool.h>

/* How a row is solved.
 *   CG     a few steps of conjugate gradients with the diagonal of H as preconditioner (Hestenes, Stiefel 1952; for
 *          ALS: Takacs, Pilaszy, Tikk 2011), float32, from the row as it stands.
 *   EXACT  float64 Cholesky, stored as the nearest float32: |H x - b| is about 2^-25 |H| |x|.
 * Either leaves the row as it stands when the new one would raise the row's part of the loss, measured in float64
 * (rounding near the optimum does that), so no half step raises the loss. */
typedef enum pv_als_method { PV_ALS_CG, PV_ALS_EXACT } pv_als_method;

/* One side is solved, the other is fixed. Views. */
typedef struct pv_als_half {
    const pv_als_settings *settings;
    const pv_pairs *pairs;         /* rows are the rows solved */
    const pv_als_factors *fixed;   /* [pairs->n_columns rows] */
    pv_als_background background;  /* Gram matrix of `fixed`, a0 */
    const float *background_float; /* a0 G, padded [stride x stride] */
    const pv_als_factors *means;   /* prior means of the rows solved; NULL: 0 */
    pv_als_method method;
    int cg_steps;
} pv_als_half;

/* background_float of the half step: a0 G rounded, [stride x stride], zeros in the padding. */
void pv_als_background_round(float *out, const pv_als_background *background, size_t n_factors);

/* What one thread needs to solve rows of up to max_pairs pairs. */
typedef struct pv_als_scratch {
    pv_als_system system;                      /* EXACT */
    double *coefficients, *targets;            /* c_k, t_k [max_pairs] */
    float *coefficients_float, *targets_float; /* [max_pairs] */
    float *packed;                             /* neighbour rows side by side */
    size_t packed_rows;                        /* how many fit; longer rows are read in place */
    float *vectors;                            /* of CG: [6 x stride] */
    double *wide_vectors;                      /* [2 x n_factors] */
    int64_t failed_row;                        /* smallest row whose factors were not finite, INT64_MAX if none */
} pv_als_scratch;
/* deinit also after failure and on a zeroed struct. Errors: PV_E_MEMORY. */
pv_status pv_als_scratch_init(pv_als_scratch *scratch, size_t n_factors, int64_t max_pairs, pv_error *error) PV_CHECKED;
void pv_als_scratch_deinit(pv_als_scratch *scratch);

/* Replace x [stride], row `row` of the side that is solved. A row without any target (no pairs, dislikes alone) and
 * with mean 0 becomes exactly 0. False when no finite solution was found; x is unchanged then. */
bool pv_als_update_row(float *x, const pv_als_half *half, int64_t row, pv_als_scratch *scratch);

#endif
