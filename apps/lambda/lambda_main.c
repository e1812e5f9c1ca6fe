/* lambda_main.c - the program `bootstrap` that AWS Lambda starts: settings, model, then one event after the other.
 *
 * Nothing has to be done at the end of a sandbox: it may be killed at any moment. */
#include "handler.h"

#include "base/failure.h"
#include <unistd.h>

static const char *init_error_type(pv_status status)
{
    switch (status) {
    case PV_E_USAGE:
        return "Runtime.BadSettings";
    case PV_E_INPUT:
    case PV_E_NOT_FOUND:
        return "Runtime.NoModel";
    case PV_E_REMOTE:
        return "Runtime.Unreachable";
    case PV_E_MEMORY:
        return "Runtime.NoMemory";
    default:
        return "Runtime.InitFailed";
    }
}

/* Lambda is told why there is no service, and the log too. */
static void report_init_failure(lambda_handler *handler, pv_status status, const pv_error *cause)
{
    pv_error error = {.position = -1};
    log_message(&handler->sink, LOG_FATAL, "", "cannot start: %s", cause->message);
    if (handler->api == NULL) return;
    if (runtime_api_fail_init(handler->api, init_error_type(status), cause->message, &error) != PV_OK)
        log_message(&handler->sink, LOG_ERROR, "", "%s", error.message);
}

static pv_status start(lambda_handler *handler, lambda_settings *settings, pv_error *error)
{
    pv_status status;
    pv_endpoint endpoint;
    PV_TRY(lambda_runtime_endpoint(&endpoint, error));
    PV_TRY(runtime_api_create(&handler->api, &endpoint, error));
    PV_TRY(lambda_settings_read(settings, error));
    handler->sink.level = settings->log_level;
    handler->sink.format = settings->log_format;
    handler->labels =
        (emf_labels){.metrics_namespace = settings->metrics_namespace, .service = settings->function_name};
    if (settings->log_salt != NULL) handler->hash_key.salt = pv_text_of(settings->log_salt);
    PV_TRY(lambda_service_create(&handler->service, &handler->start, settings, error));
cleanup:
    return status;
}

/* Until Lambda has no more to say, which is a failure: it ends sandboxes by SIGKILL. */
static void serve(lambda_handler *handler)
{
    pv_error error = {.position = -1};
    runtime_invocation invocation;
    while (runtime_api_next(&invocation, handler->api, &error) == PV_OK) lambda_handler_run(handler, &invocation);
    log_message(&handler->sink, LOG_FATAL, "", "no further events: %s", error.message);
}

int main(void)
{
    pv_error error = {.position = -1};
    lambda_settings settings = {0};
    lambda_handler handler = {.settings = &settings,
                              .sink = {.file = STDOUT_FILENO, .level = LOG_INFO, .format = LOG_JSON}};
    const pv_status status = start(&handler, &settings, &error);
    if (status == PV_OK)
        serve(&handler);
    else
        report_init_failure(&handler, status, &error);
    lambda_service_free(handler.service);
    runtime_api_free(handler.api);
    lambda_settings_deinit(&settings);
    return 1;
}
