/* option_rules.c - the documented defaults of training and what its options may be. */
#include "train/option_rules.h"

#include "base/failure.h"
#include <math.h>

#define SEED_DEFAULT 42

void pv_train_options_init(pv_train_options *options)
{
    *options = (pv_train_options){.factors = 64,
                                  .iterations = 15,
                                  .loss = PV_LOSS_IALSPP,
                                  .regularization = 0.01,
                                  .unobserved_weight = (double)NAN,
                                  .alpha = 1.0,
                                  .weighting = PV_WEIGHT_LOG,
                                  .half_life_days = (double)NAN,
                                  .solver = PV_SOLVER_AUTO,
                                  .min_companies = 5,
                                  .seed = SEED_DEFAULT,
                                  .max_bad_rows = 0.01};
}

double pv_train_unobserved_weight(const pv_train_options *options)
{
    if (options->loss == PV_LOSS_HKV) return 1.0;
    return isnan(options->unobserved_weight) ? 0.2 : options->unobserved_weight;
}

static pv_status check_range(const char *option, const char *field, double value, double low, double high,
                             pv_error *error)
{
    if (value >= low && value <= high) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, field, "%s %g: expected %.10g to %.10g", option, value, low, high);
}

pv_status pv_train_options_check(const pv_train_options *options, pv_error *error)
{
    const double largest = 1e30; /* finite with room for sums */
    pv_status status;
    PV_TRY(check_range("--factors", "/factors", options->factors, 1, 1024, error));
    PV_TRY(check_range("--iterations", "/iterations", options->iterations, 0, 10000, error));
    PV_TRY(check_range("--regularization", "/regularization", options->regularization, 0, largest, error));
    if (!isnan(options->unobserved_weight))
        PV_TRY(check_range("--unobserved-weight", "/unobserved_weight", options->unobserved_weight, 0, largest, error));
    if (options->loss == PV_LOSS_HKV && !isnan(options->unobserved_weight) &&
        pv_train_unobserved_weight(options) != options->unobserved_weight)
        PV_TRY(pv_fail_field(error, PV_E_USAGE, "/unobserved_weight",
                             "--unobserved-weight %g: hkv has 1, only ialspp takes another",
                             options->unobserved_weight));
    PV_TRY(check_range("--user-side-regularization", "/user_side_regularization", options->user_side_regularization, 0,
                       largest, error));
    PV_TRY(check_range("--product-side-regularization", "/product_side_regularization",
                       options->product_side_regularization, 0, largest, error));
    PV_TRY(check_range("--alpha", "/alpha", options->alpha, 0, largest, error));
    PV_TRY(check_range("--min-companies", "/min_companies", options->min_companies, 1, INT32_MAX, error));
    PV_TRY(check_range("--max-bad-rows", "/max_bad_rows", options->max_bad_rows, 0, 1, error));
    if (!isnan(options->half_life_days) && !(options->half_life_days > 0 && options->half_life_days <= largest))
        PV_TRY(pv_fail_field(error, PV_E_USAGE, "/half_life", "--half-life %g: expected more than 0 days",
                             options->half_life_days));
cleanup:
    return status;
}
