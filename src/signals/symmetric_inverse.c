/* symmetric_inverse.c - blocked Cholesky factorization and inverse.
 *
 * Everything takes place in the blocks of A. Above the diagonal stands U, below it T = U'^-1 comes to stand, on it T's
 * own blocks; then A^-1 = T'T replaces U, and its mirror image T.
 */
#include "signals/symmetric_inverse.h"

#include "base/failure.h"
#include "base/memory.h"
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { SIDE = PV_KERNEL_BLOCK, BLOCK = SIDE * SIDE };

typedef struct inversion {
    const pv_kernels *kernels;
    float *panels;
    size_t n_blocks, row; /* row of blocks whose turn it is in the factorization */
    float *diagonal;      /* [n_blocks x BLOCK] the blocks of T on the diagonal, transposed */
    float *scratch;       /* [thread][BLOCK] */
    double *factor;       /* [BLOCK] */
    double *inverse;      /* [BLOCK] */
} inversion;

size_t pv_symmetric_panels_size(size_t n_blocks)
{
    size_t size;
    if (__builtin_mul_overflow(n_blocks, n_blocks, &size) || __builtin_mul_overflow(size, (size_t)BLOCK, &size) ||
        size > SIZE_MAX / sizeof(float))
        return 0;
    return size;
}

static float *block_at(const inversion *v, size_t row, size_t column)
{
    return v->panels + (column * v->n_blocks + row) * BLOCK;
}

/* block = T_ii block, for the block T_ii on the diagonal. */
static void multiply_by_diagonal(float *block, const inversion *v, size_t i, float *scratch)
{
    memcpy(scratch, block, BLOCK * sizeof *scratch);
    memset(block, 0, BLOCK * sizeof *block);
    v->kernels->add_block_product(block, 1, v->diagonal + i * BLOCK, scratch);
}

/* --- A = U'U ------------------------------------------------------------------------------------------------------ */

/* A_ij - sum_{k<i} U_ki' U_kj */
static void subtract_earlier_rows(void *context, size_t task, unsigned thread)
{
    const inversion *v = context;
    const size_t i = v->row, j = i + task;
    (void)thread;
    for (size_t k = 0; k < i; k++)
        v->kernels->add_block_product(block_at(v, i, j), -1, block_at(v, k, i), block_at(v, k, j));
}

/* U_ij = T_ii (A_ij - ..) */
static void finish_row(void *context, size_t task, unsigned thread)
{
    const inversion *v = context;
    multiply_by_diagonal(block_at(v, v->row, v->row + 1 + task), v, v->row, v->scratch + (size_t)thread * BLOCK);
}

/* The block on the diagonal, U_ii'U_ii, becomes T_ii = U_ii'^-1: by float64, as it costs nothing here. */
static bool factor_diagonal(const inversion *v)
{
    float *block = block_at(v, v->row, v->row), *transposed = v->diagonal + v->row * BLOCK;
    for (size_t e = 0; e < BLOCK; e++) v->factor[e] = (double)block[e];
    if (!v->kernels->cholesky_factor(v->factor, v->factor, 0, SIDE)) return false;
    memset(v->inverse, 0, BLOCK * sizeof *v->inverse);
    for (size_t r = 0; r < SIDE; r++) v->inverse[r * SIDE + r] = 1;
    v->kernels->forward_rows(v->inverse, SIDE, v->factor, SIDE);
    for (size_t r = 0; r < SIDE; r++)
        for (size_t c = 0; c < SIDE; c++)
            block[c * SIDE + r] = transposed[r * SIDE + c] = (float)v->inverse[r * SIDE + c];
    return true;
}

static bool factor(inversion *v, pv_threads *threads)
{
    for (v->row = 0; v->row < v->n_blocks; v->row++) {
        pv_threads_run(threads, v->n_blocks - v->row, subtract_earlier_rows, v);
        if (!factor_diagonal(v)) return false;
        pv_threads_run(threads, v->n_blocks - v->row - 1, finish_row, v);
    }
    return true;
}

/* --- T = U'^-1, A^-1 = T'T ---------------------------------------------------------------------------------------- */

/* T_ij = -T_ii sum_{j<=k<i} U_ki' T_kj, down one panel. */
static void invert_panel(void *context, size_t task, unsigned thread)
{
    const inversion *v = context;
    const size_t j = task;
    for (size_t i = j + 1; i < v->n_blocks; i++) {
        float *block = block_at(v, i, j);
        memset(block, 0, BLOCK * sizeof *block);
        for (size_t k = j; k < i; k++) v->kernels->add_block_product(block, -1, block_at(v, k, i), block_at(v, k, j));
        multiply_by_diagonal(block, v, i, v->scratch + (size_t)thread * BLOCK);
    }
}

/* sum_{k>=j} T_ki' T_kj for i <= j, down one panel; the block on the diagonal last, as the others need what it holds.
 */
static void multiply_panel(void *context, size_t task, unsigned thread)
{
    const inversion *v = context;
    const size_t j = task;
    float *scratch = v->scratch + (size_t)thread * BLOCK;
    for (size_t i = 0; i <= j; i++) {
        float *block = i < j ? block_at(v, i, j) : scratch;
        memset(block, 0, BLOCK * sizeof *block);
        for (size_t k = j; k < v->n_blocks; k++)
            v->kernels->add_block_product(block, 1, block_at(v, k, i), block_at(v, k, j));
    }
    memcpy(block_at(v, j, j), scratch, BLOCK * sizeof *scratch);
}

static void mirror_panel(void *context, size_t task, unsigned thread)
{
    const inversion *v = context;
    (void)thread;
    for (size_t i = task + 1; i < v->n_blocks; i++) {
        const float *from = block_at(v, task, i);
        float *to = block_at(v, i, task);
        for (size_t r = 0; r < SIDE; r++)
            for (size_t c = 0; c < SIDE; c++) to[c * SIDE + r] = from[r * SIDE + c];
    }
}

pv_status pv_symmetric_inverse(float *panels, size_t n_blocks, pv_threads *threads, pv_error *error)
{
    pv_status status = PV_OK;
    inversion v = {.kernels = pv_kernels_get(),
                   .panels = panels,
                   .n_blocks = n_blocks,
                   .diagonal = pv_allocate(n_blocks, BLOCK * sizeof *v.diagonal),
                   .scratch = pv_allocate(pv_threads_count(threads), BLOCK * sizeof *v.scratch),
                   .factor = pv_allocate(BLOCK, sizeof *v.factor),
                   .inverse = pv_allocate(BLOCK, sizeof *v.inverse)};
    PV_TRY(pv_check_memory(v.diagonal && v.scratch && v.factor && v.inverse, "the inverse of a matrix", error));
    if (!factor(&v, threads)) PV_TRY(pv_fail(error, PV_E_INTERNAL, "a matrix is not positive definite"));
    pv_threads_run(threads, n_blocks, invert_panel, &v);
    pv_threads_run(threads, n_blocks, multiply_panel, &v);
    pv_threads_run(threads, n_blocks, mirror_panel, &v);
cleanup:
    pv_release(v.diagonal);
    pv_release(v.scratch);
    pv_release(v.factor);
    pv_release(v.inverse);
    return status;
}
