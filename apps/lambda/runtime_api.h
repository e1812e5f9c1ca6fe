/* runtime_api.h - the HTTP interface between AWS Lambda and the program in its sandbox.
 *
 *   GET  /2018-06-01/runtime/invocation/next            waits for an event, as long as it takes
 *   POST /2018-06-01/runtime/invocation/ID/response     its result
 *   POST /2018-06-01/runtime/invocation/ID/error        or that there is none
 *   POST /2018-06-01/runtime/init/error                 the program cannot start
 *
 * Source:   AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
 * Threads:  one.
 */
#ifndef PURVEY_LAMBDA_RUNTIME_API_H
#define PURVEY_LAMBDA_RUNTIME_API_H

#include "base/text.h"
#include "remote/endpoint.h"

typedef struct runtime_api runtime_api;

/* Connects with the first request. Errors: PV_E_MEMORY. */
pv_status runtime_api_create(runtime_api **api, const pv_endpoint *endpoint, pv_error *error) PV_CHECKED;
void runtime_api_free(runtime_api *api); /* accepts NULL */

#define RUNTIME_REQUEST_ID_SIZE 129
#define RUNTIME_TRACE_ID_SIZE 513
typedef struct runtime_invocation {
    char *event; /* [size] may be changed in place; belongs to the api until its next runtime_api_next() */
    size_t size;
    char request_id[RUNTIME_REQUEST_ID_SIZE];
    char trace_id[RUNTIME_TRACE_ID_SIZE]; /* "": none, or longer than fits */
    int64_t deadline;                     /* milliseconds since 1970; INT64_MAX: not told */
} runtime_invocation;

/* Wait for an event; a connection that broke is made anew once. Errors: PV_E_REMOTE (nothing more to be had),
 * PV_E_MEMORY. */
pv_status runtime_api_next(runtime_invocation *invocation, runtime_api *api, pv_error *error) PV_CHECKED;

/* Errors of these: PV_E_REMOTE (no connection, or refused: 400 unknown id, 403 not its turn, 413 too large),
 * PV_E_MEMORY. */
pv_status runtime_api_respond(runtime_api *api, const runtime_invocation *invocation, pv_text result,
                              pv_error *error) PV_CHECKED;
/* `type`: "Function.Word" or "Runtime.Word". */
pv_status runtime_api_fail(runtime_api *api, const runtime_invocation *invocation, const char *type,
                           const char *message, pv_error *error) PV_CHECKED;
pv_status runtime_api_fail_init(runtime_api *api, const char *type, const char *message, pv_error *error) PV_CHECKED;

#endif
