/* scan_candidates.c - see scan_candidates.h. */
#include "topk/scan_candidates.h"
#include "topk/scan_rounding.h"
#include <math.h>
#include <string.h>

/* Scores that are put in order by comparing all with all: quadratic, but in vectors. */
enum { MOST_COUNTED = 64 };

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
    if (heap[0] > candidates->threshold) candidates->threshold = heap[0]; /* that of the first blocks may be higher */
}

/* The n-th largest of the numbers of PV_SCAN_WIDTH lanes, 1 <= n <= PV_SCAN_WIDTH: the least that fewer than n exceed.
 * No branch is guessed at, and all of it is vectors. */
static float nth_largest(const float *lanes, int64_t n)
{
    int32_t larger[PV_SCAN_WIDTH] = {0};
    for (size_t k = 0; k < PV_SCAN_WIDTH; ++k)
        for (size_t i = 0; i < PV_SCAN_WIDTH; ++i) larger[i] += lanes[k] > lanes[i];
    float nth = INFINITY;
    for (size_t i = 0; i < PV_SCAN_WIDTH; ++i) {
        const float least = lanes[i] < nth ? lanes[i] : nth;
        nth = larger[i] < (int32_t)n ? least : nth;
    }
    return nth;
}

/* The lanes whose value is not below the limit. */
static uint32_t lanes_reaching(const float *values, float limit)
{
    typedef float floats __attribute__((vector_size(16)));
    typedef int32_t ints __attribute__((vector_size(16)));
    ints bits = {1, 2, 4, 8}, reaching = {0};
    for (size_t i = 0; i < PV_SCAN_WIDTH; i += 4, bits <<= 4) {
        floats four;
        memcpy(&four, values + i, sizeof four);
        reaching |= bits & ~(ints)(four < limit);
    }
    return (uint32_t)(reaching[0] | reaching[1] | reaching[2] | reaching[3]);
}

void pv_scan_candidates_take_first(pv_scan_candidates *candidates, float *values, size_t stride, const double *margins,
                                   const uint32_t *lanes, size_t n_blocks)
{
    float lower[PV_SCAN_WIDTH];
    for (size_t i = 0; i < PV_SCAN_WIDTH; ++i) lower[i] = -INFINITY;
    for (size_t b = 0; b < n_blocks; ++b) {
        float *block = values + b * stride;
        const float margin = -pv_round_down(-margins[b]);
        for (uint32_t hidden = ~lanes[b]; hidden; hidden &= hidden - 1) block[__builtin_ctz(hidden)] = -INFINITY;
        for (size_t i = 0; i < PV_SCAN_WIDTH; ++i) {
            const float bound = block[i] - margin;
            lower[i] = bound > lower[i] ? bound : lower[i];
        }
    }
    if (candidates->n <= PV_SCAN_WIDTH)
        candidates->threshold = (double)pv_round_down((double)nth_largest(lower, candidates->n));
    for (size_t b = 0; b < n_blocks; ++b) {
        const float *block = values + b * stride;
        const uint32_t hits = lanes_reaching(block, pv_round_down(candidates->threshold - margins[b]));
        pv_scan_candidates_take(candidates, b, hits & lanes[b], block, margins[b]);
    }
}

static bool slot_before(const void *context, int32_t a, int32_t b)
{
    const pv_scan_candidates *candidates = context;
    return candidates->before(candidates->tie_context, candidates->products[a], candidates->products[b]);
}

/* best[n] = the slots of the n highest of `count` scores, each at the place that the number of higher ones gives it.
 * False, and no answer, where scores are equal: the places then add up to less. */
static bool place_by_score(int32_t *best, int64_t n, const double *scores, int64_t count)
{
    int64_t higher[MOST_COUNTED] = {0}, sum = 0;
    for (int64_t k = 0; k < count; ++k)
        for (int64_t slot = 0; slot < count; ++slot) higher[slot] += scores[k] > scores[slot];
    for (int64_t slot = 0; slot < count; ++slot) sum += higher[slot];
    if (sum != count * (count - 1) / 2) return false;
    for (int64_t slot = 0; slot < count; ++slot)
        if (higher[slot] < n) best[higher[slot]] = (int32_t)slot;
    return true;
}

/* The best of `count` scores as slots, in order; returns how many. A few are placed without a guess. */
static int64_t select_best(pv_scan_candidates *candidates, int64_t count)
{
    const int64_t n = candidates->n < count ? candidates->n : count;
    if (count <= MOST_COUNTED && place_by_score(candidates->best, n, candidates->scores, count)) return n;
    return pv_topk_select(candidates->best, n, candidates->scores, candidates->slots, count, slot_before, candidates);
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
    candidates->n_best = select_best(candidates, count);
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
