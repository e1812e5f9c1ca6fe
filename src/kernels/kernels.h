/* kernels.h - the inner loops of training, one table of functions per instruction set.
 *
 * Holds:    pv_kernels, pv_rows, pv_kernels_get().
 * Threads:  tables are constant; kernels allocate nothing and keep no state.
 * Repeat:   all tables are made of the same sources (kernel_table.h) over vectors of different length; the scalar one
 *           runs everywhere. Tables round differently, within the bounds that the tests state; one table gives the same
 *           bits always and on every processor.
 *
 * Shapes:   "padded" vectors have a length that is a multiple of PV_KERNEL_WIDTH, with zeros behind the values, so that
 *           no kernel has a tail. Arguments never overlap unless a line says so.
 */
#ifndef PV_KERNELS_H
#define PV_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Floats that vectors are padded to: one 64-byte line. */
#define PV_KERNEL_WIDTH 16

/* Rows and columns of a block: a multiple of every tile. */
#define PV_KERNEL_BLOCK 96

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

/* One row's normal equations H x = b in a basis where the background is nearly diagonal (als/als_basis.h):
 *   H = diag(diagonal) + coupling matrix + sum_k c_k y_k y_k',  b = sum_k t_k y_k. A view. */
typedef struct pv_row_system {
    pv_rows rows;                        /* y_k */
    const float *coefficients, *targets; /* c, t [rows.count] */
    const float *diagonal;               /* background and ridge, [n], > 0 */
    const float *coupling;               /* off-diagonal background times the starting x, [n]; NULL = 0 */
    size_t n;                            /* padded */
} pv_row_system;

typedef struct pv_kernels {
    const char *isa;

    /* a . b; padded n. */
    float (*dot)(const float *a, const float *b, size_t n);
    /* a . b with float64 products and sums; padded n. */
    double (*dot_wide)(const float *a, const float *b, size_t n);
    /* project() with sums of 16 rows in float32 and those summed in float64, for checking a residual. */
    void (*project_wide)(double *out, const pv_rows *rows, const float *coefficients, const float *targets,
                         const float *v, size_t n);
    /* y += a x; padded n. */
    void (*axpy)(float *y, float a, const float *x, size_t n);
    /* out = M v, M [n x n] full symmetric; padded n. */
    void (*multiply_symmetric)(float *out, const float *matrix, const float *v, size_t n);
    /* out [count x n] = the rows, one behind the other; padded n. */
    void (*pack)(float *out, const pv_rows *rows, size_t n);
    /* One pass of H v - b over a row's neighbours: out += sum_k (coefficients[k] (row_k . v) - targets[k]) row_k, and
     * dots[k] = row_k . v; padded n. targets NULL = 0, dots nullable. */
    void (*project)(float *out, float *dots, const pv_rows *rows, const float *coefficients, const float *targets,
                    const float *v, size_t n);
    /* out += sum_k coefficients[k] row_k; padded n. */
    void (*add_rows)(float *out, const pv_rows *rows, const float *coefficients, size_t n);
    /* out = rows x matrix, [count x n] by [n x n]; padded n up to 1024; out may be rows. */
    void (*multiply)(float *out, const float *rows, size_t count, const float *matrix, size_t n);
    /* The lower triangle (and what is convenient above it) of matrix [n x n] += sum_k a_k b_k', a and b packed
     * [count x n]; float32 sums of 256 rows at most, those summed in float64; padded n. */
    void (*add_products)(double *matrix, const float *a, const float *b, size_t count, size_t n);
    /* out += scale a'b, each of them a block: [PV_KERNEL_BLOCK x PV_KERNEL_BLOCK]. */
    void (*add_block_product)(float *out, float scale, const float *a, const float *b);
    /* Conjugate gradients on a row system from x, preconditioned by the diagonal (Hestenes, Stiefel 1952), until
     * most_steps or |b - H x|^2 <= limit. The coupling enters the first residual alone: the steps correct x as if the
     * background were diagonal. dots[k] = y_k . x of the starting x; scratch [4 n]. Returns the steps made; x is not
     * finite where float32 overflowed on the way. */
    size_t (*conjugate_gradients)(float *x, float *dots, float *scratch, const pv_row_system *system, size_t most_steps,
                                  float limit);
    /* out[i] += sum_k coefficients[k] row_k[i]^2; padded n. */
    void (*add_squares)(float *out, const pv_rows *rows, const float *coefficients, size_t n);
    /* matrix [n x n] += sum_k coefficients[k] row_k row_k' in float64: the lower triangle with the diagonal, what
     * stands above it is unspecified afterwards. coefficients NULL = 1. Any n. */
    void (*add_outer)(double *matrix, const pv_rows *rows, const double *coefficients, size_t n);
    /* A + jitter I = L L', both [n x n] float64, any n: the lower triangle of A is read, that of L written. L may be A.
     * False, with L unfinished, when a pivot is not finite or not above n 2^-52 times its diagonal entry. */
    bool (*cholesky_factor)(double *L, const double *A, double jitter, size_t n);
    /* x = (L L')^-1 x. Any n. */
    void (*cholesky_solve)(double *x, const double *L, size_t n);
    /* Each row w of rows [count x n] = L^-1 w. Any n. */
    void (*forward_rows)(double *rows, size_t count, const double *L, size_t n);
} pv_kernels;

extern const pv_kernels pv_kernels_scalar;
#if defined(__x86_64__)
extern const pv_kernels pv_kernels_avx2;
extern const pv_kernels pv_kernels_avx512;
#elif defined(__aarch64__)
extern const pv_kernels pv_kernels_neon;
#endif

/* The table that this process uses. Never NULL. */
const pv_kernels *pv_kernels_get(void);

#endif
