/* cmd_evaluate.c - `purvey evaluate`: models of earlier dates against what was bought afterwards. */
#include "command.h"

#include "evaluate_view.h"
#include "faithfulness_view.h"
#include "read_notes.h"
#include "train_options.h"
#include <purvey/evaluate.h>

typedef struct evaluate_settings {
    model_settings model;
    const char *shop, *output;
    int64_t cutoffs, step_days, horizon_days, draws;
    text_list dates;
    bool wants_reasons;
} evaluate_settings;

static const cli_option options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = offsetof(evaluate_settings, output),
     .argument = "FILE",
     .help = "report to write, replaced only when complete: FILE.json, or FILE.html with plots"},
    {.name = "cutoffs",
     .kind = OPTION_INTEGER,
     .offset = offsetof(evaluate_settings, cutoffs),
     .minimum = 1,
     .maximum = 60,
     .argument = "N",
     .default_in_help = "4",
     .help = "dates to evaluate at; the window after the last of them ends with the last purchase"},
    {.name = "step",
     .kind = OPTION_INTEGER,
     .offset = offsetof(evaluate_settings, step_days),
     .minimum = 1,
     .maximum = 3650,
     .argument = "DAYS",
     .default_in_help = "30",
     .help = "days from one date to the next"},
    {.name = "cutoff",
     .kind = OPTION_ID_LIST,
     .offset = offsetof(evaluate_settings, dates),
     .argument = "DATE",
     .help = "evaluate at this date instead"},
    {.name = "horizon",
     .kind = OPTION_INTEGER,
     .offset = offsetof(evaluate_settings, horizon_days),
     .minimum = 1,
     .maximum = 3650,
     .argument = "DAYS",
     .default_in_help = "90",
     .help = "days after a date in which purchases count as the truth"},
    {.name = "draws",
     .kind = OPTION_INTEGER,
     .offset = offsetof(evaluate_settings, draws),
     .minimum = 100,
     .maximum = 100000,
     .argument = "N",
     .default_in_help = "2000",
     .help = "draws of the bootstrap over companies that gives the intervals"},
    {.name = "reasons",
     .kind = OPTION_FLAG,
     .offset = offsetof(evaluate_settings, wants_reasons),
     .help = "also measure whether the reasons are the score; a gate that fails makes the exit code 1"}};

static evaluate_settings default_settings(void)
{
    pv_evaluate_options defaults;
    pv_evaluate_options_init(&defaults);
    return (evaluate_settings){.model = default_model_settings(),
                               .cutoffs = defaults.cutoffs,
                               .step_days = defaults.step_days,
                               .horizon_days = defaults.horizon_days,
                               .draws = defaults.draws};
}

static pv_evaluate_options library_options(const evaluate_settings *settings, progress_bar *bar)
{
    return (pv_evaluate_options){.train = library_train_options(&settings->model, bar),
                                 .cutoffs = (int32_t)settings->cutoffs,
                                 .step_days = (int32_t)settings->step_days,
                                 .horizon_days = (int32_t)settings->horizon_days,
                                 .dates = settings->dates.items,
                                 .n_dates = (int64_t)settings->dates.count,
                                 .draws = (int32_t)settings->draws,
                                 .measures_reasons = settings->wants_reasons};
}

static int print_results(command_run *run, const evaluate_settings *settings, const pv_evaluation *evaluation)
{
    const common_settings *common = &settings->model.common;
    pv_error error = {0};
    char *json = NULL;
    print_read_notes(run, &evaluation->read, NULL, common->is_quiet);
    if (settings->output != NULL && pv_evaluation_write(settings->output, evaluation, &error) != PV_OK)
        return command_fail(run, &error);
    if (common->format == FORMAT_TABLE) {
        if (common->is_quiet && settings->output != NULL) return 0;
        bool is_whole = print_evaluation(run->out, &run->terminal, evaluation);
        if (is_whole && evaluation->faithfulness != NULL)
            is_whole = print_faithfulness(run->out, &run->terminal, evaluation->faithfulness);
        return is_whole ? 0 : command_fail_memory(run);
    }
    if (pv_evaluation_json(&json, evaluation, &error) != PV_OK) return command_fail(run, &error);
    return command_print_report(run, common->format, json);
}

/* The exit code of a run that was printed: a failed gate is a result, and yet a failure of the run. */
static int judge_reasons(const pv_evaluation *evaluation)
{
    const char *failed = evaluation->faithfulness ? pv_faithfulness_failed(evaluation->faithfulness) : NULL;
    if (failed == NULL) return 0;
    fprintf(stderr, "purvey evaluate: the reasons fail the gate of %s\n", failed);
    return 1;
}

static int evaluate(command_run *run)
{
    evaluate_settings settings = default_settings();
    pv_error error = {0};
    pv_evaluation *evaluation = NULL;
    progress_bar bar;
    pv_status status = command_parse(run, &settings, &error);
    if (status == PV_OK && settings.output != NULL) status = pv_evaluation_check_path(settings.output, &error);
    if (status == PV_OK) {
        progress_bar_init(&bar, settings.model.common.is_quiet);
        const pv_evaluate_options library = library_options(&settings, &bar);
        status = pv_evaluate(&evaluation, settings.shop, &library, &error);
        progress_bar_end(&bar);
    }
    int exit_code = status == PV_OK ? print_results(run, &settings, evaluation) : command_fail(run, &error);
    if (exit_code == 0) exit_code = judge_reasons(evaluation);
    pv_evaluation_free(evaluation);
    text_list_deinit(&settings.dates);
    return exit_code;
}

const cli_command evaluate_command = {
    .name = "evaluate",
    .run = evaluate,
    .summary = "measure recommendations against what was bought later",
    .synopsis = "SHOP [options]",
    .description =
        "For each of several dates, a model learns from what was known before it; its lists of 20 are held against\n"
        "what each customer bought in the days after, beside simple methods. Products bought before (repeat) and\n"
        "others (new) are also judged apart. Intervals hold 95 % of what other customers would have given.\n",
    .examples = "  purvey evaluate examples/online-retail\n"
                "      four dates, 30 days apart, with 90 days after each\n"
                "  purvey evaluate examples/online-retail --cutoff 2010-08-31 -o report.json\n"
                "      one date; everything that was measured goes to report.json\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .shared = model_options,
                .n_shared = MODEL_OPTION_COUNT,
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "SHOP",
                .argument_offset = offsetof(evaluate_settings, shop)}};
