/* credentials_profile.h - the profile of AWS_PROFILE, or "default", in AWS's two files.
 *
 * The keys come, as in botocore, from the file of credentials, else from that of settings, never half from each.
 * What needs another program (role_arn, sso_*, credential_process and the like) is recognized and makes the keys
 * unusable wherever botocore would have preferred it to them.
 */
#ifndef PV_CREDENTIALS_PROFILE_H
#define PV_CREDENTIALS_PROFILE_H

#include "remote/credentials.h"

typedef struct pv_profile {
    bool exists;                                   /* a file has a section of it */
    char *access_key, *secret_key, *session_token; /* NULL: not told */
    char *region;                                  /* NULL: not told */
    pv_error refusal; /* its status is not PV_OK: why there are no keys, though there is a profile */
} pv_profile;         /* init with {0} */

/* AWS_PROFILE, or "default", in AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials) and AWS_CONFIG_FILE (~/.aws/config); a
 * file that is missing tells nothing. Errors: PV_E_INPUT (an unreadable or wrong file: path, line; a profile that
 * AWS_PROFILE names and no file has), PV_E_MEMORY. */
pv_status pv_profile_read(pv_profile *profile, pv_error *error) PV_CHECKED;
void pv_profile_deinit(pv_profile *profile); /* clears the secrets */

typedef struct pv_profile_file {
    const char *path; /* for messages */
    pv_text text;     /* borrowed; data NULL: missing */
} pv_profile_file;

/* The same from the texts of the files. */
pv_status pv_profile_find(pv_profile *profile, const char *name, const pv_profile_file *credentials,
                          const pv_profile_file *config, pv_error *error) PV_CHECKED;

#endif
