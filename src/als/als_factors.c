/* als_factors.c - padded factor matrices and their Gram matrix. */
#include "als/als_factors.h"
#include "als/als.h"
#include "base/failure.h"
#include "base/memory.h"
#include <string.h>

pv_status pv_als_factors_init(pv_als_factors *factors, int64_t n_rows, size_t n_factors, pv_error *error)
{
    *factors = (pv_als_factors){.n_rows = n_rows, .n_factors = n_factors, .stride = pv_kernel_padded(n_factors)};
    factors->values = pv_allocate((size_t)n_rows, factors->stride * sizeof *factors->values);
    if (factors->values) return PV_OK;
    return pv_fail_memory(error, "factors", (uint64_t)n_rows * factors->stride * sizeof *factors->values);
}

pv_status pv_als_factors_init_in(pv_als_factors *factors, float *storage, int64_t n_rows, size_t n_factors,
                                 pv_error *error)
{
    if (pv_kernel_padded(n_factors) != n_factors) return pv_als_factors_init(factors, n_rows, n_factors, error);
    *factors = (pv_als_factors){
        .values = storage, .n_rows = n_rows, .n_factors = n_factors, .stride = n_factors, .is_borrowed = true};
    memset(storage, 0, (size_t)n_rows * n_factors * sizeof *storage);
    return PV_OK;
}

void pv_als_factors_deinit(pv_als_factors *factors)
{
    if (!factors->is_borrowed) pv_release(factors->values);
}

void pv_als_factors_read(pv_als_factors *factors, const float *plain)
{
    for (int64_t row = 0; row < factors->n_rows; ++row)
        memcpy(pv_als_factors_row(factors, row), plain + (size_t)row * factors->n_factors,
               factors->n_factors * sizeof *plain);
}

void pv_als_factors_write(float *plain, const pv_als_factors *factors)
{
    if (plain == factors->values) return;
    for (int64_t row = 0; row < factors->n_rows; ++row)
        memcpy(plain + (size_t)row * factors->n_factors, pv_als_factors_row(factors, row),
               factors->n_factors * sizeof *plain);
}

/* Number of blocks: many for small matrices; for large ones few, so that the partial sums stay below 32 MB. */
static size_t gram_blocks(size_t n_factors)
{
    size_t most = ((size_t)32 << 20) / (n_factors * n_factors * sizeof(double));
    return most > 32 ? 32 : most < 4 ? 4 : most;
}

size_t pv_als_gram_partials(size_t n_factors)
{
    return gram_blocks(n_factors) * n_factors * n_factors;
}

typedef struct gram_task {
    const pv_als_factors *factors;
    double *partials; /* [blocks][size x size] */
    size_t size, block_rows;
    pv_als_add_rows *add;
} gram_task;

static void add_block(void *context, size_t block, unsigned thread)
{
    const gram_task *task = context;
    (void)thread;
    size_t n_rows = (size_t)task->factors->n_rows, first = block * task->block_rows, size = task->size;
    double *sum = task->partials + block * size * size;
    memset(sum, 0, size * size * sizeof *sum);
    if (first >= n_rows) return;
    pv_rows rows = {.values = pv_als_factors_row(task->factors, (int64_t)first),
                    .stride = task->factors->stride,
                    .count = n_rows - first < task->block_rows ? n_rows - first : task->block_rows};
    task->add(sum, &rows, size);
}

void pv_als_gram_by(double *gram, double *partials, size_t n_blocks, size_t size, const pv_als_factors *factors,
                    pv_als_add_rows *add, pv_threads *threads)
{
    gram_task task = {.factors = factors, .partials = partials, .size = size, .add = add};
    task.block_rows = ((size_t)factors->n_rows + n_blocks - 1) / n_blocks;
    pv_threads_run(threads, n_blocks, add_block, &task);
    for (size_t i = 0; i < size; ++i) {
        double *row = gram + i * size;
        memcpy(row, partials + i * size, (i + 1) * sizeof *row);
        for (size_t block = 1; block < n_blocks; ++block) {
            const double *partial = partials + (block * size + i) * size;
            for (size_t j = 0; j <= i; ++j) row[j] += partial[j];
        }
        for (size_t j = 0; j < i; ++j) gram[j * size + i] = row[j];
    }
}

static void add_exactly(double *sum, const pv_rows *rows, size_t size)
{
    pv_kernels_get()->add_outer(sum, rows, NULL, size);
}

void pv_als_gram_of(double *gram, double *partials, const pv_als_factors *factors, pv_threads *threads)
{
    size_t d = factors->n_factors;
    pv_als_gram_by(gram, partials, gram_blocks(d), d, factors, add_exactly, threads);
}

pv_status pv_als_gram(double *gram, const float *Y, int64_t n_rows, int32_t n_factors, pv_threads *threads,
                      pv_error *error)
{
    size_t d = (size_t)n_factors, size = pv_als_gram_partials(d);
    pv_als_factors factors = {0};
    double *partials = NULL;
    pv_status status = PV_OK;
    PV_TRY(pv_als_factors_init(&factors, n_rows, d, error));
    partials = pv_allocate(size, sizeof *partials);
    if (!partials) PV_TRY(pv_fail_memory(error, "partial sums of the Gram matrix", size * sizeof *partials));
    pv_als_factors_read(&factors, Y);
    pv_als_gram_of(gram, partials, &factors, threads);
cleanup:
    pv_release(partials);
    pv_als_factors_deinit(&factors);
    return status;
}
