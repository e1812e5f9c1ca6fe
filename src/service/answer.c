/* answer.c - recommend, explain, rank: the one place where a question becomes an answer. */
#include <purvey/answer.h>

#include "base/failure.h"
#include "reasons/reasons.h"
#include "reasons/removal.h"
#include "service/asked_product.h"
#include "service/best_products.h"
#include "service/new_share.h"
#include "service/session.h"
#include "topk/topk.h"
#include <math.h>
#include <string.h>

/* Products that pass the gates, and how many each gate holds back. */
static pv_status collect_candidates(int32_t **candidates, int64_t *n, int64_t filtered[PV_GATE_COUNT],
                                    const pv_gates *gates, pv_arena *arena, pv_error *error)
{
    const int64_t n_products = gates->shop->products.ids.n;
    *candidates = pv_arena_allocate(arena, (size_t)n_products, sizeof **candidates);
    if (!*candidates) return pv_fail_memory(error, "candidates", (uint64_t)n_products * sizeof **candidates);
    *n = pv_gates_collect(*candidates, filtered, gates);
    return PV_OK;
}

/* The two gates that every answer names, then those that held something back. */
static pv_status report_filtered(pv_answer *answer, const int64_t filtered[PV_GATE_COUNT], pv_arena *arena,
                                 pv_error *error)
{
    pv_filtered *list = pv_arena_allocate(arena, PV_GATE_COUNT, sizeof *list);
    if (!list) return pv_fail_memory(error, "an answer", sizeof *list);
    for (int g = PV_GATE_OPEN + 1; g < PV_GATE_COUNT; g++)
        if (filtered[g] > 0 || g == PV_GATE_EXCLUDED || g == PV_GATE_NOT_KNOWN_YET)
            list[answer->n_filtered++] = (pv_filtered){pv_gate_name((pv_gate)g), filtered[g]};
    answer->filtered = list;
    return PV_OK;
}

static void describe_product(pv_item *item, const pv_asked *asked, int32_t product)
{
    const pv_shop *shop = asked->question.shop;
    const pv_products *products = &shop->products;
    item->product = pv_ids_at(&products->ids, product);
    item->name = pv_shop_product_name(shop, product);
    if (products->category[product] >= 0)
        item->category = pv_texts_at(&products->categories.paths, products->category[product]);
    item->price = products->price[product];
    item->discount = products->discount[product];
    item->kind = pv_history_find(&asked->history, product) >= 0 ? PV_KIND_REORDER : PV_KIND_NEW;
}

pv_status pv_recommend(const pv_answer **out, pv_session *session, const pv_request *request, pv_error *error)
{
    pv_status status;
    pv_asked *asked = NULL;
    pv_gates gates;
    int32_t *candidates = NULL;
    int64_t n_candidates = 0, filtered[PV_GATE_COUNT] = {0};
    PV_TRY(pv_check_list_request(request, error));
    PV_TRY(pv_session_ask(&asked, session, request, error));
    pv_answer *answer = &session->answer;
    pv_arena *arena = session->arena;
    PV_TRY(pv_session_gates(&gates, session, asked, request, error));
    PV_TRY(collect_candidates(&candidates, &n_candidates, filtered, &gates, arena, error));
    PV_TRY(report_filtered(answer, filtered, arena, error));
    const int64_t wanted = request->offset + request->n;
    const int64_t room = wanted < n_candidates ? wanted : n_candidates;
    int32_t *best = pv_arena_allocate(arena, (size_t)room, sizeof *best);
    pv_item *items = pv_arena_allocate(arena, (size_t)room, sizeof *items);
    if (!best || !items) PV_TRY(pv_fail_memory(error, "an answer", (uint64_t)room * sizeof *items));
    const bool wants_ranks = !request->is_bulk || request->explain == PV_EXPLAIN_FULL;
    const pv_choice choice = {.gates = &gates,
                              .candidates = candidates,
                              .n_candidates = n_candidates,
                              .n = room,
                              .wants_all_scores = wants_ranks};
    bool *is_moved = NULL;
    if (!isnan(request->new_share) && asked->mode == PV_MODE_MIXED) {
        is_moved = pv_arena_allocate(arena, (size_t)room, sizeof *is_moved);
        if (!is_moved) PV_TRY(pv_fail_memory(error, "an answer", (uint64_t)room));
        PV_TRY(pv_ranking_score(&asked->ranking, error));
        PV_TRY(pv_new_share_choose(best, is_moved, asked, &choice, request->new_share, arena, error));
    } else {
        PV_TRY(pv_best_products(best, session, asked, &choice, error));
    }
    pv_reasons_rules rules = {.level = request->explain};
    if (wants_ranks) PV_TRY(pv_reasons_rank_among(&rules, &asked->ranking, candidates, n_candidates, error));
    for (int64_t k = request->offset; k < room; k++) {
        pv_item *item = &items[answer->n_items++];
        describe_product(item, asked, best[k]);
        item->rank = k + 1;
        if (is_moved && is_moved[k]) item->moved_by = "new_share";
        PV_TRY(pv_reasons_fill(item, &asked->ranking, &rules, best[k], error));
    }
    answer->requested = request->n;
    answer->candidates = n_candidates;
    answer->items = items;
    *out = answer;
cleanup:
    return status;
}

/* The nearest purchases of a fact, each with the score without it. NULL on no memory. */
static const pv_nearest *with_effects(const pv_fact *fact, const pv_item *item, pv_arena *arena)
{
    pv_nearest *nearest = pv_arena_allocate(arena, (size_t)fact->integer, sizeof *nearest);
    for (int64_t k = 0; nearest && k < fact->integer; k++) {
        nearest[k] = fact->nearest[k];
        for (int64_t p = 0; p < item->n_removals; p++)
            if (pv_text_equal(item->removals[p].product, nearest[k].product))
                nearest[k].if_removed = item->removals[p].score;
    }
    return nearest;
}

/* Put the effect of removing each nearest purchase into the facts of the factor model's reasons. */
static pv_status tell_nearest_effects(pv_item *item, pv_arena *arena, pv_error *error)
{
    pv_reason *reasons = pv_arena_allocate(arena, (size_t)item->n_reasons, sizeof *reasons);
    if (!reasons) return pv_fail_memory(error, "an explanation", 0);
    for (int64_t r = 0; r < item->n_reasons; r++) {
        const size_t n_facts = (size_t)item->reasons[r].n_facts;
        pv_fact *facts = pv_arena_allocate(arena, n_facts, sizeof *facts);
        if (!facts) return pv_fail_memory(error, "an explanation", 0);
        for (size_t f = 0; f < n_facts; f++) {
            facts[f] = item->reasons[r].facts[f];
            if (facts[f].kind != PV_FACT_NEAREST) continue;
            facts[f].nearest = with_effects(&facts[f], item, arena);
            if (!facts[f].nearest) return pv_fail_memory(error, "an explanation", 0);
        }
        reasons[r] = item->reasons[r];
        reasons[r].facts = facts;
    }
    item->reasons = reasons;
    return PV_OK;
}

/* How far the product stays behind the last that a list of n shows. */
static double gap_to_list(const pv_item *item, const pv_asked *asked, int64_t n, const int32_t *candidates,
                          int64_t n_candidates)
{
    if (item->gate) return (double)NAN;
    if (item->rank > 0 && item->rank <= n) return 0;
    int32_t *list = pv_arena_allocate(asked->question.arena, (size_t)n, sizeof *list);
    if (!list || n_candidates < n) return (double)NAN;
    (void)pv_topk_select(list, n, asked->ranking.scores, candidates, n_candidates, pv_product_order,
                         asked->question.shop);
    return asked->ranking.scores[list[n - 1]] - item->score;
}

pv_status pv_explain_item(const pv_answer **out, pv_session *session, const pv_request *request, pv_text product_id,
                          pv_error *error)
{
    pv_status status;
    pv_asked *asked = NULL;
    pv_gates gates;
    int32_t *candidates = NULL;
    int64_t n_candidates = 0, filtered[PV_GATE_COUNT] = {0};
    pv_removal *removals = NULL;
    const pv_shop *shop = &session->model->ranker->shop;
    int32_t product = -1;
    PV_TRY(pv_find_asked_product(&product, shop, product_id, error));
    PV_TRY(pv_check_list_request(request, error));
    PV_TRY(pv_session_ask(&asked, session, request, error));
    pv_answer *answer = &session->answer;
    pv_arena *arena = session->arena;
    PV_TRY(pv_session_gates(&gates, session, asked, request, error));
    PV_TRY(collect_candidates(&candidates, &n_candidates, filtered, &gates, arena, error));
    PV_TRY(report_filtered(answer, filtered, arena, error));
    PV_TRY(pv_ranking_score(&asked->ranking, error));
    pv_item *item = pv_arena_allocate(arena, 1, sizeof *item);
    if (!item) PV_TRY(pv_fail_memory(error, "an explanation", sizeof *item));
    pv_reasons_rules rules = {.level = PV_EXPLAIN_FULL, .is_explanation = true};
    PV_TRY(pv_reasons_rank_among(&rules, &asked->ranking, candidates, n_candidates, error));
    const pv_gate gate = pv_gates_ask(&gates, product);
    describe_product(item, asked, product);
    item->gate = gate == PV_GATE_OPEN ? NULL : pv_gate_name(gate);
    PV_TRY(pv_reasons_fill(item, &asked->ranking, &rules, product, error));
    if (gate == PV_GATE_OPEN) item->rank = pv_rank_among(&asked->ranking, &rules, product, item->score);
    PV_TRY(pv_removals_make(&removals, &item->n_removals, &asked->ranking, product, session->apart, error));
    item->removals = removals;
    PV_TRY(tell_nearest_effects(item, arena, error));
    item->gap = gap_to_list(item, asked, request->n, candidates, n_candidates);
    answer->requested = request->n;
    answer->candidates = n_candidates;
    answer->items = item;
    answer->n_items = 1;
    *out = answer;
cleanup:
    return status;
}

/* True when the session still holds the prepared question for this user. Only requests of one bulk run reach this: they
 * differ in the user alone. */
static bool is_same_question(const pv_session *session, const pv_request *request)
{
    const pv_request *last = &session->ranked_request;
    return session->ranked && last->history == request->history && last->as_of == request->as_of &&
           (last->user.data != NULL) == (request->user.data != NULL) && pv_text_equal(last->user, request->user);
}

pv_status pv_rank_pair(double *score, bool *unknown, pv_session *session, const pv_request *request, pv_text product_id,
                       pv_error *error)
{
    pv_status status = PV_OK;
    pv_asked *asked = session->ranked;
    if (!is_same_question(session, request)) {
        PV_TRY(pv_check_list_request(request, error));
        PV_TRY(pv_session_ask(&asked, session, request, error));
        session->ranked_request = *request;
        const char *user = pv_arena_print(session->arena, "%.*s", (int)request->user.size,
                                          request->user.data ? request->user.data : "");
        if (!user) PV_TRY(pv_fail_memory(error, "a question", 0));
        if (request->user.data) session->ranked_request.user.data = user; /* the caller's text may not stay */
        session->ranked = asked;
    }
    const int64_t product = pv_ids_find(&asked->question.shop->products.ids, product_id);
    *unknown = product < 0;
    if (product >= 0 && asked->ranking.ranker->has_promotions && !asked->ranking.scores)
        PV_TRY(pv_ranking_score(&asked->ranking, error));
    if (product < 0)
        *score = 0;
    else if (asked->ranking.scores)
        *score = asked->ranking.scores[product];
    else
        *score = pv_ranking_score_one(&asked->ranking, (int32_t)product);
cleanup:
    return status;
}
