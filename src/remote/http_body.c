/* http_body.c - see http_body.h. */
#include "remote/http_body.h"

#include "base/failure.h"
#include <string.h>

#define DROPPED_MAX ((size_t)1 << 14) /* bytes of an extension, and of all trailers */

/* chunked-body = *( size [ext] CRLF data CRLF ) "0" [ext] CRLF *( trailer CRLF ) CRLF */
enum {
    SIZE_FIRST, /* a digit must come */
    SIZE_MORE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_FIRST, /* of a line */
    TRAILER_MORE,
    TRAILER_LF,
    LAST_LF,
    WHOLE
};

void pv_http_body_begin(pv_http_body *body, pv_http_framing framing, int64_t length)
{
    *body = (pv_http_body){.framing = framing, .left = framing == PV_HTTP_LENGTH ? length : 0, .place = SIZE_FIRST};
}

bool pv_http_body_is_whole(const pv_http_body *body)
{
    switch (body->framing) {
    case PV_HTTP_NO_BODY:
        return true;
    case PV_HTTP_LENGTH:
        return body->left == 0;
    case PV_HTTP_CHUNKED:
        return body->place == WHOLE;
    default:
        return false;
    }
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static pv_status malformed(pv_error *error, const char *what)
{
    return pv_fail(error, PV_E_REMOTE, "%s", what);
}

static pv_status read_size(pv_http_body *body, char c, pv_error *error)
{
    const int digit = digit_of(c);
    if (digit >= 0) {
        if (body->left > INT64_MAX >> 4) return malformed(error, "a chunk is too large");
        body->left = body->left * 16 + digit;
        body->place = SIZE_MORE;
        return PV_OK;
    }
    if (body->place == SIZE_FIRST) return malformed(error, "the size of a chunk is no hexadecimal number");
    if (c == '\r') {
        body->place = SIZE_LF;
    } else if (c == ';' || c == ' ' || c == '\t') {
        body->place = EXTENSION;
        body->n_dropped = 0;
    } else {
        return malformed(error, "the size of a chunk is no hexadecimal number");
    }
    return PV_OK;
}

/* A byte of an extension or a trailer; CR leads to the place `ended`. */
static pv_status drop(pv_http_body *body, char c, int ended, pv_error *error)
{
    const unsigned char byte = (unsigned char)c;
    if (++body->n_dropped > DROPPED_MAX) return malformed(error, "the extensions or trailers are too large");
    if (c == '\r') {
        body->place = ended;
    } else if ((byte < ' ' && c != '\t') || byte == 0x7f) {
        return malformed(error, "a control character between the chunks");
    }
    return PV_OK;
}

static pv_status expect(pv_http_body *body, char c, char expected, int next, pv_error *error)
{
    if (c != expected) return malformed(error, "a chunk does not end where its size says");
    body->place = next;
    return PV_OK;
}

/* One byte that is not data. */
static pv_status step(pv_http_body *body, char c, pv_error *error)
{
    switch (body->place) {
    case SIZE_FIRST:
    case SIZE_MORE:
        return read_size(body, c, error);
    case EXTENSION:
        return drop(body, c, SIZE_LF, error);
    case SIZE_LF:
        body->n_dropped = 0;
        return expect(body, c, '\n', body->left > 0 ? DATA : TRAILER_FIRST, error);
    case DATA_CR:
        return expect(body, c, '\r', DATA_LF, error);
    case DATA_LF:
        return expect(body, c, '\n', SIZE_FIRST, error);
    case TRAILER_FIRST:
        body->place = TRAILER_MORE;
        return drop(body, c, LAST_LF, error);
    case TRAILER_MORE:
        return drop(body, c, TRAILER_LF, error);
    case TRAILER_LF:
        return expect(body, c, '\n', TRAILER_FIRST, error);
    default:
        return expect(body, c, '\n', WHOLE, error);
    }
}

static void advance(pv_text *input, size_t size)
{
    *input = (pv_text){input->data + size, input->size - size};
}

/* The front of *input, as far as `left` reaches. */
static pv_text cut(pv_http_body *body, pv_text *input)
{
    const pv_text piece = {input->data, (uint64_t)body->left < input->size ? (size_t)body->left : input->size};
    advance(input, piece.size);
    body->left -= (int64_t)piece.size;
    return piece;
}

pv_status pv_http_body_next(pv_text *piece, pv_http_body *body, pv_text *input, pv_error *error)
{
    *piece = (pv_text){input->data, 0};
    if (body->framing == PV_HTTP_LENGTH) {
        *piece = cut(body, input);
    } else if (body->framing == PV_HTTP_UNTIL_CLOSE) {
        *piece = *input;
        advance(input, input->size);
    } else if (body->framing == PV_HTTP_CHUNKED) {
        while (input->size > 0 && body->place != WHOLE && body->place != DATA) {
            const pv_status status = step(body, input->data[0], error);
            if (status != PV_OK) return status;
            advance(input, 1);
        }
        if (body->place == DATA) {
            *piece = cut(body, input);
            if (body->left == 0) body->place = DATA_CR;
        }
    }
    return PV_OK;
}
