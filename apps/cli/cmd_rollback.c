/* cmd_rollback.c - `purvey rollback`: another published model in use. */
#include "command.h"

#include "published_view.h"

typedef struct rollback_settings {
    common_settings common;
    const char *address, *model;
} rollback_settings;

static int rollback(command_run *run)
{
    rollback_settings settings = {.common = COMMON_DEFAULTS};
    pv_error error = {0};
    pv_registry *registry = NULL;
    pv_published_model in_use, before;
    pv_status status = command_parse(run, &settings, &error);
    const pv_registry_options options = {.address = settings.address};
    if (status == PV_OK) status = pv_registry_open(&registry, &options, &error);
    if (status == PV_OK) status = pv_registry_rollback(&in_use, &before, registry, settings.model, &error);
    pv_registry_free(registry);
    return status == PV_OK ? print_in_use(run, &settings.common, &in_use, &before) : command_fail(run, &error);
}

const cli_command rollback_command = {
    .name = "rollback",
    .run = rollback,
    .summary = "put an earlier published model in use again",
    .synopsis = "s3://BUCKET/PREFIX [MODEL-ID] [options]",
    .description =
        "Without MODEL-ID: the model that was published before the one in use. Only current.json moves; the models\n"
        "stay, so going forward again is the same command with the newer one's id.\n",
    .examples = "  purvey rollback s3://shop-models/purvey\n"
                "      to the one before\n"
                "  purvey rollback s3://shop-models/purvey 9f3c2a71\n"
                "      to a certain one; `purvey models` lists them\n",
    .grammar = {.common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "s3://BUCKET/PREFIX",
                .argument_offset = offsetof(rollback_settings, address),
                .second = "MODEL-ID",
                .second_offset = offsetof(rollback_settings, model),
                .may_lack_second = true}};
