/* server_error.h - errors of the server's own making, in the form that the library's have. */
#ifndef PURVEY_SERVER_ERROR_H
#define PURVEY_SERVER_ERROR_H

#include <purvey/status.h>

/* Fill *error (nullable) and return `status`. */
pv_status server_error(pv_error *error, pv_status status, const char *format, ...) PV_PRINTF(3, 4);

/* "purvey serve: ..." and a newline on standard error, whole. */
void server_say(const char *format, ...) PV_PRINTF(1, 2);

#endif
