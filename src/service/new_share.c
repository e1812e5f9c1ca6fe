/* new_share.c - see new_share.h. */
#include "service/new_share.h"

#include "base/failure.h"
#include "reasons/reasons.h"
#include "topk/topk.h"
#include <math.h>
#include <string.h>

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Candidates by kind: new ones from the front of `split`, the others behind them; the number of new ones. */
static int64_t split_kinds(int32_t *split, const pv_asked *asked, const pv_choice *choice)
{
    int64_t n_new = 0, n_reorder = 0;
    for (int64_t c = 0; c < choice->n_candidates; c++) {
        const int32_t product = choice->candidates[c];
        if (pv_ranking_kind(&asked->ranking, product) == PV_KIND_NEW)
            split[n_new++] = product;
        else
            split[choice->n_candidates - 1 - n_reorder++] = product;
    }
    return n_new;
}

pv_status pv_new_share_choose(int32_t *best, bool *is_moved, const pv_asked *asked, const pv_choice *choice,
                              double share, pv_arena *arena, pv_error *error)
{
    const int64_t n = choice->n;
    const double *scores = asked->ranking.scores;
    const pv_shop *shop = asked->question.shop;
    int32_t *split = pv_arena_allocate(arena, (size_t)choice->n_candidates, sizeof *split);
    int32_t *chosen = pv_arena_allocate(arena, 2 * (size_t)n, sizeof *chosen);
    int32_t *plain = pv_arena_allocate(arena, (size_t)n, sizeof *plain);
    uint8_t *is_plain = pv_arena_allocate(arena, (size_t)shop->products.ids.n, 1);
    if (!split || !chosen || !plain || !is_plain) return pv_fail_memory(error, "an answer", (uint64_t)n * 16);
    const int64_t n_new = split_kinds(split, asked, choice), n_reorder = choice->n_candidates - n_new;
    int64_t take_new = smaller((int64_t)floor(share * (double)n + 0.5), n_new);
    const int64_t take_reorder = smaller(n - take_new, n_reorder);
    take_new = smaller(n - take_reorder, n_new);
    int64_t n_chosen = pv_topk_select(chosen, take_new, scores, split, n_new, pv_product_order, shop);
    n_chosen +=
        pv_topk_select(chosen + n_chosen, take_reorder, scores, split + n_new, n_reorder, pv_product_order, shop);
    (void)pv_topk_select(best, n, scores, chosen, n_chosen, pv_product_order, shop);
    (void)pv_topk_select(plain, n, scores, choice->candidates, choice->n_candidates, pv_product_order, shop);
    for (int64_t k = 0; k < n; k++) is_plain[plain[k]] = 1;
    for (int64_t k = 0; k < n; k++) is_moved[k] = !is_plain[best[k]];
    return PV_OK;
}
