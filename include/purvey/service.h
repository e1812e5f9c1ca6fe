/* service.h - the whole service without sockets: a request in, a response out; every transport (HTTP server, AWS
 * Lambda) carries the same bytes.
 *
 * Holds:    pv_service (a model in use, the events and the overlay that came since), pv_service_answer().
 * Threads:  a service is shared by any number of threads; a request and its response belong to one.
 * Memory:   a response owns its bytes: pv_service_response_deinit().
 * Source:   docs/contract.md section 6, docs/service.md.
 */
#ifndef PURVEY_SERVICE_H
#define PURVEY_SERVICE_H

#include <purvey/status.h>
#include <purvey/text.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Limits of a request; a transport need not read more than these. */
#define PV_SERVICE_N_MAX 1000          /* items of an answer */
#define PV_SERVICE_BODY_MAX (8u << 20) /* bytes */
#define PV_SERVICE_PATH_MAX 8192       /* bytes of path and query together */
#define PV_SERVICE_HISTORY_MAX 100000  /* lines of an ad-hoc history */
#define PV_SERVICE_LIST_MAX 100000     /* ids of exclude, cart, rank */
#define PV_SERVICE_BATCH_MAX 10000     /* rows of a batch of events or of the overlay */

typedef struct pv_service pv_service;

/* Where accepted events are kept instead of a folder, for a transport without a disk of its own (AWS Lambda): they
 * count from the next training on, not in answers of this service. */
typedef struct pv_service_journal {
    /* Keep the lines of JSON [size]; PV_OK: they outlive this process. PV_E_OUTPUT, PV_E_REMOTE: answered 503. Called
     * by one thread at a time. */
    pv_status (*keep)(void *context, const char *lines, size_t size, pv_error *error);
    void *context;
} pv_service_journal;

typedef struct pv_service_options {
    const char *model;  /* path */
    const char *events; /* folder of the log, created when missing; NULL: events and overlay are refused (409) */
    const char *as_of;  /* of questions that name none: date, time, "now" (of each request); NULL: contract 2 */
    const pv_service_journal *journal; /* NULL: none. Not with `events`. Borrowed for the life of the service */
    /* {"items":[...],"users":[...],"eligibility":[...]}, rows as of the calls items:batch, users:batch and
     * eligibility:batch, which hold from the start; data NULL: none. Not with `events`. */
    pv_text overlay;
} pv_service_options;

/* Open the model, replay the log. Errors: those of pv_model_open(); PV_E_INPUT (damaged log), PV_E_OUTPUT (log cannot
 * be written), PV_E_USAGE (as_of), PV_E_MEMORY. */
PV_API pv_status pv_service_create(pv_service **service, const pv_service_options *options, pv_error *error) PV_CHECKED;
PV_API void pv_service_free(pv_service *service); /* accepts NULL; no request may be running */

/* A request as it came. Everything is borrowed. */
typedef struct pv_service_request {
    pv_text method; /* "GET", "POST", ... */
    pv_text path;   /* still percent-encoded, without the query: "/v1/items/A%2F1/similar" */
    pv_text query;  /* still percent-encoded, without the question mark; data NULL: none */
    pv_text body;   /* size 0: none */
} pv_service_request;

typedef enum pv_service_call {
    PV_SERVICE_RECOMMEND,
    PV_SERVICE_USER_RECOMMENDATIONS,
    PV_SERVICE_RANK,
    PV_SERVICE_EXPLAIN,
    PV_SERVICE_SIMILAR,
    PV_SERVICE_BOUGHT_TOGETHER,
    PV_SERVICE_SUBSTITUTES,
    PV_SERVICE_AUDIENCE,
    PV_SERVICE_PEERS,
    PV_SERVICE_EVENTS,
    PV_SERVICE_EVENTS_PENDING,
    PV_SERVICE_ITEMS_BATCH,
    PV_SERVICE_USERS_BATCH,
    PV_SERVICE_ELIGIBILITY_BATCH,
    PV_SERVICE_MODELS,
    PV_SERVICE_MODEL_CARD,
    PV_SERVICE_HEALTH_LIVE,
    PV_SERVICE_HEALTH_READY,
    PV_SERVICE_OPENAPI,
    PV_SERVICE_NO_CALL, /* no such path or method */
    PV_SERVICE_CALL_COUNT
} pv_service_call;
/* "recommend", "user_recommendations", ..., "none": the label of metrics and logs. */
PV_API const char *pv_service_call_name(pv_service_call call);

/* What a transport sends. Bodies are JSON, UTF-8, without a newline at the end. */
typedef struct pv_service_response {
    int status; /* of HTTP */
    pv_service_call call;
    char *body; /* [size], owned */
    size_t size;
    const char *allow;          /* methods of this path, on 405; NULL otherwise. Static */
    int retry_after;            /* seconds, on 503; 0 otherwise */
    bool is_cacheable;          /* a GET whose answer holds until model, events or overlay change: ETag helps */
    char model[9];              /* id of the model that answered; empty: none did */
    char recommendation_id[33]; /* hash of model, state of the overlay and request; empty where nothing was recommended
                                 */
    double seconds;             /* inside the call */
    int64_t items;              /* recommended, ranked or taken in; -1 when the call has no such number */
    bool is_fallback;           /* answered without the customer's own purchases */
    bool is_unknown_user;       /* a user was named whom the model does not know: answered all the same, or 404 */
} pv_service_response;

/* Answer one request; every failure is a response too: {"error":{"code","message","field"}}. body is NULL only where
 * there is no memory even for that. */
PV_API void pv_service_answer(pv_service_response *response, pv_service *service, const pv_service_request *request);
PV_API void pv_service_response_deinit(pv_service_response *response);
/* The response for what a transport refuses by itself (too large, not allowed, ...): the same JSON of errors. `code` is
 * one of docs/contract.md section 3; `message` one line. */
PV_API void pv_service_refuse(pv_service_response *response, int status, const char *code, const char *message);

/* Put the model file at the path of the options, which may be another one by now, in place of the one in use. Requests
 * that run go on with the old one. On failure the old one stays and the cause is told by health. *changed: false when
 * the file is the one in use. */
PV_API pv_status pv_service_reload(bool *changed, pv_service *service, pv_error *error) PV_CHECKED;

/* For health and metrics. */
typedef struct pv_service_state {
    char model[9];
    int64_t model_as_of;          /* seconds; INT64_MIN: the data has no time */
    int64_t events, overlay_rows; /* in the log */
    int64_t events_pending;       /* that the model in use has not taken in */
    int64_t log_bytes;
    int64_t reloads, failed_reloads;
} pv_service_state;
PV_API void pv_service_state_get(pv_service_state *state, pv_service *service);

#ifdef __cplusplus
}
#endif
#endif
