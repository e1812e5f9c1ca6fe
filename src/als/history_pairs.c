/* history_pairs.c - see history_pairs.h. */
#include "als/history_pairs.h"

#include "base/elementary.h"
#include "base/failure.h"

static double pair_weight(double orders, double alpha, pv_weighting weighting)
{
    return alpha * (weighting == PV_WEIGHT_LOG ? pv_log2(1.0 + orders) : orders);
}

/* Merge purchases and dislikes, both rising by product, into a row of the factor model; room for all of them. A product
 * never is in both: what is disliked more than bought has no lines left, and what is bought more has no dislike left.
 */
static int64_t merge_row(int32_t *items, double *weights, const pv_history *history, const pv_pair_rules *rules)
{
    const pv_dislikes *dislikes = &history->dislikes;
    int64_t n = 0;
    for (int64_t k = 0, l = 0; k < history->n_products || l < dislikes->n;) {
        const bool is_dislike =
            l < dislikes->n && (k == history->n_products || dislikes->product[l] < history->products[k]);
        const double orders =
            is_dislike ? dislikes->count[l] : pv_history_orders_with(history, k, rules->half_life_days);
        const double weight = pair_weight(orders * rules->purchase_weight, rules->alpha, rules->weighting);
        const int32_t product = is_dislike ? dislikes->product[l++] : history->products[k++];
        if (product >= rules->n_products) continue;
        items[n] = product;
        weights[n++] = is_dislike ? -weight : weight;
    }
    return n;
}

pv_status pv_history_pairs_row(int32_t **items, double **weights, int64_t *n, const pv_history *history,
                               const pv_pair_rules *rules, pv_arena *arena, pv_error *error)
{
    const size_t room = (size_t)(history->n_products + history->dislikes.n);
    *items = pv_arena_allocate(arena, room, sizeof **items);
    *weights = pv_arena_allocate(arena, room, sizeof **weights);
    if (!*items || !*weights) return pv_fail_memory(error, "a row", room * 12);
    *n = merge_row(*items, *weights, history, rules);
    return PV_OK;
}

pv_status pv_history_pairs_init(pv_history_pairs *pairs, const pv_shop *shop, const pv_pair_rules *rules,
                                pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t n_users = shop->users.ids.n_warm, room = pv_shop_count_pairs(shop) + shop->dislikes.n;
    pv_arena *arena = pv_arena_create();
    *pairs = (pv_history_pairs){0};
    pairs->offsets = pv_allocate((size_t)n_users + 1, sizeof *pairs->offsets);
    pairs->columns = pv_allocate((size_t)room, sizeof *pairs->columns);
    pairs->weights = pv_allocate((size_t)room, sizeof *pairs->weights);
    if (!arena || !pairs->offsets || !pairs->columns || !pairs->weights)
        PV_TRY(pv_fail_memory(error, "purchase pairs", (uint64_t)room * 8));
    for (int64_t u = 0; u < n_users; u++) {
        pv_history history;
        int32_t *items = NULL;
        double *weights = NULL;
        int64_t n = 0;
        const int64_t first = pairs->offsets[u];
        pv_arena_reset(arena);
        PV_TRY(pv_history_of_user(&history, shop, u, shop->as_of, arena, error));
        PV_TRY(pv_history_pairs_row(&items, &weights, &n, &history, rules, arena, error));
        for (int64_t k = 0; k < n; k++) {
            pairs->columns[first + k] = items[k];
            pairs->weights[first + k] = (float)weights[k];
        }
        pairs->offsets[u + 1] = first + n;
    }
    pairs->pairs = (pv_pairs){n_users, rules->n_products, pairs->offsets, pairs->columns, pairs->weights};
cleanup:
    pv_arena_free(arena);
    return status;
}

void pv_history_pairs_deinit(pv_history_pairs *pairs)
{
    pv_release(pairs->offsets);
    pv_release(pairs->columns);
    pv_release(pairs->weights);
}
