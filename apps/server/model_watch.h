/* model_watch.h - notices that the file at a path is another one than before. */
#ifndef PURVEY_MODEL_WATCH_H
#define PURVEY_MODEL_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

typedef struct model_watch {
    const char *path; /* borrowed */
    uint64_t device, inode;
    int64_t size;
    struct timespec modified;
} model_watch;

/* Take the file as it is now for known. */
void model_watch_begin(model_watch *watch, const char *path);
/* True when it has changed since it was last taken for known, which it then is. A file that is gone has not changed. */
bool model_watch_has_changed(model_watch *watch);

#endif
