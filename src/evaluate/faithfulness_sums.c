/* faithfulness_sums.c - additivity and coverage: what the numbers beside the reasons add up to. */
#include "evaluate/faithfulness_customer.h"

#include <math.h>

double pv_additivity_error(const pv_item *item)
{
    double sum = item->base + item->policy;
    for (int64_t r = 0; r < item->n_reasons; r++) sum += item->reasons[r].contribution;
    return fabs(item->score - (sum + item->other_positive + item->negative));
}

void pv_measure_sums(pv_sampled_customer *customer)
{
    pv_faithfulness_tally *tally = &customer->tally;
    for (int64_t k = 0; k < customer->n; k++) {
        tally->additivity = pv_larger_error(tally->additivity, pv_additivity_error(&customer->items[k]));
        tally->additivity = pv_larger_error(tally->additivity, pv_additivity_error(&customer->shown[k]));
        const double share = customer->shown[k].shown_share;
        if (!isnan(share)) tally->coverage[tally->n_coverage++] = share;
    }
}
