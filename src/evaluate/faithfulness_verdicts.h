/* faithfulness_verdicts.h - from the counts of all customers to values, and from values and gates to verdicts. */
#ifndef PV_FAITHFULNESS_VERDICTS_H
#define PV_FAITHFULNESS_VERDICTS_H

#include "evaluate/faithfulness_customer.h"

/* Everything that was counted; coverage of single items apart, as its median needs all of them. */
typedef struct pv_faithfulness_sums {
    pv_faithfulness_tally tally; /* its coverage array is not used */
    double *coverage;            /* [n_coverage] of tally.n_coverage */
    double coverage_sum;
} pv_faithfulness_sums;

/* Add a customer's counts; sums->coverage has room. To be called in the order of the customers. */
void pv_faithfulness_sums_add(pv_faithfulness_sums *sums, const pv_faithfulness_tally *tally);
/* Values, gates and verdicts; sums->coverage is sorted. */
void pv_faithfulness_conclude(pv_faithfulness *faithfulness, pv_faithfulness_sums *sums);
/* The verdict on a value under a rule; NaN is not measured. */
pv_claim_verdict pv_claim_judge(double value, pv_gate_rule rule, double gate);

#endif
