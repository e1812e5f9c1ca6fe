/* reply.h - what goes out: status, headers and body of an answered exchange. */
#ifndef PURVEY_REPLY_H
#define PURVEY_REPLY_H

#include "entity_tag.h"
#include "exchange.h"

#define REPLY_HEADERS_MAX 20

typedef struct reply_header {
    const char *name, *value;
} reply_header;

/* Texts are borrowed from the exchange and the reply itself. */
typedef struct reply {
    int status;
    char *body; /* [size], owned until the transport takes it; NULL: none */
    size_t size;
    void (*release)(void *body);
    bool has_variants; /* the body could have been compressed */
    reply_header headers[REPLY_HEADERS_MAX];
    size_t n_headers;
    char tag[ENTITY_TAG_SIZE], timing[40], retry_after[12], allow[64];
} reply;

/* Takes the body out of the exchange, whose sent_status and sent_bytes are set; counted before the client can know. */
void reply_make(reply *out, exchange *one);

#endif
