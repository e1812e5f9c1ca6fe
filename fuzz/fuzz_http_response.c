/* Any bytes as the answer of a server, taken whole and byte by byte: both come to the same. The first byte says whether
 * it answers HEAD. */
#include "remote/http_body.h"
#include "remote/http_head.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct outcome {
    pv_status status;
    pv_buffer body;
    size_t n_used; /* bytes of the input, where it went well */
    bool is_whole;
} outcome;

static void check_head(const pv_http_head *head, pv_text bytes)
{
    if (head->status < 100 || head->status > 599 || head->length < 0) abort();
    for (size_t k = 0; k < head->n_headers; k++) {
        const pv_http_header *header = &head->headers[k];
        if (header->name.size == 0 || header->name.data < bytes.data) abort();
        if (header->value.data + header->value.size > bytes.data + bytes.size) abort();
        for (size_t i = 0; i < header->name.size; i++) {
            if (header->name.data[i] >= 'A' && header->name.data[i] <= 'Z') abort();
        }
    }
}

/* The end of the head, found in steps of `step` bytes. */
static size_t find_end(pv_text bytes, size_t step)
{
    size_t scanned = 0, end = 0;
    for (size_t known = 0; end == 0 && known < bytes.size;) {
        known = bytes.size - known < step ? bytes.size : known + step;
        end = pv_http_head_end(&scanned, (pv_text){bytes.data, known});
    }
    return end;
}

static void read_body(outcome *out, const pv_http_head *head, pv_text bytes, size_t step)
{
    pv_http_body body;
    pv_http_body_begin(&body, head->framing, head->length);
    for (size_t at = 0; at < bytes.size && !pv_http_body_is_whole(&body); at += step) {
        pv_text input = {bytes.data + at, bytes.size - at < step ? bytes.size - at : step};
        const size_t given = input.size;
        pv_text piece;
        do {
            out->status = pv_http_body_next(&piece, &body, &input, NULL);
            if (out->status != PV_OK) return;
            pv_buffer_append_text(&out->body, piece);
        } while (piece.size > 0);
        if (input.size > 0 && !pv_http_body_is_whole(&body)) abort();
        out->n_used += given - input.size;
    }
    out->is_whole = pv_http_body_is_whole(&body);
}

static void check_body(const pv_http_head *head, pv_text bytes)
{
    outcome at_once = {0}, in_bytes = {0};
    read_body(&at_once, head, bytes, bytes.size + 1);
    read_body(&in_bytes, head, bytes, 1);
    if (at_once.body.failed || in_bytes.body.failed) abort();
    if (at_once.status != in_bytes.status || at_once.is_whole != in_bytes.is_whole) abort();
    const pv_text a = {at_once.body.data, at_once.body.size}, b = {in_bytes.body.data, in_bytes.body.size};
    if (at_once.status == PV_OK && (!pv_text_equal(a, b) || at_once.n_used != in_bytes.n_used)) abort();
    pv_buffer_deinit(&at_once.body);
    pv_buffer_deinit(&in_bytes.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    char *copy = malloc(size - 1);
    if (!copy) abort();
    memcpy(copy, data + 1, size - 1);
    const pv_text bytes = {copy, size - 1};
    const size_t end = find_end(bytes, bytes.size);
    if (end != find_end(bytes, 1)) abort();
    pv_http_head head;
    pv_error error;
    if (end == 0) {
        /* Not whole: refused, whatever it is. */
        if (pv_http_head_read(&head, copy, bytes.size, false, &error) == PV_OK) abort();
    } else if (pv_http_head_read(&head, copy, end, data[0] == 'H', &error) == PV_OK) {
        check_head(&head, (pv_text){copy, end});
        check_body(&head, (pv_text){copy + end, bytes.size - end});
        pv_http_head_deinit(&head);
    } else if (error.message[0] == '\0' || head.headers) {
        abort();
    }
    free(copy);
    return 0;
}
