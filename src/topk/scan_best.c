/* scan_best.c - see scan_best.h. */
#include "topk/scan_best.h"
#include "base/failure.h"
#include "base/memory.h"
#include "kernels/scan_kernels.h"
#include "topk/scan_candidates.h"
#include "topk/scan_query.h"
#include "topk/scan_rounding.h"
#include <math.h>
#include <string.h>

/* The first blocks at once; returns how many. A gate must not be asked about products that may not suffice. */
static size_t scan_first_blocks(pv_scan_candidates *candidates, const pv_scan_query *query, const void *codes,
                                const pv_scan_kernels *kernels)
{
    const pv_scan_index *index = candidates->index;
    const size_t n_blocks = index->n_blocks < PV_SCAN_FIRST_BLOCKS ? index->n_blocks : PV_SCAN_FIRST_BLOCKS;
    float values[PV_SCAN_FIRST_BLOCKS * PV_SCAN_WIDTH];
    double margins[PV_SCAN_FIRST_BLOCKS];
    uint32_t lanes[PV_SCAN_FIRST_BLOCKS];
    if (candidates->gate) return 0;
    for (size_t b = 0; b < n_blocks; ++b) {
        const pv_scan_block block = pv_scan_index_block(index, b);
        (void)kernels->scan_one(values + b * PV_SCAN_WIDTH, &block, codes, INFINITY);
        margins[b] = pv_scan_query_margin(query, index->norms[b], index->errors[b]);
        lanes[b] = pv_scan_index_lanes(index, b);
    }
    pv_scan_candidates_take_first(candidates, values, PV_SCAN_WIDTH, margins, lanes, n_blocks);
    return n_blocks;
}

static void scan(pv_scan_candidates *candidates, const pv_scan_query *query, const void *codes,
                 const pv_scan_kernels *kernels)
{
    const pv_scan_index *index = candidates->index;
    float values[PV_SCAN_WIDTH];
    for (size_t b = scan_first_blocks(candidates, query, codes, kernels); b < index->n_blocks; ++b) {
        if (pv_scan_query_most(query, index->norms[b]) < candidates->threshold) break;
        const double margin = pv_scan_query_margin(query, index->norms[b], index->errors[b]);
        const pv_scan_block block = pv_scan_index_block(index, b);
        const uint32_t hits = kernels->scan_one(values, &block, codes, pv_round_down(candidates->threshold - margin));
        pv_scan_candidates_take(candidates, b, hits & pv_scan_index_lanes(index, b), values, margin);
    }
    pv_scan_candidates_settle(candidates);
}

pv_status pv_scan_best(int32_t *best, double *scores, int64_t *n_found, const pv_scan_index *index, const double *x,
                       const pv_scan_order *order, pv_error *error)
{
    const int64_t n = order->n < (int64_t)index->n_products ? order->n : (int64_t)index->n_products;
    *n_found = 0;
    if (n <= 0) return PV_OK;
    const size_t bytes = pv_scan_candidates_bytes(n);
    void *memory = pv_allocate(bytes, 1);
    if (!memory) return pv_fail_memory(error, "a scan of products", bytes);
    const pv_scan_kernels *kernels = pv_scan_kernels_get();
    pv_scan_candidates candidates = {.index = index,
                                     .kernels = kernels,
                                     .gate = order->gate,
                                     .gate_context = order->gate_context,
                                     .before = order->before,
                                     .tie_context = order->tie_context};
    pv_scan_candidates_place(&candidates, memory, n);
    pv_scan_candidates_begin(&candidates, x);
    int16_t codes[PV_SCAN_MOST_FACTORS]; /* bytes, for some tables */
    const pv_scan_query query = pv_scan_query_make(codes, 4, x, index->n_factors, kernels);
    scan(&candidates, &query, codes, kernels);
    memcpy(best, candidates.best, (size_t)candidates.n_best * sizeof *best);
    memcpy(scores, candidates.best_scores, (size_t)candidates.n_best * sizeof *scores);
    *n_found = candidates.n_best;
    pv_release(memory);
    return PV_OK;
}
