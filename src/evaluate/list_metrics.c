/* list_metrics.c - see list_metrics.h. */
#include "evaluate/list_metrics.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "base/sorted.h"
#include <math.h>
#include <stdlib.h>

#define NOT_DEFINED ((double)NAN)
#define CATEGORY_SMOOTHING 0.01 /* alpha of Steck 2018 */

/* --- what lists are judged with ---------------------------------------------------------------------------------- */

static int compare_numbers(const void *left, const void *right)
{
    const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

pv_status pv_category_mix_make(pv_category_mix *mix, const pv_shop *shop, const pv_history *history, pv_arena *arena,
                               pv_error *error)
{
    const size_t room = (size_t)history->n_products;
    int32_t *categories = pv_arena_allocate(arena, room, sizeof *categories);
    double *shares = pv_arena_allocate(arena, room, sizeof *shares);
    if (!categories || !shares) return pv_fail_memory(error, "a category mix", room * sizeof *shares);
    int64_t n_products = 0, n = 0;
    for (int64_t k = 0; k < history->n_products; k++) {
        const int32_t category = shop->products.category[history->products[k]];
        if (category >= 0) categories[n_products++] = category;
    }
    qsort(categories, (size_t)n_products, sizeof *categories, compare_numbers);
    for (int64_t k = 0; k < n_products; k++) {
        if (n == 0 || categories[n - 1] != categories[k]) categories[n++] = categories[k];
        shares[n - 1] += 1.0 / (double)n_products;
    }
    *mix = (pv_category_mix){n, categories, shares};
    return PV_OK;
}

void pv_novelty_fill(double *novelty, const pv_shop *shop)
{
    const double companies = (double)shop->users.n_buying_parents;
    for (int64_t i = 0; i < shop->products.ids.n; i++) {
        const double buyers = i < shop->products.ids.n_warm ? shop->products.buyers[i] : 0;
        novelty[i] = pv_log2((companies + 1) / (buyers + 1));
    }
}

/* --- hits -------------------------------------------------------------------------------------------------------- */

/* Sums over the first places of a list. */
typedef struct hit_sums {
    int32_t hits, first_hit; /* rank from 1, 0: none */
    double gain, precision, spend;
} hit_sums;

static double gain_at(int32_t rank)
{
    return 1.0 / pv_log2(1.0 + (double)rank);
}

/* Take the place of this rank in. */
static void take_place(hit_sums *sums, const pv_ranked_list *list, int32_t rank, const pv_truth_set *truth)
{
    const int64_t found = pv_sorted_find(truth->products, truth->n, list->products[rank - 1]);
    if (found < 0) return;
    sums->hits++;
    if (sums->first_hit == 0) sums->first_hit = rank;
    sums->gain += gain_at(rank);
    sums->precision += (double)sums->hits / (double)rank;
    sums->spend += truth->spend[found];
}

/* The gain of a list of `length` places that starts with all of the truth. */
static double best_gain(int32_t length, int64_t n_truth)
{
    double gain = 0;
    for (int32_t rank = 1; rank <= length && rank <= n_truth; rank++) gain += gain_at(rank);
    return gain;
}

static double recall_of(const hit_sums *sums, const pv_truth_set *truth)
{
    return (double)sums->hits / (double)truth->n;
}

static double ndcg_of(const hit_sums *sums, int32_t length, const pv_truth_set *truth)
{
    return sums->gain / best_gain(length, truth->n);
}

static void write_accuracy(double *metrics, const hit_sums *sums, int32_t length, const pv_truth_set *truth)
{
    const int64_t places = length < truth->n ? length : truth->n;
    double spend = 0;
    for (int64_t k = 0; k < truth->n; k++) spend += truth->spend[k];
    metrics[PV_METRIC_RECALL] = recall_of(sums, truth);
    metrics[PV_METRIC_NDCG] = ndcg_of(sums, length, truth);
    metrics[PV_METRIC_MAP] = sums->precision / (double)places;
    metrics[PV_METRIC_MRR] = sums->first_hit > 0 ? 1.0 / (double)sums->first_hit : 0;
    metrics[PV_METRIC_HIT_RATE] = sums->hits > 0;
    metrics[PV_METRIC_SPEND_RECALL] = spend > 0 ? sums->spend / spend : NOT_DEFINED;
}

/* --- what the list is like --------------------------------------------------------------------------------------- */

static double category_diversity(const pv_ranked_list *list, int32_t n, const pv_shop *shop)
{
    int32_t pairs = 0, different = 0;
    for (int32_t a = 0; a < n; a++) {
        const int32_t category = shop->products.category[list->products[a]];
        for (int32_t b = 0; b < a && category >= 0; b++) {
            const int32_t other = shop->products.category[list->products[b]];
            pairs += other >= 0;
            different += other >= 0 && other != category;
        }
    }
    return pairs > 0 ? (double)different / (double)pairs : NOT_DEFINED;
}

/* sum over categories of p log(p / ((1 - alpha) q + alpha p)), p of the history and q of the list. */
static double category_divergence(const pv_ranked_list *list, int32_t n, const pv_list_judge *judge)
{
    const pv_category_mix *mix = judge->mix;
    const int32_t *category = judge->shop->products.category;
    int32_t n_listed = 0;
    double divergence = 0;
    for (int32_t k = 0; k < n; k++) n_listed += category[list->products[k]] >= 0;
    if (n_listed == 0 || mix->n == 0) return NOT_DEFINED;
    for (int64_t c = 0; c < mix->n; c++) {
        int32_t listed = 0;
        for (int32_t k = 0; k < n; k++) listed += category[list->products[k]] == mix->categories[c];
        const double p = mix->shares[c], q = (double)listed / (double)n_listed;
        divergence += p * pv_log(p / ((1 - CATEGORY_SMOOTHING) * q + CATEGORY_SMOOTHING * p));
    }
    return divergence;
}

static void write_character(double *metrics, const pv_ranked_list *list, int32_t length, const pv_list_judge *judge)
{
    const int32_t n = list->n < length ? list->n : length;
    int32_t repeats = 0, ties = 0;
    double novelty = 0;
    for (int32_t k = 0; k < n; k++) {
        repeats += pv_history_find(judge->history, list->products[k]) >= 0;
        ties += list->is_tied[k];
        novelty += judge->novelty[list->products[k]];
    }
    metrics[PV_METRIC_REPEAT_SHARE] = n > 0 ? (double)repeats / (double)n : NOT_DEFINED;
    metrics[PV_METRIC_TIE_SHARE] = n > 0 ? (double)ties / (double)n : NOT_DEFINED;
    metrics[PV_METRIC_NOVELTY] = n > 0 ? novelty / (double)n : NOT_DEFINED;
    metrics[PV_METRIC_CATEGORY_DIVERSITY] = category_diversity(list, n, judge->shop);
    metrics[PV_METRIC_CATEGORY_DIVERGENCE] = category_divergence(list, n, judge);
}

/* --- all --------------------------------------------------------------------------------------------------------- */

void pv_list_measure(double metrics[PV_LENGTH_COUNT][PV_USER_METRIC_COUNT], const pv_ranked_list *list,
                     const pv_truth_set *truth, const pv_list_judge *judge)
{
    hit_sums sums = {0};
    int32_t rank = 0;
    for (int k = 0; k < PV_LENGTH_COUNT; k++) {
        const int32_t length = pv_list_length(k);
        while (rank < length && rank < list->n) take_place(&sums, list, ++rank, truth);
        write_accuracy(metrics[k], &sums, length, truth);
        write_character(metrics[k], list, length, judge);
    }
}

void pv_list_headlines(double headlines[PV_HEADLINE_COUNT], const pv_ranked_list *list, const pv_truth_set *truth)
{
    hit_sums sums = {0};
    for (int32_t rank = 1; rank <= list->n; rank++) take_place(&sums, list, rank, truth);
    headlines[PV_HEADLINE_RECALL] = recall_of(&sums, truth);
    headlines[PV_HEADLINE_NDCG] = ndcg_of(&sums, PV_LENGTH_LONGEST, truth);
}
