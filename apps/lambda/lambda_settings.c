/* lambda_settings.c - see lambda_settings.h. */
#include "lambda_settings.h"

#include "base/failure.h"
#include <purvey/model.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODEL_NAME "purvey.model"
#define AUTHORITIES_NAME "certificates.pem"
#define RELOAD_SECONDS_DEFAULT 60
#define RELOAD_SECONDS_MAX 86400
#define NAMESPACE_MAX 255

/* A variable that is set to nothing counts as one that is not set: templates cannot leave one out. */
static const char *variable(const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : otherwise;
}

pv_status lambda_runtime_endpoint(pv_endpoint *endpoint, pv_error *error)
{
    pv_status status;
    pv_buffer url = {0};
    const char *address = variable("AWS_LAMBDA_RUNTIME_API", NULL);
    if (address == NULL)
        return pv_fail(error, PV_E_USAGE,
                       "AWS_LAMBDA_RUNTIME_API is not set: this program is started by AWS Lambda or its emulator");
    pv_buffer_print(&url, "http://%s", address);
    pv_buffer_append(&url, "", 1);
    PV_TRY(pv_check_memory(!url.failed, "the address of the Runtime API", error));
    PV_TRY(pv_endpoint_parse(endpoint, NULL, url.data, error));
cleanup:
    pv_buffer_deinit(&url);
    return status;
}

static pv_status read_choice(int *choice, const char *name, const char *const *choices, int n, const char *expected,
                             pv_error *error)
{
    const char *value = variable(name, NULL);
    if (value == NULL) return PV_OK;
    for (int k = 0; k < n; k++) {
        if (strcmp(value, choices[k]) != 0) continue;
        *choice = k;
        return PV_OK;
    }
    return pv_fail(error, PV_E_USAGE, "%s %.40s: expected %s", name, value, expected);
}

static pv_status read_log(lambda_settings *settings, pv_error *error)
{
    static const char *const formats[] = {[LOG_JSON] = "JSON", [LOG_TEXT] = "Text"};
    pv_status status;
    int level = LOG_INFO, format = LOG_JSON;
    PV_TRY(read_choice(&format, "AWS_LAMBDA_LOG_FORMAT", formats, 2, "JSON or Text", error));
    settings->log_format = (log_format)format;
    PV_TRY(read_choice(&level, "AWS_LAMBDA_LOG_LEVEL", log_level_names, LOG_LEVEL_COUNT,
                       "TRACE, DEBUG, INFO, WARN, ERROR or FATAL", error));
    settings->log_level = (log_level)level;
cleanup:
    return status;
}

static pv_status read_reload_seconds(double *seconds, pv_error *error)
{
    const char *value = variable("PURVEY_RELOAD_SECONDS", NULL);
    char *end = NULL;
    *seconds = RELOAD_SECONDS_DEFAULT;
    if (value == NULL) return PV_OK;
    const bool begins_with_digit = value[0] >= '0' && value[0] <= '9';
    *seconds = begins_with_digit ? strtod(value, &end) : -1;
    if (*seconds >= 0 && *seconds <= RELOAD_SECONDS_MAX && *end == '\0') return PV_OK;
    return pv_fail(error, PV_E_USAGE, "PURVEY_RELOAD_SECONDS %.40s: expected 0 (only when told) to %d", value,
                   RELOAD_SECONDS_MAX);
}

/* The characters that CloudWatch allows in the name of a namespace. */
static pv_status read_namespace(const char **name, pv_error *error)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_/#:";
    *name = variable("PURVEY_METRICS_NAMESPACE", "purvey");
    const size_t size = strlen(*name);
    if (size <= NAMESPACE_MAX && strspn(*name, allowed) == size && strncmp(*name, "AWS/", 4) != 0) return PV_OK;
    return pv_fail(error, PV_E_USAGE,
                   "PURVEY_METRICS_NAMESPACE %.40s: expected at most %d of A-Z a-z 0-9 . - _ / # :, not AWS/", *name,
                   NAMESPACE_MAX);
}

static pv_status copy_text(char **copy, const char *text, pv_error *error)
{
    pv_buffer buffer = {0};
    pv_buffer_append_string(&buffer, text);
    return pv_buffer_hand_over(copy, &buffer, "the settings", error);
}

/* The path of a file of the deployment package, and whether it is there. */
static pv_status find_beside(char **path, bool *exists, const char *name, pv_error *error)
{
    pv_status status;
    pv_buffer text = {0};
    pv_buffer_print(&text, "%s/%s", variable("LAMBDA_TASK_ROOT", "."), name);
    PV_TRY(pv_buffer_hand_over(path, &text, "the settings", error));
    *exists = access(*path, F_OK) == 0;
cleanup:
    return status;
}

/* PURVEY_MODEL, else the file beside the program, else the registry's. */
static pv_status choose_model(lambda_settings *settings, pv_error *error)
{
    pv_status status;
    const char *given = variable("PURVEY_MODEL", NULL);
    char *beside = NULL;
    bool exists = false;
    if (given != NULL) return copy_text(&settings->model, given, error);
    PV_TRY(find_beside(&beside, &exists, MODEL_NAME, error));
    if (exists) {
        settings->model = beside;
        beside = NULL;
    } else if (settings->registry == NULL) {
        status = pv_fail(error, PV_E_USAGE,
                         "no model: PURVEY_MODEL and PURVEY_REGISTRY are not set and %.200s is not there", beside);
    }
cleanup:
    pv_free(beside);
    return status;
}

/* Those of the package, unless the environment names others: a handful is read faster than the system's many. */
static pv_status choose_authorities(lambda_settings *settings, pv_error *error)
{
    pv_status status;
    bool exists = false;
    if (variable("AWS_CA_BUNDLE", NULL) != NULL || variable("SSL_CERT_FILE", NULL) != NULL) return PV_OK;
    PV_TRY(find_beside(&settings->authorities, &exists, AUTHORITIES_NAME, error));
    if (exists) return PV_OK;
    pv_free(settings->authorities);
    settings->authorities = NULL;
cleanup:
    return status;
}

pv_status lambda_settings_read(lambda_settings *settings, pv_error *error)
{
    pv_status status;
    *settings = (lambda_settings){
        .registry = variable("PURVEY_REGISTRY", NULL),
        .as_of = variable("PURVEY_AS_OF", NULL),
        .cache = variable("PURVEY_CACHE", "/tmp/purvey"),
        .log_salt = variable("PURVEY_LOG_SALT", NULL),
        .function_name = variable("AWS_LAMBDA_FUNCTION_NAME", "purvey"),
        .function_version = variable("AWS_LAMBDA_FUNCTION_VERSION", ""),
        .log_level = LOG_INFO,
        .log_format = LOG_JSON,
    };
    PV_TRY(read_log(settings, error));
    PV_TRY(read_reload_seconds(&settings->reload_seconds, error));
    PV_TRY(read_namespace(&settings->metrics_namespace, error));
    PV_TRY(choose_model(settings, error));
    if (settings->registry != NULL) PV_TRY(choose_authorities(settings, error));
cleanup:
    return status;
}

void lambda_settings_deinit(lambda_settings *settings)
{
    pv_free(settings->model);
    pv_free(settings->authorities);
    settings->model = settings->authorities = NULL;
}
