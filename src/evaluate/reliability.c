/* reliability.c - see reliability.h. */
#include "evaluate/reliability.h"

#include <math.h>

void pv_reliability_add(pv_reliability_sums *sums, const pv_predictions *predictions)
{
    for (int32_t k = 0; k < predictions->n; k++) {
        const double probability = predictions->probability[k], bought = predictions->is_bought[k];
        const int bin = (int)(probability * PV_RELIABILITY_BINS);
        const int held = bin < PV_RELIABILITY_BINS ? bin : PV_RELIABILITY_BINS - 1; /* 1 belongs to the last */
        sums->squared += (probability - bought) * (probability - bought);
        sums->pairs[held]++;
        sums->bought[held] += predictions->is_bought[k];
        sums->probability[held] += probability;
    }
}

static double mean(double sum, int64_t count)
{
    return count > 0 ? sum / (double)count : (double)NAN;
}

pv_reliability pv_reliability_finish(const pv_reliability_sums *sums)
{
    pv_reliability made = {0};
    int64_t pairs = 0;
    for (int k = 0; k < PV_RELIABILITY_BINS; k++) {
        pairs += sums->pairs[k];
        made.bins[k] = (pv_reliability_bin){sums->pairs[k], mean(sums->probability[k], sums->pairs[k]),
                                            mean((double)sums->bought[k], sums->pairs[k])};
    }
    made.brier = mean(sums->squared, pairs);
    return made;
}
