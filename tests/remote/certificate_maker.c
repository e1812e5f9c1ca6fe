/* certificate_maker.c - see certificate_maker.h. */
#include "certificate_maker.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#define HOUR 3600L

static bool add_extension(X509 *x509, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    const bool added = extension && X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

/* All but issuer, extensions and signature. */
static bool begin_certificate(certificate *made, const char *name, long seconds)
{
    static long serial = 1;
    made->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    made->x509 = X509_new();
    if (!made->key || !made->x509) return false;
    X509_NAME *subject = X509_get_subject_name(made->x509);
    return X509_set_version(made->x509, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set(X509_get_serialNumber(made->x509), serial++) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(made->x509), -HOUR) &&
           X509_gmtime_adj(X509_getm_notAfter(made->x509), seconds) && X509_set_pubkey(made->x509, made->key) == 1 &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0) == 1;
}

static bool sign(certificate *made, const certificate *authority)
{
    return X509_set_issuer_name(made->x509, X509_get_subject_name(authority->x509)) == 1 &&
           X509_sign(made->x509, authority->key, EVP_sha256()) > 0;
}

bool certificate_make_authority(certificate *made, const char *name)
{
    return begin_certificate(made, name, 24 * HOUR) &&
           add_extension(made->x509, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(made->x509, NID_key_usage, "critical,keyCertSign") && sign(made, made);
}

bool certificate_make_server(certificate *made, const certificate *authority, const char *subject_names, long seconds)
{
    return begin_certificate(made, "server", seconds) &&
           add_extension(made->x509, NID_subject_alt_name, subject_names) && sign(made, authority);
}

void certificate_free(certificate *made)
{
    EVP_PKEY_free(made->key);
    X509_free(made->x509);
    *made = (certificate){0};
}

bool certificate_write_pem(const char *path, const certificate *written)
{
    FILE *file = fopen(path, "w");
    if (!file) return false;
    const bool done = PEM_write_X509(file, written->x509) == 1;
    return fclose(file) == 0 && done;
}

SSL_CTX *certificate_server_context(const certificate *server, int version)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) return NULL;
    if (SSL_CTX_use_certificate(context, server->x509) == 1 && SSL_CTX_use_PrivateKey(context, server->key) == 1 &&
        SSL_CTX_set_max_proto_version(context, version) == 1 && SSL_CTX_set_min_proto_version(context, version) == 1) {
        return context;
    }
    SSL_CTX_free(context);
    return NULL;
}
