/* faithfulness_customer.h - one customer of the sample: the list with its reasons, and what each measure counts of it.
 *
 * Holds:    pv_faithfulness_study (what all customers share), pv_sampled_customer, pv_faithfulness_tally, the measures.
 * Threads:  a study is read-only; a customer belongs to one thread and is used for one user after the other.
 * Source:   definitions and gates in purvey/faithfulness.h.
 */
#ifndef PV_FAITHFULNESS_CUSTOMER_H
#define PV_FAITHFULNESS_CUSTOMER_H

#include "evaluate/faithfulness_trial.h"
#include <purvey/faithfulness.h>

enum { PV_FAITHFULNESS_N_MOST = 100, PV_SET_SIZE_MOST = 100 };

typedef struct pv_faithfulness_study {
    pv_faithfulness_settings settings;
    uint64_t seed;
    const pv_ranker *served;     /* gives lists, reasons and claims */
    const pv_ranker *recomputed; /* gives what they are checked against: the same, but where a test plants a fault */
} pv_faithfulness_study;

/* A mean in the making. */
typedef struct pv_mean_sum {
    double sum;
    int64_t n;
} pv_mean_sum;
static inline void pv_mean_add(pv_mean_sum *mean, double value)
{
    mean->sum += value;
    mean->n++;
}

/* The larger of two errors; NaN is larger than any, so that it is not lost. */
static inline double pv_larger_error(double a, double b)
{
    return b <= a || a != a ? a : b;
}

typedef struct pv_counterfactual_tally {
    int64_t items, valid, itself;
    int64_t sizes[PV_SET_SIZE_MOST + 1]; /* sets by size */
} pv_counterfactual_tally;

/* Counts of one customer, or of all of them. */
typedef struct pv_faithfulness_tally {
    int64_t items;
    double additivity; /* the largest error */
    double removal;    /* the largest error */
    int64_t removals, signs, signs_right;
    pv_mean_sum drop_largest, drop_random;
    int64_t sufficient, sufficient_alone; /* items */
    int64_t honest;                       /* places */
    double coverage[PV_FAITHFULNESS_N_MOST];
    int64_t n_coverage;
    pv_counterfactual_tally counterfactuals[PV_COUNTERFACTUAL_COUNT];
    pv_mean_sum stability, stability_ordered, sanity;
    int64_t texts, facts, small_counts, told_ids;
} pv_faithfulness_tally;
/* Lengths of lists that counterfactual sets are sought for. */
int32_t pv_counterfactual_length(int index);

enum { PV_STRONGEST = 3 };

typedef struct pv_sampled_customer {
    const pv_faithfulness_study *study;
    int64_t user;
    pv_trial served;                    /* ranked; all arrays below lie in its arena */
    pv_trial changed, fresh;            /* other questions */
    pv_asker *apart;                    /* of removals */
    int64_t n;                          /* places of the list */
    int32_t *list;                      /* [n] */
    pv_item *items;                     /* [n] with all reasons */
    pv_item *shown;                     /* [n] as recommend serves them */
    int32_t (*strongest)[PV_STRONGEST]; /* [n] purchases whose evidence weighs most, -1: none; by pv_measure_removals()
                                         */
    pv_faithfulness_tally tally;
} pv_sampled_customer;

pv_status pv_sampled_customer_create(pv_sampled_customer **customer, const pv_faithfulness_study *study,
                                     pv_error *error) PV_CHECKED;
void pv_sampled_customer_free(pv_sampled_customer *customer); /* accepts NULL */
/* The customer's list with its reasons, and an empty tally. */
pv_status pv_sampled_customer_ask(pv_sampled_customer *customer, int64_t user, pv_error *error) PV_CHECKED;
/* The same with every measure taken. Cost: about (items + 1) x history questions, and as many for each purchase of a
 * counterfactual set. Errors: PV_E_MEMORY. */
pv_status pv_sampled_customer_measure(pv_sampled_customer *customer, int64_t user, pv_error *error) PV_CHECKED;

/* Random bits of one item, the same whatever thread asks. */
uint64_t pv_item_bits(const pv_sampled_customer *customer, int64_t place, uint64_t draw);

/* --- the measures, each adding to the tally of a customer that was asked ------------------------------------------ */

/* Additivity and coverage. */
void pv_measure_sums(pv_sampled_customer *customer);
/* Necessity. */
void pv_measure_necessity(pv_sampled_customer *customer);
/* Sufficiency and list honesty. */
pv_status pv_measure_lists(pv_sampled_customer *customer, pv_error *error) PV_CHECKED;
pv_status pv_measure_removals(pv_sampled_customer *customer, pv_error *error) PV_CHECKED;
pv_status pv_measure_counterfactuals(pv_sampled_customer *customer, pv_error *error) PV_CHECKED;
/* After pv_measure_removals(). */
pv_status pv_measure_stability(pv_sampled_customer *customer, pv_error *error) PV_CHECKED;
pv_status pv_measure_sanity(pv_sampled_customer *customer, pv_error *error) PV_CHECKED;
void pv_measure_privacy(pv_sampled_customer *customer);

/* --- their parts -------------------------------------------------------------------------------------------------- */

/* |score - (base + policy + all contributions)| of an item. */
double pv_additivity_error(const pv_item *item);

/* The codes of an item's largest reasons. */
typedef struct pv_leading_codes {
    const char *code[PV_REASONS_SHOWN];
    int32_t n;
} pv_leading_codes;
pv_leading_codes pv_leading_codes_of(const pv_item *item);
/* Codes in both over the longer; both empty: 1. */
double pv_codes_in_common(const pv_leading_codes *a, const pv_leading_codes *b);
/* Places with the same code over the longer. */
double pv_codes_in_place(const pv_leading_codes *a, const pv_leading_codes *b);

/* One of the orders that hold neither the item at this place nor its strongest purchases, by chance; -1 when there is
 * none, or no other order beside it: a history without any order is another question. */
pv_status pv_unrelated_order(int32_t *order, pv_sampled_customer *customer, int64_t place, pv_error *error) PV_CHECKED;

/* Give each signal that counts the weight of another, in one cycle through all of them (Sattolo 1986), so that none
 * keeps its own. False when there is none to change with. */
bool pv_shuffle_weights(double weight[PV_SIGNAL_COUNT], uint64_t seed, uint64_t stream);

/* Add what the reasons and notes of an item say to texts, facts and breaches; asking: the user who is told. */
void pv_privacy_add(pv_faithfulness_tally *tally, const pv_item *item, const pv_shop *shop, int64_t asking,
                    int32_t min_companies);

#endif
