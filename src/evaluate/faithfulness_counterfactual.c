/* faithfulness_counterfactual.c - counterfactual sets: the fewest purchases without which an item leaves the list. */
#include "evaluate/faithfulness_customer.h"

#include "base/failure.h"
#include "reasons/removal.h"

/* The search for one item. */
typedef struct search {
    int32_t product;
    int32_t removed[PV_SET_SIZE_MOST]; /* in the order of their removal */
    int64_t n_removed;
    bool is_open[PV_COUNTERFACTUAL_COUNT]; /* the item still stands among the first of this length */
} search;

static bool any_open(const search *s)
{
    for (int k = 0; k < PV_COUNTERFACTUAL_COUNT; k++)
        if (s->is_open[k]) return true;
    return false;
}

/* Take the purchase whose removal leaves the lowest score; false when none lowers it. `changed` holds the question
 * without those that are removed already. */
static pv_status remove_next(bool *is_removed, search *s, pv_sampled_customer *customer, pv_error *error)
{
    pv_status status;
    pv_removal *removals = NULL;
    int64_t n = 0;
    const pv_ranking *ranking = &customer->changed.asked.ranking;
    const double score = ranking->scores[s->product];
    *is_removed = false;
    PV_TRY(pv_removals_make(&removals, &n, ranking, s->product, customer->apart, error));
    if (n == 0 || !(removals[0].score < score)) return PV_OK;
    s->removed[s->n_removed++] = (int32_t)pv_ids_find(&ranking->ranker->shop.products.ids, removals[0].product);
    *is_removed = true;
cleanup:
    return status;
}

/* Sets that are found at this size, each asked anew in one step from the stored lines. */
static pv_status close_lengths(search *s, pv_sampled_customer *customer, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_left_out left_out = {s->removed, s->n_removed, -1};
    bool is_asked = false;
    for (int k = 0; k < PV_COUNTERFACTUAL_COUNT; k++) {
        pv_counterfactual_tally *tally = &customer->tally.counterfactuals[k];
        const int32_t length = pv_counterfactual_length(k);
        if (!s->is_open[k] || pv_trial_lists(&customer->changed, s->product, length)) continue;
        if (!is_asked) {
            PV_TRY(pv_trial_ask_without(&customer->fresh, customer->study->recomputed, &customer->served, &left_out,
                                        error));
            PV_TRY(pv_trial_rank(&customer->fresh, error));
            is_asked = true;
        }
        s->is_open[k] = false;
        tally->sizes[s->n_removed]++;
        tally->itself += s->n_removed == 1 && s->removed[0] == s->product;
        tally->valid += !pv_trial_lists(&customer->fresh, s->product, length);
    }
cleanup:
    return status;
}

static pv_status ask_without_removed(search *s, pv_sampled_customer *customer, pv_error *error)
{
    const pv_status status = pv_trial_ask_shortened(&customer->changed, customer->study->served, &customer->served,
                                                    s->removed, s->n_removed, error);
    return status == PV_OK ? pv_trial_rank(&customer->changed, error) : status;
}

static pv_status seek_sets(pv_sampled_customer *customer, int64_t place, pv_error *error)
{
    pv_status status;
    search s = {.product = customer->list[place]};
    bool is_removed = true;
    for (int k = 0; k < PV_COUNTERFACTUAL_COUNT; k++) {
        s.is_open[k] = place < pv_counterfactual_length(k) && pv_counterfactual_length(k) <= customer->n;
        customer->tally.counterfactuals[k].items += s.is_open[k];
    }
    while (any_open(&s)) {
        PV_TRY(ask_without_removed(&s, customer, error));
        if (s.n_removed > 0) PV_TRY(close_lengths(&s, customer, error));
        if (s.n_removed == customer->study->settings.set_size || !any_open(&s)) break;
        PV_TRY(remove_next(&is_removed, &s, customer, error));
        if (!is_removed) break;
    }
    return PV_OK;
cleanup:
    return status;
}

pv_status pv_measure_counterfactuals(pv_sampled_customer *customer, pv_error *error)
{
    pv_status status = PV_OK;
    for (int64_t k = 0; k < customer->n; k++) PV_TRY(seek_sets(customer, k, error));
cleanup:
    return status;
}
