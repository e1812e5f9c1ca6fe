/* cmd_similar.c - `purvey similar`: products bought like a given one. */
#include "command.h"

#include "answer_view.h"

typedef struct similar_settings {
    common_settings common;
    const char *model, *product;
    int64_t n;
} similar_settings;

static const cli_option options[] = {{.name = "product",
                                      .kind = OPTION_ID,
                                      .offset = offsetof(similar_settings, product),
                                      .argument = "ID",
                                      .help = "the product"},
                                     {.name = "n",
                                      .letter = 'n',
                                      .kind = OPTION_INTEGER,
                                      .offset = offsetof(similar_settings, n),
                                      .minimum = 1,
                                      .maximum = PV_N_MAX,
                                      .argument = "N",
                                      .default_in_help = "10",
                                      .help = "products to list"}};

static int print_answer(command_run *run, int format, const pv_similar *similar)
{
    pv_error error = {0};
    char *text = NULL;
    if (format == FORMAT_TABLE) return print_similar(run->out, &run->terminal, similar) ? 0 : command_fail_memory(run);
    pv_status status =
        format == FORMAT_JSON ? pv_similar_json(&text, similar, &error) : pv_similar_csv(&text, similar, &error);
    return status == PV_OK ? command_print(run, text) : command_fail(run, &error);
}

static int similar(command_run *run)
{
    similar_settings settings = {.common = COMMON_DEFAULTS, .n = 10};
    pv_error error = {0};
    pv_model *model = NULL;
    pv_session *session = NULL;
    const pv_similar *found = NULL;
    pv_status status = command_parse(run, &settings, &error);
    if (status == PV_OK && settings.product == NULL) status = usage_error(&error, "product", "--product is missing");
    if (status == PV_OK) status = pv_model_open(&model, settings.model, &error);
    if (status == PV_OK) status = pv_session_create(&session, model, &error);
    if (status == PV_OK) status = pv_similar_items(&found, session, text_of(settings.product), settings.n, &error);
    int exit_code = status == PV_OK ? print_answer(run, settings.common.format, found) : command_fail(run, &error);
    pv_session_free(session);
    pv_model_free(model);
    return exit_code;
}

const cli_command similar_command = {
    .name = "similar",
    .run = similar,
    .summary = "list products bought like a given one",
    .synopsis = "MODEL --product ID [options]",
    .description =
        "Beside the similarity stands how many of the customers who bought the product also bought the other\n"
        "one, and whether it looks like a substitute: similar, of the same category, not among the pairs bought "
        "together.\n",
    .examples = "  purvey similar shop.model --product B-17 -n 3\n"
                "      the three products whose buyers are most like those of B-17\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "MODEL",
                .argument_offset = offsetof(similar_settings, model)}};
