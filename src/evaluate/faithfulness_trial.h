/* faithfulness_trial.h - one question asked of a ranker, with the memory that its answer lies in: a customer's own, the
 * same without some purchases or without an order.
 *
 * Threads:  a trial belongs to one thread.
 */
#ifndef PV_FAITHFULNESS_TRIAL_H
#define PV_FAITHFULNESS_TRIAL_H

#include "ranker/user_question.h"
#include "reasons/reasons.h"

typedef struct pv_trial {
    pv_asker *asker; /* its arena holds everything below, until the next question */
    pv_user_question asked;
    pv_reasons_rules rules; /* candidates and their scores, once ranked */
} pv_trial;

pv_status pv_trial_init(pv_trial *trial, const pv_ranker *ranker, pv_error *error) PV_CHECKED;
void pv_trial_deinit(pv_trial *trial); /* accepts {0} */

/* The question of a warm customer, prepared. */
pv_status pv_trial_ask(pv_trial *trial, const pv_ranker *ranker, int64_t user, pv_error *error) PV_CHECKED;

/* What a history leaves out. */
typedef struct pv_left_out {
    const int32_t *products; /* [n] */
    int64_t n;
    int32_t order; /* -1: none */
} pv_left_out;
/* The question of `served`, another trial, with a history made anew from the customer's stored lines, prepared. This is
 * on purpose not the way that removals take: it is what they are checked against. */
pv_status pv_trial_ask_without(pv_trial *trial, const pv_ranker *ranker, const pv_trial *served,
                               const pv_left_out *left_out, pv_error *error) PV_CHECKED;
/* The same by pv_history_without(), product by product, as an answer would do it. */
pv_status pv_trial_ask_shortened(pv_trial *trial, const pv_ranker *ranker, const pv_trial *served,
                                 const int32_t *products, int64_t n, pv_error *error) PV_CHECKED;

/* Score every product and collect the candidates of the list that a request without a mode gets. */
pv_status pv_trial_rank(pv_trial *trial, pv_error *error) PV_CHECKED;
/* Rank that `score` gives the product; beyond PV_RANK_MAX: PV_RANK_MAX + 1. The trial is ranked. */
int64_t pv_trial_rank_at(const pv_trial *trial, int32_t product, double score);
/* True when the product stands among the first n candidates of the trial. */
bool pv_trial_lists(const pv_trial *trial, int32_t product, int64_t n);

#endif
