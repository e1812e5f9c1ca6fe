/* topk.c - see topk.h. A heap of the best n so far with the last of them on top; most candidates fail against it with
 * one comparison. Popping it from the back gives the order. */
#include "topk/topk.h"
#include <stddef.h>

typedef struct ranking {
    const double *scores;
    pv_tie_order *before;
    const void *context;
} ranking;

static bool stands_before(const ranking *by, int32_t a, int32_t b)
{
    double score_a = by->scores[a], score_b = by->scores[b];
    return score_a != score_b ? score_a > score_b : by->before(by->context, a, b);
}

/* Let the product at `root` sink until no child stands behind it. */
static void sink(int32_t *heap, int64_t size, int64_t root, const ranking *by)
{
    int32_t sinking = heap[root];
    for (int64_t child; (child = 2 * root + 1) < size; root = child) {
        if (child + 1 < size && stands_before(by, heap[child], heap[child + 1])) child++;
        if (!stands_before(by, sinking, heap[child])) break;
        heap[root] = heap[child];
    }
    heap[root] = sinking;
}

int64_t pv_topk_select(int32_t *best, int64_t n, const double *scores, const int32_t *candidates, int64_t n_candidates,
                       pv_tie_order *before, const void *context)
{
    const ranking by = {scores, before, context};
    int64_t size = n < n_candidates ? n : n_candidates;
    if (size <= 0) return 0;
    for (int64_t i = 0; i < size; i++) best[i] = candidates[i];
    for (int64_t root = size / 2; root-- > 0;) sink(best, size, root, &by);
    double last_score = scores[best[0]];
    for (int64_t i = size; i < n_candidates; i++) {
        if (scores[candidates[i]] < last_score || !stands_before(&by, candidates[i], best[0])) continue;
        best[0] = candidates[i];
        sink(best, size, 0, &by);
        last_score = scores[best[0]];
    }
    for (int64_t last = size - 1; last > 0; last--) {
        int32_t behind_all = best[0];
        best[0] = best[last];
        best[last] = behind_all;
        sink(best, last, 0, &by);
    }
    return size;
}
