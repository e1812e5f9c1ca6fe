/* credentials.c - see credentials.h. */
#include "remote/credentials.h"

#include "base/failure.h"
#include "remote/credentials_endpoint.h"
#include "remote/credentials_profile.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- secrets ------------------------------------------------------------------------------------------------------ */

void pv_secret_free(char *secret)
{
    if (secret) explicit_bzero(secret, strlen(secret));
    free(secret);
}

/* Room for the whole is made once: a buffer that grows would leave its former memory uncleared, and so would stdio. */
static pv_status read_open(pv_buffer *text, int file, const char *path, size_t most, pv_error *error)
{
    struct stat info;
    if (fstat(file, &info) != 0) return pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode) || info.st_size < 0 || (uint64_t)info.st_size > most)
        return pv_fail(error, PV_E_INPUT, "%s: expected a file of at most %zu bytes", path, most);
    const size_t size = (size_t)info.st_size;
    char *room = pv_buffer_room(text, size + 1);
    if (!room) return pv_fail_memory(error, "a file of secrets", size);
    while (text->size < size) {
        const ssize_t n = read(file, room + text->size, size - text->size);
        if (n == 0) break;
        if (n < 0 && errno != EINTR) return pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(errno));
        if (n > 0) text->size += (size_t)n;
    }
    return PV_OK;
}

pv_status pv_secret_file_read(pv_buffer *text, const char *path, size_t most, pv_error *error)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer must not hold us up */
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR)) return PV_OK;
    if (file < 0) return pv_fail(error, PV_E_INPUT, "%s: %s", path, strerror(errno));
    const pv_status status = read_open(text, file, path, most, error);
    (void)close(file);
    return status;
}

void pv_secret_buffer_deinit(pv_buffer *text)
{
    if (text->data) explicit_bzero(text->data, text->capacity);
    pv_buffer_deinit(text);
}

/* --- finding them ------------------------------------------------------------------------------------------------- */

void pv_credentials_deinit(pv_credentials *credentials)
{
    pv_secret_free(credentials->access_key);
    pv_secret_free(credentials->secret_key);
    pv_secret_free(credentials->session_token);
    *credentials = (pv_credentials){0};
}

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && value[0];
}

static pv_status copy_variable(char **copy, const char *variable, pv_error *error)
{
    *copy = strdup(getenv(variable));
    return pv_check_memory(*copy != NULL, variable, error);
}

static pv_status from_environment(pv_credentials *credentials, bool *found, pv_error *error)
{
    const bool has_key = is_set("AWS_ACCESS_KEY_ID"), has_secret = is_set("AWS_SECRET_ACCESS_KEY");
    *found = has_key && has_secret;
    if (has_key != has_secret)
        return pv_fail(error, PV_E_INPUT, "%s is set and %s is not: expected both",
                       has_key ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                       has_key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    if (!*found && is_set("AWS_WEB_IDENTITY_TOKEN_FILE"))
        return pv_fail(error, PV_E_INPUT,
                       "AWS_WEB_IDENTITY_TOKEN_FILE needs another program: eval \"$(aws configure export-credentials "
                       "--format env)\" puts its credentials into the environment");
    if (!*found) return PV_OK;
    *credentials = (pv_credentials){.expires = INT64_MAX, .source = "environment"};
    if (copy_variable(&credentials->access_key, "AWS_ACCESS_KEY_ID", error) != PV_OK ||
        copy_variable(&credentials->secret_key, "AWS_SECRET_ACCESS_KEY", error) != PV_OK)
        return PV_E_MEMORY;
    return is_set("AWS_SESSION_TOKEN") ? copy_variable(&credentials->session_token, "AWS_SESSION_TOKEN", error) : PV_OK;
}

static pv_status from_profile(pv_credentials *credentials, bool *found, pv_error *error)
{
    pv_profile profile = {0};
    pv_status status = pv_profile_read(&profile, error);
    if (status == PV_OK && profile.refusal.status != PV_OK) {
        status = profile.refusal.status;
        if (error) *error = profile.refusal;
    }
    *found = status == PV_OK && profile.access_key;
    if (*found) {
        *credentials =
            (pv_credentials){profile.access_key, profile.secret_key, profile.session_token, INT64_MAX, "profile"};
        profile.access_key = profile.secret_key = profile.session_token = NULL;
    }
    pv_profile_deinit(&profile);
    return status;
}

/* A line break that came along with a pasted key would be seen as a wrong signature, or as no HTTP. */
static pv_status check_text(const char *text, const char *what, const char *source, pv_error *error)
{
    for (; text && *text; text++)
        if (*text <= ' ' || *text > '~')
            return pv_fail(error, PV_E_INPUT,
                           "%s of AWS credentials (%s): a blank, a control character or one beyond ASCII in it", what,
                           source);
    return PV_OK;
}

static pv_status check_texts(const pv_credentials *credentials, pv_error *error)
{
    pv_status status;
    PV_TRY(check_text(credentials->access_key, "access key", credentials->source, error));
    PV_TRY(check_text(credentials->secret_key, "secret key", credentials->source, error));
    PV_TRY(check_text(credentials->session_token, "session token", credentials->source, error));
cleanup:
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
    if (found)
        status = check_texts(credentials, error);
    else
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
        if (is_set(variables[k])) return copy_variable(region, variables[k], error);
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
