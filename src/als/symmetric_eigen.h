/* symmetric_eigen.h - eigenvalues and eigenvectors of a small symmetric matrix, float64.
 *
 * Method:   Householder tridiagonalization, implicit QL with Wilkinson's shift, the rotations and reflections applied
 * to slices of columns side by side (Golub, Van Loan 2013, sections 8.3.1 and 8.3.3). Repeat:   plain C without a
 * library: the same bits on every processor of one compiler's build, any thread count.
 */
#ifndef PV_SYMMETRIC_EIGEN_H
#define PV_SYMMETRIC_EIGEN_H

#include "base/threads.h"
#include <stdbool.h>

/* Scratch for n x n problems. */
typedef struct pv_symmetric_eigen {
    size_t n;
    double *reflectors; /* the vectors v of I - v v' of the tridiagonalization, [n x n] */
    double *diagonal;   /* [n], eigenvalues afterwards, descending */
    double *off;        /* [n] */
    double *vectors;    /* row i is the unit eigenvector of diagonal[i], [n x n] */
    double *workspace;  /* slices of columns side by side */
    double *rotations;  /* cosine, sine of each, [2 x capacity] */
    int32_t *rotated;   /* the row each one begins with, [capacity] */
    size_t n_rotations, capacity;
} pv_symmetric_eigen;

/* False on no memory; deinit is allowed then, and on a zeroed struct. */
bool pv_symmetric_eigen_init(pv_symmetric_eigen *eigen, size_t n);
void pv_symmetric_eigen_deinit(pv_symmetric_eigen *eigen);

/* Fill diagonal and vectors from A [n x n], full symmetric, which is destroyed. False when A is not finite or QL does
 * not converge. Cost: about 8 n^3. */
bool pv_symmetric_eigen_solve(pv_symmetric_eigen *eigen, double *A, pv_threads *threads);

#endif
