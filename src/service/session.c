/* session.c - from a request to a prepared question: who, with which history, as of when, in which mode. */
#include "service/session.h"

#include "base/failure.h"
#include "service/history_file.h"
#include "service/live_state.h"
#include "signals/als_signal.h"
#include "signals/popularity.h"
#include "signals/statement.h"
#include "shop/interner.h"
#include "train/as_of.h"
#include <math.h>
#include <stdlib.h>

void pv_request_init(pv_request *request)
{
    *request = (pv_request){.n = 5, .mode = PV_MODE_DEFAULT, .explain = PV_EXPLAIN_TOP3, .new_share = (double)NAN};
}

pv_status pv_session_create(pv_session **out, const pv_model *model, pv_error *error)
{
    pv_status status = PV_OK;
    pv_session *session = calloc(1, sizeof *session);
    if (!session) return pv_fail_memory(error, "a session", sizeof *session);
    session->model = model;
    session->arena = pv_arena_create();
    if (!session->arena) PV_TRY(pv_fail_memory(error, "a session", 0));
    const pv_als_bound *als = model->ranker->bound[PV_SIGNAL_ALS];
    PV_TRY(pv_als_rows_create(&session->als_rows, als, error));
    PV_TRY(pv_askers_create(&session->apart, model->ranker, 1, error));
    *out = session;
    session = NULL;
cleanup:
    pv_session_free(session);
    return status;
}

void pv_session_free(pv_session *session)
{
    if (!session) return;
    pv_als_rows_free(&session->als_rows);
    pv_session_rest(session);
    pv_arena_free(session->arena);
    pv_askers_free(session->apart, 1);
    free(session);
}

/* Time of the latest line that came with the request, PV_NO_TIME when none has a time. */
static int64_t last_time_told(const pv_request *request)
{
    if (request->history) return pv_history_file_last_time(request->history);
    int64_t last = PV_NO_TIME;
    for (int64_t l = 0; request->has_lines && l < request->n_lines; l++)
        if (request->lines[l].time > last) last = request->lines[l].time;
    return last;
}

/* As of = what was asked for, else the later of the model's as-of and just after the last purchase of the request or
 * of the events. */
static pv_status decide_as_of(int64_t *as_of, const pv_session *session, const pv_shop *shop, const pv_request *request,
                              pv_error *error)
{
    *as_of = shop->as_of;
    if (request->as_of && !shop->has_time)
        return pv_fail_field(error, PV_E_USAGE, "/as_of", "as_of: the model's purchases have no time");
    if (request->as_of) return pv_as_of_parse(as_of, request->as_of, error);
    if (!shop->has_time) return PV_OK;
    const int64_t last = last_time_told(request);
    if (last != PV_NO_TIME && last >= *as_of) *as_of = last + 1;
    const int64_t events_end = session->live ? pv_live_view_end_time(session->live) : PV_NO_TIME;
    if (events_end > *as_of) *as_of = events_end;
    return PV_OK;
}

/* --- the history -------------------------------------------------------------------------------------------------- */

/* Begin with the lines that came with the request. */
static pv_status begin_with_lines(pv_history_rows *rows, const pv_question *question, const pv_request *request,
                                  pv_error *error)
{
    pv_status status = PV_OK;
    const pv_shop *shop = question->shop;
    pv_interner *orders = pv_interner_create();
    PV_TRY(pv_check_memory(orders != NULL, "a history", error));
    PV_TRY(pv_history_rows_begin(rows, shop, -1, request->n_lines + request->n_cart, question->arena, error));
    for (int64_t l = 0; l < request->n_lines; l++) {
        const pv_history_line *line = &request->lines[l];
        const int64_t product = pv_ids_find(&shop->products.ids, line->product);
        if (product < 0) continue;
        int64_t order = -1;
        if (shop->has_order && line->order.data) {
            order = pv_interner_add(orders, line->order);
            PV_TRY(pv_check_memory(order >= 0, "a history", error));
        }
        rows->rows[rows->n++] = (pv_purchase_row){.product = (int32_t)product,
                                                  .time = line->time,
                                                  .order = (int32_t)order,
                                                  .cancelled = line->is_return,
                                                  .purchase_count = (double)NAN,
                                                  .quantity = line->quantity,
                                                  .discount = line->discount,
                                                  .rating = (double)NAN};
    }
    rows->n_orders = (int32_t)pv_interner_count(orders);
cleanup:
    pv_interner_free(orders);
    return status;
}

/* What lies in the cart is an order that is being placed: just before the as-of date. */
static void add_cart(pv_history_rows *rows, const pv_question *question, const pv_request *request)
{
    const int32_t order = pv_shop_is_simple(question->shop) ? -1 : rows->n_orders++; /* there each line is one */
    for (int64_t c = 0; c < request->n_cart; c++) {
        const int64_t product = pv_ids_find(&question->shop->products.ids, request->cart[c]);
        if (product < 0) continue;
        rows->rows[rows->n++] = (pv_purchase_row){.product = (int32_t)product,
                                                  .time = question->shop->has_time ? question->as_of - 1 : PV_NO_TIME,
                                                  .order = order,
                                                  .purchase_count = (double)NAN,
                                                  .quantity = (double)NAN,
                                                  .discount = (double)NAN,
                                                  .rating = (double)NAN};
    }
}

static bool brings_history(const pv_request *request)
{
    return request->history || request->has_lines;
}

/* Number of a user with purchases in the model, -1 for all others. */
static int32_t buyer(const pv_question *question)
{
    return question->user < question->shop->users.ids.n_warm ? question->user : -1;
}

/* The history when it is more, or other, than what the model has of the user. */
static pv_status make_history(pv_asked *asked, const pv_request *request, const pv_live_user *live, pv_error *error)
{
    pv_status status;
    pv_history_rows rows;
    const pv_question *question = &asked->question;
    const int32_t user = brings_history(request) ? -1 : buyer(question);
    if (request->history) {
        PV_TRY(pv_history_file_rows(&rows, request->history, request->n_cart, question->shop, question->arena, error));
    } else if (request->has_lines) {
        PV_TRY(begin_with_lines(&rows, question, request, error));
    } else {
        const int64_t extra = live->n_rows + request->n_cart;
        PV_TRY(pv_history_rows_begin(&rows, question->shop, user, extra, question->arena, error));
        pv_live_user_add_rows(&rows, live);
    }
    if (request->n_cart > 0) add_cart(&rows, question, request);
    PV_TRY(pv_history_of_rows(&asked->history, &rows, question->shop, user, question->as_of, question->arena, error));
cleanup:
    return status;
}

static pv_status decide_history(pv_asked *asked, const pv_session *session, const pv_request *request,
                                pv_live_user *live, pv_error *error)
{
    pv_question *question = &asked->question;
    const pv_shop *shop = question->shop;
    if (live->events && !brings_history(request)) {
        const pv_status found = pv_live_view_find_rows(live, session->live, question->arena, error);
        if (found != PV_OK) return found;
    }
    if (brings_history(request) || request->n_cart > 0 || live->n_rows > 0 || buyer(question) < 0)
        return make_history(asked, request, live, error);
    const pv_als_bound *als = session->model->ranker->bound[PV_SIGNAL_ALS];
    const pv_status status =
        pv_history_of_user(&asked->history, shop, question->user, question->as_of, question->arena, error);
    /* another date may hide lines, and with a half-life it changes the weights: then the stored factors do not hold */
    const bool same_lines = asked->history.lines.n == pv_shop_user_lines(shop, question->user).n;
    question->is_stored_history = same_lines && (isnan(als->half_life_days) || question->as_of == shop->as_of);
    return status;
}

/* --- the company -------------------------------------------------------------------------------------------------- */

/* What the request tells, then what events told of the columns that it does not name. Columns that the shop does not
 * have would change nothing: in a request they are errors. */
static pv_status take_metadata(pv_question *question, const pv_session *session, const pv_request *request,
                               const pv_live_user *live, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_text_columns *segments = &question->shop->users.segments;
    pv_side_value *known = NULL;
    int64_t n_known = 0;
    if (session->live) PV_TRY(pv_live_view_metadata(&known, &n_known, session->live, live, question->arena, error));
    pv_side_value *metadata =
        pv_arena_allocate(question->arena, (size_t)(request->n_metadata + n_known), sizeof *metadata);
    if (!metadata) return pv_fail_memory(error, "a question", 0);
    for (int64_t k = 0; k < request->n_metadata; k++) {
        const pv_metadata *told = &request->metadata[k];
        if (pv_text_columns_find(segments, told->column) < 0)
            return pv_fail_field(error, PV_E_USAGE, "/metadata", "metadata: the users have no segment \"%.*s\"",
                                 (int)(told->column.size < 60 ? told->column.size : 60), told->column.data);
        metadata[question->n_metadata++] = (pv_side_value){told->column, told->value};
    }
    for (int64_t k = 0; k < n_known; k++) {
        bool is_told = false;
        for (int64_t t = 0; t < request->n_metadata; t++) is_told |= pv_text_equal(metadata[t].column, known[k].column);
        if (!is_told) metadata[question->n_metadata++] = known[k];
    }
    question->metadata = metadata;
cleanup:
    return status;
}

/* Number of the company that asks; -1 when the shop knows none. */
static int32_t parent_of(const pv_question *question, const pv_live_user *live)
{
    const pv_users *users = &question->shop->users;
    if (question->user >= 0) return users->parent[question->user];
    if (!live->id.data) return -1;
    return (int32_t)pv_texts_search(&users->parent_ids, pv_live_user_parent(users, live));
}

/* Without a date asked for, everything that the log holds is known: shown lists do not move the as-of date, and have
 * their effect in the next answer nevertheless. */
static pv_status take_shown(pv_question *question, const pv_session *session, const pv_request *request,
                            const pv_live_user *live, pv_error *error)
{
    const int64_t as_of = request->as_of ? question->as_of : PV_NO_TIME;
    if (!session->live) return PV_OK;
    return pv_live_view_shown(&question->shown, &question->n_shown, session->live, live, as_of, question->arena, error);
}

/* Who has no purchases gets the popular list, of its segment where that is known, and the answer says so. */
static pv_status decide_source(pv_asked *asked, pv_answer *answer, const pv_session *session, const pv_request *request,
                               pv_error *error)
{
    pv_question *question = &asked->question;
    const pv_shop *shop = question->shop;
    const bool is_known_buyer = buyer(question) >= 0;
    const bool has_history = asked->history.n_products > 0;
    pv_side_row features = {0};
    question->segment_list = -1;
    answer->source = "personal";
    if (has_history || (brings_history(request) && is_known_buyer)) return PV_OK;
    const char *who = brings_history(request) ? "the history has no purchase of a known product"
                      : !request->user.data   ? "no user was named"
                      : question->user < 0    ? "the user is not known"
                      : is_known_buyer        ? "the user has no purchases before this date"
                                              : "the user has no purchases";
    answer->fallback = pv_text_of(who);
    answer->is_unknown_user = !brings_history(request) && request->user.data && question->user < 0;
    const pv_status status =
        pv_als_user_features(&features, session->model->ranker->bound[PV_SIGNAL_ALS], question, error);
    if (status != PV_OK) return status;
    if (features.n > 0) {
        answer->source = "metadata"; /* the factor model knows what such companies buy */
        return PV_OK;
    }
    asked->is_popular_list = true;
    const void *popularity = session->model->ranker->bound[PV_SIGNAL_POPULARITY];
    question->segment_list = pv_popularity_segment_list(popularity, question);
    answer->source = "popular";
    if (question->segment_list < 0) return PV_OK;
    pv_text column, value;
    pv_popularity_segment_of(&column, &value, popularity, shop, question->segment_list);
    const char *fallback =
        pv_arena_print(question->arena, "%s; popular among %.*s %.*s", who, PV_SPREAD(column), PV_SPREAD(value));
    if (!fallback) return pv_fail_memory(error, "a question", 0);
    answer->source = "popular_in_segment";
    answer->fallback = pv_text_of(fallback);
    return PV_OK;
}

/* Everything about the question but its signals: all that events and overlay have a part in. */
static pv_status understand(pv_asked *asked, pv_session *session, const pv_request *request, pv_error *error)
{
    pv_status status;
    pv_question *question = &asked->question;
    const pv_shop *shop = question->shop;
    pv_live_user live = {.id = request->user, .user = -1};
    if (request->user.data) question->user = (int32_t)pv_ids_find(&shop->users.ids, request->user);
    asked->assortment = pv_assortment_of_user(shop, question->user);
    if (session->live && request->user.data) {
        live = pv_live_view_user(session->live, request->user, question->user);
        PV_TRY(pv_live_view_assortment(&asked->assortment, session->live, &live, session->arena, error));
    }
    if (request->is_strict && request->user.data && question->user < 0 && !live.events)
        return pv_fail_field(error, PV_E_NOT_FOUND, "/user", "no user \"%.*s\" in this model",
                             (int)(request->user.size < 60 ? request->user.size : 60), request->user.data);
    PV_TRY(take_metadata(question, session, request, &live, error));
    PV_TRY(decide_as_of(&question->as_of, session, shop, request, error));
    PV_TRY(take_shown(question, session, request, &live, error));
    PV_TRY(pv_company_make(&asked->company, shop, parent_of(question, &live), session->arena, error));
    PV_TRY(decide_history(asked, session, request, &live, error));
    PV_TRY(decide_source(asked, &session->answer, session, request, error));
cleanup:
    return status;
}

/* The shop as it is now, until the next question. */
static const pv_shop *take_shop(pv_session *session)
{
    pv_session_rest(session);
    if (!session->live) return &session->model->ranker->shop;
    session->now = pv_live_view_take_products(session->live);
    if (session->state) session->events_end = pv_event_store_last_offset(pv_live_state_store(session->state));
    return pv_current_products_shop(session->now);
}

/* Events and overlay are looked at under the lock, all of them at one moment; the work of an answer comes after it. */
static pv_status understand_now(pv_asked *asked, pv_session *session, const pv_request *request, pv_error *error)
{
    if (session->state) pv_live_state_begin_reading(session->state);
    asked->question.shop = take_shop(session);
    const pv_status status = understand(asked, session, request, error);
    if (session->state) pv_live_state_end_reading(session->state);
    return status;
}

pv_status pv_session_ask(pv_asked **out, pv_session *session, const pv_request *request, pv_error *error)
{
    pv_status status;
    const pv_ranker *ranker = session->model->ranker;
    pv_arena_reset(session->arena);
    session->ranked = NULL;
    pv_asked *asked = pv_arena_allocate(session->arena, 1, sizeof *asked);
    if (!asked) return pv_fail_memory(error, "a question", sizeof *asked);
    pv_question *question = &asked->question;
    *question = (pv_question){.history = &asked->history,
                              .company = &asked->company,
                              .user = -1,
                              .min_companies = ranker->min_companies,
                              .als_rows = session->als_rows,
                              .arena = session->arena};
    session->answer = (pv_answer){.user = request->user, .model_id = session->model->id};
    PV_TRY(understand_now(asked, session, request, error));
    asked->mode = request->mode;
    if (asked->mode == PV_MODE_DEFAULT) asked->mode = pv_shop_is_simple(question->shop) ? PV_MODE_NEW : PV_MODE_MIXED;
    session->answer.as_of = question->as_of;
    session->answer.mode = asked->mode;
    PV_TRY(pv_ranking_make(&asked->ranking, ranker, question, asked->is_popular_list, error));
    *out = asked;
cleanup:
    return status;
}

void pv_session_rest(pv_session *session)
{
    pv_current_products_release(session->now);
    session->now = NULL;
    session->ranked = NULL;
    session->events_end = -1;
}

pv_status pv_session_gates(pv_gates *gates, const pv_session *session, const pv_asked *asked, const pv_request *request,
                           pv_error *error)
{
    const pv_question *question = &asked->question;
    const pv_status status = pv_gates_make(gates, question->shop, &asked->history, question->as_of, question->user,
                                           asked->mode, request, session->arena, error);
    if (status == PV_OK) gates->assortment = asked->assortment;
    return status;
}
