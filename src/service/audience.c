/* audience.c - the customers to offer a product to: everybody's own question, one product. */
#include <purvey/views.h>

#include "base/failure.h"
#include "reasons/reasons.h"
#include "service/asked_product.h"
#include "service/audience_candidates.h"
#include "service/item_copy.h"
#include "service/session.h"
#include "topk/topk.h"
#include <math.h>

/* One call. Each customer's question takes the session's arena; what is kept lies in an arena of the call. */
typedef struct audience_call {
    pv_session *session;
    const pv_shop *shop;
    pv_request request; /* as given; the user changes */
    int32_t product;
    pv_arena *kept;
    pv_audience *audience;
    double *scores; /* [n users] of the open ones */
    int32_t *open;  /* users that no gate keeps out */
    int64_t filtered[PV_GATE_COUNT], n_without_purchases;
} audience_call;

/* A customer's question and its gates. */
typedef struct customer {
    pv_asked *asked;
    pv_gates gates;
} customer;

static pv_status ask_customer(customer *c, audience_call *call, int32_t user, pv_error *error)
{
    pv_status status;
    call->request.user = pv_ids_at(&call->shop->users.ids, user);
    PV_TRY(pv_session_ask(&c->asked, call->session, &call->request, error));
    PV_TRY(pv_session_gates(&c->gates, call->session, c->asked, &call->request, error));
cleanup:
    return status;
}

/* The served score. A promotion is capped by the scores of all products; this one's own is 0 unless it is promoted. */
static pv_status serve_score(double *score, pv_ranking *ranking, int32_t product, pv_error *error)
{
    pv_status status = PV_OK;
    if (ranking->ranker->shop.products.promotion[product] > 0) {
        PV_TRY(pv_ranking_score(ranking, error));
        *score = ranking->scores[product];
    } else {
        *score = pv_ranking_score_one(ranking, product);
    }
cleanup:
    return status;
}

/* Score the product for every user that no gate keeps out. */
static pv_status score_users(audience_call *call, const int32_t *users, int64_t n, pv_error *error)
{
    pv_status status = PV_OK;
    customer c;
    for (int64_t k = 0; k < n; k++) {
        PV_TRY(ask_customer(&c, call, users[k], error));
        if (c.asked->is_popular_list) {
            call->n_without_purchases++;
            continue;
        }
        const pv_gate gate = pv_gates_ask(&c.gates, call->product);
        call->filtered[gate]++;
        if (gate != PV_GATE_OPEN) continue;
        PV_TRY(serve_score(&call->scores[users[k]], &c.asked->ranking, call->product, error));
        call->open[call->audience->candidates++] = users[k];
    }
    call->audience->considered = n;
cleanup:
    return status;
}

/* The score of the product alone, where pv_reasons_fill() looks for it. */
static pv_status keep_one_score(pv_ranking *ranking, const audience_call *call, pv_error *error)
{
    pv_status status;
    double score = 0;
    PV_TRY(serve_score(&score, ranking, call->product, error));
    if (ranking->scores) return PV_OK;
    ranking->scores = pv_arena_allocate(ranking->question->arena, (size_t)call->shop->products.ids.n, sizeof score);
    PV_TRY(pv_check_memory(ranking->scores != NULL, "scores", error));
    ranking->scores[call->product] = score;
cleanup:
    return status;
}

/* Reasons, and the rank among all that this customer could be shown; neither where no explanation is wanted. */
static pv_status explain_customer(pv_item *item, const customer *c, const audience_call *call, pv_error *error)
{
    pv_status status;
    pv_ranking *ranking = &c->asked->ranking;
    pv_arena *arena = c->asked->question.arena;
    int64_t filtered[PV_GATE_COUNT] = {0};
    pv_reasons_rules rules = {.level = call->request.explain};
    if (rules.level == PV_EXPLAIN_NONE) {
        PV_TRY(keep_one_score(ranking, call, error));
        return pv_reasons_fill(item, ranking, &rules, call->product, error);
    }
    int32_t *candidates = pv_arena_allocate(arena, (size_t)call->shop->products.ids.n, sizeof *candidates);
    PV_TRY(pv_check_memory(candidates != NULL, "candidates", error));
    const int64_t n = pv_gates_collect(candidates, filtered, &c->gates);
    PV_TRY(pv_ranking_score(ranking, error));
    PV_TRY(pv_reasons_rank_among(&rules, ranking, candidates, n, error));
    PV_TRY(pv_reasons_fill(item, ranking, &rules, call->product, error));
    item->rank = pv_rank_among(ranking, &rules, call->product, item->score);
cleanup:
    return status;
}

static pv_status describe_user(pv_audience_user *entry, audience_call *call, int32_t user, pv_error *error)
{
    pv_status status;
    customer c;
    pv_item item = {0};
    PV_TRY(ask_customer(&c, call, user, error));
    PV_TRY(explain_customer(&item, &c, call, error));
    item.product = call->audience->product;
    item.name = call->audience->name;
    item.kind = pv_ranking_kind(&c.asked->ranking, call->product);
    entry->user = pv_ids_at(&call->shop->users.ids, user);
    PV_TRY(pv_check_memory(pv_item_copy(&entry->item, &item, call->kept), "an audience", error));
cleanup:
    return status;
}

/* At equal scores bytewise by id. */
static bool comes_first(const void *context, int32_t a, int32_t b)
{
    const pv_ids *ids = context;
    return pv_text_compare(pv_ids_at(ids, a), pv_ids_at(ids, b)) < 0;
}

static pv_status list_best(audience_call *call, pv_error *error)
{
    pv_status status;
    pv_audience *audience = call->audience;
    const int64_t room = audience->requested < audience->candidates ? audience->requested : audience->candidates;
    int32_t *best = pv_arena_allocate(call->kept, (size_t)room, sizeof *best);
    pv_audience_user *entries = pv_arena_allocate(call->kept, (size_t)room, sizeof *entries);
    PV_TRY(pv_check_memory(best && entries, "an audience", error));
    const int64_t n =
        pv_topk_select(best, room, call->scores, call->open, audience->candidates, comes_first, &call->shop->users.ids);
    for (int64_t k = 0; k < n; k++) {
        entries[k].rank = k + 1;
        PV_TRY(describe_user(&entries[k], call, best[k], error));
    }
    audience->users = entries;
    audience->n_users = n;
cleanup:
    return status;
}

/* As answers do: the two gates that every one of them names, then those that kept somebody out. */
static pv_status report_filtered(audience_call *call, pv_error *error)
{
    pv_audience *audience = call->audience;
    pv_filtered *list = pv_arena_allocate(call->kept, PV_GATE_COUNT + 1, sizeof *list);
    if (!list) return pv_fail_memory(error, "an audience", sizeof *list);
    for (int g = PV_GATE_OPEN + 1; g < PV_GATE_COUNT; g++)
        if (call->filtered[g] > 0 || g == PV_GATE_EXCLUDED || g == PV_GATE_NOT_KNOWN_YET)
            list[audience->n_filtered++] = (pv_filtered){pv_gate_name((pv_gate)g), call->filtered[g]};
    list[audience->n_filtered++] = (pv_filtered){"no_purchases", call->n_without_purchases};
    audience->filtered = list;
    return PV_OK;
}

static pv_status check_request(const pv_request *request, pv_error *error)
{
    if (request->history || request->has_lines)
        return pv_fail_field(error, PV_E_USAGE, "/history", "an audience takes no history: everybody's own counts");
    if (request->n_cart > 0)
        return pv_fail_field(error, PV_E_USAGE, "/cart", "an audience takes no cart: it is of many customers");
    if (request->n_metadata > 0)
        return pv_fail_field(error, PV_E_USAGE, "/metadata", "an audience takes no metadata: everybody's own count");
    if (!isnan(request->new_share))
        return pv_fail_field(error, PV_E_USAGE, "/new_share", "an audience is of one product: it has no new share");
    return pv_check_list_request(request, error);
}

/* The frame of the answer, and who is asked. The question of nobody settles as-of and mode. */
static pv_status begin_call(audience_call *call, int32_t **users, int64_t *n, pv_error *error)
{
    pv_status status;
    pv_asked *asked = NULL;
    bool is_all = false;
    const pv_session *session = call->session;
    const size_t n_users = (size_t)call->shop->users.ids.n;
    const pv_audience_limits limits = {PV_AUDIENCE_EXACT_USERS, PV_AUDIENCE_CANDIDATES};
    call->request.user = (pv_text){0};
    PV_TRY(pv_session_ask(&asked, call->session, &call->request, error));
    pv_audience *audience = pv_arena_allocate(call->kept, 1, sizeof *audience);
    call->scores = pv_arena_allocate(call->kept, n_users, sizeof *call->scores);
    call->open = pv_arena_allocate(call->kept, n_users, sizeof *call->open);
    PV_TRY(pv_check_memory(audience && call->scores && call->open, "an audience", error));
    PV_TRY(pv_audience_candidates(users, n, &is_all, session->model->ranker, session->model->user_order, call->product,
                                  asked->mode, limits, call->kept, error));
    *audience = (pv_audience){.product = pv_ids_at(&call->shop->products.ids, call->product),
                              .name = pv_shop_product_name(call->shop, call->product),
                              .model_id = session->model->id,
                              .as_of = asked->question.as_of,
                              .mode = asked->mode,
                              .search = is_all ? "all" : "factors",
                              .requested = call->request.n};
    call->audience = audience;
cleanup:
    return status;
}

pv_status pv_audience_of(const pv_audience **out, pv_session *session, const pv_request *request, pv_text product,
                         pv_error *error)
{
    pv_status status;
    int32_t *users = NULL;
    int64_t n = 0;
    audience_call call = {.session = session, .shop = &session->model->ranker->shop, .request = *request};
    PV_TRY(check_request(request, error));
    PV_TRY(pv_find_asked_product(&call.product, call.shop, product, error));
    call.kept = pv_arena_create();
    PV_TRY(pv_check_memory(call.kept != NULL, "an audience", error));
    PV_TRY(begin_call(&call, &users, &n, error));
    PV_TRY(score_users(&call, users, n, error));
    PV_TRY(report_filtered(&call, error));
    PV_TRY(list_best(&call, error));
    pv_arena *asked = session->arena; /* the last question's; the answer takes its place */
    session->arena = call.kept;
    call.kept = asked;
    *out = call.audience;
cleanup:
    pv_arena_free(call.kept);
    return status;
}
