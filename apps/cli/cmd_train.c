/* cmd_train.c - `purvey train`: a shop's tables into a model file. */
#include "command.h"

#include "process.h"
#include "read_notes.h"
#include "train_options.h"
#include "train_view.h"

typedef struct train_settings {
    model_settings model;
    const char *shop, *output, *as_of, *events, *settings_file;
} train_settings;

static const cli_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = offsetof(train_settings, output),
     .argument = "MODEL",
     .help = "model file to write, replaced only when complete; bad rows go to MODEL.rejects.csv"},
    {.name = "as-of",
     .kind = OPTION_TEXT,
     .offset = offsetof(train_settings, as_of),
     .argument = "T",
     .default_in_help = "just after the last purchase",
     .help = "use only what was known before this date, time or `now`"},
    {.name = "events",
     .kind = OPTION_PLACE,
     .offset = offsetof(train_settings, events),
     .argument = "FOLDER",
     .help =
         "take in what `purvey serve` wrote down there: purchases, returns, prices, stock, companies and lists; or, "
         "with s3://BUCKET/PREFIX, what AWS Lambda kept"},
    {.name = "settings",
     .kind = OPTION_TEXT,
     .offset = offsetof(train_settings, settings_file),
     .argument = "FILE",
     .help = "options of the model from a file that `purvey tune` wrote; those on the command line win"}};

/* With a settings file the line is read twice: to find the file, and again over what the file says. */
static pv_status parse(train_settings *settings, char **signals, command_run *run, pv_error *error)
{
    *settings = (train_settings){.model = default_model_settings()};
    pv_status status = command_parse(run, settings, error);
    if (status != PV_OK || settings->settings_file == NULL) return status;
    pv_train_options from_file;
    pv_train_options_init(&from_file);
    status = pv_train_settings_read(&from_file, signals, settings->settings_file, error);
    if (status != PV_OK) return status;
    *settings = (train_settings){.model = model_settings_of(&from_file)};
    return command_parse(run, settings, error);
}

static int print_results(command_run *run, const train_settings *settings, const pv_train_report *report)
{
    print_read_notes(run, &report->read, settings->output, settings->model.common.is_quiet);
    if (settings->model.common.format == FORMAT_TABLE) {
        if (settings->model.common.is_quiet) return 0;
        bool is_whole = print_train_summary(run->out, &run->terminal, report, settings->output);
        return is_whole ? 0 : command_fail_memory(run);
    }
    char *json = NULL;
    pv_error error = {0};
    if (pv_train_report_json(&json, report, peak_memory_bytes(), &error) != PV_OK) return command_fail(run, &error);
    return command_print_report(run, settings->model.common.format, json);
}

static int train_and_print(command_run *run, const train_settings *settings)
{
    pv_error error = {0};
    progress_bar bar;
    progress_bar_init(&bar, settings->model.common.is_quiet);
    pv_train_options library = library_train_options(&settings->model, &bar);
    library.as_of = settings->as_of;
    library.events = settings->events;
    pv_train_report report = {0};
    const pv_status status = pv_train(settings->shop, settings->output, &library, &report, &error);
    progress_bar_end(&bar);
    int exit_code = status == PV_OK ? print_results(run, settings, &report) : command_fail(run, &error);
    pv_train_report_deinit(&report);
    return exit_code;
}

static int train(command_run *run)
{
    train_settings settings;
    char *signals = NULL; /* of the settings file */
    pv_error error = {0};
    pv_status status = parse(&settings, &signals, run, &error);
    if (status == PV_OK) status = fetch_argument(&settings.events, &run->fetched, FETCHED_EVENTS, &error);
    if (status == PV_OK && settings.output == NULL) status = usage_error(&error, "output", "-o MODEL is missing");
    const int exit_code = status == PV_OK ? train_and_print(run, &settings) : command_fail(run, &error);
    pv_free(signals);
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
        "  purvey train examples/online-retail -o night.model --events events\n"
        "      the folder of `purvey serve --events` comes along; what stands in both counts once\n"
        "  purvey train shop.sqlite -o small.model --factors 16 --signals als,bought_together --format json\n"
        "      a smaller model of two signals; the summary is one JSON object\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .shared = model_options,
                .n_shared = MODEL_OPTION_COUNT,
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "SHOP",
                .argument_offset = offsetof(train_settings, shop)}};
