/* best_products.h - the products that an answer shows: the best of a question's candidates by their score.
 *
 * Where the factor model alone makes the score they come from the exact scan of topk/scan_best.h; everywhere else every
 * product is scored. The answer is the same to the last bit.
 */
#ifndef PV_BEST_PRODUCTS_H
#define PV_BEST_PRODUCTS_H

#include "service/session.h"

/* What is chosen from, and how many. */
typedef struct pv_choice {
    const pv_gates *gates;
    const int32_t *candidates; /* [n_candidates], those that the gates let through */
    int64_t n_candidates;
    int64_t n;             /* wanted, at most n_candidates */
    bool wants_all_scores; /* the ranking must know the score of every candidate afterwards */
} pv_choice;

/* Write the best choice->n products into best, in order, ties bytewise by id. The ranking of `asked` then holds score
 * and contributions of these at least. The model's scan index is made when enough requests have asked for it: 20,000
 * products of 64 factors take 4 ms and 1.6 MB. Errors: PV_E_MEMORY. */
pv_status pv_best_products(int32_t *best, pv_session *session, pv_asked *asked, const pv_choice *choice,
                           pv_error *error) PV_CHECKED;

#endif
