/* user_hash.c - see user_hash.h. */
#include "user_hash.h"

#include "base/failure.h"
#include "remote/digest.h"
#include <string.h>
#include <sys/random.h>

pv_status user_hash(char out[USER_HASH_SIZE], user_hash_key *key, pv_text user, pv_error *error)
{
    pv_status status;
    unsigned char digest[PV_SHA256_SIZE];
    char digits[PV_SHA256_HEX];
    if (key->salt.data == NULL) {
        if (getrandom(key->random, sizeof key->random, 0) != (ssize_t)sizeof key->random)
            return pv_fail(error, PV_E_INTERNAL, "no random bytes for the hashes of user ids");
        key->salt = (pv_text){(const char *)key->random, sizeof key->random};
    }
    PV_TRY(pv_hmac_sha256(digest, key->salt, user, error));
    pv_sha256_print(digits, digest);
    memcpy(out, digits, USER_HASH_SIZE - 1);
    out[USER_HASH_SIZE - 1] = '\0';
cleanup:
    return status;
}
