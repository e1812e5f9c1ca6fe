/* certificate_maker.h - authorities and servers' certificates, made for one test. Nothing is kept. */
#ifndef CERTIFICATE_MAKER_H
#define CERTIFICATE_MAKER_H

#include <openssl/ssl.h>
#include <stdbool.h>

typedef struct certificate {
    EVP_PKEY *key;
    X509 *x509;
} certificate;

/* A self-signed authority. False: OpenSSL refuses. */
bool certificate_make_authority(certificate *made, const char *name);
/* For the hosts of subject_names ("DNS:localhost,IP:127.0.0.1"), good from an hour ago for `seconds`. */
bool certificate_make_server(certificate *made, const certificate *authority, const char *subject_names, long seconds);
void certificate_free(certificate *made); /* accepts {0} */
bool certificate_write_pem(const char *path, const certificate *written);
/* What a server with this certificate speaks: `version` (TLS1_3_VERSION) alone. NULL: OpenSSL refuses. */
SSL_CTX *certificate_server_context(const certificate *server, int version);

#endif
