/* faithfulness.h - are the reasons the score? What the reasons of a sample of customers claim, held against what
 * happens when it is done.
 *
 * Holds:    pv_faithfulness_measure(), its settings, and pv_faithfulness: every number, gate and verdict.
 * Threads:  independent calls may run side by side; results do not depend on the number of threads.
 *
 * A model is trained once, as of the shop's own last date. The customers are spread evenly over those with purchases;
 * their items are the first n of the mixed list (of new products where the shop has neither time nor order), with the
 * reasons that `recommend` serves. Sources: docs/evaluation.md.
 */
#ifndef PURVEY_FAITHFULNESS_H
#define PURVEY_FAITHFULNESS_H

#include <purvey/status.h>
#include <purvey/train.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is measured: the value of each and the gate that it must pass. Positive part: the sum of an item's positive
 * contributions. Three reasons: those with the largest contributions. */
typedef enum pv_faithfulness_criterion {
    /* Largest |score - (base + policy + all contributions)|; at most 1e-9. */
    PV_FAITHFULNESS_ADDITIVITY,
    /* Largest |if_removed - score of the same question asked anew without the purchase|, every signal prepared again
     * and the customer's factors solved again; at most 1e-6. */
    PV_FAITHFULNESS_REMOVAL,
    /* Share of removals whose change (above 1e-9) has the claimed sign; at least 1. */
    PV_FAITHFULNESS_REMOVAL_SIGN,
    /* Mean ranks lost when the largest positive contributions are set to 0, over the mean when as many random ones of
     * the other positive contributions are; above 2. As many: 3, or half of the item's positive contributions. */
    PV_FAITHFULNESS_NECESSITY,
    /* Share of items that stay among the first n when every product keeps base, policy, its negative contributions and
     * its three largest positive ones; at least 0.9. All products alike, because the question is whether what is shown
     * explains the order: a product that lost its small reasons would be compared with others that still have theirs,
     * and would fall however little they tell it from its neighbours. */
    PV_FAITHFULNESS_SUFFICIENCY,
    /* Median share of the positive part that the three reasons shown make up; at least 0.7. */
    PV_FAITHFULNESS_COVERAGE,
    /* Share of counterfactual sets that do what they claim when the question is asked anew; at least 1. */
    PV_FAITHFULNESS_COUNTERFACTUAL,
    /* Mean share of an item's three reason codes that remain when an order is dropped that holds neither the item nor
     * the three purchases that its evidence weighs most; at least 0.9. */
    PV_FAITHFULNESS_STABILITY,
    /* Mean share of places 1 to 3 with the same reason code when the weights are shuffled among the signals of the same
     * kind of product; below 0.7 and below the stability: reasons that survive wrong weights are not the model's. */
    PV_FAITHFULNESS_SANITY,
    /* Share of places that the product would also have without policy; reported. No rule after the score moves products
     * in these lists. */
    PV_FAITHFULNESS_HONESTY,
    /* Facts that count fewer other companies than the k rule allows (nobody is no company), and sentences and facts
     * that hold another customer's id of more than 3 characters as a word; at most 0. */
    PV_FAITHFULNESS_PRIVACY,
    PV_FAITHFULNESS_COUNT
} pv_faithfulness_criterion;
PV_API const char *pv_faithfulness_code(pv_faithfulness_criterion criterion);  /* "removal_sign", ... */
PV_API const char *pv_faithfulness_title(pv_faithfulness_criterion criterion); /* "sign of removals", ... */

typedef enum pv_gate_rule {
    PV_RULE_NONE,     /* reported alone */
    PV_RULE_AT_MOST,  /* value <= gate */
    PV_RULE_AT_LEAST, /* value >= gate */
    PV_RULE_ABOVE,    /* value > gate */
    PV_RULE_BELOW     /* value < gate */
} pv_gate_rule;
typedef enum pv_claim_verdict {
    PV_CLAIM_NOT_MEASURED,
    PV_CLAIM_REPORTED,
    PV_CLAIM_PASSED,
    PV_CLAIM_FAILED
} pv_claim_verdict;
PV_API const char *pv_gate_rule_code(pv_gate_rule rule);            /* "at_most", ... ; NULL: none */
PV_API const char *pv_claim_verdict_code(pv_claim_verdict verdict); /* "not_measured", ... */

typedef struct pv_faithfulness_result {
    double value; /* NaN: nothing to measure; the necessity may be infinite */
    pv_gate_rule rule;
    double gate;     /* NaN without a rule */
    int64_t counted; /* items, removals, sets or facts that the value is taken over */
    pv_claim_verdict verdict;
} pv_faithfulness_result;

/* Sets of past purchases without which the item leaves the first `n`: greedy, the purchase whose removal lowers the
 * item's score most comes first, effects and all scores computed again after each. */
#define PV_COUNTERFACTUAL_COUNT 3
typedef struct pv_counterfactual {
    int32_t n;            /* 1, 5, 10 */
    int64_t items;        /* that stood among the first n */
    int64_t found;        /* of them, those with a set */
    int64_t valid;        /* of these, those whose set holds when recomputed */
    int64_t itself;       /* of those found: sets that are the item's own earlier purchase and nothing else */
    double median_size;   /* purchases in a set that was found; NaN without any */
    double share_without; /* of the items for which no set was found */
} pv_counterfactual;

typedef struct pv_faithfulness {
    char data_hash[33];
    int64_t as_of; /* INT64_MIN: the shop has no time */
    int32_t n, purchases, set_size, min_companies;
    int64_t customers, items; /* that were measured */
    pv_faithfulness_result results[PV_FAITHFULNESS_COUNT];
    double necessity_largest, necessity_random; /* mean ranks lost; ranks beyond PV_RANK_MAX count as the next */
    double sufficiency_alone;                   /* as sufficiency, but every other product keeps its whole score */
    double coverage_mean;
    pv_counterfactual counterfactuals[PV_COUNTERFACTUAL_COUNT];
    double stability_ordered;       /* places 1 to 3 with the same code, as sanity counts */
    int64_t texts, facts;           /* looked at for privacy */
    int64_t small_counts, told_ids; /* its breaches of either kind */
    bool is_passed;                 /* no gate failed */
    double seconds;
} pv_faithfulness;

/* pv_faithfulness_settings_init() sets the documented defaults. */
typedef struct pv_faithfulness_settings {
    int32_t customers; /* 1 to 1000000, 200 */
    int32_t n;         /* 1 to 100, 10 */
    int32_t purchases; /* removals checked a customer, evenly spread over the history; 1 to 100000, 100 */
    int32_t set_size;  /* purchases in a counterfactual set at most; 1 to 100, 10 */
} pv_faithfulness_settings;
PV_API void pv_faithfulness_settings_init(pv_faithfulness_settings *settings);

/* Train once and measure. The model is that of pv_train() with these options; its seed draws what is random here.
 * Errors: those of training, PV_E_USAGE (a setting out of range), PV_E_INTERRUPTED. A failed gate is no error. */
PV_API pv_status pv_faithfulness_measure(pv_faithfulness **out, const char *shop, const pv_train_options *options,
                                         const pv_faithfulness_settings *settings, pv_error *error) PV_CHECKED;
PV_API void pv_faithfulness_free(pv_faithfulness *faithfulness); /* accepts NULL */

/* Title of the first criterion whose gate failed, NULL when none did. */
PV_API const char *pv_faithfulness_failed(const pv_faithfulness *faithfulness);

/* One object without a newline, to be freed with pv_free(); no times, so that the same data gives the same bytes.
 * Errors: PV_E_MEMORY. */
PV_API pv_status pv_faithfulness_json(char **json, const pv_faithfulness *faithfulness, pv_error *error) PV_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
