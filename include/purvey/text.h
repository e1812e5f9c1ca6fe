/* text.h - text with a length, as the API hands it out: UTF-8, borrowed, not terminated by NUL. */
#ifndef PURVEY_TEXT_H
#define PURVEY_TEXT_H

#include <stddef.h>

typedef struct pv_text {
    const char *data; /* NULL means that there is none (null in JSON) */
    size_t size;      /* bytes */
} pv_text;

#endif
