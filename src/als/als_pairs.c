/* als_pairs.c - transposition by counting, and chunks balanced by pairs. */
#include "als/als_pairs.h"
#include "base/failure.h"
#include "base/memory.h"
#include <string.h>

enum {
    CHUNKS = 512, /* at most; enough that the last ones even out between threads */
    ROW_COST = 16 /* a row's own work, in pairs */
};

void pv_als_column_offsets(int64_t *offsets, const pv_pairs *pairs)
{
    memset(offsets, 0, ((size_t)pairs->n_columns + 1) * sizeof *offsets);
    int64_t n_pairs = pairs->row_offsets[pairs->n_rows];
    for (int64_t k = 0; k < n_pairs; ++k) ++offsets[pairs->columns[k] + 1];
    for (int64_t j = 0; j < pairs->n_columns; ++j) offsets[j + 1] += offsets[j];
}

/* Row by row, each pair goes behind the earlier ones of its column; row_offsets serve as cursors and end one row on. */
static void scatter(pv_als_transpose *transpose, const pv_pairs *pairs)
{
    for (int64_t row = 0; row < pairs->n_rows; ++row) {
        for (int64_t k = pairs->row_offsets[row]; k < pairs->row_offsets[row + 1]; ++k) {
            int64_t to = transpose->row_offsets[pairs->columns[k]]++;
            transpose->columns[to] = (int32_t)row;
            transpose->weights[to] = pairs->weights[k];
        }
    }
    memmove(transpose->row_offsets + 1, transpose->row_offsets,
            (size_t)pairs->n_columns * sizeof *transpose->row_offsets);
    transpose->row_offsets[0] = 0;
}

pv_status pv_als_transpose_init(pv_als_transpose *transpose, const pv_pairs *pairs, pv_error *error)
{
    size_t n_pairs = (size_t)pairs->row_offsets[pairs->n_rows];
    *transpose = (pv_als_transpose){0};
    transpose->row_offsets = pv_allocate((size_t)pairs->n_columns + 1, sizeof *transpose->row_offsets);
    transpose->columns = pv_allocate(n_pairs, sizeof *transpose->columns);
    transpose->weights = pv_allocate(n_pairs, sizeof *transpose->weights);
    if (!transpose->row_offsets || !transpose->columns || !transpose->weights)
        return pv_fail_memory(error, "the pairs by product", n_pairs * 8);
    pv_als_column_offsets(transpose->row_offsets, pairs);
    scatter(transpose, pairs);
    transpose->pairs = (pv_pairs){.n_rows = pairs->n_columns,
                                  .n_columns = pairs->n_rows,
                                  .row_offsets = transpose->row_offsets,
                                  .columns = transpose->columns,
                                  .weights = transpose->weights};
    return PV_OK;
}

void pv_als_transpose_deinit(pv_als_transpose *transpose)
{
    pv_release(transpose->row_offsets);
    pv_release(transpose->columns);
    pv_release(transpose->weights);
}

pv_status pv_als_chunks_init(pv_als_chunks *chunks, const pv_pairs *pairs, pv_error *error)
{
    *chunks = (pv_als_chunks){.bounds = pv_allocate(CHUNKS + 1, sizeof *chunks->bounds)};
    if (!chunks->bounds) return pv_fail_memory(error, "the cuts between chunks", (CHUNKS + 1) * sizeof *chunks->bounds);
    int64_t total = pairs->row_offsets[pairs->n_rows] + ROW_COST * pairs->n_rows;
    int64_t share = total / CHUNKS + 1, cost = 0;
    for (int64_t row = 0; row < pairs->n_rows; ++row) {
        cost += pairs->row_offsets[row + 1] - pairs->row_offsets[row] + ROW_COST;
        if (cost < share && row + 1 < pairs->n_rows) continue;
        chunks->bounds[++chunks->count] = row + 1;
        cost = 0;
    }
    return PV_OK;
}

void pv_als_chunks_deinit(pv_als_chunks *chunks)
{
    pv_release(chunks->bounds);
}
