/* cmd_tune.c - `purvey tune`: settings that recommend better, as a file that `purvey train` takes. */
#include "command.h"

#include "read_notes.h"
#include "train_options.h"
#include "tune_view.h"
#include <purvey/tune.h>

#define SECONDS_PER_MINUTE 60.0

typedef struct tune_settings {
    model_settings model;
    const char *shop, *output, *test_begin;
    int64_t candidates;
    double budget_minutes;
} tune_settings;

static const cli_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = offsetof(tune_settings, output),
     .argument = "FILE",
     .help = "settings to write, replaced only when complete; each trial is kept in FILE.trials as it is done, and a "
             "run that was stopped goes on from there"},
    {.name = "budget",
     .kind = OPTION_POSITIVE,
     .offset = offsetof(tune_settings, budget_minutes),
     .argument = "MINUTES",
     .default_in_help = "10",
     .help = "no trial begins after that time; the best so far is written"},
    {.name = "candidates",
     .kind = OPTION_INTEGER,
     .offset = offsetof(tune_settings, candidates),
     .minimum = 2,
     .maximum = 1000,
     .argument = "N",
     .default_in_help = "32",
     .help = "settings to begin with; the better half of them is tried again at more cost, and so on"},
    {.name = "test-begin",
     .kind = OPTION_TEXT,
     .offset = offsetof(tune_settings, test_begin),
     .argument = "DATE",
     .default_in_help = "the last 90 days, or the last third of the time if that is less",
     .help = "nothing from this date on is looked at"}};

static tune_settings default_settings(void)
{
    pv_tune_options defaults;
    pv_tune_options_init(&defaults);
    return (tune_settings){.model = default_model_settings(),
                           .candidates = defaults.settings,
                           .budget_minutes = defaults.budget_seconds / SECONDS_PER_MINUTE};
}

static int print_results(command_run *run, const tune_settings *settings, const pv_tune_report *report)
{
    const common_settings *common = &settings->model.common;
    print_read_notes(run, &report->read, NULL, common->is_quiet);
    if (common->format == FORMAT_TABLE) {
        if (common->is_quiet) return 0;
        return print_tuning(run->out, &run->terminal, report, settings->output) ? 0 : command_fail_memory(run);
    }
    char *json = NULL;
    pv_error error = {0};
    if (pv_tune_report_json(&json, report, &error) != PV_OK) return command_fail(run, &error);
    return command_print_report(run, common->format, json);
}

static int tune(command_run *run)
{
    tune_settings settings = default_settings();
    pv_error error = {0};
    pv_status status = command_parse(run, &settings, &error);
    if (status == PV_OK && settings.output == NULL) status = usage_error(&error, "output", "-o FILE is missing");
    if (status != PV_OK) return command_fail(run, &error);
    progress_bar bar;
    progress_bar_init(&bar, settings.model.common.is_quiet);
    const pv_tune_options library = {.train = library_train_options(&settings.model, &bar),
                                     .test_begin = settings.test_begin,
                                     .budget_seconds = settings.budget_minutes * SECONDS_PER_MINUTE,
                                     .settings = (int32_t)settings.candidates};
    pv_tune_report report;
    status = pv_tune(settings.shop, settings.output, &library, &report, &error);
    progress_bar_end(&bar);
    return status == PV_OK ? print_results(run, &settings, &report) : command_fail(run, &error);
}

const cli_command tune_command = {
    .name = "tune",
    .run = tune,
    .summary = "search settings that recommend better",
    .synopsis = "SHOP -o FILE [options]",
    .description =
        "Tries other settings of the model than those given, at first many of them with little work, then the better\n"
        "half with more. Each is judged by Recall@20, of new products and of all, on dates in the past. The last days\n"
        "of the purchases, 90 or a third of them, are kept for testing and not looked at.\n",
    .examples = "  purvey tune examples/online-retail -o best.yaml --budget 20\n"
                "      20 minutes; then: purvey train examples/online-retail --settings best.yaml -o shop.model\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .shared = model_options,
                .n_shared = MODEL_OPTION_COUNT,
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "SHOP",
                .argument_offset = offsetof(tune_settings, shop)}};
