/* als_basis.h - the basis in which the background of every row system is diagonal, or nearly.
 *
 * The loss does not change when X and Y are both multiplied by an orthogonal V. With V the eigenvectors of the fixed
 * side's Gram matrix the background a0 G of every row is diagonal, whatever the row's own ridge is: a matrix-vector
 * product per conjugate gradient step becomes a scaling, and the diagonal plus the ridge is the exact inverse of the
 * background as preconditioner (the eigenvector idea: Pilaszy, Zibriczky, Tikk 2010). Between half steps G changes
 * little, so most of them keep the basis and take what is off the diagonal ("coupling") into account where it matters,
 * in the residual that a row's correction starts from.
 */
#ifndef PV_ALS_BASIS_H
#define PV_ALS_BASIS_H

#include "als/als.h"
#include "als/als_factors.h"
#include "als/symmetric_eigen.h"

typedef struct pv_als_basis {
    size_t n_factors, stride;
    double weight;    /* a0 */
    double *gram;     /* G of the fixed side in the current basis, [stride x stride], full symmetric */
    float *diagonal;  /* of a0 G, [stride], >= 0 */
    float floor;      /* smallest diagonal that float32 can still tell from rounding, > 0 */
    float *coupling;  /* a0 G without its diagonal, [stride x stride] */
    bool is_coupled;  /* the coupling is not negligible */
    float *rotation;  /* V, [stride x stride] */
    double *partials; /* sums of blocks of rows */
    double *square;   /* [n_factors x n_factors] */
    pv_symmetric_eigen eigen;
} pv_als_basis;

/* deinit also after failure and on a zeroed struct. Errors: PV_E_MEMORY. */
pv_status pv_als_basis_init(pv_als_basis *basis, size_t n_factors, double weight, pv_error *error) PV_CHECKED;
void pv_als_basis_deinit(pv_als_basis *basis);

/* Take the Gram matrix of `fixed`. */
void pv_als_basis_measure(pv_als_basis *basis, const pv_als_factors *fixed, pv_threads *threads);
/* Prepare the half step that solves `solved` given `fixed`, whose Gram matrix was measured: keep the basis while no
 * coupling is above `tolerance` times the geometric mean of its two diagonal elements (each with `ridge`, the smallest
 * of the rows solved), else rotate both. tolerance 0 always rotates. False when the factors are not finite. */
bool pv_als_basis_prepare(pv_als_basis *basis, pv_als_factors *fixed, pv_als_factors *solved, double ridge,
                          double tolerance, pv_threads *threads);

/* Take other rows of the same space along, where pv_als_basis_prepare() has rotated (is_coupled false). */
void pv_als_basis_rotate(const pv_als_basis *basis, pv_als_factors *factors, pv_threads *threads);

#endif
