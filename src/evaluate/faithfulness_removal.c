/* faithfulness_removal.c - removal truth: each claimed effect of a purchase against the question asked anew. */
#include "evaluate/faithfulness_customer.h"

#include "base/failure.h"
#include "reasons/removal.h"
#include <math.h>

#define NO_CHANGE 1e-9 /* changes up to it have no sign */

/* The purchases that are checked and what each item's removals claim of them. */
typedef struct removal_claims {
    int32_t *products; /* [n] */
    int64_t n;
    double *scores; /* [items x n] */
} removal_claims;

static pv_status choose_purchases(removal_claims *claims, pv_sampled_customer *customer, pv_error *error)
{
    const pv_history *history = &customer->served.asked.history;
    const int64_t most = customer->study->settings.purchases;
    claims->n = history->n_products < most ? history->n_products : most;
    claims->products = pv_arena_allocate(customer->served.asker->arena, (size_t)claims->n, sizeof *claims->products);
    claims->scores =
        pv_arena_allocate(customer->served.asker->arena, (size_t)(claims->n * customer->n), sizeof *claims->scores);
    if (!claims->products || !claims->scores) return pv_fail_memory(error, "removals", 0);
    for (int64_t k = 0; k < claims->n; k++)
        claims->products[k] = history->products[k * history->n_products / claims->n];
    return PV_OK;
}

/* Keep the purchases with the largest positive evidence, the largest first. */
static void keep_strongest(int32_t strongest[PV_STRONGEST], const pv_removal *removals, int64_t n, const pv_ids *ids)
{
    double weight[PV_STRONGEST + 1] = {0};
    int64_t chosen[PV_STRONGEST + 1];
    for (int k = 0; k <= PV_STRONGEST; k++) chosen[k] = -1;
    for (int64_t r = 0; r < n; r++) {
        int place = PV_STRONGEST;
        for (; place > 0 && weight[place - 1] < removals[r].contribution; place--) {
            weight[place] = weight[place - 1];
            chosen[place] = chosen[place - 1];
        }
        weight[place] = removals[r].contribution;
        chosen[place] = r;
    }
    for (int k = 0; k < PV_STRONGEST; k++)
        strongest[k] = chosen[k] >= 0 ? (int32_t)pv_ids_find(ids, removals[chosen[k]].product) : -1;
}

/* What the removals of one item claim. The question is asked again for each item, so that its memory is given back. */
static pv_status collect_claims(removal_claims *claims, pv_sampled_customer *customer, int64_t place, pv_error *error)
{
    pv_status status;
    pv_trial *changed = &customer->changed;
    pv_removal *removals = NULL;
    int64_t n = 0;
    const pv_ids *ids = &customer->study->served->shop.products.ids;
    double *scores = claims->scores + place * claims->n;
    PV_TRY(pv_trial_ask(changed, customer->study->served, customer->user, error));
    PV_TRY(pv_removals_make(&removals, &n, &changed->asked.ranking, customer->list[place], customer->apart, error));
    for (int64_t k = 0; k < claims->n; k++) {
        scores[k] = (double)NAN; /* a purchase without a claim fails */
        for (int64_t r = 0; r < n; r++)
            if (pv_ids_find(ids, removals[r].product) == claims->products[k]) scores[k] = removals[r].score;
    }
    keep_strongest(customer->strongest[place], removals, n, ids);
cleanup:
    return status;
}

static int sign_of(double change)
{
    return fabs(change) <= NO_CHANGE ? 0 : change > 0 ? 1 : -1;
}

/* The score that the question without the purchase gives, all of it asked anew. */
static pv_status check_purchase(pv_sampled_customer *customer, const removal_claims *claims, int64_t purchase,
                                pv_error *error)
{
    pv_status status;
    pv_faithfulness_tally *tally = &customer->tally;
    pv_trial *fresh = &customer->fresh;
    const pv_left_out left_out = {&claims->products[purchase], 1, -1};
    PV_TRY(pv_trial_ask_without(fresh, customer->study->recomputed, &customer->served, &left_out, error));
    if (customer->study->recomputed->has_promotions) PV_TRY(pv_trial_rank(fresh, error));
    const pv_ranking *ranking = &fresh->asked.ranking;
    for (int64_t k = 0; k < customer->n; k++) {
        const int32_t product = customer->list[k];
        const double score = ranking->scores ? ranking->scores[product] : pv_ranking_score_one(ranking, product);
        const double claimed = claims->scores[k * claims->n + purchase];
        const int sign = sign_of(score - customer->items[k].score);
        tally->removal = pv_larger_error(tally->removal, fabs(claimed - score));
        tally->removals++;
        tally->signs += sign != 0;
        tally->signs_right += sign != 0 && (claimed - customer->items[k].score) * sign > 0;
    }
cleanup:
    return status;
}

pv_status pv_measure_removals(pv_sampled_customer *customer, pv_error *error)
{
    pv_status status;
    removal_claims claims;
    PV_TRY(choose_purchases(&claims, customer, error));
    for (int64_t k = 0; k < customer->n; k++) PV_TRY(collect_claims(&claims, customer, k, error));
    for (int64_t p = 0; p < claims.n; p++) PV_TRY(check_purchase(customer, &claims, p, error));
cleanup:
    return status;
}
