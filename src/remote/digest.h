/* digest.h - SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), by OpenSSL. */
#ifndef PV_DIGEST_H
#define PV_DIGEST_H

#include "base/text.h"

#define PV_SHA256_SIZE 32
#define PV_SHA256_HEX 65 /* characters of the digits in lower case, and NUL */

typedef struct pv_sha256 pv_sha256; /* of bytes that come in pieces */
pv_status pv_sha256_create(pv_sha256 **sha, pv_error *error) PV_CHECKED;
pv_status pv_sha256_add(pv_sha256 *sha, const void *bytes, size_t size, pv_error *error) PV_CHECKED;
pv_status pv_sha256_end(unsigned char out[PV_SHA256_SIZE], pv_sha256 *sha, pv_error *error) PV_CHECKED;
void pv_sha256_free(pv_sha256 *sha); /* accepts NULL */

pv_status pv_sha256_of(unsigned char out[PV_SHA256_SIZE], pv_text bytes, pv_error *error) PV_CHECKED;
pv_status pv_hmac_sha256(unsigned char out[PV_SHA256_SIZE], pv_text key, pv_text message, pv_error *error) PV_CHECKED;
void pv_sha256_print(char out[PV_SHA256_HEX], const unsigned char digest[PV_SHA256_SIZE]);

#endif
