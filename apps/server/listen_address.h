/* listen_address.h - where the server listens: HOST:PORT to an open socket. */
#ifndef PURVEY_LISTEN_ADDRESS_H
#define PURVEY_LISTEN_ADDRESS_H

#include <purvey/status.h>
#include <stdbool.h>
#include <sys/socket.h>

typedef struct listen_address {
    struct sockaddr_storage address;
    socklen_t size;
    bool is_loopback;
} listen_address;

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080", port 0 for any free one. Errors: PV_E_USAGE. */
pv_status listen_address_parse(listen_address *address, const char *text, pv_error *error) PV_CHECKED;

/* A socket that listens and does not block; `address` becomes the one it is bound to. `text` is for messages.
 * Errors: PV_E_OUTPUT. */
pv_status listen_address_open(int *listener, listen_address *address, const char *text, pv_error *error) PV_CHECKED;

/* "http://127.0.0.1:8080", "http://[::1]:8080" */
#define LISTEN_URL_MAX 80
void listen_address_url(char url[LISTEN_URL_MAX], const listen_address *address);

#endif
