/* http_exchange.c - see http_exchange.h. */
#include "remote/http_exchange.h"

#include "base/failure.h"
#include "remote/http_body.h"
#include "remote/http_head.h"
#include <string.h>

#define HEAD_PIECE ((size_t)1 << 14) /* bytes read at once before the head is whole */
#define BODY_MAX ((size_t)8 << 20)   /* where the request names no limit */
#define HTTP_BEGINS "HTTP/1."

/* What is known of the answer; its bytes gather in response->head until the head is whole. */
typedef struct answer_reader {
    pv_http_exchange *exchange;
    pv_http_response *response;
    pv_http_head head;
    size_t head_size;    /* 0: not whole */
    size_t scanned;      /* bytes that hold no end of a head */
    size_t interim_size; /* bytes of interim heads, dropped */
} answer_reader;

static pv_status fail(const answer_reader *answer, pv_http_failure failure, const char *what, pv_error *error)
{
    answer->response->failure = failure;
    return pv_fail(error, PV_E_REMOTE, "%s: %s", answer->exchange->server, what);
}

static pv_status fail_memory(const answer_reader *answer, pv_error *error)
{
    answer->response->failure = PV_HTTP_STOPPED;
    return pv_fail_memory(error, "an answer", 0);
}

/* The message of what reads heads and bodies, with the server's name. */
static pv_status fail_malformed(const answer_reader *answer, const pv_error *fault, pv_error *error)
{
    if (fault->status == PV_E_MEMORY) return fail_memory(answer, error);
    answer->response->failure = PV_HTTP_MALFORMED;
    return pv_fail(error, PV_E_REMOTE, "%s: not an answer of HTTP: %s", answer->exchange->server, fault->message);
}

static pv_status fail_transfer(const answer_reader *answer, pv_transfer transfer, pv_error *error)
{
    const pv_http_failure failure = transfer == PV_TRANSFER_TIMED_OUT   ? PV_HTTP_TIMED_OUT
                                    : transfer == PV_TRANSFER_UNTRUSTED ? PV_HTTP_UNTRUSTED
                                                                        : PV_HTTP_CUT_SHORT;
    return fail(answer, failure, pv_connection_cause(answer->exchange->connection), error);
}

static bool awaits(pv_transfer transfer)
{
    return transfer == PV_TRANSFER_AWAITS_INPUT || transfer == PV_TRANSFER_AWAITS_OUTPUT;
}

static pv_transfer wait_for(const pv_http_exchange *exchange, pv_transfer awaited)
{
    const pv_deadline idle = pv_deadline_in(exchange->idle_seconds);
    return pv_connection_wait(exchange->connection, awaited, pv_deadline_sooner(exchange->request->deadline, idle));
}

/* Read at least a byte, or find out that there is none. */
static pv_transfer receive(size_t *count, answer_reader *answer, void *bytes, size_t size)
{
    pv_http_exchange *exchange = answer->exchange;
    pv_transfer transfer = pv_connection_read(count, exchange->connection, bytes, size);
    while (awaits(transfer)) {
        const pv_transfer waited = wait_for(exchange, transfer);
        if (waited != PV_TRANSFER_DONE) return waited;
        transfer = pv_connection_read(count, exchange->connection, bytes, size);
    }
    exchange->was_heard |= transfer == PV_TRANSFER_DONE;
    return transfer;
}

/* A stream that always has bytes never waits, so the deadline is looked at between its pieces too. */
static pv_status check_deadline(const answer_reader *answer, pv_error *error)
{
    if (pv_deadline_left(answer->exchange->request->deadline) > 0) return PV_OK;
    return fail(answer, PV_HTTP_TIMED_OUT, "not done in time", error);
}

static bool begins_as_http(const pv_buffer *bytes)
{
    const size_t size = bytes->size < sizeof HTTP_BEGINS - 1 ? bytes->size : sizeof HTTP_BEGINS - 1;
    return size == 0 || memcmp(bytes->data, HTTP_BEGINS, size) == 0;
}

/* An interim answer (1xx) is not the one that was asked for: take it off the front. */
static void drop_interim(answer_reader *answer, size_t size)
{
    pv_buffer *bytes = &answer->response->head;
    memmove(bytes->data, bytes->data + size, bytes->size - size);
    bytes->size -= size;
    answer->interim_size += size;
    answer->scanned = 0;
    pv_http_head_deinit(&answer->head);
}

/* Read the head if all of it is there; head_size tells. */
static pv_status look_for_head(answer_reader *answer, pv_error *error)
{
    const pv_http_exchange *exchange = answer->exchange;
    pv_buffer *bytes = &answer->response->head;
    const bool is_head = strcmp(exchange->request->method, "HEAD") == 0;
    pv_error fault;
    for (;;) {
        if (!begins_as_http(bytes)) return fail(answer, PV_HTTP_MALFORMED, "not an answer of HTTP/1.1", error);
        const size_t size = pv_http_head_end(&answer->scanned, (pv_text){bytes->data, bytes->size});
        if ((size > 0 ? size : bytes->size) > exchange->head_max - answer->interim_size) {
            return fail(answer, PV_HTTP_MALFORMED, "the headers of its answer are too large", error);
        }
        if (size == 0) return PV_OK;
        if (pv_http_head_read(&answer->head, bytes->data, size, is_head, &fault) != PV_OK) {
            return fail_malformed(answer, &fault, error);
        }
        if (answer->head.status == 101) return fail(answer, PV_HTTP_MALFORMED, "it changes the protocol", error);
        if (answer->head.status >= 200) {
            answer->head_size = size;
            return PV_OK;
        }
        drop_interim(answer, size);
    }
}

/* While sending: what the server says meanwhile, up to a whole head. *ended: its side of the stream is over. */
static pv_status hear(bool *ended, answer_reader *answer, pv_error *error)
{
    pv_buffer *bytes = &answer->response->head;
    while (answer->head_size == 0) {
        size_t count;
        char *room = pv_buffer_room(bytes, HEAD_PIECE);
        if (!room) return fail_memory(answer, error);
        const pv_transfer transfer = pv_connection_read(&count, answer->exchange->connection, room, HEAD_PIECE);
        *ended = transfer != PV_TRANSFER_DONE && !awaits(transfer);
        if (transfer != PV_TRANSFER_DONE) return PV_OK;
        answer->exchange->was_heard = true;
        bytes->size += count;
        const pv_status status = look_for_head(answer, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

/* Send a part of the request. *sent: all of it; else the server answered before, or hung up: then its answer may have
 * come (RFC 9112 section 9.5). */
static pv_status send_part(bool *sent, answer_reader *answer, pv_text part, pv_error *error)
{
    pv_connection *connection = answer->exchange->connection;
    pv_status status = PV_OK;
    *sent = false;
    while (part.size > 0 && status == PV_OK) {
        size_t count;
        const size_t size = part.size < PV_HTTP_PIECE ? part.size : PV_HTTP_PIECE;
        const pv_transfer transfer = pv_connection_write(&count, connection, part.data, size);
        if (transfer == PV_TRANSFER_DONE) {
            part = (pv_text){part.data + count, part.size - count};
            if (part.size > 0) status = check_deadline(answer, error);
        } else if (awaits(transfer)) {
            bool ended = false;
            const pv_transfer waited = wait_for(answer->exchange, transfer);
            if (waited != PV_TRANSFER_DONE) return fail_transfer(answer, waited, error);
            status = hear(&ended, answer, error);
            if (ended || answer->head_size > 0) return status;
        } else {
            return transfer == PV_TRANSFER_UNTRUSTED ? fail_transfer(answer, transfer, error) : PV_OK;
        }
    }
    *sent = true;
    return status;
}

static pv_status send_request(bool *sent, answer_reader *answer, pv_error *error)
{
    const pv_http_exchange *exchange = answer->exchange;
    const pv_status status = send_part(sent, answer, exchange->outgoing, error);
    if (status != PV_OK || !*sent) return status;
    const pv_text body = exchange->request->body;
    if (body.size == exchange->joined) return PV_OK;
    return send_part(sent, answer, (pv_text){body.data + exchange->joined, body.size - exchange->joined}, error);
}

static pv_status receive_head(answer_reader *answer, pv_error *error)
{
    pv_buffer *bytes = &answer->response->head;
    while (answer->head_size == 0) {
        size_t count;
        char *room = pv_buffer_room(bytes, HEAD_PIECE);
        if (!room) return fail_memory(answer, error);
        const pv_transfer transfer = receive(&count, answer, room, HEAD_PIECE);
        if (transfer != PV_TRANSFER_DONE) return fail_transfer(answer, transfer, error);
        bytes->size += count;
        const pv_status status = look_for_head(answer, error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static bool is_taken(const answer_reader *answer)
{
    return answer->exchange->request->take && (answer->head.status == 200 || answer->head.status == 206);
}

static size_t body_max(const answer_reader *answer)
{
    const size_t most = answer->exchange->request->body_max;
    return most > 0 ? most : BODY_MAX;
}

static pv_status keep_piece(answer_reader *answer, pv_text piece, pv_error *error)
{
    const pv_http_request *request = answer->exchange->request;
    pv_http_response *response = answer->response;
    response->body_size += (int64_t)piece.size;
    if (is_taken(answer)) {
        const pv_status status = request->take(request->take_context, piece.data, piece.size, error);
        if (status != PV_OK) response->failure = PV_HTTP_STOPPED;
        return status;
    }
    if (piece.size > body_max(answer) - response->body.size) {
        return fail(answer, PV_HTTP_MALFORMED, "its answer is larger than allowed", error);
    }
    pv_buffer_append_text(&response->body, piece);
    return response->body.failed ? fail_memory(answer, error) : PV_OK;
}

/* All of the body that is in *input. */
static pv_status keep_pieces(answer_reader *answer, pv_http_body *body, pv_text *input, pv_error *error)
{
    for (;;) {
        pv_text piece;
        pv_error fault;
        if (pv_http_body_next(&piece, body, input, &fault) != PV_OK) return fail_malformed(answer, &fault, error);
        if (piece.size == 0) return PV_OK;
        const pv_status status = keep_piece(answer, piece, error);
        if (status != PV_OK) return status;
    }
}

/* A body whose size is told is refused or given its memory at once. */
static pv_status make_room(answer_reader *answer, pv_error *error)
{
    if (answer->head.framing != PV_HTTP_LENGTH || is_taken(answer)) return PV_OK;
    if ((uint64_t)answer->head.length > body_max(answer)) {
        return fail(answer, PV_HTTP_MALFORMED, "its answer is larger than allowed", error);
    }
    return answer->head.length == 0 || pv_buffer_room(&answer->response->body, (size_t)answer->head.length)
               ? PV_OK
               : fail_memory(answer, error);
}

static pv_status receive_body(answer_reader *answer, pv_error *error)
{
    pv_http_exchange *exchange = answer->exchange;
    const pv_buffer *head = &answer->response->head;
    pv_text input = {head->data + answer->head_size, head->size - answer->head_size};
    pv_http_body body;
    pv_http_body_begin(&body, answer->head.framing, answer->head.length);
    pv_status status = make_room(answer, error);
    if (status == PV_OK) status = keep_pieces(answer, &body, &input, error);
    while (status == PV_OK && !pv_http_body_is_whole(&body)) {
        status = check_deadline(answer, error);
        if (status != PV_OK) return status;
        const pv_transfer transfer = receive(&input.size, answer, exchange->piece, PV_HTTP_PIECE);
        if (transfer == PV_TRANSFER_CLOSED && answer->head.framing == PV_HTTP_UNTIL_CLOSE) return PV_OK;
        if (transfer != PV_TRANSFER_DONE) return fail_transfer(answer, transfer, error);
        input.data = exchange->piece;
        status = keep_pieces(answer, &body, &input, error);
    }
    /* Bytes behind the answer belong to none of our questions. */
    exchange->leaves_open &= input.size == 0;
    return status;
}

pv_status pv_http_exchange_run(pv_http_response *response, pv_http_exchange *exchange, pv_error *error)
{
    pv_status status;
    bool sent = false;
    answer_reader answer = {.exchange = exchange, .response = response};
    exchange->was_heard = exchange->leaves_open = false;
    PV_TRY(send_request(&sent, &answer, error));
    PV_TRY(receive_head(&answer, error));
    response->status = answer.head.status;
    response->headers = answer.head.headers;
    response->n_headers = answer.head.n_headers;
    answer.head.headers = NULL;
    exchange->leaves_open = sent && answer.head.keeps_open;
    PV_TRY(receive_body(&answer, error));
cleanup:
    if (status != PV_OK) exchange->leaves_open = false;
    pv_http_head_deinit(&answer.head);
    return status;
}
