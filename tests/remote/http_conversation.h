/* http_conversation.h - a client and a scripted server that talk for one test.
 * Failures are cmocka's. */
#ifndef HTTP_CONVERSATION_H
#define HTTP_CONVERSATION_H

#include "remote/http_client.h"
#include "scripted_server.h"

#define HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

typedef struct http_conversation {
    SSL_CTX *tls;              /* of the server, owned; NULL: plain. Set before it begins */
    const char *host;          /* NULL: "127.0.0.1". Likewise */
    pv_http_settings settings; /* Likewise */
    scripted_server *server;
    scripted_report report; /* after conversation_finish() */
    pv_http_client *client;
    pv_http_request request; /* GET /, at most 20 s */
    pv_http_response response;
    pv_error error;
} http_conversation;

/* For cmocka_unit_test_setup_teardown(): *state is a conversation. */
int conversation_set_up(void **state);
int conversation_tear_down(void **state);

void conversation_serve(http_conversation *talk, const scripted_act *acts, size_t n_acts);
/* A client for the server, over TLS or not; the one before is ended. */
void conversation_connect(http_conversation *talk, bool is_tls);
/* Both, for acts[] */
#define CONVERSATION_BEGIN(talk, acts)                                                                                 \
    do {                                                                                                               \
        conversation_serve(talk, acts, sizeof(acts) / sizeof *(acts));                                                 \
        conversation_connect(talk, (talk)->tls != NULL);                                                               \
    } while (0)
/* The client goes, and the server has played all its acts, or not. */
void conversation_finish(http_conversation *talk, bool is_done);

pv_status conversation_ask(http_conversation *talk);
/* PUT `size` zeros. */
pv_status conversation_put(http_conversation *talk, size_t size);
void conversation_expect_body(const http_conversation *talk, const char *expected);
void conversation_expect_answer(http_conversation *talk, int status, const char *body);
void conversation_expect_failure(http_conversation *talk, pv_http_failure failure);

#endif
