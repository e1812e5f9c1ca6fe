/* scripted_server.h - a server on 127.0.0.1 that does what a test says, act by act, in a thread of its own.
 *
 * It accepts a connection when an act needs one; an act that ends a connection lets the next one accept anew.
 */
#ifndef SCRIPTED_SERVER_H
#define SCRIPTED_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum scripted_kind {
    SCRIPTED_HEAR,      /* a whole request: its head, and what its Content-Length says */
    SCRIPTED_HEAR_HEAD, /* a head; the body is left lying */
    SCRIPTED_SAY,       /* bytes, at once */
    SCRIPTED_DRIP,      /* bytes, one a packet */
    SCRIPTED_HOLD,      /* read on in silence until the client ends the connection */
    SCRIPTED_IGNORE,    /* read nothing until scripted_server_end(): the last act */
    SCRIPTED_CLOSE,     /* end the connection; TLS: with its closing message */
    SCRIPTED_CUT,       /* the same without that message */
    SCRIPTED_RESET      /* end it by RST */
} scripted_kind;

typedef struct scripted_act {
    scripted_kind kind;
    const char *bytes;
    size_t size;
} scripted_act;

#define HEAR {SCRIPTED_HEAR, NULL, 0}
#define HEAR_HEAD {SCRIPTED_HEAR_HEAD, NULL, 0}
#define SAY(literal) {SCRIPTED_SAY, literal, sizeof(literal) - 1}
#define DRIP(literal) {SCRIPTED_DRIP, literal, sizeof(literal) - 1}
#define HOLD {SCRIPTED_HOLD, NULL, 0}
#define IGNORE {SCRIPTED_IGNORE, NULL, 0}
#define CLOSE {SCRIPTED_CLOSE, NULL, 0}
#define CUT {SCRIPTED_CUT, NULL, 0}
#define RESET {SCRIPTED_RESET, NULL, 0}

#define SCRIPTED_HEARD_MAX ((size_t)1 << 16)

typedef struct scripted_server scripted_server;

/* NULL: cannot. acts and tls (NULL: plain) are borrowed. */
scripted_server *scripted_server_start(const scripted_act *acts, size_t n_acts, SSL_CTX *tls);
uint16_t scripted_server_port(const scripted_server *server);
/* What a finished server has seen. heard: the requests, one behind the other (the first SCRIPTED_HEARD_MAX bytes). */
typedef struct scripted_report {
    int n_connections;
    int n_resumed; /* TLS sessions that went on */
    bool is_done;  /* all acts were played */
    char heard[SCRIPTED_HEARD_MAX + 1];
} scripted_report;
/* Waits for the end of the acts; they end early when a client goes or is silent for some seconds. report nullable. */
void scripted_server_end(scripted_server *server, scripted_report *report);

#endif
