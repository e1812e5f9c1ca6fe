/* session.h - the scratch memory with which one thread asks a model, and the question as it was understood. */
#ifndef PV_SESSION_H
#define PV_SESSION_H

#include "model/model.h"
#include "ranker/asker.h"
#include "ranker/gates.h"
#include "ranker/ranker.h"
#include "service/live_view.h"
#include <purvey/answer.h>

/* A request after all ids, dates and defaults are resolved. */
typedef struct pv_asked {
    pv_question question;
    pv_history history;
    pv_company company;
    pv_assortment assortment;
    pv_mode mode;
    bool is_popular_list; /* a company without purchases */
    pv_ranking ranking;   /* prepared, not scored */
} pv_asked;

struct pv_session {
    const pv_model *model;
    const pv_live_view *live;    /* what came since the training; NULL: nothing is known of it */
    struct pv_live_state *state; /* whose lock `live` is looked at under; NULL: nobody writes */
    pv_current_products *now;    /* of the current answer; NULL: as trained */
    int64_t events_end;          /* offset of the last event that the current answer knows; -1: none */
    pv_arena *arena;             /* the current answer */
    pv_asker *apart;             /* asks without a purchase */
    pv_als_rows als_rows;
    pv_answer answer;
    pv_similar similar;
    pv_asked *ranked; /* the question of the last pv_rank_pair(), in the arena; NULL after any other call */
    pv_request ranked_request;
};

/* Resolve and prepare in the session's arena, which is reset first. `answer` receives user, model, as_of, mode, source
 * and fallback. Errors: PV_E_USAGE, PV_E_MEMORY. */
pv_status pv_session_ask(pv_asked **asked, pv_session *session, const pv_request *request, pv_error *error) PV_CHECKED;
/* Let go of what the current answer held; called between requests, and harmless at any time. */
void pv_session_rest(pv_session *session);
/* The gates of what was asked. Errors: PV_E_USAGE (no such filter column), PV_E_MEMORY. */
pv_status pv_session_gates(pv_gates *gates, const pv_session *session, const pv_asked *asked, const pv_request *request,
                           pv_error *error) PV_CHECKED;

#endif
