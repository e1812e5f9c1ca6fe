/* tls_connection.c - see tls_connection.h.
 *
 * OpenSSL reads and writes through a BIO of our own over pv_tcp_read() and pv_tcp_write(): its socket BIO uses write(),
 * which raises SIGPIPE. */
#include "remote/tls_connection.h"

#include "base/failure.h"
#include "base/memory.h"
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_AHEAD ((size_t)1 << 16) /* bytes: four records a system call */
#define CAUSE_SIZE 256

struct pv_tls_context {
    SSL_CTX *openssl;
    BIO_METHOD *socket_method;
    SSL_SESSION *session; /* of the last connection; NULL: none yet */
};

struct pv_tls_connection {
    SSL *openssl;
    int descriptor;
    bool at_end;   /* the socket's stream ended */
    bool is_whole; /* the handshake is done and nothing broke since */
    char cause[CAUSE_SIZE];
};

static int count_of(BIO *bio, pv_transfer transfer, size_t count, void (*set_retry)(BIO *))
{
    BIO_clear_retry_flags(bio);
    if (transfer == PV_TRANSFER_DONE) return (int)count;
    if (transfer == PV_TRANSFER_CLOSED) return 0;
    if (transfer != PV_TRANSFER_BROKEN) set_retry(bio);
    return -1;
}

static void set_retry_read(BIO *bio)
{
    BIO_set_retry_read(bio);
}

static void set_retry_write(BIO *bio)
{
    BIO_set_retry_write(bio);
}

static int socket_read(BIO *bio, char *bytes, int size)
{
    pv_tls_connection *connection = BIO_get_data(bio);
    size_t count;
    const pv_transfer transfer = pv_tcp_read(&count, connection->descriptor, bytes, (size_t)size);
    connection->at_end = transfer == PV_TRANSFER_CLOSED;
    return count_of(bio, transfer, count, set_retry_read);
}

static int socket_write(BIO *bio, const char *bytes, int size)
{
    const pv_tls_connection *connection = BIO_get_data(bio);
    size_t count;
    const pv_transfer transfer = pv_tcp_write(&count, connection->descriptor, bytes, (size_t)size);
    return count_of(bio, transfer, count, set_retry_write);
}

static long socket_control(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    const pv_tls_connection *connection = BIO_get_data(bio);
    if (command == BIO_CTRL_EOF) return connection->at_end;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *make_socket_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    if (!method) return NULL;
    if (BIO_meth_set_read(method, socket_read) == 1 && BIO_meth_set_write(method, socket_write) == 1 &&
        BIO_meth_set_ctrl(method, socket_control) == 1) {
        return method;
    }
    BIO_meth_free(method);
    return NULL;
}

/* Keep the session that the server hands out; OpenSSL's reference becomes ours. */
static int keep_session(SSL *openssl, SSL_SESSION *session)
{
    pv_tls_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(openssl));
    SSL_SESSION_free(context->session);
    context->session = session;
    return 1;
}

static pv_status set_up(pv_tls_context *context, pv_error *error)
{
    context->socket_method = make_socket_method();
    context->openssl = SSL_CTX_new(TLS_client_method());
    if (!context->socket_method || !context->openssl) return pv_fail_memory(error, "TLS", 0);
    SSL_CTX *openssl = context->openssl;
    if (SSL_CTX_set_min_proto_version(openssl, TLS1_2_VERSION) != 1 || SSL_CTX_set_app_data(openssl, context) != 1) {
        return pv_fail_memory(error, "TLS", 0);
    }
    SSL_CTX_set_verify(openssl, SSL_VERIFY_PEER, NULL);
    (void)SSL_CTX_set_mode(openssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    (void)SSL_CTX_set_session_cache_mode(openssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(openssl, keep_session);
    SSL_CTX_set_read_ahead(openssl, 1);
    SSL_CTX_set_default_read_buffer_len(openssl, READ_AHEAD);
    return PV_OK;
}

/* The first place that is named or there; into `carried` where it is beside the program. NULL: nowhere. */
static const char *find_authorities(char carried[PATH_MAX])
{
    static const char *const variables[] = {"AWS_CA_BUNDLE", "SSL_CERT_FILE"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *path = getenv(variables[i]);
        if (path && path[0]) return path;
    }
    const char *task_root = getenv("LAMBDA_TASK_ROOT");
    const int size = task_root ? snprintf(carried, PATH_MAX, "%s/certificates.pem", task_root) : 0;
    const char *const places[] = {size > 0 && size < PATH_MAX ? carried : "", "/etc/ssl/certs/ca-certificates.crt",
                                  "/etc/pki/tls/certs/ca-bundle.crt"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (places[i][0] && access(places[i], R_OK) == 0) return places[i];
    }
    return NULL;
}

static pv_status load_authorities(const pv_tls_context *context, const char *path, pv_error *error)
{
    char carried[PATH_MAX];
    if (!path) path = find_authorities(carried);
    if (!path) {
        return pv_fail(error, PV_E_INPUT, "no file of certificate authorities was found; name one in AWS_CA_BUNDLE");
    }
    ERR_clear_error();
    if (SSL_CTX_load_verify_file(context->openssl, path) == 1) return PV_OK;
    const unsigned long code = ERR_peek_error();
    const char *cause = ERR_SYSTEM_ERROR(code) ? strerror(ERR_GET_REASON(code)) : "no certificate in it can be read";
    ERR_clear_error();
    return pv_fail(error, PV_E_INPUT, "%.300s: cannot read the certificate authorities: %s", path, cause);
}

pv_status pv_tls_context_create(pv_tls_context **context, const char *authorities, pv_error *error)
{
    *context = NULL;
    /* The configuration file of the system has nothing to say here, and reading it takes longer than a handshake. */
    if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) return pv_fail_memory(error, "TLS", 0);
    pv_tls_context *created = pv_allocate(1, sizeof *created);
    if (!created) return pv_fail_memory(error, "TLS", sizeof *created);
    pv_status status;
    PV_TRY(set_up(created, error));
    PV_TRY(load_authorities(created, authorities, error));
    *context = created;
cleanup:
    if (status != PV_OK) pv_tls_context_free(created);
    return status;
}

void pv_tls_context_free(pv_tls_context *context)
{
    if (!context) return;
    SSL_SESSION_free(context->session);
    SSL_CTX_free(context->openssl);
    BIO_meth_free(context->socket_method);
    pv_release(context);
}

/* Which host the certificate must be made for. */
static bool set_host(SSL *openssl, const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(openssl), host) == 1;
    }
    char name[PV_HOST_MAX + 1]; /* OpenSSL's macro takes no const */
    memcpy(name, host, strlen(host) + 1);
    SSL_set_hostflags(openssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(openssl, host) == 1 && SSL_set_tlsext_host_name(openssl, name) == 1;
}

pv_status pv_tls_connection_create(pv_tls_connection **connection, pv_tls_context *context, int descriptor,
                                   const pv_endpoint *endpoint, pv_error *error)
{
    pv_status status;
    BIO *bio = NULL;
    *connection = NULL;
    pv_tls_connection *created = pv_allocate(1, sizeof *created);
    PV_TRY(pv_check_memory(created != NULL, "a TLS connection", error));
    created->descriptor = descriptor;
    created->openssl = SSL_new(context->openssl);
    bio = BIO_new(context->socket_method);
    PV_TRY(pv_check_memory(created->openssl && bio, "a TLS connection", error));
    if (!set_host(created->openssl, endpoint->host)) {
        PV_TRY(pv_fail(error, PV_E_REMOTE, "%s: no certificate can name such a host", endpoint->host));
    }
    BIO_set_data(bio, created);
    BIO_set_init(bio, 1);
    SSL_set_bio(created->openssl, bio, bio);
    bio = NULL;
    if (context->session) (void)SSL_set_session(created->openssl, context->session);
    SSL_set_connect_state(created->openssl);
    *connection = created;
cleanup:
    BIO_free(bio);
    if (status != PV_OK) pv_tls_connection_free(created);
    return status;
}

void pv_tls_connection_free(pv_tls_connection *connection)
{
    if (!connection) return;
    if (connection->is_whole) (void)SSL_shutdown(connection->openssl);
    SSL_free(connection->openssl);
    ERR_clear_error();
    pv_release(connection);
}

static void set_cause(pv_tls_connection *connection, const char *what, const char *why, const char *fix)
{
    (void)snprintf(connection->cause, CAUSE_SIZE, "%s%s%s", what, why, fix);
}

/* The certificate did not pass: what is wrong with it and what can be done. */
static void explain_certificate(pv_tls_connection *connection, long verdict)
{
    const char *fix = "";
    switch (verdict) {
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        fix = "; name the authority's file in AWS_CA_BUNDLE";
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
        fix = "; is this machine's clock right?";
        break;
    default:
        break;
    }
    set_cause(connection, "certificate: ", X509_verify_cert_error_string(verdict), fix);
}

/* What an attempt that moved nothing came to. `cause`: errno as the attempt left it. */
static pv_transfer judge(pv_tls_connection *connection, int result, int cause)
{
    const int kind = SSL_get_error(connection->openssl, result);
    if (kind == SSL_ERROR_WANT_READ) return PV_TRANSFER_AWAITS_INPUT;
    if (kind == SSL_ERROR_WANT_WRITE) return PV_TRANSFER_AWAITS_OUTPUT;
    if (kind == SSL_ERROR_ZERO_RETURN) return PV_TRANSFER_CLOSED;
    connection->is_whole = false;
    const unsigned long code = ERR_peek_error();
    const long verdict = SSL_get_verify_result(connection->openssl);
    ERR_clear_error();
    if (connection->at_end) {
        set_cause(connection, "the connection was cut inside TLS", "", "");
        return PV_TRANSFER_BROKEN;
    }
    if (kind == SSL_ERROR_SYSCALL) {
        set_cause(connection, strerror(cause), "", "");
        return PV_TRANSFER_BROKEN;
    }
    if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verdict != X509_V_OK) {
        explain_certificate(connection, verdict);
    } else {
        const char *reason = ERR_reason_error_string(code);
        const bool is_plain = ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER;
        set_cause(connection, "TLS: ", reason ? reason : "unknown failure",
                  is_plain ? "; does the server speak plain HTTP?" : "");
    }
    return PV_TRANSFER_UNTRUSTED;
}

pv_transfer pv_tls_handshake(pv_tls_connection *connection)
{
    ERR_clear_error();
    errno = 0;
    const int result = SSL_do_handshake(connection->openssl);
    if (result != 1) return judge(connection, result, errno);
    connection->is_whole = true;
    return PV_TRANSFER_DONE;
}

pv_transfer pv_tls_read(size_t *count, pv_tls_connection *connection, void *bytes, size_t size)
{
    ERR_clear_error();
    errno = 0;
    const int result = SSL_read_ex(connection->openssl, bytes, size, count);
    if (result == 1) return PV_TRANSFER_DONE;
    const int cause = errno;
    *count = 0;
    return judge(connection, result, cause);
}

pv_transfer pv_tls_write(size_t *count, pv_tls_connection *connection, const void *bytes, size_t size)
{
    ERR_clear_error();
    errno = 0;
    const int result = SSL_write_ex(connection->openssl, bytes, size, count);
    if (result == 1) return PV_TRANSFER_DONE;
    const int cause = errno;
    *count = 0;
    return judge(connection, result, cause);
}

const char *pv_tls_connection_cause(const pv_tls_connection *connection)
{
    return connection->cause;
}
