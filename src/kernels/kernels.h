/* kernels.h - the inner loops of training, one table of functions per instruction set.
 *
 * Holds:    pv_kernels, pv_rows, pv_kernels_get().
 * Threads:  tables are constant; kernels allocate nothing and keep no state.
 * Repeat:   kernels_scalar.c is the specification: it states the order of every sum. Another table may round
 *           differently, within the bounds its tests state; one table gives the same bits always.
 *
 * Shapes:   "padded" vectors have a length that is a multiple of PV_KERNEL_WIDTH, with zeros behind the values, so that
 *           no kernel has a tail. Arguments never overlap unless a line says so.
 */
#ifndef PV_KERNELS_H
#define PV_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Floats that vectors are padded to: one 64-byte line. */
#define PV_KERNEL_WIDTH 16

static inline size_t pv_kernel_padded(size_t n)
{
    return (n + PV_KERNEL_WIDTH - 1) / PV_KERNEL_WIDTH * PV_KERNEL_WIDTH;
}

/* `count` rows of a row-major matrix: all of it (index NULL) or those that index [count] names. A view. */
typedef struct pv_rows {
    const float *values;
    size_t stride; /* floats from row to row */
    const int32_t *index;
    size_t count;
} pv_rows;

static inline const float *pv_rows_at(const pv_rows *rows, size_t k)
{
    return rows->values + (rows->index ? (size_t)rows->index[k] : k) * rows->stride;
}

typedef struct pv_kernels {
    const char *isa;

    /* a . b; padded n. */
    float (*dot)(const float *a, const float *b, size_t n);
    /* a . b with float64 products and sums; padded n. */
    double (*dot_wide)(const float *a, const float *b, size_t n);
    /* y += a x; padded n. */
    void (*axpy)(float *y, float a, const float *x, size_t n);
    /* out = M v, M [n x n] full symmetric; padded n. */
    void (*multiply_symmetric)(float *out, const float *matrix, const float *v, size_t n);
    /* out [count x n] = the rows, one behind the other; padded n. */
    void (*pack)(float *out, const pv_rows *rows, size_t n);
    /* out += sum_k (coefficients[k] (row_k . v) - targets[k]) row_k: one pass of H v - b over a row's neighbours;
     * padded n. targets NULL = 0. */
    void (*add_projections)(float *out, const pv_rows *rows, const float *coefficients, const float *targets,
                            const float *v, size_t n);
    /* out[i] += sum_k coefficients[k] row_k[i]^2; padded n. */
    void (*add_squares)(float *out, const pv_rows *rows, const float *coefficients, size_t n);
    /* matrix [n x n] += sum_k coefficients[k] row_k row_k' in float64: the lower triangle with the diagonal, what
     * stands above it is unspecified afterwards. coefficients NULL = 1. Any n. */
    void (*add_outer)(double *matrix, const pv_rows *rows, const double *coefficients, size_t n);
} pv_kernels;

extern const pv_kernels pv_kernels_scalar;

/* The table that this process uses. Never NULL. */
const pv_kernels *pv_kernels_get(void);

#endif
