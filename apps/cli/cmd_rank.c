/* cmd_rank.c - `purvey rank`: scores of given pairs, line for line. */
#include "command.h"

#include "bulk_summary.h"
#include "progress_bar.h"

typedef struct rank_settings {
    common_settings common;
    const char *model, *pairs, *output;
} rank_settings;

static const cli_option options[] = {{.name = "pairs",
                                      .kind = OPTION_TEXT,
                                      .offset = offsetof(rank_settings, pairs),
                                      .argument = "FILE",
                                      .help = "CSV file with the columns user_id and product_id"},
                                     {.name = "output",
                                      .letter = 'o',
                                      .kind = OPTION_TEXT,
                                      .offset = offsetof(rank_settings, output),
                                      .argument = "FILE",
                                      .help =
                                          "CSV file to write, replaced only when complete: user_id,product_id,score,"
                                          "unknown"}};

static int rank(command_run *run)
{
    rank_settings settings = {.common = COMMON_DEFAULTS};
    pv_error error = {0};
    pv_model *model = NULL;
    pv_bulk_report report = {0};
    progress_bar bar;
    pv_request request;
    pv_request_init(&request);
    request.explain = PV_EXPLAIN_NONE;
    pv_status status = command_parse(run, &settings, &error);
    if (status == PV_OK && settings.pairs == NULL) status = usage_error(&error, "pairs", "--pairs FILE is missing");
    if (status == PV_OK && settings.output == NULL) status = usage_error(&error, "output", "-o FILE is missing");
    if (status == PV_OK) status = pv_model_open(&model, settings.model, &error);
    if (status == PV_OK) {
        progress_bar_init(&bar, settings.common.is_quiet);
        status = pv_rank_bulk(model, settings.pairs, settings.output, &request, (unsigned)settings.common.threads,
                              progress_bar_update, &bar, &report, &error);
        progress_bar_end(&bar);
    }
    int exit_code = status == PV_OK ? print_bulk_summary(run, &settings.common, pv_model_id(model), &report, "scores",
                                                         settings.output)
                                    : command_fail(run, &error);
    pv_model_free(model);
    return exit_code;
}

const cli_command rank_command = {
    .name = "rank",
    .run = rank,
    .summary = "score given pairs of customer and product",
    .synopsis = "MODEL --pairs FILE -o FILE [options]",
    .description =
        "One line out for each line in, in the same order. The score is the one `recommend` would give, whether\n"
        "or not the product may be offered; a product that the model does not know has 0 and a 1 in the last\n"
        "column.\n",
    .examples = "  purvey rank shop.model --pairs pairs.csv -o scores.csv\n"
                "      pairs.csv has the columns user_id and product_id; scores.csv adds score and unknown\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "MODEL",
                .argument_offset = offsetof(rank_settings, model)}};
