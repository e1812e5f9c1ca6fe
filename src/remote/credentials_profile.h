/* credentials_profile.h - the profile of AWS_PROFILE, or "default", in AWS's two files. */
#ifndef PV_CREDENTIALS_PROFILE_H
#define PV_CREDENTIALS_PROFILE_H

#include "remote/credentials.h"

typedef struct pv_profile {
    char *access_key, *secret_key, *session_token, *region; /* NULL: not told */
} pv_profile;                                               /* init with {0} */

/* Read both files; one that is missing tells nothing. Where both tell, the file of credentials wins. Errors: PV_E_INPUT
 * (an unreadable or wrong file; one key without the other; a profile that AWS_PROFILE names and no file has; role_arn,
 * sso and credential_process, which need another program), PV_E_MEMORY. */
pv_status pv_profile_read(pv_profile *profile, pv_error *error) PV_CHECKED;
void pv_profile_deinit(pv_profile *profile); /* clears the secrets */

/* The same from the texts of the files (borrowed; data NULL: missing). `name` is the profile's. */
pv_status pv_profile_find(pv_profile *profile, bool *exists, const char *name, const char *path, pv_text text,
                          bool is_config, pv_error *error) PV_CHECKED;

#endif
