/* listen_address.c - see listen_address.h. */
#include "listen_address.h"

#include "server_error.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 4096 /* connections that wait to be accepted; the kernel caps it at net.core.somaxconn */

static bool is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 v6;
    memcpy(&v6, address, sizeof v6);
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr);
}

/* "HOST:PORT" and "[HOST]:PORT" in two. */
static bool split(char host[static 64], char port[static 6], const char *text)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL) return false;
    size_t host_size = (size_t)(colon - text), port_size = strlen(colon + 1);
    bool is_bracketed = host_size >= 2 && text[0] == '[' && text[host_size - 1] == ']';
    if (is_bracketed) {
        text++;
        host_size -= 2;
    }
    if (host_size == 0 || host_size > 63 || port_size == 0 || port_size > 5) return false;
    if (!is_bracketed && memchr(text, ':', host_size) != NULL) return false;
    if (strspn(colon + 1, "0123456789") != port_size) return false;
    memcpy(host, text, host_size);
    host[host_size] = '\0';
    memcpy(port, colon + 1, port_size + 1);
    return true;
}

pv_status listen_address_parse(listen_address *address, const char *text, pv_error *error)
{
    char host[64], port[6];
    struct addrinfo *found = NULL;
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    bool good = split(host, port, text);
    /* No name is looked up: what is listened on must not depend on a resolver. */
    if (good && strcmp(host, "localhost") == 0) snprintf(host, sizeof host, "127.0.0.1");
    if (good) good = getaddrinfo(host, port, &wanted, &found) == 0 && found->ai_addrlen <= sizeof address->address;
    unsigned number = 0;
    if (good) good = sscanf(port, "%5u", &number) == 1 && number <= 65535;
    if (good) {
        *address = (listen_address){.size = found->ai_addrlen};
        memcpy(&address->address, found->ai_addr, found->ai_addrlen);
        address->is_loopback = is_loopback(&address->address);
    }
    if (found != NULL) freeaddrinfo(found);
    if (good) return PV_OK;
    return server_error(error, PV_E_USAGE,
                        "--listen %s: expected an address and a port such as 127.0.0.1:8080 or [::1]:8080", text);
}

static pv_status failed(int descriptor, const char *text, pv_error *error)
{
    int reason = errno;
    if (descriptor >= 0) close(descriptor);
    return server_error(error, PV_E_OUTPUT, "cannot listen on %s: %s", text, strerror(reason));
}

pv_status listen_address_open(int *listener, listen_address *address, const char *text, pv_error *error)
{
    int on = 1;
    int made = socket(address->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made < 0) return failed(made, text, error);
    /* A restart must not wait for the connections of the server before it. */
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(made, (const struct sockaddr *)&address->address, address->size) != 0) return failed(made, text, error);
    if (listen(made, BACKLOG) != 0) return failed(made, text, error);
    if (getsockname(made, (struct sockaddr *)&address->address, &address->size) != 0) return failed(made, text, error);
    *listener = made;
    return PV_OK;
}

void listen_address_url(char url[LISTEN_URL_MAX], const listen_address *address)
{
    char host[INET6_ADDRSTRLEN + 1] = "", port[6] = "";
    getnameinfo((const struct sockaddr *)&address->address, address->size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    bool is_v6 = address->address.ss_family == AF_INET6;
    snprintf(url, LISTEN_URL_MAX, "http://%s%s%s:%s", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
}
