/* Any text as a file of profiles, of either kind, and as the document of a credentials endpoint: there are both keys or
 * none, and no message quotes what was read. */
#include "remote/credentials_endpoint.h"
#include "remote/credentials_profile.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nothing of the input is shown but the names of settings that are known, in the letters of the file. */
static void check_message(const pv_error *error)
{
    if (error->status != PV_E_INPUT || strncmp(error->message, "file", 4) != 0) abort();
    for (const char *at = error->message; *at; at++)
        if (*at < ' ' || *at > '~') abort();
}

static void check_keys(const char *access_key, const char *secret_key, const char *token)
{
    if (!access_key != !secret_key || (token && !access_key)) abort();
    if (access_key && (!access_key[0] || !secret_key[0])) abort();
}

static void check_profile(const char *name, pv_text credentials, pv_text config)
{
    pv_error error;
    pv_profile profile = {0};
    const pv_profile_file files[2] = {{"file", credentials}, {"file", config}};
    if (pv_profile_find(&profile, name, &files[0], &files[1], &error) != PV_OK) {
        check_message(&error);
        if (profile.exists || profile.access_key || profile.region) abort();
        return;
    }
    check_keys(profile.access_key, profile.secret_key, profile.session_token);
    if (profile.refusal.status != PV_OK) {
        check_message(&profile.refusal);
        if (profile.access_key || !profile.exists) abort();
    }
    pv_profile_deinit(&profile);
}

static void check_document(pv_text text)
{
    pv_error error;
    pv_credentials credentials = {0};
    if (pv_credentials_read(&credentials, "file", text, &error) != PV_OK) check_message(&error);
    check_keys(credentials.access_key, credentials.secret_key, credentials.session_token);
    pv_credentials_deinit(&credentials);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const pv_text text = {(const char *)data, size}, none = {NULL, 0};
    check_profile("default", text, none);
    check_profile("default", none, text);
    check_profile("shop", text, text);
    check_document(text);
    return 0;
}
