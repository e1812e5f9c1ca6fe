/* als_signal.h - "customers who buy as you do": the factor model as a signal.
 *
 * phi(u, i) = x_u . y_i. For a known user with the history the model was trained on, x_u is the stored float32 row; any
 * other history is solved in float64, around the prior mean of the user's features (als/als_prior.h), and so is a user
 * without purchases. Products that nobody bought have the factors that their features give; without any, phi is 0.
 *
 * Evidence: each past product's share of the exactly solved score (Hu, Koren, Volinsky 2008, section 5) and, under its
 * name, each feature's of the user. Shares may be negative, and they sum to the exact score, from which the stored
 * row's differs by rounding (1e-5).
 */
#ifndef PV_ALS_SIGNAL_H
#define PV_ALS_SIGNAL_H

#include "als/side_information.h"
#include "signals/signal.h"
#include "topk/dense_scores.h"

extern const pv_signal pv_als_signal;
/* als_recent: the same product factors with the customer's row solved again from orders that halve every 90 days. Never
 * stored: what a customer buys lately depends on the date of the question. */
extern const pv_signal pv_als_recent_signal;
#define PV_RECENT_HALF_LIFE_DAYS 90.0

#define PV_NEAREST_COUNT 3

/* Views of the factor model and of the pair weights it was trained with. */
typedef struct pv_als_bound {
    pv_als_model model;
    double alpha, half_life_days; /* NaN: none */
    pv_weighting weighting;
    pv_side_information users, products; /* features */
    int64_t
        n_scored; /* products with factors: those of the model, then those that nobody bought if they have features */
    const double *norms;  /* |y_i|, [n_scored] */
    pv_dense_index dense; /* their factors once more, in blocks */
} pv_als_bound;

/* Features of the asking customer, from what the question tells of it or from users.csv; none where users have none.
 * Memory of the question. Errors: PV_E_MEMORY. */
pv_status pv_als_user_features(pv_side_row *features, const pv_als_bound *bound, const pv_question *question,
                               pv_error *error) PV_CHECKED;
/* Scratch for one thread; a failed create leaves nothing to free. Errors: PV_E_MEMORY. */
pv_status pv_als_rows_create(pv_als_rows *rows, const pv_als_bound *bound, pv_error *error) PV_CHECKED;
void pv_als_rows_free(pv_als_rows *rows); /* accepts {0} */

/* phi of both signals for n products from `first` on, a multiple of PV_DENSE_WIDTH, up to n_scored, in one pass over
 * the factors; room for n rounded up to PV_DENSE_WIDTH. */
void pv_als_signal_score_both(double *phi, double *phi_recent, const void *prepared, const void *prepared_recent,
                              int64_t first, int64_t n);
/* Score of `target` from the last solve and what it would be without each product of the history, [n]. */
pv_status pv_als_signal_without(double *score, double *without, const void *prepared, int32_t target,
                                pv_error *error) PV_CHECKED;
/* Cosine of the factors of two products; NaN when one has none. */
double pv_als_similarity(const pv_als_bound *bound, int32_t a, int32_t b);

#endif
