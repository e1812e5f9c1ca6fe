/* symmetric_inverse.h - the inverse of a large symmetric positive definite matrix, in blocks, by all threads.
 *
 * Shape:    panels: column after column of blocks of PV_KERNEL_BLOCK; a panel is [n_blocks x PV_KERNEL_BLOCK] rows of
 *           PV_KERNEL_BLOCK numbers, so the entry of row i and column j stands in
 *           panels[((j / PV_KERNEL_BLOCK) n_blocks PV_KERNEL_BLOCK + i) PV_KERNEL_BLOCK + j % PV_KERNEL_BLOCK].
 *           A matrix that does not fill its blocks is filled up with the identity, which the inverse leaves alone.
 * Method:   A = U'U by rows of blocks, T = U'^-1, A^-1 = T'T (Golub, Van Loan, Matrix Computations, 4.2.9): every step
 * is a product of blocks, but for the small factorizations on the diagonal. Repeat:   float32 sums in an order that the
 * shape alone decides: the same bits for any number of threads.
 */
#ifndef PV_SYMMETRIC_INVERSE_H
#define PV_SYMMETRIC_INVERSE_H

#include "base/threads.h"
#include "kernels/kernels.h"
#include <purvey/status.h>
#include <stddef.h>

/* Floats of a matrix of so many blocks; 0 when their bytes have no size_t. */
size_t pv_symmetric_panels_size(size_t n_blocks);

/* A = A^-1, in place.
 *
 * panels   on and above the diagonal A (of the blocks on the diagonal all), what stands below is not read; all of the
 *          inverse afterwards.
 * threads  NULL: the calling thread alone.
 * Cost:    (96 n_blocks)^3 / 2 multiply-adds; beside the matrix a block per row of blocks and per thread.
 * Errors:  PV_E_MEMORY; PV_E_INTERNAL when A is not positive definite to the precision of float32.
 */
pv_status pv_symmetric_inverse(float *panels, size_t n_blocks, pv_threads *threads, pv_error *error) PV_CHECKED;

#endif
