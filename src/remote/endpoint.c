/* endpoint.c - see endpoint.h. */
#include "remote/endpoint.h"

#include "base/failure.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HTTP_PORT 80
#define HTTPS_PORT 443
#define SHOWN 120 /* bytes of an address in a message */

/* The text begins with `prefix`, in any case, which is then taken off. */
static bool skip_prefix(pv_text *text, const char *prefix)
{
    const size_t size = strlen(prefix);
    if (text->size < size || strncasecmp(text->data, prefix, size) != 0) return false;
    *text = (pv_text){text->data + size, text->size - size};
    return true;
}

static bool is_visible(pv_text text)
{
    for (size_t i = 0; i < text.size; i++) {
        if ((unsigned char)text.data[i] <= ' ' || (unsigned char)text.data[i] == 0x7f) return false;
    }
    return true;
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* The host in lower case; an IPv6 address when it stood in brackets. */
static bool read_host(char host[PV_HOST_MAX + 1], pv_text text, bool in_brackets)
{
    if (text.size == 0 || text.size > PV_HOST_MAX) return false;
    for (size_t i = 0; i < text.size; i++) {
        const char c = text.data[i];
        host[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
        if (!in_brackets && !is_name_character(host[i])) return false;
    }
    host[text.size] = '\0';
    struct in6_addr address;
    return !in_brackets || inet_pton(AF_INET6, host, &address) == 1;
}

/* ":PORT", or nothing for the scheme's own. */
static bool read_port(uint16_t *port, pv_text text)
{
    if (text.size == 0) return true;
    unsigned value = 0;
    if (text.data[0] != ':' || text.size < 2 || text.size > sizeof ":65535" - 1) return false;
    for (size_t i = 1; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        value = 10 * value + (unsigned)(text.data[i] - '0');
    }
    *port = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

/* HOST[:PORT] */
static const char *read_authority(pv_endpoint *endpoint, pv_text authority)
{
    const bool in_brackets = authority.size > 0 && authority.data[0] == '[';
    const char *first = authority.data + in_brackets, *end = authority.data + authority.size;
    const char *host_end = memchr(first, in_brackets ? ']' : ':', (size_t)(end - first));
    if (in_brackets && !host_end) return "']' is missing";
    if (!host_end) host_end = end;
    if (!read_host(endpoint->host, (pv_text){first, (size_t)(host_end - first)}, in_brackets)) {
        return "the host is no name and no address";
    }
    const char *port = host_end + in_brackets;
    if (!read_port(&endpoint->port, (pv_text){port, (size_t)(end - port)})) return "the port is none of 1 to 65535";
    return NULL;
}

pv_status pv_endpoint_parse(pv_endpoint *endpoint, pv_text *path, const char *url, pv_error *error)
{
    pv_text rest = pv_text_of(url);
    *endpoint = (pv_endpoint){0};
    if (!is_visible(rest)) return pv_fail(error, PV_E_USAGE, "an address with blanks or control characters");
    endpoint->is_tls = skip_prefix(&rest, "https://");
    if (!endpoint->is_tls && !skip_prefix(&rest, "http://")) {
        return pv_fail(error, PV_E_USAGE, "%.*s: expected an address of http:// or https://", SHOWN, url);
    }
    endpoint->port = endpoint->is_tls ? HTTPS_PORT : HTTP_PORT;
    const size_t authority_size = strcspn(rest.data, "/?#");
    const pv_text authority = {rest.data, authority_size};
    const pv_text after = {rest.data + authority_size, rest.size - authority_size};
    /* What stands before an '@' may be a password, so the address is not shown. */
    if (memchr(authority.data, '@', authority.size)) {
        return pv_fail(error, PV_E_USAGE, "an address with a user name, which is not supported");
    }
    const char *fault = read_authority(endpoint, authority);
    if (!fault && after.size > 0 && after.data[0] != '/') fault = "expected '/' behind the host";
    if (!fault && !path && after.size > 1) fault = "nothing may follow the host";
    if (fault) return pv_fail(error, PV_E_USAGE, "%.*s: %s", SHOWN, url, fault);
    if (path) *path = after;
    return PV_OK;
}

static const char *bracket(const pv_endpoint *endpoint, const char *which)
{
    return strchr(endpoint->host, ':') ? which : "";
}

void pv_endpoint_print_host(pv_buffer *out, const pv_endpoint *endpoint)
{
    pv_buffer_append_string(out, bracket(endpoint, "["));
    pv_buffer_append_string(out, endpoint->host);
    pv_buffer_append_string(out, bracket(endpoint, "]"));
    if (endpoint->port != (endpoint->is_tls ? HTTPS_PORT : HTTP_PORT)) {
        pv_buffer_print(out, ":%u", (unsigned)endpoint->port);
    }
}

void pv_endpoint_name(char out[PV_ENDPOINT_NAME_SIZE], const pv_endpoint *endpoint)
{
    (void)snprintf(out, PV_ENDPOINT_NAME_SIZE, "%s%s%s:%u", bracket(endpoint, "["), endpoint->host,
                   bracket(endpoint, "]"), (unsigned)endpoint->port);
}

bool pv_endpoint_equal(const pv_endpoint *a, const pv_endpoint *b)
{
    return a->is_tls == b->is_tls && a->port == b->port && strcmp(a->host, b->host) == 0;
}
