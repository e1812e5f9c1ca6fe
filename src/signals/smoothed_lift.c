/* smoothed_lift.c - see smoothed_lift.h. */
#include "signals/smoothed_lift.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "base/memory.h"
#include <math.h>

#define SMOOTHING 20.0 /* m */
#define G2_MIN 10.8
#define ENTROPY_ERROR 1e-12 /* far above nine roundings, each of at most n log n */

static double plogp(double count, double expected)
{
    return count > 0 ? count * pv_log(count / expected) : 0;
}

/* G2 of the two-by-two table of buying i and j. */
static double log_likelihood_ratio(double both, double n_i, double n_j, double n)
{
    const double only_i = n_i - both, only_j = n_j - both, neither = n - n_i - n_j + both;
    return 2 * (plogp(both, n_i * n_j / n) + plogp(only_i, n_i * (n - n_j) / n) + plogp(only_j, n_j * (n - n_i) / n) +
                plogp(neither, (n - n_i) * (n - n_j) / n));
}

/* G2 > G2_MIN. G2 is twice a sum of k log k over the cells, margins and total of the table, all of them looked up;
 * where their rounding could decide, the ratio itself does. */
static bool is_associated(const pv_smoothed_lift *lift, int32_t both, int32_t this, int32_t past)
{
    const int32_t n_i = lift->shop->products.buyers[this], n_j = lift->shop->products.buyers[past];
    const int64_t n = lift->shop->users.n_buying_parents;
    const double *entropy = lift->entropy;
    const double cells = entropy[both] + entropy[n_i - both] + entropy[n_j - both] + entropy[n - n_i - n_j + both];
    const double excess = 2 * (cells - lift->margin[this] - lift->margin[past] + entropy[n]) - G2_MIN;
    if (fabs(excess) > ENTROPY_ERROR * (1 + entropy[n])) return excess > 0;
    return log_likelihood_ratio(both, n_i, n_j, (double)n) > G2_MIN;
}

double pv_smoothed_lift_of(const pv_smoothed_lift *lift, int32_t past, int32_t product, int32_t both)
{
    const pv_shop *shop = lift->shop;
    const double buyers_past = shop->products.buyers[past];
    const double share = shop->products.buyers[product] / (double)shop->users.n_buying_parents;
    const double excess = both - buyers_past * share;
    return excess > 0 && is_associated(lift, both, product, past) ? excess / (buyers_past + SMOOTHING) : 0;
}

pv_status pv_smoothed_lift_init(pv_smoothed_lift *lift, const pv_shop *shop, pv_error *error)
{
    const int64_t n_products = shop->products.ids.n_warm, companies = shop->users.n_buying_parents;
    *lift = (pv_smoothed_lift){.shop = shop,
                               .entropy = pv_allocate((size_t)companies + 1, sizeof *lift->entropy),
                               .margin = pv_allocate((size_t)n_products, sizeof *lift->margin)};
    if (!lift->entropy || !lift->margin) return pv_fail_memory(error, "pairs of products", 0);
    for (int64_t k = 1; k <= companies; k++) lift->entropy[k] = (double)k * pv_log((double)k);
    for (int64_t i = 0; i < n_products; i++) {
        const int32_t buyers = shop->products.buyers[i];
        lift->margin[i] = lift->entropy[buyers] + lift->entropy[companies - buyers];
    }
    return PV_OK;
}

void pv_smoothed_lift_deinit(pv_smoothed_lift *lift)
{
    pv_release(lift->entropy);
    pv_release(lift->margin);
}
