/* reasons.h - from contributions to reasons: which are shown, their evidence, facts and sentence, what stands beside.
 *
 * Holds:    pv_reasons_fill().
 * Threads:  everything belongs to one question and its arena.
 * Source:   contract section 3.
 */
#ifndef PV_REASONS_H
#define PV_REASONS_H

#include "ranker/gates.h"
#include "ranker/ranker.h"
#include "reasons/score_buckets.h"
#include <purvey/answer.h>

#define PV_REASONS_SHOWN 3  /* explain top3 */
#define PV_EVIDENCE_SHOWN 3 /* pieces a reason, but in explanations */

/* What the reasons of one answer have in common. */
typedef struct pv_reasons_rules {
    pv_explain level;
    bool is_explanation;           /* every signal, zero ones too, and every piece of evidence */
    const pv_score_buckets *ranks; /* NULL: if_removed has no rank; pv_reasons_rank_among() sets it and what follows */
    const int32_t *candidates;     /* [n_candidates] that ranks are counted among, rising */
    int64_t n_candidates;
} pv_reasons_rules;

/* Let ranks be counted among these candidates, rising, of a ranking that is scored. Errors: PV_E_MEMORY. */
pv_status pv_reasons_rank_among(pv_reasons_rules *rules, const pv_ranking *ranking, const int32_t *candidates,
                                int64_t n_candidates, pv_error *error) PV_CHECKED;

/* True when product a stands before product b at equal score: bytewise by id. context: the pv_shop. */
bool pv_product_order(const void *shop, int32_t a, int32_t b);
/* Rank that `score` would give `product` among the candidates with every other score unchanged; 0 beyond PV_RANK_MAX.
 */
int64_t pv_rank_among(const pv_ranking *ranking, const pv_reasons_rules *rules, int32_t product, double score);

/* Fill score, base, policy, reasons, notes, other_positive, negative and shown_share of an item. The ranking must have
 * been scored. Errors: PV_E_MEMORY. */
pv_status pv_reasons_fill(pv_item *item, const pv_ranking *ranking, const pv_reasons_rules *rules, int32_t product,
                          pv_error *error) PV_CHECKED;

#endif
