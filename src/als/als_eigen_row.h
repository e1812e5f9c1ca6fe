/* als_eigen_row.h - one row of one half step of the `auto` solver, in the basis of als_basis.h.
 *
 * A row's system is H = diag(a0 S + ridge) + coupling + sum_k c_k y_k y_k', b = sum_k t_k y_k + ridge mean. Its
 * neighbour rows are packed once and short    solved by preconditioned conjugate gradients, every pass over the packed
 * rows; long     rows that outgrow the buffer: H by a streaming product of blocks of 256 rows, then Cholesky. Threads:
 * pv_als_eigen_half is read-only while rows are solved; one pv_als_eigen_scratch per thread.
 */
#ifndef PV_ALS_EIGEN_ROW_H
#define PV_ALS_EIGEN_ROW_H

#include "als/als_basis.h"
#include "als/als_pairs.h"
#include "als/als_prior.h"
#include "als/als_system.h"

/* One side is solved, the other is fixed. Views. */
typedef struct pv_als_eigen_half {
    const pv_als_settings *settings;
    const pv_pairs *pairs; /* rows are the rows solved */
    const pv_als_factors *fixed, *solved;
    const pv_als_factors *means; /* prior means of the rows solved; NULL: 0 */
    const pv_als_basis *basis;   /* prepared for this half step */
    size_t cg_steps;             /* of a row; 0: until |H x - b| <= 1e-6 |b|, checked in float64 */
    bool is_loss_wanted;
    double relaxation; /* x = x_new + relaxation (x_new - x_old) */
} pv_als_eigen_half;

/* What rows add to the loss. */
typedef struct pv_als_row_sums {
    double observed; /* sum_k c s^2 - 2 t s + t before the row was solved, when it is wanted */
    double ridge;    /* ridge |x - mean|^2 afterwards */
} pv_als_row_sums;

/* What one thread needs. */
typedef struct pv_als_eigen_scratch {
    size_t capacity;                      /* pairs of a short row; at least 256 */
    float *packed;                        /* [capacity x stride] */
    float *coefficients, *targets, *dots; /* [capacity] */
    float *vectors;                       /* [9 x stride] */
    float *couplings;                     /* coupling times the rows at hand, [PV_ALS_COUPLED_ROWS x stride] */
    double *wide;                         /* [stride x stride + stride]: H and b of long rows; float64 residuals */
    pv_als_system system;                 /* exact solves */
    int64_t failed_row;                   /* smallest row without a finite solution, INT64_MAX if none */
} pv_als_eigen_scratch;

/* deinit also after failure and on a zeroed struct. Errors: PV_E_MEMORY. */
pv_status pv_als_eigen_scratch_init(pv_als_eigen_scratch *scratch, size_t n_factors, int64_t longest_row,
                                    pv_error *error) PV_CHECKED;
void pv_als_eigen_scratch_deinit(pv_als_eigen_scratch *scratch);

/* Solve rows [first, last) of the solved side; their sums are added to *sums. Rows without any target and with mean 0
 * become exactly 0. Rows longer than `longest` are left out. */
void pv_als_eigen_solve_rows(pv_als_row_sums *sums, const pv_als_eigen_half *half, int64_t first, int64_t last,
                             int64_t longest, pv_als_eigen_scratch *scratch);

/* H and b of a long row in pieces, so that threads can share it: add pairs [first, last) of the pair arrays to a
 * system [stride x stride + stride], whose H is a lower triangle. */
void pv_als_eigen_add_pairs(double *system, pv_als_row_sums *sums, const pv_als_eigen_half *half, const float *x,
                            int64_t first, int64_t last, pv_als_eigen_scratch *scratch);
/* Solve row `row` from the sums of all its pairs: systems [n_pieces][stride x stride + stride], added up in order into
 * the first. */
void pv_als_eigen_finish_long_row(pv_als_row_sums *sums, double *systems, size_t n_pieces,
                                  const pv_als_eigen_half *half, int64_t row, pv_als_eigen_scratch *scratch);

#endif
