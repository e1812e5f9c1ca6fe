/* als_loss.h - the training loss on padded factors, with what it needs given. */
#ifndef PV_ALS_LOSS_H
#define PV_ALS_LOSS_H

#include "als/als.h"
#include "als/als_factors.h"
#include "als/als_pairs.h"

/* Views. */
typedef struct pv_als_loss_input {
    const pv_als_settings *settings;
    const pv_pairs *by_user;
    const pv_als_chunks *user_chunks;
    const int64_t *product_offsets; /* of the pairs by product, [n_products + 1] */
    const pv_als_factors *X, *Y;
    const pv_als_factors *user_means, *product_means; /* of the prior; NULL: 0 */
    const double *user_gram, *product_gram;           /* X'X, Y'Y */
    double *partials;                                 /* scratch [user_chunks->count] */
} pv_als_loss_input;

/* Sums over a user's pairs in order, users of a chunk in order, chunks in order; all in float64. */
double pv_als_loss_of(const pv_als_loss_input *input, pv_threads *threads);

#endif
