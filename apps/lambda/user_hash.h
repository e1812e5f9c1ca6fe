/* user_hash.h - an id of a user for the log: 16 hex digits of HMAC-SHA-256, so that lines of one user can be found
 * together and nobody reads who it is.
 *
 * The key is PURVEY_LOG_SALT; without one it is random, and digits are then the same only within one sandbox.
 * Source:  RFC 2104.
 */
#ifndef PURVEY_LAMBDA_USER_HASH_H
#define PURVEY_LAMBDA_USER_HASH_H

#include "base/text.h"

#define USER_HASH_SIZE 17

typedef struct user_hash_key {
    pv_text salt; /* data NULL: `random` stands for it, filled when it is first needed */
    unsigned char random[16];
} user_hash_key;

/* Errors: PV_E_INTERNAL (no random bytes, no digest), PV_E_MEMORY. */
pv_status user_hash(char out[USER_HASH_SIZE], user_hash_key *key, pv_text user, pv_error *error) PV_CHECKED;

#endif
