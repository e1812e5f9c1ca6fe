/* audience_candidates.c - see audience_candidates.h. */
#include "service/audience_candidates.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "kernels/canonical_dot.h"
#include "signals/als_signal.h"
#include "topk/topk.h"
#include <string.h>

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What a user's purchases say beside the factors. */
typedef struct line_summary {
    bool has_bought;    /* the product */
    int64_t n_products; /* different ones */
    double freshness;   /* mean of 2^(-days since the purchase / half-life) over the lines, 1 without time */
} line_summary;

static line_summary summarize_lines(const pv_shop *shop, int64_t user, int32_t product)
{
    const pv_lines lines = pv_shop_user_lines(shop, user);
    const double half_life = PV_RECENT_HALF_LIFE_DAYS * PV_SECONDS_PER_DAY;
    double sum = 0;
    line_summary summary = {.freshness = 1};
    for (int64_t l = 0; l < lines.n; l++) {
        summary.has_bought |= lines.product[l] == product;
        summary.n_products += l == 0 || lines.product[l] != lines.product[l - 1];
        if (lines.time) sum += pv_exp2(-(double)(shop->as_of - lines.time[l]) / half_life);
    }
    if (lines.time && lines.n > 0) summary.freshness = sum / (double)lines.n;
    return summary;
}

/* What the two signals of the factor model would add to the score; the product of factors itself where neither counts
 * for this kind of product. */
static double estimate_score(const pv_ranker *ranker, const line_summary *summary, double dot)
{
    const pv_history history = {.n_products = summary->n_products};
    const pv_question question = {.shop = &ranker->shop, .history = &history};
    const pv_kind kind = summary->has_bought ? PV_KIND_REORDER : PV_KIND_NEW;
    pv_ranking ranking;
    pv_ranking_begin(&ranking, ranker, &question, false);
    if (!(ranking.weight[kind][PV_SIGNAL_ALS] > 0 || ranking.weight[kind][PV_SIGNAL_ALS_RECENT] > 0)) return dot;
    return pv_ranking_contribution_of(&ranking, PV_SIGNAL_ALS, kind, dot) +
           pv_ranking_contribution_of(&ranking, PV_SIGNAL_ALS_RECENT, kind, summary->freshness * dot);
}

/* Factors of the product as a query, [n_factors], zeros where it has none. NULL on no memory. */
static const double *query_of(const pv_als_bound *als, int32_t product, pv_arena *arena)
{
    const int64_t d = als->model.settings.n_factors;
    double *y = pv_arena_allocate(arena, (size_t)d, sizeof *y);
    for (int64_t f = 0; y && product < als->n_scored && f < d; f++)
        y[f] = (double)als->model.product_factors[product * d + f];
    return y;
}

/* Estimates of all users with purchases, [n warm users], and who is who in `split`: buyers of the product from the
 * front, the others from the back. Returns the number of buyers. */
static int64_t estimate_users(double *estimates, int32_t *split, const pv_ranker *ranker, const double *y,
                              int32_t product)
{
    const pv_als_model *model = &((const pv_als_bound *)ranker->bound[PV_SIGNAL_ALS])->model;
    const int64_t d = model->settings.n_factors, n = model->n_users;
    int64_t n_buyers = 0, n_others = 0;
    for (int64_t u = 0; u < n; u++) {
        const line_summary summary = summarize_lines(&ranker->shop, u, product);
        const double dot = pv_canonical_dot(y, model->user_factors + u * d, (size_t)d);
        estimates[u] = estimate_score(ranker, &summary, dot);
        if (summary.has_bought)
            split[n_buyers++] = (int32_t)u;
        else
            split[n - 1 - n_others++] = (int32_t)u;
    }
    return n_buyers;
}

/* Warm users are numbered in bytewise order of their ids. */
static bool comes_first(const void *context, int32_t a, int32_t b)
{
    (void)context;
    return a < b;
}

static pv_status choose_by_factors(int32_t *users, int64_t *n, const pv_ranker *ranker, int32_t product, pv_mode mode,
                                   int64_t most, pv_arena *arena, pv_error *error)
{
    const int64_t n_warm = ranker->shop.users.ids.n_warm;
    const double *y = query_of(ranker->bound[PV_SIGNAL_ALS], product, arena);
    double *estimates = pv_arena_allocate(arena, (size_t)n_warm, sizeof *estimates);
    int32_t *split = pv_arena_allocate(arena, (size_t)n_warm, sizeof *split);
    if (!y || !estimates || !split) return pv_fail_memory(error, "an audience", (uint64_t)n_warm * sizeof *estimates);
    const int64_t n_split = estimate_users(estimates, split, ranker, y, product);
    const int64_t n_buyers = mode == PV_MODE_NEW ? 0 : n_split;
    const int64_t n_others = mode == PV_MODE_REORDER ? 0 : n_warm - n_split;
    const int64_t take_others = smaller(n_others, most - smaller(n_buyers, most / 2));
    const int64_t take_buyers = smaller(n_buyers, most - take_others);
    *n = pv_topk_select(users, take_buyers, estimates, split, n_buyers, comes_first, NULL);
    *n += pv_topk_select(users + *n, take_others, estimates, split + n_split, n_others, comes_first, NULL);
    return PV_OK;
}

pv_status pv_audience_candidates(int32_t **users, int64_t *n, bool *is_all, const pv_ranker *ranker,
                                 const int32_t *order, int32_t product, pv_mode mode, pv_audience_limits limits,
                                 pv_arena *arena, pv_error *error)
{
    const int64_t n_users = ranker->shop.users.ids.n;
    *is_all = n_users <= limits.exact;
    const size_t room = (size_t)(*is_all ? n_users : limits.most);
    *users = pv_arena_allocate(arena, room, sizeof **users);
    if (!*users) return pv_fail_memory(error, "an audience", room * sizeof **users);
    if (!*is_all) return choose_by_factors(*users, n, ranker, product, mode, limits.most, arena, error);
    memcpy(*users, order, room * sizeof **users);
    *n = n_users;
    return PV_OK;
}
