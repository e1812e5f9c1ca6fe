/* scan_candidates.c - see scan_candidates.h. */
#include "topk/scan_candidates.h"
#include <math.h>
#include <string.h>

size_t pv_scan_candidates_bytes(int64_t n)
{
    const size_t kept = (size_t)n, room = kept + PV_SCAN_WAITING;
    const size_t numbers = kept + 1 + room + PV_SCAN_WAITING + kept; /* bounds, scores, bounds, scores */
    const size_t products = room + PV_SCAN_WAITING + room + kept;
    return numbers * sizeof(double) + (products + products % 2) * sizeof(int32_t);
}

void pv_scan_candidates_place(pv_scan_candidates *candidates, void *memory, int64_t n)
{
    const size_t kept = (size_t)n, room = kept + PV_SCAN_WAITING;
    candidates->lower_bounds = memory;
    candidates->scores = candidates->lower_bounds + kept + 1;
    candidates->upper_bounds = candidates->scores + room;
    candidates->best_scores = candidates->upper_bounds + PV_SCAN_WAITING;
    candidates->products = (int32_t *)(void *)(candidates->best_scores + kept);
    candidates->waiting = candidates->products + room;
    candidates->slots = candidates->waiting + PV_SCAN_WAITING;
    candidates->best = candidates->slots + room;
    for (size_t slot = 0; slot < room; ++slot) candidates->slots[slot] = (int32_t)slot;
    candidates->n = n;
}

void pv_scan_candidates_begin(pv_scan_candidates *candidates, const double *x)
{
    for (int64_t i = 0; i < candidates->n; ++i) candidates->lower_bounds[i] = -(double)INFINITY;
    candidates->lower_bounds[candidates->n] = (double)INFINITY;
    candidates->threshold = -(double)INFINITY;
    candidates->n_best = candidates->n_waiting = 0;
    candidates->x = x;
}

/* Replace the least of the lower bounds. Which child is less is not guessed at but computed: half of the guesses would
 * be wrong. */
static void raise_threshold(pv_scan_candidates *candidates, double bound)
{
    double *heap = candidates->lower_bounds;
    const int64_t n = candidates->n;
    int64_t root = 0;
    for (int64_t child; (child = 2 * root + 1) < n; root = child) {
        child += heap[child + 1] < heap[child]; /* behind the last stands infinity */
        if (bound <= heap[child]) break;
        heap[root] = heap[child];
    }
    heap[root] = bound;
    candidates->threshold = heap[0];
}

static bool slot_before(const void *context, int32_t a, int32_t b)
{
    const pv_scan_candidates *candidates = context;
    return candidates->before(candidates->tie_context, candidates->products[a], candidates->products[b]);
}

void pv_scan_candidates_settle(pv_scan_candidates *candidates)
{
    int64_t count = candidates->n_best;
    for (int64_t k = 0; k < candidates->n_waiting; ++k)
        if (!(candidates->upper_bounds[k] < candidates->threshold))
            candidates->products[count++] = candidates->waiting[k];
    const pv_scan_index *index = candidates->index;
    candidates->kernels->score_rows(candidates->scores + candidates->n_best, index->factors,
                                    candidates->products + candidates->n_best, (size_t)(count - candidates->n_best),
                                    candidates->x, index->n_factors);
    int32_t *best = candidates->best; /* slots first, then the products in them */
    candidates->n_best =
        pv_topk_select(best, candidates->n, candidates->scores, candidates->slots, count, slot_before, candidates);
    for (int64_t k = 0; k < candidates->n_best; ++k) {
        candidates->best_scores[k] = candidates->scores[best[k]];
        best[k] = candidates->products[best[k]];
    }
    memcpy(candidates->scores, candidates->best_scores, (size_t)candidates->n_best * sizeof *candidates->scores);
    memcpy(candidates->products, best, (size_t)candidates->n_best * sizeof *best);
    candidates->n_waiting = 0;
}

void pv_scan_candidates_take(pv_scan_candidates *candidates, size_t b, uint32_t hits, const float *values,
                             double margin)
{
    const int32_t *products = candidates->index->products + b * PV_SCAN_WIDTH;
    for (; hits; hits &= hits - 1) {
        const int i = __builtin_ctz(hits);
        const double value = (double)values[i], upper = value + margin, lower = value - margin;
        if (upper < candidates->threshold) continue;
        if (candidates->gate && !candidates->gate(candidates->gate_context, products[i])) continue;
        if (lower > candidates->threshold) raise_threshold(candidates, lower);
        candidates->waiting[candidates->n_waiting] = products[i];
        candidates->upper_bounds[candidates->n_waiting++] = upper;
        if (candidates->n_waiting == PV_SCAN_WAITING) pv_scan_candidates_settle(candidates);
    }
}
