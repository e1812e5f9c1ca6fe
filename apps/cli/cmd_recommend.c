/* cmd_recommend.c - `purvey recommend`: for one customer to standard output, for many to a file. */
#include "command.h"

#include "answer_view.h"
#include "bulk_summary.h"
#include "progress_bar.h"
#include "read_notes.h"
#include "request.h"
#include <math.h>

static const char *const mode_names[] = {"mixed", "new", "reorder", NULL};
static const char *const explain_names[] = {
    [PV_EXPLAIN_NONE] = "none", [PV_EXPLAIN_TOP3] = "top3", [PV_EXPLAIN_FULL] = "full", NULL};

static const cli_option options[] = {
    {.name = "user",
     .kind = OPTION_ID,
     .offset = offsetof(recommend_settings, user),
     .argument = "ID",
     .help = "customer to recommend to; an unknown one gets the popular list, which says so"},
    {.name = "history",
     .kind = OPTION_TEXT,
     .offset = offsetof(recommend_settings, history),
     .argument = "FILE",
     .help = "CSV of purchases (columns of user_purchases.csv without user_id) to recommend from; with --user they "
             "replace that customer's own"},
    {.name = "metadata",
     .kind = OPTION_ID_LIST,
     .offset = offsetof(recommend_settings, metadata),
     .argument = "COL=VALUE",
     .help = "what is known of a company that the model has never seen: a segment column of users.csv and its value"},
    {.name = "all",
     .kind = OPTION_FLAG,
     .offset = offsetof(recommend_settings, all),
     .help = "recommend to every customer of the model, into -o"},
    {.name = "users",
     .kind = OPTION_TEXT,
     .offset = offsetof(recommend_settings, users),
     .argument = "FILE",
     .help = "recommend to the customers of a CSV file with a column user_id, into -o"},
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .offset = offsetof(recommend_settings, output),
     .argument = "FILE",
     .help = "file of --all or --users, replaced only when complete: FILE.csv (a line a product) or FILE.jsonl (a JSON "
             "object a customer)"},
    {.name = "n",
     .letter = 'n',
     .kind = OPTION_INTEGER,
     .offset = offsetof(recommend_settings, n),
     .minimum = 1,
     .maximum = PV_N_MAX,
     .argument = "N",
     .default_in_help = "5",
     .help = "products a customer"},
    {.name = "mode",
     .kind = OPTION_CHOICE,
     .offset = offsetof(recommend_settings, mode),
     .choices = mode_names,
     .default_in_help = "mixed; new for shops without time and order",
     .help = "all products, those not bought before, or those bought before"},
    {.name = "explain",
     .kind = OPTION_CHOICE,
     .offset = offsetof(recommend_settings, explain),
     .choices = explain_names,
     .default_in_help = "top3; none for -o FILE.csv",
     .help = "reasons shown with each product"},
    {.name = "filter",
     .kind = OPTION_ID_LIST,
     .offset = offsetof(recommend_settings, filters),
     .argument = "COL=VALUE",
     .help = "only products with this value in this column of products.csv; a category stands for those below it too; "
             "the same column twice means either"},
    {.name = "new-share",
     .kind = OPTION_SHARE,
     .offset = offsetof(recommend_settings, new_share),
     .argument = "X",
     .default_in_help = "as the scores have it",
     .help = "wished share of new products in a mixed list, 0 to 1"},
    {.name = "exclude",
     .kind = OPTION_ID_LIST,
     .offset = offsetof(recommend_settings, exclude),
     .argument = "ID",
     .help = "product to leave out"},
    {.name = "cart",
     .kind = OPTION_ID_LIST,
     .offset = offsetof(recommend_settings, cart),
     .argument = "ID",
     .help = "product in the basket: an order that is being placed, and not shown again"},
    {.name = "as-of",
     .kind = OPTION_TEXT,
     .offset = offsetof(recommend_settings, as_of),
     .argument = "T",
     .default_in_help = "that of the model, or just after the last purchase given",
     .help = "answer as of this date, time or `now`"}};

static int print_answer(command_run *run, const recommend_settings *settings, const pv_answer *answer)
{
    pv_error error = {0};
    char *text = NULL;
    if (settings->common.format == FORMAT_TABLE)
        return print_recommendations(run->out, &run->terminal, answer) ? 0 : command_fail_memory(run);
    pv_status status = settings->common.format == FORMAT_JSON ? pv_answer_json(&text, answer, &error)
                                                              : pv_answer_csv(&text, answer, &error);
    return status == PV_OK ? command_print(run, text) : command_fail(run, &error);
}

static int recommend_one(command_run *run, const recommend_settings *settings, const pv_model *model,
                         pv_request *request)
{
    pv_error error = {0};
    pv_session *session = NULL;
    pv_history_file *history = NULL;
    pv_read_report report = {0};
    const pv_answer *answer = NULL;
    pv_status status = pv_session_create(&session, model, &error);
    if (status == PV_OK && settings->history != NULL) {
        status = pv_history_file_read(&history, settings->history, settings->common.max_bad_rows, &report, &error);
        if (status == PV_OK) print_read_notes(run, &report, NULL, settings->common.is_quiet);
    }
    request->history = history;
    if (status == PV_OK) status = pv_recommend(&answer, session, request, &error);
    int exit_code = status == PV_OK ? print_answer(run, settings, answer) : command_fail(run, &error);
    pv_session_free(session);
    pv_history_file_free(history);
    return exit_code;
}

static int recommend_many(command_run *run, const recommend_settings *settings, const pv_model *model,
                          const pv_request *request)
{
    pv_error error = {0};
    pv_bulk_format format;
    pv_bulk_report report = {0};
    progress_bar bar;
    if (bulk_format_of(&format, settings->output, &error) != PV_OK) return command_fail(run, &error);
    progress_bar_init(&bar, settings->common.is_quiet);
    pv_status status =
        pv_recommend_bulk(model, settings->users, settings->output, format, request, (unsigned)settings->common.threads,
                          progress_bar_update, &bar, &report, &error);
    progress_bar_end(&bar);
    if (status != PV_OK) return command_fail(run, &error);
    return print_bulk_summary(run, &settings->common, pv_model_id(model), &report, "recommendations", settings->output);
}

static int recommend(command_run *run)
{
    recommend_settings settings = {.common = COMMON_DEFAULTS,
                                   .n = 5,
                                   .mode = CHOICE_NOT_GIVEN,
                                   .explain = CHOICE_NOT_GIVEN,
                                   .new_share = (double)NAN};
    recommend_request made = {0};
    pv_model *model = NULL;
    pv_error error = {0};
    pv_status status = command_parse(run, &settings, &error);
    if (status == PV_OK) status = recommend_request_init(&made, &settings, &error);
    if (status == PV_OK) status = pv_model_open(&model, settings.model, &error);
    bool is_bulk = settings.all || settings.users != NULL;
    int exit_code;
    if (status != PV_OK)
        exit_code = command_fail(run, &error);
    else if (is_bulk)
        exit_code = recommend_many(run, &settings, model, &made.request);
    else
        exit_code = recommend_one(run, &settings, model, &made.request);
    pv_model_free(model);
    recommend_request_deinit(&made);
    text_list_deinit(&settings.filters);
    text_list_deinit(&settings.metadata);
    text_list_deinit(&settings.exclude);
    text_list_deinit(&settings.cart);
    return exit_code;
}

const cli_command recommend_command = {
    .name = "recommend",
    .run = recommend,
    .summary = "list products for a customer, with the reasons",
    .synopsis = "MODEL --user ID | --history FILE | --all -o FILE | --users FILE -o FILE [options]",
    .description =
        "Each product's score is the sum of the reasons below it: how much each adds, then what is known that speaks\n"
        "for it. What is marked `note` is true but adds nothing.\n",
    .examples = "  purvey recommend shop.model --user 123 -n 5\n"
                "      five products for customer 123, each with its three strongest reasons\n"
                "  purvey recommend shop.model --user 123 --mode reorder --explain none --format csv\n"
                "      what customer 123 bought before and may need again, as lines for a spreadsheet\n"
                "  purvey recommend shop.model --user 123 --filter category=Bolts --exclude B-17\n"
                "      only products of the category Bolts and what lies below it, without B-17\n"
                "  purvey recommend shop.model --history basket.csv\n"
                "      for a customer the model has never seen, from the purchases in basket.csv\n"
                "  purvey recommend shop.model --all -n 10 -o everybody.jsonl\n"
                "      ten products for every customer, a JSON object a line\n",
    .grammar = {.own = options,
                .n_own = sizeof options / sizeof options[0],
                .common = common_options,
                .n_common = COMMON_OPTION_COUNT,
                .argument = "MODEL",
                .argument_offset = offsetof(recommend_settings, model)}};
