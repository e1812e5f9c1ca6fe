/* server_error.c - see server_error.h. */
#include "server_error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

pv_status server_error(pv_error *error, pv_status status, const char *format, ...)
{
    if (error == NULL) return status;
    *error = (pv_error){.status = status, .position = -1};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

void server_say(const char *format, ...)
{
    char message[640];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    fprintf(stderr, "purvey serve: %s\n", message);
}
