/* request_ids.h - the name of a request in answers and logs: the client's own, or a new one. */
#ifndef PURVEY_REQUEST_IDS_H
#define PURVEY_REQUEST_IDS_H

#include <stdatomic.h>
#include <stdint.h>

#define REQUEST_ID_MAX 128

typedef struct request_ids {
    uint64_t start[2]; /* random */
    _Atomic uint64_t next;
} request_ids;

void request_ids_init(request_ids *ids);

/* `given` (nullable) where it is 1 to 128 letters, digits, '.', '_' or '-'; otherwise 32 hex digits that no other
 * request of this or another process has. */
void request_id_make(char id[REQUEST_ID_MAX + 1], request_ids *ids, const char *given);

#endif
