/* side_information.h - features in the model: what the factor model learned of them, and prior means from it.
 *
 * Tensors, for PART user and product, present where features were learned of:
 *   side.PART_feature   texts, the names "column: value" of the features, bytewise      [n_features]
 *   side.PART_offset    I64, a row's features begin here, cold rows too                 [n_rows + 1]
 *   side.PART_code      I32, features, rising within a row; side.PART_value F32         [offset[n_rows]]
 *   side.PART_weights   F32, A (users) or B (products) in the basis of the factors      [n_features x n_factors]
 *   side.user_gram      F64, X'X, for products without a purchase; beside the product's [n_factors x n_factors]
 */
#ifndef PV_SIDE_INFORMATION_H
#define PV_SIDE_INFORMATION_H

#include "als/als.h"
#include "base/memory.h"
#include "base/tensors.h"
#include "als/side_features.h"

/* One side, bound; n_features 0: nothing was learned. Views. */
typedef struct pv_side_information {
    int64_t n_features, n_rows;
    pv_texts names;
    const int64_t *offsets;
    const int32_t *features;
    const float *values, *weights;
} pv_side_information;

/* The features of one row. */
typedef struct pv_side_row {
    int64_t n;
    const int32_t *features;
    const float *values;
} pv_side_row;

/* One thing known of a company or a product that the shop does not list. */
typedef struct pv_side_value {
    pv_text column, value;
} pv_side_value;

/* Put the features into the set and room for the weights behind them; *out views them, for the first n_warm rows. With
 * no features nothing is added and out->rows.n_columns is 0. */
pv_status pv_side_information_add(pv_als_features *out, pv_tensors *tensors, const char *part,
                                  const pv_side_features *features, int64_t n_warm, int32_t n_factors,
                                  pv_error *error) PV_CHECKED;
/* Errors: PV_E_INPUT "model: tensor ...". */
pv_status pv_side_information_bind(pv_side_information *side, const pv_tensors *tensors, const char *part,
                                   int64_t n_rows, int64_t n_factors, pv_error *error) PV_CHECKED;

/* Features of a listed row; none for row -1 or an unlearned side. */
pv_side_row pv_side_row_of(const pv_side_information *side, int64_t row);
/* Features that have these names, each with value 1; what was never learned of is left out. Memory of the arena. */
pv_status pv_side_row_of_values(pv_side_row *row, const pv_side_information *side, const pv_side_value *values,
                                int64_t n, pv_arena *arena, pv_error *error) PV_CHECKED;
/* mean [n_factors] = sum_k values[k] weights[features[k]], in order; 0 without features. */
void pv_side_mean(double *mean, const pv_side_information *side, const pv_side_row *row, int32_t n_factors);

#endif
