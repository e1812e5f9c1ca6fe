/* cmd_explain.c - `purvey explain`: everything about one product for one customer. */
#include "command.h"

#include "answer_view.h"

typedef struct explain_settings {
    common_settings common;
    const char *model, *user, *product, *as_of;
    int64_t n;
} explain_settings;

static const cli_option options[] = {{.name = "user",
                                      .kind = OPTION_ID,
                                      .offset = offsetof(explain_settings, user),
                                      .argument = "ID",
                                      .help = "the customer"},
                                     {.name = "product",
                                      .kind = OPTION_ID,
                                      .offset = offsetof(explain_settings, product),
                                      .argument = "ID",
                                      .help = "the product"},
                                     {.name = "n",
                                      .letter = 'n',
                                      .kind = OPTION_INTEGER,
                                      .offset = offsetof(explain_settings, n),
                                      .minimum = 1,
                                      .maximum = PV_N_MAX,
                                      .argument = "N",
                                      .default_in_help = "5",
                                      .help = "length of the list that the product is or is not among"},
                                     {.name = "as-of",
                                      .kind = OPTION_TEXT,
                                      .offset = offsetof(explain_settings, as_of),
                                      .argument = "T",
                                      .default_in_help = "that of the model",
                                      .help = "answer as of this date, time or `now`"}};

static int print_answer(command_run *run, int format, const pv_answer *answer, const pv_model *model)
{
    pv_error error = {0};
    char *text = NULL;
    if (format == FORMAT_TABLE)
        return print_explanation(run->out, &run->terminal, answer, model) ? 0 : command_fail_memory(run);
    pv_status status =
        format == FORMAT_JSON ? pv_explanation_json(&text, answer, &error) : pv_explanation_csv(&text, answer, &error);
    return status == PV_OK ? command_print(run, text) : command_fail(run, &error);
}

static int explain(command_run *run)
{
    explain_settings settings = {.common = COMMON_DEFAULTS, .n = 5};
    pv_error error = {0};
    pv_model *model = NULL;
    pv_session *session = NULL;
    const pv_answer *answer = NULL;
    pv_request request;
    pv_request_init(&request);
    request.explain = PV_EXPLAIN_FULL;
    pv_status status = command_parse(run, &settings, &error);
    if (status == PV_OK && settings.user == NULL) status = usage_error(&error, "user", "--user is missing");
    if (status == PV_OK && settings.product == NULL) status = usage_error(&error, "product", "--product is missing");
    request.user = text_of(settings.user);
    request.as_of = settings.as_of;
    request.n = settings.n;
    if (status == PV_OK) status = pv_model_open(&model, settings.model, &error);
    if (status == PV_OK) status = pv_session_create(&session, model, &error);
    if (status == PV_OK) status = pv_explain_item(&answer, session, &request, text_of(settings.product), &error);
    int exit_code =
        status == PV_OK ? print_answer(run, settings.common.format, answer, model) : command_fail(run, &error);
    pv_session_free(session);
    pv_model_free(model);
    return exit_code;
}

const cli_command explain_command = {
    .name = "explain",
    .run = explain,
    .summary = "show every part of one product's score for one customer",
    .synopsis = "MODEL --user ID --product ID [options]",
    .description =
        "Shows every signal with what it adds, its share and its evidence, or what keeps the product from being "
        "offered;\n"
        "then, for each product the customer has bought, what the score would be had it never been bought.\n",
    .examples = "  purvey explain shop.model --user 123 --product B-17\n"
                "      why B-17 stands where it stands for customer 123\n"
                "  purvey explain shop.model --user 123 --product B-17 --format json\n"
                "      the same as one JSON object with every number in full\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "MODEL",
                .argument_offset = offsetof(explain_settings, model)}};
