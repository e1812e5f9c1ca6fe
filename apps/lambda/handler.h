/* handler.h - one invocation from its event to its answer and its line in the log. */
#ifndef PURVEY_LAMBDA_HANDLER_H
#define PURVEY_LAMBDA_HANDLER_H

#include "emf.h"
#include "lambda_service.h"
#include "lambda_settings.h"
#include "runtime_api.h"
#include "user_hash.h"

typedef struct lambda_handler {
    const lambda_settings *settings;
    lambda_service *service;
    runtime_api *api;
    log_sink sink;
    emf_labels labels;
    user_hash_key hash_key;
    lambda_look start; /* what the start cost: told by the first invocation's line */
    bool is_warm;      /* an invocation has been answered */
} lambda_handler;

/* Answer. A failure to hand the answer over is logged; the next invocation shows whether there is one. */
void lambda_handler_run(lambda_handler *handler, const runtime_invocation *invocation);

#endif
