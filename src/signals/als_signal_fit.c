/* als_signal_fit.c - the factor model of a shop: learned, stored, and bound again with what is derived from it. */
#include "signals/als_signal_fit.h"

#include "als/history_pairs.h"
#include "base/array_checks.h"
#include "base/failure.h"
#include <math.h>
#include <string.h>

/* --- fit ---------------------------------------------------------------------------------------------------------- */

static pv_status add_number(pv_tensors *tensors, const char *name, double value, pv_error *error)
{
    double *data = NULL;
    const pv_status status = pv_tensors_add(&data, tensors, name, PV_F64, 1, 0, error);
    if (status == PV_OK) *data = value;
    return status;
}

static pv_status add_settings(pv_tensors *tensors, const pv_fit_settings *settings, pv_error *error)
{
    pv_status status;
    PV_TRY(add_number(tensors, "als.loss", settings->als.loss, error));
    PV_TRY(add_number(tensors, "als.regularization", settings->als.regularization, error));
    PV_TRY(add_number(tensors, "als.unobserved_weight", settings->als.unobserved_weight, error));
    PV_TRY(add_number(tensors, "als.alpha", settings->alpha, error));
    PV_TRY(add_number(tensors, "als.half_life_days", settings->half_life_days, error));
    PV_TRY(add_number(tensors, "als.weighting", settings->weighting, error));
cleanup:
    return status;
}

/* Features of both sides, as far as they are asked for. */
static pv_status add_features(pv_als_features *users, pv_als_features *products, pv_tensors *tensors,
                              const pv_shop *shop, const pv_als_settings *settings, pv_error *error)
{
    pv_status status = PV_OK;
    pv_side_features of_users = {0}, of_products = {0};
    if (settings->user_side_regularization > 0) {
        PV_TRY(pv_side_features_of_users(&of_users, shop, error));
        PV_TRY(pv_side_information_add(users, tensors, "user", &of_users, shop->users.ids.n_warm, settings->n_factors,
                                       error));
    }
    if (settings->product_side_regularization > 0) {
        PV_TRY(pv_side_features_of_products(&of_products, shop, error));
        PV_TRY(pv_side_information_add(products, tensors, "product", &of_products, shop->products.ids.n_warm,
                                       settings->n_factors, error));
    }
cleanup:
    pv_side_features_deinit(&of_users);
    pv_side_features_deinit(&of_products);
    return status;
}

static pv_status add_user_gram(pv_tensors *tensors, const float *X, int64_t n_users, const pv_fit_settings *settings,
                               pv_error *error)
{
    pv_status status;
    const int32_t d = settings->als.n_factors;
    double *gram = NULL;
    PV_TRY(pv_tensors_add(&gram, tensors, "side.user_gram", PV_F64, d, d, error));
    PV_TRY(pv_als_gram(gram, X, n_users, d, settings->threads, error));
cleanup:
    return status;
}

pv_status pv_als_signal_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    pv_status status;
    pv_als_features users = {0}, products = {0};
    const int64_t n_users = shop->users.ids.n_warm, n_products = shop->products.ids.n_warm;
    const int32_t d = settings->als.n_factors;
    pv_history_pairs purchases = {0};
    const pv_pair_rules rules = {settings->alpha, settings->half_life_days, shop->purchase_weight, settings->weighting,
                                 n_products};
    float *X = NULL, *Y = NULL;
    double *gram = NULL;
    PV_TRY(pv_history_pairs_init(&purchases, shop, &rules, error));
    PV_TRY(pv_tensors_add(&X, tensors, "user_factors", PV_F32, n_users, d, error));
    PV_TRY(pv_tensors_add(&Y, tensors, "product_factors", PV_F32, n_products, d, error));
    PV_TRY(pv_tensors_add(&gram, tensors, "als.gram", PV_F64, d, d, error));
    PV_TRY(add_settings(tensors, settings, error));
    PV_TRY(add_features(&users, &products, tensors, shop, &settings->als, error));
    PV_TRY(pv_als_fit_with_features(X, Y, users.weights ? &users : NULL, products.weights ? &products : NULL,
                                    &purchases.pairs, &settings->als, settings->threads, settings->iteration_done,
                                    settings->context, error));
    PV_TRY(pv_als_gram(gram, Y, n_products, d, settings->threads, error));
    if (products.weights) PV_TRY(add_user_gram(tensors, X, n_users, settings, error));
cleanup:
    pv_history_pairs_deinit(&purchases);
    return status;
}

/* --- bind --------------------------------------------------------------------------------------------------------- */

static pv_status get_number(double *value, const pv_tensors *tensors, const char *name, double low, double high,
                            pv_error *error)
{
    const double *data = NULL;
    const pv_status status = pv_tensors_get(&data, tensors, name, PV_F64, 1, 0, error);
    if (status != PV_OK) return status;
    if (!(data[0] >= low && data[0] <= high)) return pv_fail(error, PV_E_INPUT, "model: tensor %s: out of range", name);
    *value = data[0];
    return PV_OK;
}

static pv_status bind_settings(pv_als_bound *bound, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    double loss = 0, weighting = 0;
    const double *half_life = NULL;
    PV_TRY(get_number(&loss, tensors, "als.loss", PV_LOSS_IALSPP, PV_LOSS_HKV, error));
    PV_TRY(get_number(&bound->model.settings.regularization, tensors, "als.regularization", 0, 1e300, error));
    PV_TRY(get_number(&bound->model.settings.unobserved_weight, tensors, "als.unobserved_weight", 0, 1e300, error));
    PV_TRY(get_number(&bound->alpha, tensors, "als.alpha", 0, 1e300, error));
    PV_TRY(get_number(&weighting, tensors, "als.weighting", PV_WEIGHT_LOG, PV_WEIGHT_LINEAR, error));
    PV_TRY(pv_tensors_get(&half_life, tensors, "als.half_life_days", PV_F64, 1, 0, error));
    if (half_life[0] <= 0) PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor als.half_life_days: out of range"));
    bound->half_life_days = half_life[0];
    bound->model.settings.loss = loss < 0.5 ? PV_LOSS_IALSPP : PV_LOSS_HKV;
    bound->weighting = weighting < 0.5 ? PV_WEIGHT_LOG : PV_WEIGHT_LINEAR;
cleanup:
    return status;
}

static pv_status check_finite(const float *values, int64_t n, const char *name, pv_error *error)
{
    if (pv_all_finite(values, n)) return PV_OK;
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return pv_fail_at(error, PV_E_INPUT, i, "model: tensor %s: value at %lld is not finite", name,
                              (long long)i);
    return PV_OK;
}

/* The bound model with room behind it for the norms, the factors of products that nobody bought behind a copy of the
 * others, and the blocks of factors. */
static pv_als_bound *allocate_bound(int64_t n_scored, bool has_copy, int64_t n_factors)
{
    const size_t n_blocks = pv_dense_blocks_size(n_scored, (size_t)n_factors);
    const size_t n_copied = has_copy ? (size_t)n_scored * (size_t)n_factors : 0;
    const size_t size = (size_t)n_scored * sizeof(double) + (n_blocks + n_copied) * sizeof(float);
    pv_als_bound *bound = pv_allocate(1, sizeof *bound + size);
    if (!bound) return NULL;
    double *norms = (double *)(bound + 1);
    float *blocks = (float *)(norms + n_scored);
    bound->norms = norms;
    bound->n_scored = n_scored;
    bound->dense = (pv_dense_index){blocks, n_scored, (size_t)n_factors, NULL};
    if (has_copy) bound->model.product_factors = blocks + n_blocks;
    return bound;
}

static void fill_derived(pv_als_bound *bound)
{
    const int32_t d = bound->model.settings.n_factors;
    double *norms = (double *)(bound + 1);
    float *block = (float *)(norms + bound->n_scored);
    pv_dense_blocks_fill(block, bound->model.product_factors, bound->n_scored, (size_t)d);
    for (int64_t first = 0; first < bound->n_scored; first += PV_DENSE_WIDTH) {
        const int64_t left = bound->n_scored - first;
        double squares[PV_DENSE_WIDTH] = {0}; /* each summed over the factors in order, as a score is */
        for (int32_t f = 0; f < d; f++, block += PV_DENSE_WIDTH)
            for (int lane = 0; lane < PV_DENSE_WIDTH; lane++)
                squares[lane] += (double)block[lane] * (double)block[lane];
        for (int64_t lane = 0; lane < PV_DENSE_WIDTH && lane < left; lane++) norms[first + lane] = sqrt(squares[lane]);
    }
}

/* A matrix of d x d, finite. */
static pv_status get_square(const double **square, const pv_tensors *tensors, const char *name, int64_t d,
                            pv_error *error)
{
    const pv_status status = pv_tensors_get(square, tensors, name, PV_F64, d, d, error);
    for (int64_t i = 0; status == PV_OK && i < d * d; i++)
        if (!isfinite((*square)[i])) return pv_fail(error, PV_E_INPUT, "model: tensor %s: not finite", name);
    return status;
}

/* Factors of the products that nobody bought, behind a copy of the `warm` ones. */
static pv_status make_cold_products(pv_als_bound *bound, const float *warm, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    const pv_als_model *model = &bound->model;
    const int32_t d = model->settings.n_factors;
    const int64_t n_warm = model->n_products, n_cold = bound->n_scored - n_warm;
    const double *user_gram = NULL;
    float *factors = (float *)(uintptr_t)model->product_factors; /* allocated with the bound model */
    double *mean = pv_allocate((size_t)d, sizeof *mean);
    PV_TRY(pv_check_memory(mean != NULL, "products without a purchase", error));
    PV_TRY(get_square(&user_gram, tensors, "side.user_gram", d, error));
    memcpy(factors, warm, (size_t)(n_warm * d) * sizeof *factors);
    for (int64_t k = n_warm; k < bound->n_scored; k++) {
        const pv_side_row row = pv_side_row_of(&bound->products, k);
        pv_side_mean(mean, &bound->products, &row, d);
        for (int32_t f = 0; f < d; f++) factors[k * d + f] = (float)mean[f];
    }
    PV_TRY(pv_als_cold_rows(factors + n_warm * d, n_cold, user_gram, model->n_users, &model->settings, error));
    PV_TRY(check_finite(factors + n_warm * d, n_cold * d, "side.product_weights", error));
cleanup:
    pv_release(mean);
    return status;
}

static pv_status bind_factors(pv_als_bound *bound, const pv_side_information *products, const pv_tensors *tensors,
                              const pv_shop *shop, int64_t d, pv_error *error)
{
    pv_status status;
    pv_als_model *model = &bound->model;
    const float *warm = NULL;
    model->n_users = shop->users.ids.n_warm;
    model->n_products = shop->products.ids.n_warm;
    model->settings.n_factors = (int32_t)d;
    bound->products = *products;
    PV_TRY(pv_tensors_get(&model->user_factors, tensors, "user_factors", PV_F32, model->n_users, d, error));
    PV_TRY(pv_tensors_get(&warm, tensors, "product_factors", PV_F32, model->n_products, d, error));
    PV_TRY(check_finite(model->user_factors, model->n_users * d, "user_factors", error));
    PV_TRY(check_finite(warm, model->n_products * d, "product_factors", error));
    PV_TRY(get_square(&model->gram, tensors, "als.gram", d, error));
    PV_TRY(pv_side_information_bind(&bound->users, tensors, "user", shop->users.ids.n, d, error));
    PV_TRY(bind_settings(bound, tensors, error));
    if (model->product_factors)
        PV_TRY(make_cold_products(bound, warm, tensors, error));
    else
        model->product_factors = warm;
    fill_derived(bound);
cleanup:
    return status;
}

pv_status pv_als_signal_bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const pv_ids *ids = &shop->products.ids;
    const pv_tensor *factors = pv_tensors_find(tensors, "product_factors");
    const int64_t d = factors && factors->rank == 2 ? factors->shape[1] : 0;
    pv_side_information products;
    pv_als_bound *bound = NULL;
    if (d < 1 || d > 1024) return pv_fail(error, PV_E_INPUT, "model: tensor product_factors: no 1 to 1024 factors");
    PV_TRY(pv_side_information_bind(&products, tensors, "product", ids->n, d, error));
    const bool has_cold = products.n_features > 0 && ids->n > ids->n_warm;
    bound = allocate_bound(has_cold ? ids->n : ids->n_warm, has_cold, d);
    if (!bound) PV_TRY(pv_fail_memory(error, "the factor model", 0));
    PV_TRY(bind_factors(bound, &products, tensors, shop, d, error));
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

double pv_als_similarity(const pv_als_bound *bound, int32_t a, int32_t b)
{
    const pv_als_model *model = &bound->model;
    const int64_t d = model->settings.n_factors;
    if (a >= bound->n_scored || b >= bound->n_scored) return (double)NAN;
    if (!(bound->norms[a] > 0 && bound->norms[b] > 0)) return (double)NAN;
    const double dot = pv_als_score_stored(model->product_factors + a * d, model->product_factors + b * d, (int32_t)d);
    return dot / (bound->norms[a] * bound->norms[b]);
}
