/* question_calls.c - what is asked about a customer: recommend, rank, explain, and the views of products and customers.
 */
#include "base/failure.h"
#include "base/json_fields.h"
#include "service/answer_format.h"
#include "service/request_read.h"
#include "service/session.h"
#include <purvey/views.h>
#include <stdlib.h>
#include <string.h>

enum {
    WHO = PV_FIELD_USER | PV_FIELD_HISTORY | PV_FIELD_CART | PV_FIELD_METADATA | PV_FIELD_AS_OF | PV_FIELD_STRICT,
    LIST = PV_FIELD_N | PV_FIELD_MODE | PV_FIELD_FILTER | PV_FIELD_EXCLUDE
};

/* Move the text that a function of the library made to the answer. */
static pv_status append_and_free(pv_buffer *out, char *text)
{
    pv_buffer_append_string(out, text);
    pv_free(text);
    return PV_OK;
}

static void tell_answer(pv_service_response *response, const pv_answer *answer)
{
    response->is_fallback = answer->fallback.data != NULL;
    response->is_unknown_user = answer->is_unknown_user;
}

static pv_status recommend(pv_buffer *out, pv_call *call, const pv_read_request *read, pv_error *error)
{
    pv_status status;
    const pv_answer *answer = NULL;
    PV_TRY(pv_recommend(&answer, call->session, &read->request, error));
    pv_answer_json_append(out, answer);
    call->response->items = answer->n_items;
    tell_answer(call->response, answer);
cleanup:
    return status;
}

pv_status pv_call_recommend(pv_buffer *out, pv_call *call, pv_error *error)
{
    pv_status status;
    pv_read_request read;
    pv_json_document *document = NULL;
    PV_TRY(pv_request_read_body(&read, &document, call,
                                WHO | LIST | PV_FIELD_OFFSET | PV_FIELD_NEW_SHARE | PV_FIELD_EXPLAIN, error));
    PV_TRY(recommend(out, call, &read, error));
cleanup:
    pv_json_document_free(document);
    return status;
}

/* The user whom the path names. */
static pv_status take_path_user(pv_read_request *read, const pv_call *call, pv_error *error)
{
    read->request.user = call->segments[2];
    if (read->request.user.size <= PV_ID_BYTES_MAX) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, "/user", "user: expected an id of 1 to %d bytes", PV_ID_BYTES_MAX);
}

pv_status pv_call_user_recommendations(pv_buffer *out, pv_call *call, pv_error *error)
{
    pv_status status;
    pv_read_request read;
    PV_TRY(pv_request_read_query(&read, call,
                                 LIST | PV_FIELD_CART | PV_FIELD_OFFSET | PV_FIELD_NEW_SHARE | PV_FIELD_EXPLAIN |
                                     PV_FIELD_AS_OF | PV_FIELD_STRICT,
                                 error));
    PV_TRY(take_path_user(&read, call, error));
    PV_TRY(recommend(out, call, &read, error));
cleanup:
    return status;
}

/* --- rank --------------------------------------------------------------------------------------------------------- */

typedef struct ranked_item {
    pv_text item;
    double score;
    bool is_unknown;
} ranked_item;

/* Best first, unknown ones last, ties bytewise by id. */
static int compare_ranked(const void *left, const void *right)
{
    const ranked_item *a = left, *b = right;
    if (a->is_unknown != b->is_unknown) return a->is_unknown ? 1 : -1;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return pv_text_compare(a->item, b->item);
}

static void write_ranked(pv_buffer *out, const pv_call *call, const pv_request *request, const ranked_item *items,
                         int64_t n)
{
    pv_json json = {.out = out};
    pv_json_begin_object(&json);
    pv_json_text_field(&json, "user", request->user);
    pv_json_string_field(&json, "model", call->response->model);
    pv_json_integer_field(&json, "returned", n);
    pv_json_key(&json, "items");
    pv_json_begin_array(&json);
    for (int64_t k = 0; k < n; k++) {
        pv_json_begin_object(&json);
        pv_json_text_field(&json, "item", items[k].item);
        pv_json_integer_field(&json, "rank", k + 1);
        pv_json_number_field(&json, "score", items[k].score);
        pv_json_boolean_field(&json, "unknown", items[k].is_unknown);
        pv_json_end_object(&json);
    }
    pv_json_end_array(&json);
    pv_json_end_object(&json);
}

pv_status pv_call_rank(pv_buffer *out, pv_call *call, pv_error *error)
{
    pv_status status;
    pv_read_request read;
    pv_json_document *document = NULL;
    PV_TRY(pv_request_read_body(&read, &document, call, WHO | PV_FIELD_ITEMS, error));
    if (!read.items) PV_TRY(pv_fail_field(error, PV_E_USAGE, "/items", "items missing: expected an array of ids"));
    pv_asked *asked = NULL;
    if (read.n_items == 0) PV_TRY(pv_session_ask(&asked, call->session, &read.request, error)); /* for its checks */
    ranked_item *ranked = pv_arena_allocate(call->arena, (size_t)read.n_items, sizeof *ranked);
    if (!ranked) PV_TRY(pv_fail_memory(error, "a ranking", (uint64_t)read.n_items * sizeof *ranked));
    for (int64_t k = 0; k < read.n_items; k++) {
        ranked[k].item = read.items[k];
        PV_TRY(
            pv_rank_pair(&ranked[k].score, &ranked[k].is_unknown, call->session, &read.request, read.items[k], error));
    }
    qsort(ranked, (size_t)read.n_items, sizeof *ranked, compare_ranked);
    write_ranked(out, call, &read.request, ranked, read.n_items);
    call->response->items = read.n_items;
cleanup:
    pv_json_document_free(document);
    return status;
}

pv_status pv_call_explain(pv_buffer *out, pv_call *call, pv_error *error)
{
    pv_status status;
    pv_read_request read;
    pv_json_document *document = NULL;
    const pv_answer *answer = NULL;
    char *text = NULL;
    PV_TRY(pv_request_read_body(&read, &document, call, WHO | LIST | PV_FIELD_ITEM, error));
    if (!read.item.data) PV_TRY(pv_fail_field(error, PV_E_USAGE, "/item", "item missing: expected an id"));
    PV_TRY(pv_explain_item(&answer, call->session, &read.request, read.item, error));
    PV_TRY(pv_explanation_json(&text, answer, error));
    call->response->items = 1;
    tell_answer(call->response, answer);
    status = append_and_free(out, text);
cleanup:
    pv_json_document_free(document);
    return status;
}

/* --- views -------------------------------------------------------------------------------------------------------- */

/* A view of what stands in the path: its JSON, and how many items it lists. */
typedef pv_status view_function(char **json, int64_t *n, const pv_call *call, pv_read_request *read, pv_error *error);

static pv_status answer_view(pv_buffer *out, pv_call *call, unsigned fields, view_function *view, pv_error *error)
{
    pv_status status;
    pv_read_request read;
    char *json = NULL;
    PV_TRY(pv_request_read_query(&read, call, fields, error));
    PV_TRY(view(&json, &call->response->items, call, &read, error));
    status = append_and_free(out, json);
cleanup:
    return status;
}

static pv_status view_similar(char **json, int64_t *n, const pv_call *call, pv_read_request *read, pv_error *error)
{
    const pv_similar *similar = NULL;
    const pv_status status = pv_similar_items(&similar, call->session, call->segments[2], read->request.n, error);
    if (status != PV_OK) return status;
    *n = similar->n_items;
    return pv_similar_json(json, similar, error);
}

static pv_status view_bought_together(char **json, int64_t *n, const pv_call *call, pv_read_request *read,
                                      pv_error *error)
{
    const pv_related *related = NULL;
    const pv_status status =
        pv_bought_together_items(&related, call->session, &read->request, call->segments[2], error);
    if (status != PV_OK) return status;
    *n = related->n_items;
    return pv_bought_together_json(json, related, error);
}

static pv_status view_substitutes(char **json, int64_t *n, const pv_call *call, pv_read_request *read, pv_error *error)
{
    const pv_related *related = NULL;
    const pv_status status = pv_substitute_items(&related, call->session, &read->request, call->segments[2], error);
    if (status != PV_OK) return status;
    *n = related->n_items;
    return pv_substitutes_json(json, related, error);
}

static pv_status view_audience(char **json, int64_t *n, const pv_call *call, pv_read_request *read, pv_error *error)
{
    const pv_audience *audience = NULL;
    const pv_status status = pv_audience_of(&audience, call->session, &read->request, call->segments[2], error);
    if (status != PV_OK) return status;
    *n = audience->n_users;
    return pv_audience_json(json, audience, error);
}

static pv_status view_peers(char **json, int64_t *n, const pv_call *call, pv_read_request *read, pv_error *error)
{
    const pv_peers *peers = NULL;
    pv_status status = take_path_user(read, call, error);
    if (status == PV_OK) status = pv_peer_companies(&peers, call->session, &read->request, error);
    if (status != PV_OK) return status;
    *n = peers->n_items;
    return pv_peers_json(json, peers, error);
}

pv_status pv_call_similar(pv_buffer *out, pv_call *call, pv_error *error)
{
    return answer_view(out, call, PV_FIELD_N, view_similar, error);
}

enum { RELATED = PV_FIELD_USER | PV_FIELD_N | PV_FIELD_FILTER | PV_FIELD_EXCLUDE | PV_FIELD_AS_OF };

pv_status pv_call_bought_together(pv_buffer *out, pv_call *call, pv_error *error)
{
    return answer_view(out, call, RELATED, view_bought_together, error);
}

pv_status pv_call_substitutes(pv_buffer *out, pv_call *call, pv_error *error)
{
    return answer_view(out, call, RELATED, view_substitutes, error);
}

pv_status pv_call_audience(pv_buffer *out, pv_call *call, pv_error *error)
{
    return answer_view(out, call, LIST | PV_FIELD_EXPLAIN | PV_FIELD_AS_OF, view_audience, error);
}

pv_status pv_call_peers(pv_buffer *out, pv_call *call, pv_error *error)
{
    return answer_view(out, call, PV_FIELD_N | PV_FIELD_AS_OF, view_peers, error);
}
