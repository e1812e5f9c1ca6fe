/* scan_batch.c - see scan_batch.h. */
#include "topk/scan_batch.h"
#include "base/failure.h"
#include "base/memory.h"
#include "topk/scan_candidates.h"
#include "topk/scan_query.h"
#include "topk/scan_rounding.h"
#include <math.h>
#include <string.h>

/* A task is TASK_TILES tiles of queries; they take turns at CHUNK_BYTES of codes, which stay in the second-level cache.
 */
enum { TASK_TILES = 8, MOST_TASK_QUERIES = TASK_TILES * PV_SCAN_MOST_QUERIES, CHUNK_BYTES = 128 * 1024 };

/* What one thread works with: the queries of its task. */
typedef struct task_queries {
    pv_scan_query bounds[MOST_TASK_QUERIES];
    pv_scan_candidates candidates[MOST_TASK_QUERIES];
    size_t stops[MOST_TASK_QUERIES]; /* the block at which a query needs no more, as far as is known */
    size_t order[MOST_TASK_QUERIES]; /* the queries as they stand in the tiles */
    double *x;                       /* [task_queries x n_factors] */
    unsigned char *codes;            /* [task_queries x n_quads x 4], query_bytes each */
    unsigned char *tiles;            /* [TASK_TILES x n_quads x tile_queries x 4]: the codes in order */
    uint32_t *excluded;              /* [task_queries x n_blocks]: lanes that a query must not get */
    size_t count;
} task_queries;

typedef struct batch_run {
    int32_t *best;
    double *scores;
    int64_t *n_found;
    const pv_scan_index *index;
    const pv_scan_batch *batch;
    const pv_scan_kernels *kernels;
    uint32_t *allowed;      /* [n_blocks], lanes for all queries */
    task_queries **threads; /* one a thread */
    size_t task_queries;    /* queries of a task */
} batch_run;

/* allowed[n_blocks] = the lanes of each block that hold an allowed product. */
static void allow_lanes(uint32_t *allowed, const pv_scan_index *index, const uint32_t *products)
{
    for (size_t b = 0; b < index->n_blocks; ++b) {
        allowed[b] = pv_scan_index_lanes(index, b);
        for (uint32_t rest = products ? allowed[b] : 0; rest; rest &= rest - 1) {
            const int lane = __builtin_ctz(rest);
            const uint32_t product = (uint32_t)index->products[b * PV_SCAN_WIDTH + (size_t)lane];
            if (!(products[product / 32] >> product % 32 & 1)) allowed[b] &= ~(1u << lane);
        }
    }
}

/* Set or take back the lanes that query `query` of the batch, number k of the task, must not get. */
static void flip_excluded(task_queries *task, size_t k, size_t query, const batch_run *run)
{
    const pv_scan_batch *batch = run->batch;
    if (!batch->excluded_offsets) return;
    uint32_t *lanes = task->excluded + k * run->index->n_blocks;
    for (int64_t e = batch->excluded_offsets[query]; e < batch->excluded_offsets[query + 1]; ++e) {
        const uint32_t place = (uint32_t)run->index->places[batch->excluded[e]];
        lanes[place / PV_SCAN_WIDTH] ^= 1u << place % PV_SCAN_WIDTH;
    }
}

/* Make ready query `query` of the batch as number k of the task. */
static void prepare_query(task_queries *task, size_t k, size_t query, const batch_run *run)
{
    const size_t d = run->index->n_factors;
    double *x = task->x + k * d;
    for (size_t i = 0; i < d; ++i) x[i] = (double)run->batch->queries[query * d + i];
    unsigned char *codes = task->codes + k * run->index->n_quads * 4 * run->kernels->query_bytes;
    task->bounds[k] = pv_scan_query_make(codes, 4, x, d, run->kernels);
    task->order[k] = k;
    pv_scan_candidates_begin(task->candidates + k, x);
    flip_excluded(task, k, query, run);
}

/* Four codes of one or two bytes each, in one piece. */
static void copy_quad(unsigned char *to, const unsigned char *from, size_t bytes)
{
    if (bytes == sizeof(uint64_t))
        memcpy(to, from, sizeof(uint64_t));
    else
        memcpy(to, from, sizeof(uint32_t));
}

/* Lay the codes of all queries into the tiles, in their order. */
static void fill_tiles(task_queries *task, const batch_run *run)
{
    const size_t quads = run->index->n_quads, tile = run->kernels->tile_queries;
    const size_t bytes = 4 * run->kernels->query_bytes;
    for (size_t place = 0; place < task->count; ++place) {
        const unsigned char *from = task->codes + task->order[place] * quads * bytes;
        unsigned char *to = task->tiles + (place / tile * quads * tile + place % tile) * bytes;
        for (size_t q = 0; q < quads; ++q, from += bytes, to += tile * bytes) copy_quad(to, from, bytes);
    }
}

/* One tile: its queries and their codes. */
typedef struct tile_view {
    const size_t *queries; /* [count] of the task */
    size_t count;
    const unsigned char *codes;
} tile_view;

static tile_view view_tile(const task_queries *task, size_t tile, const batch_run *run)
{
    const size_t width = run->kernels->tile_queries, first = tile * width;
    return (tile_view){.queries = task->order + first,
                       .count = task->count - first < width ? task->count - first : width,
                       .codes = task->tiles + first * run->index->n_quads * 4 * run->kernels->query_bytes};
}

/* The first blocks for one tile. */
static void scan_first_blocks(task_queries *task, size_t tile, size_t n_blocks, const batch_run *run)
{
    const pv_scan_index *index = run->index;
    const tile_view view = view_tile(task, tile, run);
    float values[PV_SCAN_FIRST_BLOCKS * PV_SCAN_MOST_QUERIES * PV_SCAN_WIDTH], limits[PV_SCAN_MOST_QUERIES];
    const size_t stride = run->kernels->tile_queries * PV_SCAN_WIDTH;
    uint32_t hits[PV_SCAN_MOST_QUERIES];
    for (size_t u = 0; u < PV_SCAN_MOST_QUERIES; ++u) limits[u] = INFINITY; /* only the values are asked for */
    for (size_t b = 0; b < n_blocks; ++b) {
        const pv_scan_block block = pv_scan_index_block(index, b);
        run->kernels->scan_tile(hits, values + b * stride, &block, view.codes, limits);
    }
    for (size_t u = 0; u < view.count; ++u) {
        const size_t k = view.queries[u];
        uint32_t lanes[PV_SCAN_FIRST_BLOCKS];
        double margins[PV_SCAN_FIRST_BLOCKS];
        for (size_t b = 0; b < n_blocks; ++b) {
            lanes[b] = run->allowed[b] & ~task->excluded[k * index->n_blocks + b];
            margins[b] = pv_scan_query_margin(task->bounds + k, index->norms[b], index->errors[b]);
        }
        pv_scan_candidates_take_first(task->candidates + k, values + u * PV_SCAN_WIDTH, stride, margins, lanes,
                                      n_blocks);
    }
}

/* The first block, from `begin` on, in which no product reaches what query k has already. Norms fall. */
static size_t find_stop(const task_queries *task, size_t k, size_t begin, const pv_scan_index *index)
{
    size_t end = index->n_blocks;
    while (begin < end) {
        const size_t middle = begin + (end - begin) / 2;
        if (pv_scan_query_most(task->bounds + k, index->norms[middle]) < task->candidates[k].threshold)
            end = middle;
        else
            begin = middle + 1;
    }
    return end;
}

/* Queries that stop at about the same block share a tile: it goes on until the last of them stops. */
static void order_by_stop(task_queries *task, size_t begin, const batch_run *run)
{
    for (size_t k = 0; k < task->count; ++k) task->stops[k] = find_stop(task, k, begin, run->index);
    for (size_t place = 1; place < task->count; ++place) {
        const size_t k = task->order[place];
        size_t to = place;
        for (; to > 0 && task->stops[task->order[to - 1]] < task->stops[k]; --to) task->order[to] = task->order[to - 1];
        task->order[to] = k;
    }
    fill_tiles(task, run);
}

/* What a product of block b must reach for each query of the tile; false when no later product can, for any. */
static bool set_limits(float *limits, double *margins, const task_queries *task, const tile_view *view,
                       const pv_scan_index *index, size_t b)
{
    bool is_reachable = false;
    for (size_t u = 0; u < view->count; ++u) {
        const pv_scan_query *query = task->bounds + view->queries[u];
        const double threshold = task->candidates[view->queries[u]].threshold;
        margins[u] = pv_scan_query_margin(query, index->norms[b], index->errors[b]);
        limits[u] = pv_round_down(threshold - margins[u]);
        is_reachable |= !(pv_scan_query_most(query, index->norms[b]) < threshold);
    }
    return is_reachable;
}

/* Blocks [begin, end) for one tile; false when it needs no more of them. */
static bool scan_blocks(task_queries *task, size_t tile, size_t begin, size_t end, const batch_run *run)
{
    const pv_scan_index *index = run->index;
    const tile_view view = view_tile(task, tile, run);
    float values[PV_SCAN_MOST_QUERIES * PV_SCAN_WIDTH], limits[PV_SCAN_MOST_QUERIES];
    double margins[PV_SCAN_MOST_QUERIES];
    uint32_t hits[PV_SCAN_MOST_QUERIES];
    for (size_t u = view.count; u < PV_SCAN_MOST_QUERIES; ++u) limits[u] = INFINITY; /* nobody: nothing reaches it */
    for (size_t b = begin; b < end; ++b) {
        if (!set_limits(limits, margins, task, &view, index, b)) return false;
        const pv_scan_block block = pv_scan_index_block(index, b);
        run->kernels->scan_tile(hits, values, &block, view.codes, limits);
        for (size_t u = 0; u < view.count; ++u) {
            if (!(hits[u] & run->allowed[b])) continue;
            const size_t k = view.queries[u];
            pv_scan_candidates_take(task->candidates + k, b,
                                    hits[u] & run->allowed[b] & ~task->excluded[k * index->n_blocks + b],
                                    values + u * PV_SCAN_WIDTH, margins[u]);
        }
    }
    return true;
}

static void write_best(const task_queries *task, size_t k, size_t query, const batch_run *run)
{
    const pv_scan_candidates *candidates = task->candidates + k;
    const size_t n = (size_t)run->batch->n, found = (size_t)candidates->n_best;
    memcpy(run->best + query * n, candidates->best, found * sizeof *run->best);
    memcpy(run->scores + query * n, candidates->best_scores, found * sizeof *run->scores);
    run->n_found[query] = candidates->n_best;
}

static void scan_task(task_queries *task, const batch_run *run)
{
    const pv_scan_index *index = run->index;
    const size_t n_first = index->n_blocks < PV_SCAN_FIRST_BLOCKS ? index->n_blocks : PV_SCAN_FIRST_BLOCKS;
    const size_t n_tiles = (task->count + run->kernels->tile_queries - 1) / run->kernels->tile_queries;
    const size_t chunk = CHUNK_BYTES / (index->n_quads * 4 * PV_SCAN_WIDTH);
    bool is_open[TASK_TILES];
    fill_tiles(task, run);
    for (size_t tile = 0; tile < n_tiles; ++tile) scan_first_blocks(task, tile, n_first, run);
    order_by_stop(task, n_first, run);
    memset(is_open, true, sizeof is_open);
    for (size_t begin = n_first; begin < index->n_blocks; begin += chunk) {
        const size_t end = index->n_blocks - begin < chunk ? index->n_blocks : begin + chunk;
        for (size_t tile = 0; tile < n_tiles; ++tile)
            is_open[tile] = is_open[tile] && scan_blocks(task, tile, begin, end, run);
    }
}

static void run_task(void *context, size_t number, unsigned thread)
{
    const batch_run *run = context;
    task_queries *task = run->threads[thread];
    const size_t query = number * run->task_queries, left = (size_t)run->batch->n_queries - query;
    task->count = left < run->task_queries ? left : run->task_queries;
    for (size_t k = 0; k < task->count; ++k) prepare_query(task, k, query + k, run);
    scan_task(task, run);
    for (size_t k = 0; k < task->count; ++k) {
        pv_scan_candidates_settle(task->candidates + k);
        write_best(task, k, query + k, run);
        flip_excluded(task, k, query + k, run);
    }
}

/* Lay out what one thread needs, in one piece of memory that begins with its task_queries. NULL on no memory. */
static task_queries *create_task(const batch_run *run, int64_t n)
{
    const pv_scan_index *index = run->index;
    const size_t count = run->task_queries, best_bytes = pv_scan_candidates_bytes(n);
    const size_t x_bytes = index->n_factors * sizeof(double), lanes_bytes = index->n_blocks * sizeof(uint32_t);
    const size_t code_bytes = index->n_quads * 4 * run->kernels->query_bytes;
    task_queries *task = pv_allocate(sizeof *task + count * (best_bytes + x_bytes + lanes_bytes + 2 * code_bytes), 1);
    if (!task) return NULL;
    unsigned char *memory = (unsigned char *)(task + 1);
    for (size_t k = 0; k < count; ++k, memory += best_bytes) {
        task->candidates[k].index = index;
        task->candidates[k].kernels = run->kernels;
        task->candidates[k].before = run->batch->before;
        task->candidates[k].tie_context = run->batch->tie_context;
        pv_scan_candidates_place(task->candidates + k, memory, n);
    }
    task->x = (double *)(void *)memory;
    task->excluded = (uint32_t *)(void *)(memory + count * x_bytes);
    task->codes = (unsigned char *)(task->excluded + count * index->n_blocks);
    task->tiles = task->codes + count * code_bytes;
    return task;
}

pv_status pv_scan_best_batch(int32_t *best, double *scores, int64_t *n_found, const pv_scan_index *index,
                             const pv_scan_batch *batch, pv_threads *threads, pv_error *error)
{
    pv_status status;
    const int64_t n = batch->n < (int64_t)index->n_products ? batch->n : (int64_t)index->n_products;
    const unsigned n_threads = pv_threads_count(threads);
    memset(n_found, 0, (size_t)batch->n_queries * sizeof *n_found);
    if (n <= 0) return PV_OK;
    const pv_scan_kernels *kernels = pv_scan_kernels_get();
    batch_run run = {.best = best,
                     .scores = scores,
                     .n_found = n_found,
                     .index = index,
                     .batch = batch,
                     .kernels = kernels,
                     .task_queries = kernels->tile_queries * TASK_TILES};
    run.allowed = pv_allocate(index->n_blocks, sizeof *run.allowed);
    run.threads = pv_allocate(n_threads, sizeof(task_queries *));
    PV_TRY(pv_check_memory(run.allowed && run.threads, "a scan of products", error));
    for (unsigned t = 0; t < n_threads; ++t) {
        run.threads[t] = create_task(&run, n);
        PV_TRY(pv_check_memory(run.threads[t] != NULL, "a scan of products", error));
    }
    allow_lanes(run.allowed, index, batch->allowed);
    const size_t n_queries = (size_t)batch->n_queries;
    pv_threads_run(threads, (n_queries + run.task_queries - 1) / run.task_queries, run_task, &run);
cleanup:
    for (unsigned t = 0; run.threads && t < n_threads; ++t) pv_release(run.threads[t]);
    pv_release(run.threads);
    pv_release(run.allowed);
    return status;
}
