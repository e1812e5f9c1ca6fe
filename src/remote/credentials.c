/* credentials.c - see credentials.h. */
#include "remote/credentials.h"

#include "base/failure.h"
#include "remote/credentials_endpoint.h"
#include "remote/credentials_profile.h"
#include <stdlib.h>
#include <string.h>

void pv_secret_free(char *secret)
{
    if (secret) explicit_bzero(secret, strlen(secret));
    free(secret);
}

void pv_credentials_deinit(pv_credentials *credentials)
{
    pv_secret_free(credentials->access_key);
    pv_secret_free(credentials->secret_key);
    pv_secret_free(credentials->session_token);
    *credentials = (pv_credentials){0};
}

static char *copied(const char *value)
{
    return value && value[0] ? strdup(value) : NULL;
}

static pv_status from_environment(pv_credentials *credentials, bool *found, pv_error *error)
{
    const char *key = getenv("AWS_ACCESS_KEY_ID"), *secret = getenv("AWS_SECRET_ACCESS_KEY");
    const char *token = getenv("AWS_SESSION_TOKEN");
    const bool has_key = key && key[0], has_secret = secret && secret[0], has_token = token && token[0];
    *found = has_key && has_secret;
    if (has_key != has_secret)
        return pv_fail(error, PV_E_INPUT, "%s is set and %s is not: expected both",
                       has_key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                       has_key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    if (!*found) return PV_OK;
    *credentials = (pv_credentials){copied(key), copied(secret), copied(token), INT64_MAX, "environment"};
    const bool is_whole =
        credentials->access_key && credentials->secret_key && (credentials->session_token || !has_token);
    return pv_check_memory(is_whole, "credentials", error);
}

static pv_status from_profile(pv_credentials *credentials, bool *found, pv_error *error)
{
    pv_profile profile = {0};
    const pv_status status = pv_profile_read(&profile, error);
    *found = status == PV_OK && profile.access_key;
    if (*found) {
        *credentials =
            (pv_credentials){profile.access_key, profile.secret_key, profile.session_token, INT64_MAX, "profile"};
        profile.access_key = profile.secret_key = profile.session_token = NULL;
    }
    pv_profile_deinit(&profile);
    return status;
}

pv_status pv_credentials_find(pv_credentials *credentials, pv_deadline deadline, pv_error *error)
{
    pv_status status;
    bool found = false;
    *credentials = (pv_credentials){0};
    PV_TRY(from_environment(credentials, &found, error));
    if (!found) PV_TRY(from_profile(credentials, &found, error));
    if (!found) PV_TRY(pv_container_credentials(credentials, &found, deadline, error));
    if (!found) PV_TRY(pv_instance_credentials(credentials, &found, deadline, error));
    if (!found)
        status = pv_fail(error, PV_E_INPUT,
                         "no AWS credentials: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile in "
                         "~/.aws/credentials, or the role of a container or an instance");
cleanup:
    if (status != PV_OK) pv_credentials_deinit(credentials);
    return status;
}

pv_status pv_region_find(char **region, pv_error *error)
{
    static const char *const variables[] = {"AWS_REGION", "AWS_DEFAULT_REGION"};
    pv_profile profile = {0};
    *region = NULL;
    for (size_t k = 0; k < sizeof variables / sizeof *variables; k++) {
        const char *value = getenv(variables[k]);
        if (!value || !value[0]) continue;
        *region = strdup(value);
        return pv_check_memory(*region != NULL, "the region", error);
    }
    const pv_status status = pv_profile_read(&profile, error);
    if (status != PV_OK) return status;
    *region = profile.region;
    profile.region = NULL;
    pv_profile_deinit(&profile);
    return *region ? PV_OK
                   : pv_fail(error, PV_E_INPUT,
                             "no AWS region: expected AWS_REGION, such as eu-central-1, or a region in ~/.aws/config");
}
