/* als_pairs.c - transposition by counting, and chunks balanced by pairs. */
#include "als/als_pairs.h"
#include "base/failure.h"
#include "base/memory.h"
#include <stdlib.h>
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

int64_t pv_als_longest_row(const pv_pairs *pairs)
{
    int64_t longest = 0;
    for (int64_t row = 0; row < pairs->n_rows; ++row) {
        int64_t length = pairs->row_offsets[row + 1] - pairs->row_offsets[row];
        if (length > longest) longest = length;
    }
    return longest;
}

/* Pairs cut by rows into pieces that are counted and scattered side by side. */
typedef struct transpose_task {
    pv_als_transpose *transpose;
    const pv_pairs *pairs;
    int64_t *cursors; /* [n_pieces x n_columns]: counts, then where the piece's next pair of a column goes */
    size_t n_pieces;
} transpose_task;

enum { MOST_PIECES = 8, PAIRS_PER_CURSOR = 4 };

static size_t count_pieces(const pv_pairs *pairs)
{
    int64_t n = pairs->row_offsets[pairs->n_rows] / (PAIRS_PER_CURSOR * (pairs->n_columns + 1));
    return n < 1 ? 1 : n > MOST_PIECES ? MOST_PIECES : (size_t)n;
}

/* First row of a piece: pieces hold about the same number of pairs. */
static int64_t first_row(const transpose_task *task, size_t piece)
{
    const int64_t *offsets = task->pairs->row_offsets;
    int64_t low = 0, high = task->pairs->n_rows;
    int64_t pair = offsets[high] / (int64_t)task->n_pieces * (int64_t)piece;
    if (piece == task->n_pieces) return high;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (offsets[middle] < pair)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void count_piece(void *context, size_t piece, unsigned thread)
{
    const transpose_task *task = context;
    const int64_t *offsets = task->pairs->row_offsets;
    int64_t *counts = task->cursors + piece * (size_t)task->pairs->n_columns;
    int64_t last = offsets[first_row(task, piece + 1)];
    (void)thread;
    for (int64_t k = offsets[first_row(task, piece)]; k < last; ++k) ++counts[task->pairs->columns[k]];
}

/* Row by row, each pair goes behind the earlier ones of its column. */
static void scatter_piece(void *context, size_t piece, unsigned thread)
{
    const transpose_task *task = context;
    const pv_pairs *pairs = task->pairs;
    int64_t *cursors = task->cursors + piece * (size_t)pairs->n_columns, last = first_row(task, piece + 1);
    (void)thread;
    for (int64_t row = first_row(task, piece); row < last; ++row) {
        for (int64_t k = pairs->row_offsets[row]; k < pairs->row_offsets[row + 1]; ++k) {
            int64_t to = cursors[pairs->columns[k]]++;
            task->transpose->columns[to] = (int32_t)row;
            task->transpose->weights[to] = pairs->weights[k];
        }
    }
}

/* Counts become positions: by column, within a column by piece. */
static void place_pieces(transpose_task *task)
{
    size_t n_columns = (size_t)task->pairs->n_columns;
    int64_t position = 0;
    for (size_t j = 0; j < n_columns; ++j) {
        task->transpose->row_offsets[j] = position;
        for (size_t piece = 0; piece < task->n_pieces; ++piece) {
            int64_t count = task->cursors[piece * n_columns + j];
            task->cursors[piece * n_columns + j] = position;
            position += count;
        }
    }
    task->transpose->row_offsets[n_columns] = position;
}

pv_status pv_als_transpose_init(pv_als_transpose *transpose, const pv_pairs *pairs, pv_threads *threads,
                                pv_error *error)
{
    pv_status status = PV_OK;
    size_t n_pairs = (size_t)pairs->row_offsets[pairs->n_rows], n_columns = (size_t)pairs->n_columns;
    transpose_task task = {.transpose = transpose, .pairs = pairs, .n_pieces = count_pieces(pairs)};
    *transpose = (pv_als_transpose){0};
    transpose->row_offsets = pv_allocate(n_columns + 1, sizeof *transpose->row_offsets);
    transpose->columns = pv_allocate(n_pairs, sizeof *transpose->columns);
    transpose->weights = pv_allocate(n_pairs, sizeof *transpose->weights);
    task.cursors = pv_allocate(n_columns * task.n_pieces, sizeof *task.cursors);
    if (!transpose->row_offsets || !transpose->columns || !transpose->weights || !task.cursors)
        PV_TRY(pv_fail_memory(error, "the pairs by product", n_pairs * 8));
    pv_threads_run(threads, task.n_pieces, count_piece, &task);
    place_pieces(&task);
    pv_threads_run(threads, task.n_pieces, scatter_piece, &task);
    transpose->pairs = (pv_pairs){.n_rows = pairs->n_columns,
                                  .n_columns = pairs->n_rows,
                                  .row_offsets = transpose->row_offsets,
                                  .columns = transpose->columns,
                                  .weights = transpose->weights};
cleanup:
    pv_release(task.cursors);
    return status;
}

void pv_als_transpose_deinit(pv_als_transpose *transpose)
{
    pv_release(transpose->row_offsets);
    pv_release(transpose->columns);
    pv_release(transpose->weights);
}

typedef struct sized_chunk {
    int64_t cost;
    int32_t chunk;
} sized_chunk;

static int compare_sizes(const void *a, const void *b)
{
    const sized_chunk *left = a, *right = b;
    if (left->cost != right->cost) return left->cost < right->cost ? 1 : -1;
    return left->chunk < right->chunk ? -1 : left->chunk > right->chunk;
}

static int64_t cost_of_rows(const pv_pairs *pairs, int64_t first, int64_t last)
{
    return pairs->row_offsets[last] - pairs->row_offsets[first] + ROW_COST * (last - first);
}

static void order_by_size(pv_als_chunks *chunks, const pv_pairs *pairs)
{
    sized_chunk sized[CHUNKS];
    for (size_t c = 0; c < chunks->count; ++c)
        sized[c] = (sized_chunk){cost_of_rows(pairs, chunks->bounds[c], chunks->bounds[c + 1]), (int32_t)c};
    qsort(sized, chunks->count, sizeof *sized, compare_sizes);
    for (size_t c = 0; c < chunks->count; ++c) chunks->by_size[c] = sized[c].chunk;
}

pv_status pv_als_chunks_init(pv_als_chunks *chunks, const pv_pairs *pairs, pv_error *error)
{
    *chunks = (pv_als_chunks){.bounds = pv_allocate(CHUNKS + 1, sizeof *chunks->bounds),
                              .by_size = pv_allocate(CHUNKS, sizeof *chunks->by_size)};
    if (!chunks->bounds || !chunks->by_size)
        return pv_fail_memory(error, "the cuts between chunks", (CHUNKS + 1) * sizeof *chunks->bounds);
    int64_t share = cost_of_rows(pairs, 0, pairs->n_rows) / CHUNKS + 1;
    for (int64_t first = 0, row = 1; row <= pairs->n_rows; ++row) {
        if (cost_of_rows(pairs, first, row) < share && row < pairs->n_rows) continue;
        chunks->bounds[++chunks->count] = first = row;
    }
    order_by_size(chunks, pairs);
    return PV_OK;
}

void pv_als_chunks_deinit(pv_als_chunks *chunks)
{
    pv_release(chunks->bounds);
    pv_release(chunks->by_size);
}
