/* peers_view.c - the companies whose purchases are most like those of one customer, by the measure of the signal peers.
 */
#include <purvey/views.h>

#include "base/failure.h"
#include "service/asked_product.h"
#include "service/session.h"
#include "signals/peers.h"
#include "topk/topk.h"
#include <float.h>
#include <math.h>

/* Tables of the signal (signals/peers.h), checked when the model was opened. */
typedef struct peer_tables {
    const int64_t *profile_offsets; /* [n parents + 1] */
    const int32_t *profile_products;
    const double *norms;          /* [n parents] */
    const int64_t *buyer_offsets; /* [n warm products + 1] */
    const int32_t *buyers;        /* parents */
    const float *buyer_weights;
} peer_tables;

static pv_status find_tables(peer_tables *tables, const pv_model *model, pv_error *error)
{
    pv_status status;
    const pv_tensors *tensors = pv_safetensors_tensors(model->file);
    const pv_shop *shop = &model->ranker->shop;
    const int64_t n_parents = shop->users.n_parents, n_products = shop->products.ids.n_warm;
    PV_TRY(pv_tensors_get(&tables->profile_offsets, tensors, "peers.offset", PV_I64, n_parents + 1, 0, error));
    PV_TRY(pv_tensors_get(&tables->profile_products, tensors, "peers.product", PV_I32, -1, 0, error));
    PV_TRY(pv_tensors_get(&tables->norms, tensors, "peers.norm", PV_F64, n_parents, 0, error));
    PV_TRY(pv_tensors_get(&tables->buyer_offsets, tensors, "peers.buyer_offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_get(&tables->buyers, tensors, "peers.buyer", PV_I32, -1, 0, error));
    PV_TRY(pv_tensors_get(&tables->buyer_weights, tensors, "peers.buyer_weight", PV_F32, -1, 0, error));
cleanup:
    return status;
}

/* How much a product of the history weighs in the customer's profile. */
static double profile_weight(const pv_history *history, int64_t k)
{
    const double weight = pv_history_decay(history, pv_history_last_time(history, k), PV_PEERS_HALF_LIFE_DAYS);
    return weight > (double)FLT_MIN ? weight : (double)FLT_MIN;
}

/* s_uv of every company, [n parents] zeroed before: the bits of the signal. */
static void measure_similarities(double *similarities, const peer_tables *tables, const pv_question *question)
{
    const pv_history *history = question->history;
    const pv_shop *shop = question->shop;
    double squares = 0;
    for (int64_t k = 0; k < history->n_products; k++) {
        const int32_t product = history->products[k];
        const double weight = profile_weight(history, k);
        squares += weight * weight;
        if (product >= shop->products.ids.n_warm) continue;
        for (int64_t e = tables->buyer_offsets[product]; e < tables->buyer_offsets[product + 1]; e++)
            similarities[tables->buyers[e]] += weight * (double)tables->buyer_weights[e];
    }
    const double inverse = squares > 0 ? 1 / sqrt(squares) : 0;
    for (int64_t v = 0; v < shop->users.n_parents; v++)
        similarities[v] *= inverse * (tables->norms[v] > 0 ? 1 / tables->norms[v] : 0);
    if (question->company->parent >= 0) similarities[question->company->parent] = 0;
}

static bool comes_first(const void *context, int32_t a, int32_t b)
{
    (void)context;
    return a < b;
}

/* Columns in which a user of the company has the customer's value. False on no memory. */
static bool compare_segments(pv_peer *peer, const pv_question *question, int32_t parent)
{
    const pv_users *users = &question->shop->users;
    const pv_text_columns *segments = &users->segments;
    pv_shared_segment *shared = pv_arena_allocate(question->arena, (size_t)segments->n_columns, sizeof *shared);
    if (!shared) return false;
    peer->segments = shared;
    for (int64_t column = 0; column < segments->n_columns; column++) {
        const int32_t value = pv_question_segment(question, column);
        bool is_equal = false;
        for (int64_t m = users->parent_offsets[parent]; value >= 0 && m < users->parent_offsets[parent + 1]; m++)
            is_equal |= segments->codes[column * segments->n_rows + users->parent_members[m]] == value;
        if (is_equal)
            shared[peer->n_segments++] =
                (pv_shared_segment){pv_texts_at(&segments->names, column), pv_texts_at(&segments->values, value)};
    }
    return true;
}

static int64_t count_common(const peer_tables *tables, const uint8_t *is_own, int32_t parent)
{
    int64_t common = 0;
    for (int64_t e = tables->profile_offsets[parent]; e < tables->profile_offsets[parent + 1]; e++)
        common += is_own[tables->profile_products[e]];
    return common;
}

/* One byte a warm product, 1 for those of the history. NULL on no memory. */
static const uint8_t *mark_own(const pv_question *question)
{
    const pv_history *history = question->history;
    const int64_t n_warm = question->shop->products.ids.n_warm;
    uint8_t *is_own = pv_arena_allocate(question->arena, (size_t)n_warm, 1);
    for (int64_t k = 0; is_own && k < history->n_products; k++)
        if (history->products[k] < n_warm) is_own[history->products[k]] = 1;
    return is_own;
}

static pv_status describe_peers(pv_peers *peers, const int32_t *parents, int64_t n, const double *similarities,
                                const peer_tables *tables, const pv_question *question, pv_error *error)
{
    const int64_t *offsets = question->shop->users.parent_offsets;
    pv_peer *items = pv_arena_allocate(question->arena, (size_t)n, sizeof *items);
    const uint8_t *is_own = mark_own(question);
    if (!items || !is_own) return pv_fail_memory(error, "an answer", (uint64_t)n * sizeof *items);
    for (int64_t k = 0; k < n; k++) {
        const int32_t parent = parents[k];
        items[k] = (pv_peer){.company = pv_texts_at(&question->shop->users.parent_ids, parent),
                             .n_users = offsets[parent + 1] - offsets[parent],
                             .similarity = similarities[parent],
                             .products = tables->profile_offsets[parent + 1] - tables->profile_offsets[parent],
                             .common = count_common(tables, is_own, parent)};
        if (!compare_segments(&items[k], question, parent)) return pv_fail_memory(error, "an answer", 0);
    }
    peers->items = items;
    peers->n_items = n;
    return PV_OK;
}

static pv_status list_peers(pv_peers *peers, const pv_model *model, const pv_question *question, pv_error *error)
{
    pv_status status;
    peer_tables tables;
    const int64_t n_parents = question->shop->users.n_parents;
    const int64_t room = peers->requested < n_parents ? peers->requested : n_parents;
    double *similarities = pv_arena_allocate(question->arena, (size_t)n_parents, sizeof *similarities);
    int32_t *similar = pv_arena_allocate(question->arena, (size_t)n_parents, sizeof *similar);
    int32_t *best = pv_arena_allocate(question->arena, (size_t)room, sizeof *best);
    PV_TRY(pv_check_memory(similarities && similar && best, "an answer", error));
    PV_TRY(find_tables(&tables, model, error));
    measure_similarities(similarities, &tables, question);
    for (int32_t v = 0; v < (int32_t)n_parents; v++)
        if (similarities[v] > 0) similar[peers->candidates++] = v;
    const int64_t n = pv_topk_select(best, room, similarities, similar, peers->candidates, comes_first, NULL);
    PV_TRY(describe_peers(peers, best, n, similarities, &tables, question, error));
cleanup:
    return status;
}

/* Why there is nobody to name; data NULL when there may be. */
static pv_text find_cause(const pv_ranker *ranker, const pv_history *history)
{
    if (!ranker->is_bound[PV_SIGNAL_PEERS]) return pv_text_of("the model was trained without the signal peers");
    if (history->n_products == 0) return pv_text_of("there are no purchases to compare");
    return (pv_text){0};
}

/* A customer that neither the model nor the events since know anything of. */
static pv_status check_known(const pv_asked *asked, pv_text user, pv_error *error)
{
    if (asked->question.user >= 0 || asked->history.n_products > 0) return PV_OK;
    return pv_fail_field(error, PV_E_NOT_FOUND, "/user", "no user \"%.*s\" in this model",
                         (int)(user.size < 60 ? user.size : 60), user.data);
}

pv_status pv_peer_companies(const pv_peers **out, pv_session *session, const pv_request *request, pv_error *error)
{
    pv_status status;
    const pv_ranker *ranker = session->model->ranker;
    pv_asked *asked = NULL;
    PV_TRY(pv_check_n(request->n, error));
    if (!request->user.data) return pv_fail_field(error, PV_E_USAGE, "/user", "user: expected the id of a customer");
    PV_TRY(pv_session_ask(&asked, session, request, error));
    PV_TRY(check_known(asked, request->user, error));
    pv_peers *peers = pv_arena_allocate(session->arena, 1, sizeof *peers);
    PV_TRY(pv_check_memory(peers != NULL, "an answer", error));
    *peers = (pv_peers){.user = request->user,
                        .model_id = session->model->id,
                        .as_of = asked->question.as_of,
                        .fallback = find_cause(ranker, &asked->history),
                        .requested = request->n,
                        .products = asked->history.n_products};
    if (!peers->fallback.data) {
        peers->source = pv_signals[PV_SIGNAL_PEERS]->code;
        PV_TRY(list_peers(peers, session->model, &asked->question, error));
    }
    *out = peers;
cleanup:
    return status;
}
