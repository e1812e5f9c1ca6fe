/* peers_view.c - the companies whose purchases are most like those of one customer, by the measure of the signal peers.
 */
#include <purvey/views.h>

#include "base/failure.h"
#include "service/asked_product.h"
#include "service/session.h"
#include "signals/peers.h"
#include "topk/topk.h"

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

static int64_t count_common(const int32_t *products, int64_t n, const uint8_t *is_own)
{
    int64_t common = 0;
    for (int64_t k = 0; k < n; k++) common += is_own[products[k]];
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
                                const void *bound, const pv_question *question, pv_error *error)
{
    const int64_t *offsets = question->shop->users.parent_offsets;
    pv_peer *items = pv_arena_allocate(question->arena, (size_t)n, sizeof *items);
    const uint8_t *is_own = mark_own(question);
    if (!items || !is_own) return pv_fail_memory(error, "an answer", (uint64_t)n * sizeof *items);
    for (int64_t k = 0; k < n; k++) {
        const int32_t parent = parents[k], *products = NULL;
        int64_t n_products = 0;
        pv_peers_products(&products, &n_products, bound, parent);
        items[k] = (pv_peer){.company = pv_texts_at(&question->shop->users.parent_ids, parent),
                             .n_users = offsets[parent + 1] - offsets[parent],
                             .similarity = similarities[parent],
                             .products = n_products,
                             .common = count_common(products, n_products, is_own)};
        if (!compare_segments(&items[k], question, parent)) return pv_fail_memory(error, "an answer", 0);
    }
    peers->items = items;
    peers->n_items = n;
    return PV_OK;
}

static pv_status list_peers(pv_peers *peers, const void *bound, const pv_question *question, pv_error *error)
{
    pv_status status;
    const int64_t n_parents = question->shop->users.n_parents;
    const int64_t room = peers->requested < n_parents ? peers->requested : n_parents;
    double *similarities = pv_arena_allocate(question->arena, (size_t)n_parents, sizeof *similarities);
    int32_t *similar = pv_arena_allocate(question->arena, (size_t)n_parents, sizeof *similar);
    int32_t *best = pv_arena_allocate(question->arena, (size_t)room, sizeof *best);
    PV_TRY(pv_check_memory(similarities && similar && best, "an answer", error));
    pv_peers_similarities(similarities, bound, question);
    for (int32_t v = 0; v < (int32_t)n_parents; v++)
        if (similarities[v] > 0) similar[peers->candidates++] = v;
    const int64_t n = pv_topk_select(best, room, similarities, similar, peers->candidates, comes_first, NULL);
    PV_TRY(describe_peers(peers, best, n, similarities, bound, question, error));
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
        PV_TRY(list_peers(peers, ranker->bound[PV_SIGNAL_PEERS], &asked->question, error));
    }
    *out = peers;
cleanup:
    return status;
}
