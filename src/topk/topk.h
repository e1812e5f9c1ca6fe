/* topk.h - the best n of a list of scores, exactly, ties in the order of the index given by `before`. */
#ifndef PV_TOPK_H
#define PV_TOPK_H

#include <stdbool.h>
#include <stdint.h>

/* True when product a stands before product b at equal score (bytewise by id). */
typedef bool pv_tie_order(const void *context, int32_t a, int32_t b);

/* Select among the products in candidates[n_candidates] the best `n` by scores[product], in order, into `best` (room
 * for min(n, n_candidates), which is returned). O(n_candidates log n). No allocation; best is used as the heap. */
int64_t pv_topk_select(int32_t *best, int64_t n, const double *scores, const int32_t *candidates, int64_t n_candidates,
                       pv_tie_order *before, const void *context);

#endif
