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
enum { TASK_TILES = 4, MOST_TASK_QUERIES = TASK_TILES * PV_SCAN_MOST_QUERIES, CHUNK_BYTES = 128 * 1024 };

/* What one thread works with: the queries of its task. */
typedef struct task_queries {
    pv_scan_query bounds[MOST_TASK_QUERIES];
    pv_scan_candidates candidates[MOST_TASK_QUERIES];
    double *x;            /* [task_queries x n_factors] */
    unsigned char *codes; /* [TASK_TILES x n_quads x tile_queries x 4], query_bytes each */
    uint32_t *allowed;    /* [task_queries x n_blocks]: lanes of each block */
    size_t count;
} task_queries;

typedef struct batch_run {
    int32_t *best;
    double *scores;
    int64_t *n_found;
    const pv_scan_index *index;
    const pv_scan_batch *batch;
    const pv_scan_kernels *kernels;
    uint32_t *allowed;      /* [n_blocks], of all queries */
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

/* Make ready query `query` of the batch as number k of the task. */
static void prepare_query(task_queries *task, size_t k, size_t query, const batch_run *run)
{
    const pv_scan_index *index = run->index;
    const pv_scan_batch *batch = run->batch;
    const size_t d = index->n_factors, tile = run->kernels->tile_queries;
    double *x = task->x + k * d;
    for (size_t i = 0; i < d; ++i) x[i] = (double)batch->queries[query * d + i];
    unsigned char *codes = task->codes + (k / tile * index->n_quads * tile + k % tile) * 4 * run->kernels->query_bytes;
    task->bounds[k] = pv_scan_query_make(codes, 4 * tile, x, d, run->kernels);
    pv_scan_candidates_begin(task->candidates + k, x);
    uint32_t *allowed = task->allowed + k * index->n_blocks;
    memcpy(allowed, run->allowed, index->n_blocks * sizeof *allowed);
    if (!batch->excluded_offsets) return;
    for (int64_t e = batch->excluded_offsets[query]; e < batch->excluded_offsets[query + 1]; ++e) {
        const uint32_t place = (uint32_t)index->places[batch->excluded[e]];
        allowed[place / PV_SCAN_WIDTH] &= ~(1u << place % PV_SCAN_WIDTH);
    }
}

/* What a product of block b must reach for each of `count` queries; false when no later product can, for any. */
static bool set_limits(float *limits, double *margins, const task_queries *task, size_t first, size_t count,
                       const pv_scan_index *index, size_t b)
{
    bool is_reachable = false;
    for (size_t u = 0; u < count; ++u) {
        const pv_scan_query *query = task->bounds + first + u;
        const double threshold = task->candidates[first + u].threshold;
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
    const size_t width = run->kernels->tile_queries, first = tile * width;
    const size_t count = task->count - first < width ? task->count - first : width;
    const unsigned char *codes = task->codes + first * index->n_quads * 4 * run->kernels->query_bytes;
    float values[PV_SCAN_MOST_QUERIES * PV_SCAN_WIDTH], limits[PV_SCAN_MOST_QUERIES];
    double margins[PV_SCAN_MOST_QUERIES];
    uint32_t hits[PV_SCAN_MOST_QUERIES];
    for (size_t u = count; u < width; ++u) limits[u] = INFINITY; /* nobody: nothing reaches it */
    for (size_t b = begin; b < end; ++b) {
        if (!set_limits(limits, margins, task, first, count, index, b)) return false;
        const pv_scan_block block = pv_scan_index_block(index, b);
        run->kernels->scan_tile(hits, values, &block, codes, limits);
        for (size_t u = 0; u < count; ++u) {
            const uint32_t allowed = hits[u] & task->allowed[(first + u) * index->n_blocks + b];
            if (allowed)
                pv_scan_candidates_take(task->candidates + first + u, b, allowed, values + u * PV_SCAN_WIDTH,
                                        margins[u]);
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

static void run_task(void *context, size_t number, unsigned thread)
{
    const batch_run *run = context;
    const pv_scan_index *index = run->index;
    task_queries *task = run->threads[thread];
    const size_t query = number * run->task_queries, left = (size_t)run->batch->n_queries - query;
    task->count = left < run->task_queries ? left : run->task_queries;
    for (size_t k = 0; k < task->count; ++k) prepare_query(task, k, query + k, run);
    const size_t n_tiles = (task->count + run->kernels->tile_queries - 1) / run->kernels->tile_queries;
    const size_t chunk = CHUNK_BYTES / (index->n_quads * 4 * PV_SCAN_WIDTH);
    bool is_open[TASK_TILES] = {true, true, true, true};
    for (size_t begin = 0; begin < index->n_blocks; begin += chunk) {
        const size_t end = index->n_blocks - begin < chunk ? index->n_blocks : begin + chunk;
        for (size_t tile = 0; tile < n_tiles; ++tile)
            is_open[tile] = is_open[tile] && scan_blocks(task, tile, begin, end, run);
    }
    for (size_t k = 0; k < task->count; ++k) {
        pv_scan_candidates_settle(task->candidates + k);
        write_best(task, k, query + k, run);
    }
}

/* Lay out what one thread needs, in one piece of memory that begins with its task_queries. NULL on no memory. */
static task_queries *create_task(const batch_run *run, int64_t n)
{
    const pv_scan_index *index = run->index;
    const size_t count = run->task_queries, best_bytes = pv_scan_candidates_bytes(n);
    const size_t x_bytes = index->n_factors * sizeof(double),
                 code_bytes = index->n_quads * 4 * run->kernels->query_bytes;
    task_queries *task =
        pv_allocate(sizeof *task + count * (best_bytes + x_bytes + index->n_blocks * sizeof(uint32_t) + code_bytes), 1);
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
    task->allowed = (uint32_t *)(void *)(memory + count * x_bytes);
    task->codes = (unsigned char *)(task->allowed + count * index->n_blocks);
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
