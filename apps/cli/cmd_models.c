/* cmd_models.c - `purvey models`: what was published, and what is in use. */
#include "command.h"

#include "published_view.h"

typedef struct models_settings {
    common_settings common;
    const char *address;
} models_settings;

static int models(command_run *run)
{
    models_settings settings = {.common = COMMON_DEFAULTS};
    pv_error error = {0};
    pv_registry *registry = NULL;
    pv_published_model *published = NULL;
    int64_t count = 0, current = -1;
    pv_status status = command_parse(run, &settings, &error);
    const pv_registry_options options = {.address = settings.address};
    if (status == PV_OK) status = pv_registry_open(&registry, &options, &error);
    if (status == PV_OK) status = pv_registry_list(&published, &count, &current, registry, &error);
    pv_registry_free(registry);
    const int exit_code = status == PV_OK ? print_published(run, settings.common.format, published, count, current)
                                          : command_fail(run, &error);
    pv_free(published);
    return exit_code;
}

const cli_command models_command = {.name = "models",
                                    .run = models,
                                    .summary = "list the models that were published on S3",
                                    .synopsis = "s3://BUCKET/PREFIX [options]",
                                    .description =
                                        "Newest first, as current.json tells them, and which one is in use.\n",
                                    .examples = "  purvey models s3://shop-models/purvey\n"
                                                "      a table\n"
                                                "  purvey models s3://shop-models/purvey --format csv\n"
                                                "      for a spreadsheet\n",
                                    .grammar = {.common = common_options,
                                                .n_common = COMMON_OPTION_COUNT,
                                                .argument = "s3://BUCKET/PREFIX",
                                                .argument_offset = offsetof(models_settings, address)}};
