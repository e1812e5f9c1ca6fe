/* digest.c - see digest.h. */
#include "remote/digest.h"

#include "base/failure.h"
#include <openssl/evp.h>
#include <stdlib.h>

struct pv_sha256 {
    EVP_MD_CTX *context;
};

static pv_status check(int outcome, pv_error *error)
{
    return outcome == 1 ? PV_OK : pv_fail(error, PV_E_INTERNAL, "SHA-256 of OpenSSL failed");
}

pv_status pv_sha256_create(pv_sha256 **out, pv_error *error)
{
    pv_status status;
    pv_sha256 *sha = calloc(1, sizeof *sha);
    PV_TRY(pv_check_memory(sha != NULL, "a digest", error));
    sha->context = EVP_MD_CTX_new();
    PV_TRY(pv_check_memory(sha->context != NULL, "a digest", error));
    PV_TRY(check(EVP_DigestInit_ex(sha->context, EVP_sha256(), NULL), error));
    *out = sha;
    sha = NULL;
cleanup:
    pv_sha256_free(sha);
    return status;
}

pv_status pv_sha256_add(pv_sha256 *sha, const void *bytes, size_t size, pv_error *error)
{
    return check(EVP_DigestUpdate(sha->context, bytes, size), error);
}

pv_status pv_sha256_end(unsigned char out[PV_SHA256_SIZE], pv_sha256 *sha, pv_error *error)
{
    return check(EVP_DigestFinal_ex(sha->context, out, NULL), error);
}

void pv_sha256_free(pv_sha256 *sha)
{
    if (!sha) return;
    EVP_MD_CTX_free(sha->context);
    free(sha);
}

pv_status pv_sha256_of(unsigned char out[PV_SHA256_SIZE], pv_text bytes, pv_error *error)
{
    return check(EVP_Digest(bytes.data, bytes.size, out, NULL, EVP_sha256(), NULL), error);
}

pv_status pv_hmac_sha256(unsigned char out[PV_SHA256_SIZE], pv_text key, pv_text message, pv_error *error)
{
    size_t size = 0;
    const unsigned char *made =
        EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.data, key.size, (const unsigned char *)message.data,
                  message.size, out, PV_SHA256_SIZE, &size);
    return made && size == PV_SHA256_SIZE ? PV_OK : pv_fail(error, PV_E_INTERNAL, "HMAC of OpenSSL failed");
}

void pv_sha256_print(char out[PV_SHA256_HEX], const unsigned char digest[PV_SHA256_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t k = 0; k < PV_SHA256_SIZE; k++) {
        out[2 * k] = digits[digest[k] >> 4];
        out[2 * k + 1] = digits[digest[k] & 15];
    }
    out[2 * PV_SHA256_SIZE] = '\0';
}
