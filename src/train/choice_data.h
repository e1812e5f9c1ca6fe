/* choice_data.h - what customers bought in a window after an earlier date, beside what they did not: the examples from
 * which weights are learned.
 *
 * Every signal is as of the earlier date; features are z, one column a signal (ranker/weights.h).
 */
#ifndef PV_CHOICE_DATA_H
#define PV_CHOICE_DATA_H

#include "ranker/ranker.h"
#include "signals/rebuy.h"
#include "train/conditional_logit.h"

/* What warm users of the earlier shop bought in the window: products of the earlier shop, rising, each once. */
typedef struct pv_window_purchases {
    int64_t n_users, n_buying; /* warm users; those with a product in the window */
    int64_t *offsets;          /* [n_users + 1] */
    int32_t *products;
} pv_window_purchases;

/* From the lines of the later shop with earlier->as_of <= time < end; users and products are found by id, those that
 * the earlier shop had not sold are left out. Errors: PV_E_MEMORY. */
pv_status pv_window_purchases_make(pv_window_purchases *window, const pv_shop *earlier, const pv_shop *later,
                                   int64_t end, pv_error *error) PV_CHECKED;
void pv_window_purchases_deinit(pv_window_purchases *window);

typedef enum pv_alternatives {
    PV_ALTERNATIVES_OWN,     /* all products bought before */
    PV_ALTERNATIVES_SAMPLED, /* new products: those bought in the window and a uniform sample of the others */
    PV_ALTERNATIVES_BEST     /* new products: the best by the given weights, bought in the window or not */
} pv_alternatives;

enum { PV_SAMPLED_OTHERS = 400, PV_BEST_NEW = 200 };
/* Customers of one date that examples are made of, evenly spread over those that bought. */
enum { PV_CUSTOMERS_LEARNED_FROM = 2000 };

/* One set a buying customer, in the order of users; the customer's weight is 1 / (chosen ^ weight_power). */
typedef struct pv_choice_data {
    pv_choice_sets sets; /* points into what follows */
    int64_t n_alternatives;
    int64_t *offsets;
    float *features, *log_sampled;
    uint8_t *is_chosen;
    double *customer_weight;
    int32_t *group;
    double *customer_features; /* [n_sets x PV_REBUY_FEATURE_COUNT], see signals/rebuy.h */
} pv_choice_data;

typedef struct pv_choice_request {
    const pv_ranker *ranker; /* of the earlier date, scales measured */
    const pv_window_purchases *window;
    const pv_shop *later; /* its companies are the groups */
    pv_alternatives alternatives;
    const double *weights; /* [PV_SIGNAL_COUNT], for PV_ALTERNATIVES_BEST */
    double weight_power;
    uint64_t seed;
} pv_choice_request;

/* Append the sets of one earlier date to those that are there ({0}: none). Errors: PV_E_MEMORY. */
pv_status pv_choice_data_append(pv_choice_data *data, const pv_choice_request *request, pv_threads *threads,
                                pv_error *error) PV_CHECKED;
void pv_choice_data_deinit(pv_choice_data *data);

#endif
