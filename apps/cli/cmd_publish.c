/* cmd_publish.c - `purvey publish`: a model file to S3, where it is put in use. */
#include "command.h"

#include "published_view.h"
#include <string.h>

typedef struct publish_settings {
    common_settings common;
    const char *model, *address, *expected;
} publish_settings;

static const cli_option options[] = {
    {.name = "expect",
     .kind = OPTION_TEXT,
     .offset = offsetof(publish_settings, expected),
     .argument = "MODEL-ID|none",
     .help = "move nothing unless this model is in use, or none: for a job that compared its model with that one"}};

static int publish(command_run *run)
{
    publish_settings settings = {.common = COMMON_DEFAULTS};
    pv_error error = {0};
    pv_registry *registry = NULL;
    pv_published_model published, before;
    pv_status status = command_parse(run, &settings, &error);
    const pv_registry_options registry_options = {.address = settings.address};
    const bool expects_none = settings.expected != NULL && strcmp(settings.expected, "none") == 0;
    if (status == PV_OK) status = pv_registry_open(&registry, &registry_options, &error);
    if (status == PV_OK)
        status = pv_registry_publish(&published, &before, registry, settings.model,
                                     expects_none ? "" : settings.expected, &error);
    pv_registry_free(registry);
    return status == PV_OK ? print_in_use(run, &settings.common, &published, &before) : command_fail(run, &error);
}

const cli_command publish_command = {
    .name = "publish",
    .run = publish,
    .summary = "put a model on S3 and in use",
    .synopsis = "MODEL s3://BUCKET/PREFIX [options]",
    .description =
        "The model is checked whole, stored under its SHA-256 (models/SHA256.model) and looked at there; then\n"
        "current.json is moved to it by compare-and-swap, so it never names a model that is not whole, and of two\n"
        "publishers at the same time none loses its model. Credentials and region are found as AWS's own programs "
        "find\n"
        "them; AWS_ENDPOINT_URL_S3 names another server.\n",
    .examples = "  purvey publish shop.model s3://shop-models/purvey\n"
                "      from now on `purvey serve s3://shop-models/purvey` and AWS Lambda answer with it\n"
                "  purvey publish new.model s3://shop-models/purvey --expect 9f3c2a71\n"
                "      only when 9f3c2a71 is still in use\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "MODEL",
                .argument_offset = offsetof(publish_settings, model),
                .second = "s3://BUCKET/PREFIX",
                .second_offset = offsetof(publish_settings, address)}};
