/* faithfulness_codes.c - stability and sanity: reasons stay when something unrelated changes, and do not when the
 * weights are wrong. */
#include "evaluate/faithfulness_customer.h"

#include "base/failure.h"
#include "base/random.h"
#include <string.h>

/* --- codes -------------------------------------------------------------------------------------------------------- */

pv_leading_codes pv_leading_codes_of(const pv_item *item)
{
    pv_leading_codes codes = {.n = 0};
    for (int64_t r = 0; r < item->n_reasons && codes.n < PV_REASONS_SHOWN; r++)
        codes.code[codes.n++] = item->reasons[r].code;
    return codes;
}

static bool has_code(const pv_leading_codes *codes, const char *code)
{
    for (int32_t k = 0; k < codes->n; k++)
        if (strcmp(codes->code[k], code) == 0) return true;
    return false;
}

static int32_t longer(const pv_leading_codes *a, const pv_leading_codes *b)
{
    return a->n > b->n ? a->n : b->n;
}

double pv_codes_in_common(const pv_leading_codes *a, const pv_leading_codes *b)
{
    int32_t n = 0;
    for (int32_t k = 0; k < a->n; k++) n += has_code(b, a->code[k]);
    return longer(a, b) > 0 ? (double)n / longer(a, b) : 1;
}

double pv_codes_in_place(const pv_leading_codes *a, const pv_leading_codes *b)
{
    int32_t n = 0;
    for (int32_t k = 0; k < a->n && k < b->n; k++) n += strcmp(a->code[k], b->code[k]) == 0;
    return longer(a, b) > 0 ? (double)n / longer(a, b) : 1;
}

/* --- stability ---------------------------------------------------------------------------------------------------- */

/* True when dropping an order with this product would concern the item. */
static bool is_related(const pv_sampled_customer *customer, int64_t place, int32_t product)
{
    for (int k = 0; k < PV_STRONGEST; k++)
        if (customer->strongest[place][k] == product) return true;
    return product == customer->list[place];
}

/* The draw of an item that chooses an order; those before it choose among its contributions (faithfulness_ranks.c). A
 * number of its own, so that a further signal changes no evaluation. */
enum { DRAW_OF_ORDER = 20 };

pv_status pv_unrelated_order(int32_t *order, pv_sampled_customer *customer, int64_t place, pv_error *error)
{
    enum { UNUSED, UNRELATED, RELATED };
    const pv_history *history = &customer->served.asked.history;
    const pv_lines *lines = &history->lines;
    uint8_t *state = pv_arena_allocate(customer->served.asker->arena, (size_t)history->n_order_slots, sizeof *state);
    if (!state) return pv_fail_memory(error, "orders", (uint64_t)history->n_order_slots);
    for (int64_t l = 0; l < lines->n; l++) {
        uint8_t *of = &state[lines->order[l]];
        if (is_related(customer, place, lines->product[l]))
            *of = RELATED;
        else if (*of == UNUSED)
            *of = UNRELATED;
    }
    int64_t n = 0, n_used = 0;
    for (int64_t o = 0; o < history->n_order_slots; o++) {
        n += state[o] == UNRELATED;
        n_used += state[o] != UNUSED;
    }
    *order = -1;
    if (n == 0 || n_used < 2) return PV_OK;
    int64_t skipped = (int64_t)(pv_item_bits(customer, place, DRAW_OF_ORDER) % (uint64_t)n);
    for (int32_t o = 0; *order < 0; o++)
        if (state[o] == UNRELATED && skipped-- == 0) *order = o;
    return PV_OK;
}

pv_status pv_measure_stability(pv_sampled_customer *customer, pv_error *error)
{
    pv_status status = PV_OK;
    pv_trial *changed = &customer->changed;
    pv_reasons_rules rules = {.level = PV_EXPLAIN_TOP3};
    for (int64_t k = 0; k < customer->n; k++) {
        pv_left_out left_out = {.order = -1};
        pv_item item = {0};
        PV_TRY(pv_unrelated_order(&left_out.order, customer, k, error));
        const pv_leading_codes codes = pv_leading_codes_of(&customer->items[k]);
        if (left_out.order < 0 || codes.n == 0) continue;
        PV_TRY(pv_trial_ask_without(changed, customer->study->served, &customer->served, &left_out, error));
        PV_TRY(pv_ranking_score(&changed->asked.ranking, error));
        PV_TRY(pv_reasons_fill(&item, &changed->asked.ranking, &rules, customer->list[k], error));
        const pv_leading_codes others = pv_leading_codes_of(&item);
        pv_mean_add(&customer->tally.stability, pv_codes_in_common(&codes, &others));
        pv_mean_add(&customer->tally.stability_ordered, pv_codes_in_place(&codes, &others));
    }
cleanup:
    return status;
}

/* --- sanity ------------------------------------------------------------------------------------------------------- */

bool pv_shuffle_weights(double weight[PV_SIGNAL_COUNT], uint64_t seed, uint64_t stream)
{
    int counting[PV_SIGNAL_COUNT];
    int n = 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (weight[s] > 0) counting[n++] = s;
    for (int k = n - 1; k > 0; k--) {
        const uint64_t bits = pv_random_bits(seed, stream, (uint64_t)k);
        const int other = counting[bits % (uint64_t)k];
        const double kept = weight[counting[k]];
        weight[counting[k]] = weight[other];
        weight[other] = kept;
    }
    return n > 1;
}

pv_status pv_measure_sanity(pv_sampled_customer *customer, pv_error *error)
{
    pv_status status = PV_OK;
    pv_ranking shuffled = customer->served.asked.ranking;
    const pv_reasons_rules rules = {.level = PV_EXPLAIN_TOP3};
    bool is_shuffled[PV_KIND_COUNT];
    for (int kind = 0; kind < PV_KIND_COUNT; kind++)
        is_shuffled[kind] = pv_shuffle_weights(shuffled.weight[kind], customer->study->seed,
                                               (uint64_t)(customer->user * PV_KIND_COUNT + kind));
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) shuffled.contributions[s] = NULL;
    for (int64_t k = 0; k < customer->n; k++) {
        const int32_t product = customer->list[k];
        pv_item item = {0};
        const pv_leading_codes codes = pv_leading_codes_of(&customer->items[k]);
        if (!is_shuffled[pv_ranking_kind(&shuffled, product)] || codes.n < 2) continue;
        PV_TRY(pv_reasons_fill(&item, &shuffled, &rules, product, error));
        const pv_leading_codes others = pv_leading_codes_of(&item);
        pv_mean_add(&customer->tally.sanity, pv_codes_in_place(&codes, &others));
    }
cleanup:
    return status;
}
