/* lambda_settings.h - what the environment says, read once and checked: a wrong value ends the start with one line.
 *
 * Memory:   texts are borrowed from the environment, which nobody changes but for _X_AMZN_TRACE_ID; `model` and
 * `authorities` are owned. Source:   docs/lambda.md, "Environment".
 */
#ifndef PURVEY_LAMBDA_SETTINGS_H
#define PURVEY_LAMBDA_SETTINGS_H

#include "log_line.h"
#include "remote/endpoint.h"
#include <purvey/status.h>

typedef struct lambda_settings {
    char *model;          /* path; NULL: the model that the registry has in use */
    const char *registry; /* "s3://BUCKET/PREFIX"; NULL: none */
    char *authorities; /* PEM file of certificate authorities in the package; NULL: the environment's or the system's */
    const char *as_of; /* of questions that name none; NULL: the date of the data */
    double reload_seconds; /* between looks at the registry or the file; 0: only when told */
    const char *cache;     /* folder for models of the registry */
    const char *log_salt;  /* for hashes of user ids; NULL: a random one */
    const char *metrics_namespace;
    const char *function_name, *function_version;
    log_level log_level;
    log_format log_format;
} lambda_settings;

/* Where the Runtime API is, from AWS_LAMBDA_RUNTIME_API ("127.0.0.1:9001"). Errors: PV_E_USAGE. */
pv_status lambda_runtime_endpoint(pv_endpoint *endpoint, pv_error *error) PV_CHECKED;
/* Errors: PV_E_USAGE names the variable and what was expected; PV_E_MEMORY. On failure the log settings hold what was
 * read of them, so that the failure can be logged. */
pv_status lambda_settings_read(lambda_settings *settings, pv_error *error) PV_CHECKED;
void lambda_settings_deinit(lambda_settings *settings);

#endif
