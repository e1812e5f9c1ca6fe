/* http_head.c - see http_head.h. */
#include "remote/http_head.h"

#include "base/failure.h"
#include "base/memory.h"
#include <inttypes.h>
#include <string.h>

#define STATUS_LINE_MIN (sizeof "HTTP/1.1 200" - 1)
#define LENGTH_DIGITS 18 /* of a Content-Length: every such number is an int64_t */

static pv_status malformed(pv_error *error, const char *what)
{
    return pv_fail(error, PV_E_REMOTE, "%s", what);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* RFC 9110 section 5.6.2. */
static bool is_token(pv_text text)
{
    for (size_t i = 0; i < text.size; i++) {
        const char c = text.data[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !is_digit(c) && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c))) return false;
    }
    return text.size > 0;
}

/* No control characters but the tabulator. */
static bool is_field_value(pv_text text)
{
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) return false;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static pv_text trim(pv_text text)
{
    while (text.size > 0 && is_blank(text.data[0])) text = (pv_text){text.data + 1, text.size - 1};
    while (text.size > 0 && is_blank(text.data[text.size - 1])) text.size--;
    return text;
}

/* `word` is in lower case. */
static bool is_word(pv_text text, const char *word)
{
    if (text.size != strlen(word)) return false;
    for (size_t i = 0; i < text.size; i++) {
        const char c = text.data[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != word[i]) return false;
    }
    return true;
}

/* One of the words between commas. */
static bool list_holds(pv_text list, const char *word)
{
    while (list.size > 0) {
        const char *comma = memchr(list.data, ',', list.size);
        const size_t size = comma ? (size_t)(comma - list.data) : list.size;
        if (is_word(trim((pv_text){list.data, size}), word)) return true;
        list = comma ? (pv_text){comma + 1, list.size - size - 1} : (pv_text){NULL, 0};
    }
    return false;
}

size_t pv_http_head_end(size_t *scanned, pv_text bytes)
{
    /* A line that is empty but for a CR. Lines without CR are refused when the head is read, so they end it too. */
    while (*scanned < bytes.size) {
        const char *at = bytes.data + *scanned;
        const char *line_end = memchr(at, '\n', bytes.size - *scanned);
        if (!line_end) break;
        const size_t i = (size_t)(line_end - bytes.data);
        *scanned = i + 1;
        if (i >= 1 && bytes.data[i - 1] == '\n') return i + 1;
        if (i >= 2 && bytes.data[i - 1] == '\r' && bytes.data[i - 2] == '\n') return i + 1;
    }
    if (bytes.size > *scanned) *scanned = bytes.size;
    return 0;
}

/* The next line, which ends in CR LF. */
static pv_status next_line(pv_text *line, pv_text *rest, pv_error *error)
{
    const char *line_end = memchr(rest->data, '\n', rest->size);
    if (!line_end) return malformed(error, "a line has no end");
    const size_t size = (size_t)(line_end - rest->data);
    if (size == 0 || line_end[-1] != '\r') return malformed(error, "a line ends without a carriage return");
    *line = (pv_text){rest->data, size - 1};
    *rest = (pv_text){line_end + 1, rest->size - size - 1};
    return PV_OK;
}

/* "HTTP/1.1 200 OK"; the reason and the blank before it may be missing, as some servers have it. */
static pv_status read_status_line(pv_http_head *head, pv_text line, pv_error *error)
{
    const char *at = line.data;
    if (line.size < STATUS_LINE_MIN || memcmp(at, "HTTP/1.", 7) != 0 || !is_digit(at[7]) || at[8] != ' ') {
        return malformed(error, "it does not begin with a status line of HTTP/1.1");
    }
    if (at[9] < '1' || at[9] > '5' || !is_digit(at[10]) || !is_digit(at[11])) {
        return malformed(error, "the status is none of 100 to 599");
    }
    if (line.size > STATUS_LINE_MIN && at[STATUS_LINE_MIN] != ' ') return malformed(error, "the status is no number");
    if (!is_field_value(line)) return malformed(error, "a control character in the status line");
    head->status = 100 * (at[9] - '0') + 10 * (at[10] - '0') + (at[11] - '0');
    head->keeps_open = at[7] != '0';
    return PV_OK;
}

static pv_status read_header(pv_http_header *header, pv_text line, pv_error *error)
{
    if (is_blank(line.data[0])) return malformed(error, "a folded header line");
    const char *colon = memchr(line.data, ':', line.size);
    if (!colon) return malformed(error, "a header line without a colon");
    const size_t name_size = (size_t)(colon - line.data);
    header->name = (pv_text){line.data, name_size};
    header->value = trim((pv_text){colon + 1, line.size - name_size - 1});
    if (!is_token(header->name)) return malformed(error, "the name of a header is no token");
    if (!is_field_value(header->value)) return malformed(error, "a control character in a header");
    return PV_OK;
}

static void lower_names(char *bytes, const pv_http_head *head)
{
    for (size_t k = 0; k < head->n_headers; k++) {
        char *name = bytes + (head->headers[k].name.data - bytes);
        for (size_t i = 0; i < head->headers[k].name.size; i++) {
            if (name[i] >= 'A' && name[i] <= 'Z') name[i] = (char)(name[i] - 'A' + 'a');
        }
    }
}

static pv_status read_headers(pv_http_head *head, pv_text rest, pv_error *error)
{
    size_t n_lines = 0;
    for (size_t i = 0; i < rest.size; i++) n_lines += rest.data[i] == '\n';
    head->headers = pv_allocate(n_lines, sizeof *head->headers);
    if (!head->headers) return pv_fail_memory(error, "headers of an answer", n_lines * sizeof *head->headers);
    while (rest.size > 0) {
        pv_text line;
        pv_status status = next_line(&line, &rest, error);
        if (status != PV_OK) return status;
        if (line.size == 0) return rest.size == 0 ? PV_OK : malformed(error, "bytes behind the head");
        status = read_header(&head->headers[head->n_headers], line, error);
        if (status != PV_OK) return status;
        head->n_headers++;
    }
    return malformed(error, "the head has no end");
}

static pv_status read_length(int64_t *length, pv_text text, pv_error *error)
{
    *length = 0;
    if (text.size == 0 || text.size > LENGTH_DIGITS) return malformed(error, "Content-Length is no size");
    for (size_t i = 0; i < text.size; i++) {
        if (!is_digit(text.data[i])) return malformed(error, "Content-Length is no size");
        *length = 10 * *length + (text.data[i] - '0');
    }
    return PV_OK;
}

/* RFC 9112 section 6.3, but that what it lets a client guess is refused. */
static pv_status find_framing(pv_http_head *head, bool is_head, pv_error *error)
{
    int n_lengths = 0, n_codings = 0;
    for (size_t k = 0; k < head->n_headers; k++) {
        const pv_http_header *header = &head->headers[k];
        if (is_word(header->name, "content-length")) {
            const pv_status status = read_length(&head->length, header->value, error);
            if (status != PV_OK) return status;
            n_lengths++;
        } else if (is_word(header->name, "transfer-encoding")) {
            if (!is_word(header->value, "chunked")) return malformed(error, "a Transfer-Encoding but chunked");
            n_codings++;
        } else if (is_word(header->name, "connection") && list_holds(header->value, "close")) {
            head->keeps_open = false;
        }
    }
    if (n_lengths > 1) return malformed(error, "Content-Length stands twice");
    if (n_codings > 1) return malformed(error, "Transfer-Encoding stands twice");
    if (n_lengths && n_codings) return malformed(error, "Content-Length beside Transfer-Encoding");
    head->framing = n_codings ? PV_HTTP_CHUNKED : n_lengths ? PV_HTTP_LENGTH : PV_HTTP_UNTIL_CLOSE;
    if (is_head || head->status < 200 || head->status == 204 || head->status == 304) head->framing = PV_HTTP_NO_BODY;
    if (head->framing == PV_HTTP_UNTIL_CLOSE) head->keeps_open = false;
    return PV_OK;
}

pv_status pv_http_head_read(pv_http_head *head, char *bytes, size_t size, bool is_head, pv_error *error)
{
    pv_status status;
    pv_text line = {NULL, 0}, rest = {bytes, size};
    *head = (pv_http_head){0};
    PV_TRY(next_line(&line, &rest, error));
    PV_TRY(read_status_line(head, line, error));
    PV_TRY(read_headers(head, rest, error));
    PV_TRY(find_framing(head, is_head, error));
    lower_names(bytes, head);
cleanup:
    if (status != PV_OK) pv_http_head_deinit(head);
    return status;
}

void pv_http_head_deinit(pv_http_head *head)
{
    pv_release(head->headers);
    *head = (pv_http_head){0};
}

static pv_status check_request(const pv_http_request *request, pv_error *error)
{
    static const char *const own[] = {"host", "content-length", "connection", "transfer-encoding"};
    if (!is_token(pv_text_of(request->method)))
        return pv_fail(error, PV_E_USAGE, "the method of a request is no token");
    if (request->target.size == 0 || request->target.data[0] != '/') {
        return pv_fail(error, PV_E_USAGE, "the target of a request does not begin with '/'");
    }
    for (size_t i = 0; i < request->target.size; i++) {
        const unsigned char c = (unsigned char)request->target.data[i];
        if (c <= ' ' || c >= 0x7f) return pv_fail(error, PV_E_USAGE, "the target of a request is not encoded");
    }
    for (size_t k = 0; k < request->n_headers; k++) {
        const pv_http_header *header = &request->headers[k];
        if (!is_token(header->name)) return pv_fail(error, PV_E_USAGE, "the name of a header is no token");
        if (!is_field_value(header->value)) {
            return pv_fail(error, PV_E_USAGE, "a control character in the header %.*s", (int)header->name.size,
                           header->name.data);
        }
        for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
            if (is_word(header->name, own[i])) return pv_fail(error, PV_E_USAGE, "%s is the client's own", own[i]);
        }
    }
    return PV_OK;
}

static void append_header(pv_buffer *out, pv_text name, pv_text value)
{
    pv_buffer_append_text(out, name);
    pv_buffer_append_string(out, ": ");
    pv_buffer_append_text(out, value);
    pv_buffer_append_string(out, "\r\n");
}

pv_status pv_http_request_print(pv_buffer *out, const pv_http_request *request, const pv_endpoint *endpoint,
                                pv_error *error)
{
    const pv_status status = check_request(request, error);
    if (status != PV_OK) return status;
    pv_buffer_append_string(out, request->method);
    pv_buffer_append_string(out, " ");
    pv_buffer_append_text(out, request->target);
    pv_buffer_append_string(out, " HTTP/1.1\r\nHost: ");
    pv_endpoint_print_host(out, endpoint);
    pv_buffer_append_string(out, "\r\n");
    for (size_t k = 0; k < request->n_headers; k++) {
        append_header(out, request->headers[k].name, request->headers[k].value);
    }
    if (request->body.data) pv_buffer_print(out, "Content-Length: %zu\r\n", request->body.size);
    pv_buffer_append_string(out, "\r\n");
    return pv_check_memory(!out->failed, "a request", error);
}
