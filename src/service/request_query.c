/* request_query.c - a question as query parameters. */
#include "base/failure.h"
#include "service/request_fields.h"
#include "shop/cell_values.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Lists that grow parameter by parameter. */
typedef struct query_reader {
    pv_read_request *read;
    pv_text *exclude, *cart; /* [n_parameters] */
    pv_filter *filters;
    pv_arena *arena;
} query_reader;

/* An error about a parameter, with its pointer. */
static pv_status fail(pv_error *error, const char *name, const char *expected)
{
    char field[32];
    (void)snprintf(field, sizeof field, "/%s", name);
    return pv_fail_field(error, PV_E_USAGE, field, "%s: expected %s", name, expected);
}

static pv_status read_integer(int64_t *value, const char *name, pv_text text, int64_t least, int64_t most,
                              pv_error *error)
{
    double number;
    char expected[64];
    if (pv_number_parse(&number, text, '.') && number == floor(number) && number >= (double)least &&
        number <= (double)most) {
        *value = (int64_t)number;
        return PV_OK;
    }
    (void)snprintf(expected, sizeof expected, "%lld to %lld", (long long)least, (long long)most);
    return fail(error, name, expected);
}

static pv_status read_choice(int *choice, const char *name, pv_text text, const char *const choices[3], pv_error *error)
{
    char expected[64];
    for (*choice = 0; *choice < 3; ++*choice)
        if (pv_text_equal(text, pv_text_of(choices[*choice]))) return PV_OK;
    (void)snprintf(expected, sizeof expected, "%s, %s or %s", choices[0], choices[1], choices[2]);
    return fail(error, name, expected);
}

static pv_status read_share(double *share, pv_text text, pv_error *error)
{
    if (pv_number_parse(share, text, '.') && *share >= 0 && *share <= 1) return PV_OK;
    return fail(error, "new_share", "a number, 0 to 1");
}

static pv_status read_flag(bool *flag, const char *name, pv_text text, pv_error *error)
{
    *flag = pv_text_equal(text, pv_text_of("true"));
    return *flag || pv_text_equal(text, pv_text_of("false")) ? PV_OK : fail(error, name, "true or false");
}

static pv_status read_id(pv_text *id, const char *name, pv_text text, pv_error *error)
{
    *id = text;
    return text.size >= 1 && text.size <= PV_ID_BYTES_MAX ? PV_OK : fail(error, name, "an id of 1 to 1000 bytes");
}

static pv_status read_filter(pv_filter *filter, pv_text text, pv_error *error)
{
    const char *mark = text.size ? memchr(text.data, '=', text.size) : NULL;
    if (!mark || mark == text.data) return fail(error, "filter", "COLUMN=VALUE");
    filter->column = (pv_text){text.data, (size_t)(mark - text.data)};
    filter->value = (pv_text){mark + 1, text.size - filter->column.size - 1};
    return PV_OK;
}

static pv_status read_as_of(pv_request *request, pv_text text, pv_arena *arena, pv_error *error)
{
    request->as_of = pv_text_copy(text, arena);
    return request->as_of ? PV_OK : pv_fail_memory(error, "a request", text.size);
}

static pv_status read_parameter(query_reader *reader, pv_field field, const char *name, pv_text value, pv_error *error)
{
    pv_read_request *read = reader->read;
    pv_request *request = &read->request;
    pv_status status = PV_OK;
    int choice = 0;
    switch (field) {
    case PV_FIELD_USER:
        return read_id(&request->user, name, value, error);
    case PV_FIELD_N:
        return read_integer(&request->n, name, value, 1, PV_SERVICE_N_MAX, error);
    case PV_FIELD_OFFSET:
        return read_integer(&request->offset, name, value, 0, PV_N_MAX, error);
    case PV_FIELD_LIMIT:
        return read_integer(&read->limit, name, value, 1, PV_LIMIT_MAX, error);
    case PV_FIELD_MODE:
        status = read_choice(&choice, name, value, pv_mode_choices, error);
        request->mode = pv_mode_of_choice(choice);
        return status;
    case PV_FIELD_EXPLAIN:
        status = read_choice(&choice, name, value, pv_explain_choices, error);
        request->explain = (pv_explain)choice;
        return status;
    case PV_FIELD_NEW_SHARE:
        return read_share(&request->new_share, value, error);
    case PV_FIELD_STRICT:
        return read_flag(&request->is_strict, name, value, error);
    case PV_FIELD_AS_OF:
        return read_as_of(request, value, reader->arena, error);
    case PV_FIELD_EXCLUDE:
        return read_id(&reader->exclude[request->n_exclude++], name, value, error);
    case PV_FIELD_CART:
        return read_id(&reader->cart[request->n_cart++], name, value, error);
    case PV_FIELD_FILTER:
        return read_filter(&reader->filters[request->n_filters++], value, error);
    case PV_FIELD_CURSOR:
        read->cursor = value;
        return PV_OK;
    case PV_FIELD_HISTORY:
    case PV_FIELD_METADATA:
    case PV_FIELD_ITEM:
    case PV_FIELD_ITEMS: /* of bodies */
        break;
    }
    return pv_fail(error, PV_E_INTERNAL, "a query has no such field");
}

static bool may_repeat(pv_field field)
{
    return field == PV_FIELD_EXCLUDE || field == PV_FIELD_CART || field == PV_FIELD_FILTER;
}

/* Number of the field that a parameter names among those taken, -1 when it is none. */
static int find_field(pv_text name, unsigned fields)
{
    for (int k = 0; k < PV_FIELD_COUNT; k++)
        if ((fields & (1u << k)) && pv_text_equal(name, pv_text_of(pv_field_names[k]))) return k;
    return -1;
}

static pv_status fail_unknown(pv_text name, unsigned fields, pv_error *error)
{
    char known[256] = "";
    size_t size = 0;
    for (int k = 0; k < PV_FIELD_COUNT && size < sizeof known; k++)
        if (fields & (1u << k))
            size += (size_t)snprintf(known + size, sizeof known - size, "%s%s", size ? ", " : "", pv_field_names[k]);
    return pv_fail_field(error, PV_E_USAGE, "", "unknown parameter \"%.*s\" (known here: %s)",
                         (int)(name.size < 40 ? name.size : 40), name.data, known[0] ? known : "none");
}

pv_status pv_request_read_query(pv_read_request *read, const pv_call *call, unsigned fields, pv_error *error)
{
    pv_status status = PV_OK;
    const size_t n = (size_t)call->n_parameters;
    query_reader reader = {.read = read,
                           .exclude = pv_arena_allocate(call->arena, n, sizeof *reader.exclude),
                           .cart = pv_arena_allocate(call->arena, n, sizeof *reader.cart),
                           .filters = pv_arena_allocate(call->arena, n, sizeof *reader.filters),
                           .arena = call->arena};
    unsigned seen = 0;
    if (!reader.exclude || !reader.cart || !reader.filters) return pv_fail_memory(error, "a request", 0);
    pv_read_request_init(read, call);
    if (!(fields & PV_FIELD_OFFSET)) read->request.n = PV_VIEW_N_DEFAULT;
    read->request.exclude = reader.exclude;
    read->request.cart = reader.cart;
    read->request.filters = reader.filters;
    for (size_t p = 0; p < n; p++) {
        const pv_uri_parameter *parameter = &call->parameters[p];
        const int k = find_field(parameter->name, fields);
        if (k < 0) return fail_unknown(parameter->name, fields, error);
        if ((seen & (1u << k)) && !may_repeat((pv_field)(1u << k)))
            return fail(error, pv_field_names[k], "one value, it stands twice");
        seen |= 1u << k;
        PV_TRY(read_parameter(&reader, (pv_field)(1u << k), pv_field_names[k], parameter->value, error));
    }
cleanup:
    return status;
}
