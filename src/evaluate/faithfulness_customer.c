/* faithfulness_customer.c - a customer's list with its reasons, measured. */
#include "evaluate/faithfulness_customer.h"

#include "base/failure.h"
#include "base/random.h"
#include "topk/topk.h"
#include <stdlib.h>

int32_t pv_counterfactual_length(int index)
{
    static const int32_t lengths[PV_COUNTERFACTUAL_COUNT] = {1, 5, 10};
    return lengths[index];
}

pv_status pv_sampled_customer_create(pv_sampled_customer **out, const pv_faithfulness_study *study, pv_error *error)
{
    pv_status status;
    pv_sampled_customer *customer = calloc(1, sizeof *customer);
    if (!customer) return pv_fail_memory(error, "a customer", sizeof *customer);
    customer->study = study;
    PV_TRY(pv_trial_init(&customer->served, study->served, error));
    PV_TRY(pv_trial_init(&customer->changed, study->served, error));
    PV_TRY(pv_trial_init(&customer->fresh, study->recomputed, error));
    PV_TRY(pv_askers_create(&customer->apart, study->served, 1, error));
    *out = customer;
    customer = NULL;
cleanup:
    pv_sampled_customer_free(customer);
    return status;
}

void pv_sampled_customer_free(pv_sampled_customer *customer)
{
    if (!customer) return;
    pv_trial_deinit(&customer->served);
    pv_trial_deinit(&customer->changed);
    pv_trial_deinit(&customer->fresh);
    pv_askers_free(customer->apart, 1);
    free(customer);
}

static pv_status give_reasons(pv_sampled_customer *customer, pv_error *error)
{
    pv_status status = PV_OK;
    pv_trial *served = &customer->served;
    const pv_ids *ids = &served->asked.question.shop->products.ids;
    const pv_reasons_rules full = served->rules;
    pv_reasons_rules shown = full;
    shown.level = PV_EXPLAIN_TOP3;
    for (int64_t k = 0; k < customer->n; k++) {
        const int32_t product = customer->list[k];
        customer->items[k].product = customer->shown[k].product = pv_ids_at(ids, product);
        PV_TRY(pv_reasons_fill(&customer->items[k], &served->asked.ranking, &full, product, error));
        PV_TRY(pv_reasons_fill(&customer->shown[k], &served->asked.ranking, &shown, product, error));
    }
cleanup:
    return status;
}

pv_status pv_sampled_customer_ask(pv_sampled_customer *customer, int64_t user, pv_error *error)
{
    pv_status status;
    pv_trial *served = &customer->served;
    const size_t n = (size_t)customer->study->settings.n;
    customer->user = user;
    customer->tally = (pv_faithfulness_tally){0};
    PV_TRY(pv_trial_ask(served, customer->study->served, user, error));
    PV_TRY(pv_trial_rank(served, error));
    customer->list = pv_arena_allocate(served->asker->arena, n, sizeof *customer->list);
    customer->items = pv_arena_allocate(served->asker->arena, n, sizeof *customer->items);
    customer->shown = pv_arena_allocate(served->asker->arena, n, sizeof *customer->shown);
    customer->strongest = pv_arena_allocate(served->asker->arena, n, sizeof *customer->strongest);
    const bool is_whole = customer->list && customer->items && customer->shown && customer->strongest;
    PV_TRY(pv_check_memory(is_whole, "a customer", error));
    customer->n = pv_topk_select(customer->list, (int64_t)n, served->asked.ranking.scores, served->rules.candidates,
                                 served->rules.n_candidates, pv_product_order, served->asked.question.shop);
    PV_TRY(give_reasons(customer, error));
    customer->tally.items = customer->n;
cleanup:
    return status;
}

pv_status pv_sampled_customer_measure(pv_sampled_customer *customer, int64_t user, pv_error *error)
{
    pv_status status;
    PV_TRY(pv_sampled_customer_ask(customer, user, error));
    pv_measure_sums(customer);
    pv_measure_necessity(customer);
    PV_TRY(pv_measure_lists(customer, error));
    PV_TRY(pv_measure_removals(customer, error));
    PV_TRY(pv_measure_counterfactuals(customer, error));
    PV_TRY(pv_measure_stability(customer, error));
    PV_TRY(pv_measure_sanity(customer, error));
    pv_measure_privacy(customer);
cleanup:
    return status;
}

uint64_t pv_item_bits(const pv_sampled_customer *customer, int64_t place, uint64_t draw)
{
    enum { DRAWS_MOST = 1024 };
    return pv_random_bits(customer->study->seed, (uint64_t)customer->user, (uint64_t)place * DRAWS_MOST + draw);
}
