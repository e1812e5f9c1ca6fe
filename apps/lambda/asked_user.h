/* asked_user.h - whom a request is about, for log and metrics. */
#ifndef PURVEY_LAMBDA_ASKED_USER_H
#define PURVEY_LAMBDA_ASKED_USER_H

#include "base/memory.h"
#include <purvey/service.h>

/* Bodies beyond it are not read a second time for the sake of a line. */
#define ASKED_USER_BODY_MAX 16384

/* The segment behind "/v1/users/", or the member "user" of a body that is a JSON object; data NULL: none was found. In
 * the arena or borrowed from the request. */
pv_text asked_user_find(const pv_service_request *request, pv_arena *arena);

#endif
