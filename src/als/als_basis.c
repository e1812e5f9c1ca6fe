/* als_basis.c - Gram matrix, the decision to rotate, the rotation. */
#include "als/als_basis.h"
#include "base/failure.h"
#include "base/memory.h"
#include <math.h>
#include <string.h>

enum { ROTATED_ROWS = 192, GRAM_BLOCKS = 16 };

pv_status pv_als_basis_init(pv_als_basis *basis, size_t n_factors, double weight, pv_error *error)
{
    size_t n = pv_kernel_padded(n_factors);
    *basis = (pv_als_basis){.n_factors = n_factors, .stride = n, .weight = weight};
    basis->gram = pv_allocate(n * n, sizeof *basis->gram);
    basis->diagonal = pv_allocate(n, sizeof *basis->diagonal);
    basis->coupling = pv_allocate(n * n, sizeof *basis->coupling);
    basis->rotation = pv_allocate(n * n, sizeof *basis->rotation);
    basis->partials = pv_allocate(GRAM_BLOCKS * n * n, sizeof *basis->partials);
    basis->square = pv_allocate(n_factors * n_factors, sizeof *basis->square);
    bool complete = pv_symmetric_eigen_init(&basis->eigen, n_factors) && basis->gram && basis->diagonal &&
                    basis->coupling && basis->rotation && basis->partials && basis->square;
    if (complete) return PV_OK;
    return pv_fail_memory(error, "the basis of the factors", GRAM_BLOCKS * n * n * sizeof(double));
}

void pv_als_basis_deinit(pv_als_basis *basis)
{
    pv_release(basis->gram);
    pv_release(basis->diagonal);
    pv_release(basis->coupling);
    pv_release(basis->rotation);
    pv_release(basis->partials);
    pv_release(basis->square);
    pv_symmetric_eigen_deinit(&basis->eigen);
}

/* The rows stand one behind the other, in float32 sums of 256. */
static void add_quickly(double *sum, const pv_rows *rows, size_t size)
{
    pv_kernels_get()->add_products(sum, rows->values, rows->values, rows->count, size);
}

void pv_als_basis_measure(pv_als_basis *basis, const pv_als_factors *fixed, pv_threads *threads)
{
    pv_als_gram_by(basis->gram, basis->partials, GRAM_BLOCKS, basis->stride, fixed, add_quickly, threads);
}

/* --- rotation ---------------------------------------------------------------------------------------------------- */

typedef struct rotate_task {
    pv_als_factors *factors;
    const float *rotation;
} rotate_task;

static void rotate_rows(void *context, size_t block, unsigned thread)
{
    const rotate_task *task = context;
    (void)thread;
    size_t first = block * ROTATED_ROWS, n_rows = (size_t)task->factors->n_rows;
    size_t count = n_rows - first < ROTATED_ROWS ? n_rows - first : ROTATED_ROWS;
    float *rows = pv_als_factors_row(task->factors, (int64_t)first);
    pv_kernels_get()->multiply(rows, rows, count, task->rotation, task->factors->stride);
}

void pv_als_basis_rotate(const pv_als_basis *basis, pv_als_factors *factors, pv_threads *threads)
{
    rotate_task task = {factors, basis->rotation};
    pv_threads_run(threads, ((size_t)factors->n_rows + ROTATED_ROWS - 1) / ROTATED_ROWS, rotate_rows, &task);
}

/* Eigenvectors into `rotation`, eigenvalues onto the diagonal of `gram`, which they leave diagonal. */
static bool find_rotation(pv_als_basis *basis, pv_threads *threads)
{
    size_t d = basis->n_factors, n = basis->stride;
    for (size_t i = 0; i < d; ++i) memcpy(basis->square + i * d, basis->gram + i * n, d * sizeof *basis->square);
    if (!pv_symmetric_eigen_solve(&basis->eigen, basis->square, threads)) return false;
    memset(basis->gram, 0, n * n * sizeof *basis->gram);
    memset(basis->rotation, 0, n * n * sizeof *basis->rotation);
    for (size_t i = 0; i < d; ++i) {
        basis->gram[i * n + i] = fmax(basis->eigen.diagonal[i], 0.0);
        for (size_t j = 0; j < d; ++j) basis->rotation[j * n + i] = (float)basis->eigen.vectors[i * d + j];
    }
    return true;
}

/* Largest |a0 G_ij| / sqrt((a0 G_ii + ridge) (a0 G_jj + ridge)) off the diagonal. */
static double relative_coupling(const pv_als_basis *basis, double ridge)
{
    size_t d = basis->n_factors, n = basis->stride;
    const double *G = basis->gram;
    double largest = 0.0;
    for (size_t i = 0; i < d; ++i) {
        double own = basis->weight * G[i * n + i] + ridge;
        for (size_t j = 0; j < i; ++j) {
            double shared = basis->weight * G[i * n + j];
            largest = fmax(largest, shared * shared / (own * (basis->weight * G[j * n + j] + ridge)));
        }
    }
    return sqrt(largest);
}

static void round_background(pv_als_basis *basis)
{
    size_t n = basis->stride;
    basis->floor = 1e-30f;
    for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) basis->coupling[i * n + j] = (float)(basis->weight * basis->gram[i * n + j]);
        basis->diagonal[i] = fmaxf(basis->coupling[i * n + i], 0.0f);
        basis->coupling[i * n + i] = 0.0f;
        basis->floor = fmaxf(basis->floor, 0x1p-23f * basis->diagonal[i]);
    }
}

bool pv_als_basis_prepare(pv_als_basis *basis, pv_als_factors *fixed, pv_als_factors *solved, double ridge,
                          double tolerance, pv_threads *threads)
{
    basis->is_coupled = tolerance > 0.0 && relative_coupling(basis, ridge) <= tolerance;
    if (!basis->is_coupled) {
        if (!find_rotation(basis, threads)) return false;
        pv_als_basis_rotate(basis, fixed, threads);
        pv_als_basis_rotate(basis, solved, threads);
    }
    round_background(basis);
    return true;
}
