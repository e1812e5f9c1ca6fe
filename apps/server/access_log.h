/* access_log.h - a JSON object a line for every request.
 *
 * Lines are gathered and written by access_log_flush() or when there are many, so that answering waits for no disk.
 * Neither path nor query is logged: they name customers.
 */
#ifndef PURVEY_ACCESS_LOG_H
#define PURVEY_ACCESS_LOG_H

#include <purvey/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct access_log access_log;

/* All texts are free of what JSON would have to escape. */
typedef struct access_entry {
    const char *request_id, *method, *call;
    const char *model, *key; /* empty: none */
    int status;              /* 0: the client was gone before there was an answer */
    int64_t bytes;           /* of the answer's body */
    int64_t items;           /* -1: no such number */
    double seconds;          /* from the head of the request to the last byte of the answer */
} access_entry;

/* Lines are appended to the file at `path`; "-" is standard error. Errors: PV_E_OUTPUT, PV_E_MEMORY. */
pv_status access_log_open(access_log **log, const char *path, pv_error *error) PV_CHECKED;
void access_log_close(access_log *log); /* accepts NULL; writes what there is */

void access_log_add(access_log *log, const access_entry *entry); /* accepts NULL */
void access_log_flush(access_log *log);                          /* accepts NULL */
/* Go on in a new file at the same path: the old one was moved away. On failure it goes on in the old one. */
pv_status access_log_reopen(access_log *log, pv_error *error) PV_CHECKED;

#endif
