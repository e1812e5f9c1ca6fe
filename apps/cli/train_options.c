/* train_options.c - see train_options.h. */
#include "train_options.h"

static const char *const loss_names[] = {[PV_LOSS_IALSPP] = "ialspp", [PV_LOSS_HKV] = "hkv", NULL};
static const char *const solver_names[] = {
    [PV_SOLVER_AUTO] = "auto", [PV_SOLVER_CG] = "cg", [PV_SOLVER_CHOLESKY] = "cholesky", NULL};
static const char *const weighting_names[] = {[PV_WEIGHT_LOG] = "log", [PV_WEIGHT_LINEAR] = "linear", NULL};

const cli_option model_options[MODEL_OPTION_COUNT] = {
    {.name = "factors",
     .kind = OPTION_INTEGER,
     .offset = offsetof(model_settings, factors),
     .minimum = 1,
     .maximum = 1024,
     .argument = "N",
     .default_in_help = "64",
     .help = "numbers that describe each customer and product"},
    {.name = "iterations",
     .kind = OPTION_INTEGER,
     .offset = offsetof(model_settings, iterations),
     .minimum = 0,
     .maximum = 10000,
     .argument = "N",
     .default_in_help = "15",
     .help = "passes over customers and products"},
    {.name = "loss",
     .kind = OPTION_CHOICE,
     .offset = offsetof(model_settings, loss),
     .choices = loss_names,
     .default_in_help = "ialspp",
     .help = "what the factors minimise: ialspp (Rendle et al. 2022) or hkv (Hu, Koren, Volinsky 2008)"},
    {.name = "regularization",
     .kind = OPTION_NUMBER,
     .offset = offsetof(model_settings, regularization),
     .argument = "R",
     .default_in_help = "0.01",
     .help = "pull of the factors towards 0; for ialspp scaled by the size of each row"},
    {.name = "unobserved-weight",
     .kind = OPTION_NUMBER,
     .offset = offsetof(model_settings, unobserved_weight),
     .argument = "A0",
     .default_in_help = "0.2; hkv 1",
     .help = "weight of what was not bought; hkv takes no other than 1"},
    {.name = "user-side-regularization",
     .kind = OPTION_NUMBER,
     .offset = offsetof(model_settings, user_side_regularization),
     .argument = "N",
     .default_in_help = "0",
     .help = "customers whose factors a feature must explain before it is believed by half; 0: no features"},
    {.name = "product-side-regularization",
     .kind = OPTION_NUMBER,
     .offset = offsetof(model_settings, product_side_regularization),
     .argument = "N",
     .default_in_help = "0",
     .help = "the same for products"},
    {.name = "alpha",
     .kind = OPTION_NUMBER,
     .offset = offsetof(model_settings, alpha),
     .argument = "A",
     .default_in_help = "1",
     .help = "weight of a purchase"},
    {.name = "weight",
     .kind = OPTION_CHOICE,
     .offset = offsetof(model_settings, weighting),
     .choices = weighting_names,
     .default_in_help = "log",
     .help = "how orders of the same product add up"},
    {.name = "half-life",
     .kind = OPTION_POSITIVE,
     .offset = offsetof(model_settings, half_life_days),
     .argument = "DAYS",
     .default_in_help = "none",
     .help = "days after which an order counts half"},
    {.name = "solver",
     .kind = OPTION_CHOICE,
     .offset = offsetof(model_settings, solver),
     .choices = solver_names,
     .default_in_help = "auto",
     .help = "how each row is solved"},
    {.name = "signals",
     .kind = OPTION_TEXT,
     .offset = offsetof(model_settings, signals),
     .argument = "LIST",
     .default_in_help = "all",
     .help = "signals of the score, with commas between: als,habit; `purvey info` names them all"},
    {.name = "min-companies",
     .kind = OPTION_INTEGER,
     .offset = offsetof(model_settings, min_companies),
     .minimum = 1,
     .maximum = 1000000,
     .argument = "K",
     .default_in_help = "5",
     .help = "other companies that must stand behind whatever is said about others"},
    {.name = "seed",
     .kind = OPTION_INTEGER,
     .offset = offsetof(model_settings, seed),
     .minimum = 0,
     .maximum = 9007199254740991.0,
     .argument = "S",
     .default_in_help = "42",
     .help = "start of the random numbers"}};

pv_train_options library_train_options(const model_settings *settings, progress_bar *bar)
{
    pv_train_options options;
    pv_train_options_init(&options);
    options.factors = (int32_t)settings->factors;
    options.iterations = (int32_t)settings->iterations;
    options.loss = (pv_loss)settings->loss;
    options.regularization = settings->regularization;
    options.unobserved_weight = settings->unobserved_weight;
    options.user_side_regularization = settings->user_side_regularization;
    options.product_side_regularization = settings->product_side_regularization;
    options.alpha = settings->alpha;
    options.weighting = (pv_weighting)settings->weighting;
    options.half_life_days = settings->half_life_days;
    options.solver = (pv_solver)settings->solver;
    options.signals = settings->signals;
    options.min_companies = (int32_t)settings->min_companies;
    options.seed = (uint64_t)settings->seed;
    options.threads = (unsigned)settings->common.threads;
    options.max_bad_rows = settings->common.max_bad_rows;
    options.progress = progress_bar_update;
    options.progress_context = bar;
    return options;
}

model_settings model_settings_of(const pv_train_options *options)
{
    return (model_settings){.common = COMMON_DEFAULTS,
                            .signals = options->signals,
                            .factors = options->factors,
                            .iterations = options->iterations,
                            .min_companies = options->min_companies,
                            .seed = (int64_t)options->seed,
                            .loss = (int)options->loss,
                            .solver = (int)options->solver,
                            .weighting = (int)options->weighting,
                            .regularization = options->regularization,
                            .unobserved_weight = options->unobserved_weight,
                            .user_side_regularization = options->user_side_regularization,
                            .product_side_regularization = options->product_side_regularization,
                            .alpha = options->alpha,
                            .half_life_days = options->half_life_days};
}

model_settings default_model_settings(void)
{
    pv_train_options defaults;
    pv_train_options_init(&defaults);
    return model_settings_of(&defaults);
}
