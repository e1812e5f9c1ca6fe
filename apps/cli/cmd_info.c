/* cmd_info.c - `purvey info`: what a model file says about itself. */
#include "command.h"

#include "json_view.h"

typedef struct info_settings {
    common_settings common;
    const char *model;
} info_settings;

static int print_sections(command_run *run, char *json)
{
    bool is_whole = print_json_sections(run->out, &run->terminal, json);
    pv_free(json);
    return is_whole ? 0 : command_fail_memory(run);
}

static int info(command_run *run)
{
    info_settings settings = {.common = COMMON_DEFAULTS};
    pv_error error = {0};
    pv_model *model = NULL;
    char *json = NULL;
    pv_status status = command_parse(run, &settings, &error);
    if (status == PV_OK) status = pv_model_open(&model, settings.model, &error);
    if (status == PV_OK) status = pv_model_info_json(&json, model, &error);
    int exit_code;
    if (status != PV_OK)
        exit_code = command_fail(run, &error);
    else if (settings.common.format == FORMAT_TABLE)
        exit_code = print_sections(run, json);
    else
        exit_code = command_print_report(run, settings.common.format, json);
    pv_model_free(model);
    return exit_code;
}

const cli_command info_command = {
    .name = "info",
    .run = info,
    .summary = "tell what a model holds and how it was made",
    .synopsis = "MODEL [options]",
    .description =
        "Sizes, options, as-of date, hash of the data, weights, the signals that speak and those that are silent\n"
        "with the reason, and the arrays of the file. The whole file is checked on the way.\n",
    .examples = "  purvey info shop.model\n"
                "      a readable summary\n"
                "  purvey info shop.model --format json\n"
                "      the same as one JSON object\n",
    .grammar = {.common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "MODEL",
                .argument_offset = offsetof(info_settings, model)}};
