/* cmd_train.c - `purvey train`: a shop's tables into a model file. */
#include "command.h"

#include "process.h"
#include "progress_bar.h"
#include "read_notes.h"
#include "train_view.h"

typedef struct train_settings {
    common_settings common;
    const char *shop, *output, *signals, *as_of;
    int64_t factors, iterations, min_companies, seed;
    int loss, solver, weighting;
    double regularization, unobserved_weight, alpha, half_life_days;
} train_settings;

static const char *const loss_names[] = {[PV_LOSS_IALSPP] = "ialspp", [PV_LOSS_HKV] = "hkv", NULL};
static const char *const solver_names[] = {
    [PV_SOLVER_AUTO] = "auto", [PV_SOLVER_CG] = "cg", [PV_SOLVER_CHOLESKY] = "cholesky", NULL};
static const char *const weighting_names[] = {[PV_WEIGHT_LOG] = "log", [PV_WEIGHT_LINEAR] = "linear", NULL};

static const cli_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = offsetof(train_settings, output),
     .argument = "MODEL",
     .help = "model file to write, replaced only when complete; bad rows go to MODEL.rejects.csv"},
    {.name = "factors",
     .kind = OPTION_INTEGER,
     .offset = offsetof(train_settings, factors),
     .minimum = 1,
     .maximum = 1024,
     .argument = "N",
     .default_in_help = "64",
     .help = "numbers that describe each customer and product"},
    {.name = "iterations",
     .kind = OPTION_INTEGER,
     .offset = offsetof(train_settings, iterations),
     .minimum = 0,
     .maximum = 10000,
     .argument = "N",
     .default_in_help = "15",
     .help = "passes over customers and products"},
    {.name = "loss",
     .kind = OPTION_CHOICE,
     .offset = offsetof(train_settings, loss),
     .choices = loss_names,
     .default_in_help = "ialspp",
     .help = "what the factors minimise: ialspp (Rendle et al. 2022) or hkv (Hu, Koren, Volinsky 2008)"},
    {.name = "regularization",
     .kind = OPTION_NUMBER,
     .offset = offsetof(train_settings, regularization),
     .argument = "R",
     .default_in_help = "0.01",
     .help = "pull of the factors towards 0; for ialspp scaled by the size of each row"},
    {.name = "unobserved-weight",
     .kind = OPTION_NUMBER,
     .offset = offsetof(train_settings, unobserved_weight),
     .argument = "A0",
     .default_in_help = "0.2; hkv 1",
     .help = "weight of what was not bought; hkv takes no other than 1"},
    {.name = "alpha",
     .kind = OPTION_NUMBER,
     .offset = offsetof(train_settings, alpha),
     .argument = "A",
     .default_in_help = "1",
     .help = "weight of a purchase"},
    {.name = "weight",
     .kind = OPTION_CHOICE,
     .offset = offsetof(train_settings, weighting),
     .choices = weighting_names,
     .default_in_help = "log",
     .help = "how orders of the same product add up"},
    {.name = "half-life",
     .kind = OPTION_POSITIVE,
     .offset = offsetof(train_settings, half_life_days),
     .argument = "DAYS",
     .default_in_help = "none",
     .help = "days after which an order counts half"},
    {.name = "solver",
     .kind = OPTION_CHOICE,
     .offset = offsetof(train_settings, solver),
     .choices = solver_names,
     .default_in_help = "auto",
     .help = "how each row is solved"},
    {.name = "signals",
     .kind = OPTION_TEXT,
     .offset = offsetof(train_settings, signals),
     .argument = "LIST",
     .default_in_help = "all",
     .help = "signals of the score, with commas between: als,bought_together,category,discount,habit,popularity"},
    {.name = "min-companies",
     .kind = OPTION_INTEGER,
     .offset = offsetof(train_settings, min_companies),
     .minimum = 1,
     .maximum = 1000000,
     .argument = "K",
     .default_in_help = "5",
     .help = "other companies that must stand behind whatever is said about others"},
    {.name = "as-of",
     .kind = OPTION_TEXT,
     .offset = offsetof(train_settings, as_of),
     .argument = "T",
     .default_in_help = "just after the last purchase",
     .help = "use only what was known before this date, time or `now`"},
    {.name = "seed",
     .kind = OPTION_INTEGER,
     .offset = offsetof(train_settings, seed),
     .minimum = 0,
     .maximum = 9007199254740991.0,
     .argument = "S",
     .default_in_help = "42",
     .help = "start of the random numbers"}};

static pv_train_options library_options(const train_settings *settings, progress_bar *bar)
{
    pv_train_options options_given;
    pv_train_options_init(&options_given);
    options_given.factors = (int32_t)settings->factors;
    options_given.iterations = (int32_t)settings->iterations;
    options_given.loss = (pv_loss)settings->loss;
    options_given.regularization = settings->regularization;
    options_given.unobserved_weight = settings->unobserved_weight;
    options_given.alpha = settings->alpha;
    options_given.weighting = (pv_weighting)settings->weighting;
    options_given.half_life_days = settings->half_life_days;
    options_given.solver = (pv_solver)settings->solver;
    options_given.signals = settings->signals;
    options_given.min_companies = (int32_t)settings->min_companies;
    options_given.as_of = settings->as_of;
    options_given.seed = (uint64_t)settings->seed;
    options_given.threads = (unsigned)settings->common.threads;
    options_given.max_bad_rows = settings->common.max_bad_rows;
    options_given.progress = progress_bar_update;
    options_given.progress_context = bar;
    return options_given;
}

/* The library's defaults are the program's. */
static train_settings default_settings(void)
{
    pv_train_options defaults;
    pv_train_options_init(&defaults);
    return (train_settings){.common = COMMON_DEFAULTS,
                            .factors = defaults.factors,
                            .iterations = defaults.iterations,
                            .min_companies = defaults.min_companies,
                            .seed = (int64_t)defaults.seed,
                            .loss = (int)defaults.loss,
                            .solver = (int)defaults.solver,
                            .weighting = (int)defaults.weighting,
                            .regularization = defaults.regularization,
                            .unobserved_weight = defaults.unobserved_weight,
                            .alpha = defaults.alpha,
                            .half_life_days = defaults.half_life_days};
}

static int print_results(command_run *run, const train_settings *settings, const pv_train_report *report)
{
    print_read_notes(run, &report->read, settings->output, settings->common.is_quiet);
    if (settings->common.format == FORMAT_TABLE) {
        if (settings->common.is_quiet) return 0;
        bool is_whole = print_train_summary(run->out, &run->terminal, report, settings->output);
        return is_whole ? 0 : command_fail_memory(run);
    }
    char *json = NULL;
    pv_error error = {0};
    if (pv_train_report_json(&json, report, peak_memory_bytes(), &error) != PV_OK) return command_fail(run, &error);
    return command_print_report(run, settings->common.format, json);
}

static int train(command_run *run)
{
    train_settings settings = default_settings();
    pv_error error = {0};
    pv_status status = command_parse(run, &settings, &error);
    if (status == PV_OK && settings.output == NULL) status = usage_error(&error, "output", "-o MODEL is missing");
    if (status != PV_OK) return command_fail(run, &error);
    progress_bar bar;
    progress_bar_init(&bar, settings.common.is_quiet);
    pv_train_options library = library_options(&settings, &bar);
    pv_train_report report = {0};
    status = pv_train(settings.shop, settings.output, &library, &report, &error);
    progress_bar_end(&bar);
    int exit_code = status == PV_OK ? print_results(run, &settings, &report) : command_fail(run, &error);
    pv_train_report_deinit(&report);
    return exit_code;
}

const cli_command train_command = {
    .name = "train",
    .run = train,
    .summary = "learn a model from a shop's tables",
    .synopsis = "SHOP -o MODEL [options]",
    .description =
        "SHOP is a folder with user_purchases.csv (user_id, product_id and what else there is: time, quantity,\n"
        "unit_price, discount, order_id, purchase_count) and, if there are, products.csv, users.csv and shop.yaml; or "
        "a\n"
        "SQLite file made by `purvey import`. The same data and options give the same model file, byte for byte.\n",
    .examples =
        "  purvey train examples/simple-shop -o shop.model\n"
        "      learns from the folder and writes shop.model; prints the loss of each iteration when it is done\n"
        "  purvey train examples/online-retail -o june.model --as-of 2010-06-01\n"
        "      learns as if today were 1 June 2010: nothing later leaves a trace\n"
        "  purvey train shop.sqlite -o small.model --factors 16 --signals als,bought_together --format json\n"
        "      a smaller model of two signals; the summary is one JSON object\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "SHOP",
                .argument_offset = offsetof(train_settings, shop)}};
