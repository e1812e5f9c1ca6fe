/* session.c - from a request to a prepared question: who, with which history, as of when, in which mode. */
#include "service/session.h"

#include "base/failure.h"
#include "service/history_file.h"
#include "signals/als_signal.h"
#include "signals/popularity.h"
#include "signals/statement.h"
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
    pv_arena_free(session->arena);
    pv_askers_free(session->apart, 1);
    free(session);
}

/* As of = what was asked for, else the later of the model's as-of and just after the last purchase of the request. */
static pv_status decide_as_of(int64_t *as_of, const pv_shop *shop, const pv_request *request, pv_error *error)
{
    *as_of = shop->as_of;
    if (request->as_of && !shop->has_time)
        return pv_fail_field(error, PV_E_USAGE, "/as_of", "--as-of: the model's purchases have no time");
    if (request->as_of) return pv_as_of_parse(as_of, request->as_of, error);
    if (request->history && shop->has_time) {
        const int64_t last = pv_history_file_last_time(request->history);
        if (last != PV_NO_TIME && last >= *as_of) *as_of = last + 1;
    }
    return PV_OK;
}

static pv_status decide_history(pv_asked *asked, const pv_session *session, const pv_request *request, pv_error *error)
{
    pv_question *question = &asked->question;
    const pv_shop *shop = question->shop;
    if (request->history)
        return pv_history_file_history(&asked->history, request->history, shop, question->as_of, question->arena,
                                       error);
    if (question->user < 0 || question->user >= shop->users.ids.n_warm) {
        const pv_lines no_lines = {0};
        const pv_dislikes no_dislikes = {0};
        return pv_history_make(&asked->history, &no_lines, &no_dislikes, question->as_of, question->arena, error);
    }
    const pv_als_bound *als = session->model->ranker->bound[PV_SIGNAL_ALS];
    const pv_status status =
        pv_history_of_user(&asked->history, shop, question->user, question->as_of, question->arena, error);
    /* another date may hide lines, and with a half-life it changes the weights: then the stored factors do not hold */
    const bool same_lines = asked->history.lines.n == pv_shop_user_lines(shop, question->user).n;
    question->is_stored_history = same_lines && (isnan(als->half_life_days) || question->as_of == shop->as_of);
    return status;
}

/* Columns that the shop does not have would change nothing: they are errors. */
static pv_status take_metadata(pv_question *question, const pv_request *request, pv_error *error)
{
    const pv_text_columns *segments = &question->shop->users.segments;
    pv_side_value *metadata = pv_arena_allocate(question->arena, (size_t)request->n_metadata, sizeof *metadata);
    if (!metadata) return pv_fail_memory(error, "a question", 0);
    for (int64_t k = 0; k < request->n_metadata; k++) {
        const pv_metadata *told = &request->metadata[k];
        if (pv_text_columns_find(segments, told->column) < 0)
            return pv_fail_field(error, PV_E_USAGE, "/metadata", "--metadata: the users have no segment \"%.*s\"",
                                 (int)(told->column.size < 60 ? told->column.size : 60), told->column.data);
        metadata[k] = (pv_side_value){told->column, told->value};
    }
    question->metadata = metadata;
    question->n_metadata = request->n_metadata;
    return PV_OK;
}

/* Who has no purchases gets the popular list, of its segment where that is known, and the answer says so. */
static pv_status decide_source(pv_asked *asked, pv_answer *answer, const pv_session *session, const pv_request *request,
                               pv_error *error)
{
    pv_question *question = &asked->question;
    const pv_shop *shop = question->shop;
    const bool is_known_buyer = question->user >= 0 && question->user < shop->users.ids.n_warm;
    const bool has_history = asked->history.n_products > 0;
    pv_side_row features = {0};
    question->segment_list = -1;
    answer->source = "personal";
    if (has_history || (request->history && is_known_buyer)) return PV_OK;
    const char *who = request->history      ? "the history has no purchase of a known product"
                      : !request->user.data ? "no user was named"
                      : question->user < 0  ? "the user is not known"
                      : is_known_buyer      ? "the user has no purchases before this date"
                                            : "the user has no purchases";
    answer->fallback = pv_text_of(who);
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

pv_status pv_session_ask(pv_asked **out, pv_session *session, const pv_request *request, pv_error *error)
{
    pv_status status;
    const pv_ranker *ranker = session->model->ranker;
    const pv_shop *shop = &ranker->shop;
    pv_arena_reset(session->arena);
    session->ranked = NULL;
    pv_asked *asked = pv_arena_allocate(session->arena, 1, sizeof *asked);
    if (!asked) return pv_fail_memory(error, "a question", sizeof *asked);
    pv_question *question = &asked->question;
    *question = (pv_question){.shop = shop,
                              .history = &asked->history,
                              .company = &asked->company,
                              .user = -1,
                              .min_companies = ranker->min_companies,
                              .als_rows = session->als_rows,
                              .arena = session->arena};
    session->answer = (pv_answer){.user = request->user, .model_id = session->model->id};
    PV_TRY(take_metadata(question, request, error));
    PV_TRY(decide_as_of(&question->as_of, shop, request, error));
    if (request->user.data) question->user = (int32_t)pv_ids_find(&shop->users.ids, request->user);
    PV_TRY(pv_company_make(&asked->company, shop, question->user >= 0 ? shop->users.parent[question->user] : -1,
                           session->arena, error));
    PV_TRY(decide_history(asked, session, request, error));
    PV_TRY(decide_source(asked, &session->answer, session, request, error));
    asked->mode = request->mode;
    if (asked->mode == PV_MODE_DEFAULT) asked->mode = pv_shop_is_simple(shop) ? PV_MODE_NEW : PV_MODE_MIXED;
    session->answer.as_of = question->as_of;
    session->answer.mode = asked->mode;
    PV_TRY(pv_ranking_make(&asked->ranking, ranker, question, asked->is_popular_list, error));
    *out = asked;
cleanup:
    return status;
}
