/* faithfulness_ranks.c - necessity, sufficiency and list honesty: what the order of the list owes to which part of the
 * scores. */
#include "evaluate/faithfulness_customer.h"

#include "base/failure.h"
#include "topk/topk.h"

/* --- necessity ---------------------------------------------------------------------------------------------------- */

/* Positive contributions of an item, largest first; their number. */
static int64_t collect_positive(double positive[PV_SIGNAL_COUNT], const pv_item *item)
{
    int64_t n = 0;
    for (int64_t r = 0; r < item->n_reasons; r++)
        if (item->reasons[r].contribution > 0) positive[n++] = item->reasons[r].contribution;
    return n;
}

static double lost_ranks(const pv_sampled_customer *customer, int64_t place, double removed)
{
    const int64_t rank =
        pv_trial_rank_at(&customer->served, customer->list[place], customer->items[place].score - removed);
    return (double)(rank - (place + 1));
}

/* Sum of r of the n values, drawn without replacement; the values are shuffled. */
static double draw_sum(double *values, int64_t n, int64_t r, const pv_sampled_customer *customer, int64_t place)
{
    double sum = 0;
    for (int64_t k = 0; k < r; k++) {
        const int64_t chosen = k + (int64_t)(pv_item_bits(customer, place, (uint64_t)k) % (uint64_t)(n - k));
        const double value = values[chosen];
        values[chosen] = values[k];
        values[k] = value;
        sum += value;
    }
    return sum;
}

void pv_measure_necessity(pv_sampled_customer *customer)
{
    for (int64_t k = 0; k < customer->n; k++) {
        double positive[PV_SIGNAL_COUNT], largest = 0;
        const int64_t n = collect_positive(positive, &customer->items[k]);
        const int64_t r = n / 2 < PV_REASONS_SHOWN ? n / 2 : PV_REASONS_SHOWN;
        if (r == 0) continue;
        for (int64_t j = 0; j < r; j++) largest += positive[j];
        const double random = draw_sum(positive + r, n - r, r, customer, k);
        pv_mean_add(&customer->tally.drop_largest, lost_ranks(customer, k, largest));
        pv_mean_add(&customer->tally.drop_random, lost_ranks(customer, k, random));
    }
}

/* --- sufficiency -------------------------------------------------------------------------------------------------- */

/* The score of a product with base, policy, negative contributions and its largest positive ones alone. */
static double shown_score(const pv_ranking *ranking, int32_t product)
{
    double largest[PV_REASONS_SHOWN + 1] = {0}; /* falling; the last is the one left out */
    double score = ranking->base[pv_ranking_kind(ranking, product)] + (ranking->policy ? ranking->policy[product] : 0);
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        const double contribution = pv_ranking_kept_contribution(ranking, s, product);
        if (contribution < 0) score += contribution;
        int place = PV_REASONS_SHOWN;
        for (; place > 0 && largest[place - 1] < contribution; place--) largest[place] = largest[place - 1];
        largest[place] = contribution;
    }
    for (int k = 0; k < PV_REASONS_SHOWN; k++) score += largest[k];
    return score;
}

static bool is_among(const int32_t *list, int64_t n, int32_t product)
{
    for (int64_t k = 0; k < n; k++)
        if (list[k] == product) return true;
    return false;
}

/* The list by other scores of the same candidates. */
static pv_status list_by(int32_t **list, const pv_sampled_customer *customer, const double *scores, pv_error *error)
{
    const pv_reasons_rules *rules = &customer->served.rules;
    *list = pv_arena_allocate(customer->served.asker->arena, (size_t)customer->n, sizeof **list);
    if (!*list) return pv_fail_memory(error, "a list", 0);
    (void)pv_topk_select(*list, customer->n, scores, rules->candidates, rules->n_candidates, pv_product_order,
                         customer->served.asked.question.shop);
    return PV_OK;
}

static pv_status measure_sufficiency(pv_sampled_customer *customer, double *scores, pv_error *error)
{
    pv_status status;
    const pv_ranking *ranking = &customer->served.asked.ranking;
    const pv_reasons_rules *rules = &customer->served.rules;
    int32_t *list = NULL;
    for (int64_t c = 0; c < rules->n_candidates; c++)
        scores[rules->candidates[c]] = shown_score(ranking, rules->candidates[c]);
    PV_TRY(list_by(&list, customer, scores, error));
    for (int64_t k = 0; k < customer->n; k++) {
        const int32_t product = customer->list[k];
        customer->tally.sufficient += is_among(list, customer->n, product);
        customer->tally.sufficient_alone +=
            pv_trial_rank_at(&customer->served, product, scores[product]) <= customer->n;
    }
cleanup:
    return status;
}

/* --- list honesty ------------------------------------------------------------------------------------------------- */

static pv_status measure_honesty(pv_sampled_customer *customer, double *scores, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_ranking *ranking = &customer->served.asked.ranking;
    const pv_reasons_rules *rules = &customer->served.rules;
    int32_t *list = customer->list;
    if (ranking->policy) {
        for (int64_t c = 0; c < rules->n_candidates; c++) {
            const int32_t product = rules->candidates[c];
            scores[product] = pv_ranking_score_one(ranking, product);
        }
        PV_TRY(list_by(&list, customer, scores, error));
    }
    for (int64_t k = 0; k < customer->n; k++) customer->tally.honest += list[k] == customer->list[k];
cleanup:
    return status;
}

pv_status pv_measure_lists(pv_sampled_customer *customer, pv_error *error)
{
    pv_status status;
    const size_t n = (size_t)customer->served.asked.question.shop->products.ids.n;
    double *scores = pv_arena_allocate(customer->served.asker->arena, n, sizeof *scores);
    PV_TRY(pv_check_memory(scores != NULL, "scores", error));
    PV_TRY(measure_sufficiency(customer, scores, error));
    PV_TRY(measure_honesty(customer, scores, error));
cleanup:
    return status;
}
