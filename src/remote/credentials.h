/* credentials.h - who asks AWS: an access key, from the places where AWS's own programs look for it.
 *
 * In this order: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN); the profile AWS_PROFILE, or
 * "default", in AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials) and AWS_CONFIG_FILE (~/.aws/config);
 * AWS_CONTAINER_CREDENTIALS_ FULL_URI or _RELATIVE_URI (ECS, EKS, Lambda's init caching) with
 * AWS_CONTAINER_AUTHORIZATION_TOKEN[_FILE]; the instance's role by IMDSv2 (AWS_EC2_METADATA_DISABLED,
 * AWS_EC2_METADATA_SERVICE_ENDPOINT).
 *
 * Source:   AWS SDKs and Tools Reference Guide, "Credential providers".
 * Memory:   secrets are cleared before their memory is given back, but for what the parser of JSON and TLS kept for
 *           themselves; no message holds one.
 */
#ifndef PV_CREDENTIALS_H
#define PV_CREDENTIALS_H

#include "base/text.h"
#include "remote/deadline.h"

typedef struct pv_credentials {
    char *access_key, *secret_key;
    char *session_token; /* NULL: none */
    int64_t expires;     /* seconds since 1970, UTC; INT64_MAX: never */
    const char *source;  /* "environment", "profile", "container", "instance". Static */
} pv_credentials;

/* Errors: PV_E_INPUT (there are none: the message names the places looked at and the fix; a profile file that is wrong:
 * file, line), PV_E_REMOTE (an endpoint that does not answer), PV_E_MEMORY. */
pv_status pv_credentials_find(pv_credentials *credentials, pv_deadline deadline, pv_error *error) PV_CHECKED;
void pv_credentials_deinit(pv_credentials *credentials); /* accepts {0} */
void pv_secret_free(char *secret);                       /* clears it; accepts NULL */
void pv_secret_buffer_deinit(pv_buffer *text);           /* clears it; accepts {0} */
/* Read a whole file, at most `most` bytes, into an empty buffer, without copies elsewhere. A file that is missing
 * leaves it without data. Errors: PV_E_INPUT with the path (not readable, no ordinary file, too large), PV_E_MEMORY. */
pv_status pv_secret_file_read(pv_buffer *text, const char *path, size_t most, pv_error *error) PV_CHECKED;

/* AWS_REGION, AWS_DEFAULT_REGION, the profile's region; else PV_E_INPUT that names them. *region is freed by pv_free().
 */
pv_status pv_region_find(char **region, pv_error *error) PV_CHECKED;

#endif
