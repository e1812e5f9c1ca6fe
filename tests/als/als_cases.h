/* als_cases.h - random shops and the slow, dense, float64 truth about them: definitions summed over every pair, linear
 * systems by Gaussian elimination. Shares no formula with src/als. */
#ifndef ALS_CASES_H
#define ALS_CASES_H

#include "als/als.h"
#include "als/als_row_update.h"
#include <stdbool.h>

typedef struct als_case {
    double *dense; /* [n_users x n_products], NAN where there is no pair */
    int64_t *row_offsets;
    int32_t *columns;
    float *weights;
    pv_pairs pairs; /* view */
} als_case;

/* `draw` gives the weight of pair (u, i), NAN for none. */
als_case als_case_create(int64_t n_users, int64_t n_products, double (*draw)(int64_t u, int64_t i));
void als_case_free(als_case *c);
als_case als_case_transpose(const als_case *c);

/* Draws: a sixth of the pairs observed; weights 0.5 to 5; a fifth of them dislikes; confidences 1 and below. */
double als_purchases(int64_t u, int64_t i);
double als_with_dislikes(int64_t u, int64_t i);
double als_confidence_one(int64_t u, int64_t i);
double als_confidence_below_one(int64_t u, int64_t i);

/* float32 normal numbers, [n_rows x n_factors], to be freed. */
float *als_random_factors(int64_t n_rows, int32_t n_factors, uint64_t stream);
/* Random orthogonal [n x n], to be freed; rows of `factors` times it, to be freed. */
double *als_random_rotation(int32_t n, uint64_t stream);
float *als_rotate(const float *factors, int64_t n_rows, const double *rotation, int32_t n);

/* The loss from its definition, pair by pair. */
double als_naive_loss(const als_case *c, const pv_als_settings *settings, const float *X, const float *Y);
/* H [d x d] and b [d] of row u from the definition; Y [n_products x d] is the fixed side. */
void als_naive_system(double *H, double *b, const als_case *c, const pv_als_settings *settings, const float *Y,
                      int64_t u);
/* x = H^-1 b by Gaussian elimination with partial pivoting; H and b are destroyed. */
void als_naive_solve(double *x, double *H, double *b, int32_t d);

/* X [n_users x d] becomes the result of one half step of training given Y. */
void als_half_step(float *X, const als_case *c, const pv_als_settings *settings, const float *Y, pv_als_method method,
                   int cg_steps);

pv_als_settings als_ialspp(int32_t n_factors); /* R 0.03, A0 0.2 */
pv_als_settings als_hkv(int32_t n_factors);    /* R 0.5 */

/* Fails the test unless |actual - expected| <= tolerance. */
void als_assert_close(double actual, double expected, double tolerance);
/* A pool to be freed with pv_threads_free(). */
pv_threads *als_threads(unsigned n);

#endif
