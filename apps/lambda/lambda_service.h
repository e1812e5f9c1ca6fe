/* lambda_service.h - the service that answers, and what makes it another one: a model put in use, an overlay changed.
 *
 * The model is a file (in the deployment package), or the one that a registry on S3 has in use; the registry also gives
 * the overlay and keeps batches of events. A look at them costs two conditional GETs. When something changed, a second
 * service is made and takes the place of the first; when that fails, the first one goes on.
 *
 * Threads:  one; a sandbox answers one event at a time.
 */
#ifndef PURVEY_LAMBDA_SERVICE_H
#define PURVEY_LAMBDA_SERVICE_H

#include "lambda_event.h"
#include "lambda_settings.h"
#include <purvey/service.h>

typedef struct lambda_service lambda_service;

/* What a look came to, and what it cost. */
typedef struct lambda_look {
    bool is_changed;         /* another model or overlay is in use */
    bool is_failed;          /* what was in use still is; `error` says why */
    double registry_seconds; /* spent with S3; 0: it was not asked */
    double load_seconds;     /* opening and checking the model; 0: none was */
    pv_error error;
} lambda_look;

/* Start to serve. *look: what that cost. `settings` is borrowed. Errors: those of pv_service_create() and
 * pv_registry_open(); PV_E_NOT_FOUND (nothing is published), PV_E_INPUT, PV_E_REMOTE, PV_E_OUTPUT. */
pv_status lambda_service_create(lambda_service **service, lambda_look *look, const lambda_settings *settings,
                                pv_error *error) PV_CHECKED;
void lambda_service_free(lambda_service *service); /* accepts NULL */

/* Look for another model or overlay, within `seconds`. is_told: somebody says that there is one, so the model's file is
 * looked at too, which takes as long as opening it. */
void lambda_service_look(lambda_look *look, lambda_service *service, bool is_told, double seconds);
/* True when there is a registry and the last look is as long ago as the settings say; `now` in milliseconds since
 * 1970. */
bool lambda_service_is_due(const lambda_service *service, int64_t now);
/* True when the event tells of an object that the registry's models or overlay are told by. */
bool lambda_service_is_told(const lambda_service *service, const lambda_event *event);

/* Answer within `seconds`, which matter where a batch of events is kept on S3. */
void lambda_service_answer(pv_service_response *response, lambda_service *service, const pv_service_request *request,
                           double seconds);

typedef struct lambda_service_state {
    char model[9];
    int64_t model_as_of; /* seconds since 1970; INT64_MIN: the data has no time */
    int64_t model_bytes;
} lambda_service_state;
void lambda_service_state_get(lambda_service_state *state, const lambda_service *service);

#endif
