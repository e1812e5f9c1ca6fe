/* request.c - see request.h. */
#include "request.h"

#include <stdlib.h>
#include <string.h>

/* One kind of question at a time: for one customer, or for many into a file. */
static pv_status check_together(const recommend_settings *settings, pv_error *error)
{
    bool is_one =
        settings->user != NULL || settings->history != NULL || settings->metadata.count > 0 || settings->cart.count > 0;
    bool is_bulk = settings->all || settings->users != NULL;
    if (settings->all && settings->users != NULL)
        return usage_error(error, "users", "--all and --users exclude each other");
    if (is_one && is_bulk)
        return usage_error(error, settings->all ? "all" : "users",
                           "--user, --history, --metadata and --cart do not go with --all or --users");
    if (!is_one && !is_bulk) return usage_error(error, "user", "one of --user, --history, --all and --users is needed");
    if (is_bulk && settings->output == NULL)
        return usage_error(error, "output", "--all and --users need -o FILE.csv or -o FILE.jsonl");
    if (is_one && settings->output != NULL)
        return usage_error(error, "output", "-o goes with --all or --users; one customer's list is printed");
    return PV_OK;
}

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

pv_status bulk_format_of(pv_bulk_format *format, const char *output, pv_error *error)
{
    if (ends_with(output, ".csv"))
        *format = PV_BULK_CSV;
    else if (ends_with(output, ".jsonl"))
        *format = PV_BULK_JSONL;
    else
        return usage_error(error, "output", "-o %s: expected a name that ends in .csv or .jsonl", output);
    return PV_OK;
}

/* Take apart the COLUMN=VALUE of `option`. */
static pv_status parse_pair(pv_text *column, pv_text *value, const char *option, const char *text, pv_error *error)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return usage_error(error, option, "--%s %s: expected COLUMN=VALUE", option, text);
    *column = (pv_text){text, (size_t)(equals - text)};
    *value = text_of(equals + 1);
    return PV_OK;
}

static pv_status parse_pairs(recommend_request *made, const recommend_settings *settings, pv_error *error)
{
    pv_status status = PV_OK;
    for (size_t k = 0; status == PV_OK && k < settings->filters.count; k++)
        status =
            parse_pair(&made->filters[k].column, &made->filters[k].value, "filter", settings->filters.items[k], error);
    for (size_t k = 0; status == PV_OK && k < settings->metadata.count; k++)
        status = parse_pair(&made->metadata[k].column, &made->metadata[k].value, "metadata",
                            settings->metadata.items[k], error);
    return status;
}

/* A file for a spreadsheet is smaller and made faster without reasons; everything else explains itself. */
static pv_explain explain_level(const recommend_settings *settings)
{
    if (settings->explain != CHOICE_NOT_GIVEN) return (pv_explain)settings->explain;
    bool is_csv_file = settings->output != NULL && ends_with(settings->output, ".csv");
    return is_csv_file ? PV_EXPLAIN_NONE : PV_EXPLAIN_TOP3;
}

pv_status recommend_request_init(recommend_request *made, const recommend_settings *settings, pv_error *error)
{
    *made = (recommend_request){0};
    pv_status status = check_together(settings, error);
    if (status != PV_OK) return status;
    pv_request *request = &made->request;
    pv_request_init(request);
    made->filters = calloc(settings->filters.count + 1, sizeof *made->filters);
    made->exclude = calloc(settings->exclude.count + 1, sizeof *made->exclude);
    made->cart = calloc(settings->cart.count + 1, sizeof *made->cart);
    made->metadata = calloc(settings->metadata.count + 1, sizeof *made->metadata);
    if (made->filters == NULL || made->exclude == NULL || made->cart == NULL || made->metadata == NULL) {
        *error = (pv_error){.status = PV_E_MEMORY, .position = -1};
        return PV_E_MEMORY;
    }
    status = parse_pairs(made, settings, error);
    if (status != PV_OK) return status;
    for (size_t k = 0; k < settings->exclude.count; k++) made->exclude[k] = text_of(settings->exclude.items[k]);
    for (size_t k = 0; k < settings->cart.count; k++) made->cart[k] = text_of(settings->cart.items[k]);
    request->user = text_of(settings->user);
    request->n = settings->n;
    if (settings->mode != CHOICE_NOT_GIVEN) request->mode = (pv_mode)(PV_MODE_MIXED + settings->mode);
    request->explain = explain_level(settings);
    request->metadata = made->metadata;
    request->n_metadata = (int64_t)settings->metadata.count;
    request->filters = made->filters;
    request->n_filters = (int64_t)settings->filters.count;
    request->exclude = made->exclude;
    request->n_exclude = (int64_t)settings->exclude.count;
    request->cart = made->cart;
    request->n_cart = (int64_t)settings->cart.count;
    request->as_of = settings->as_of;
    request->new_share = settings->new_share;
    return PV_OK;
}

void recommend_request_deinit(recommend_request *made)
{
    free(made->filters);
    free(made->metadata);
    free(made->exclude);
    free(made->cart);
    *made = (recommend_request){0};
}
