/* folder_sync.h - the names in a folder brought to the disk: what was created or renamed there outlives a crash. */
#ifndef PV_FOLDER_SYNC_H
#define PV_FOLDER_SYNC_H

#include <stdbool.h>

/* The folder `name` below the open folder `parent` (AT_FDCWD: as the process sees it). False with errno set. A folder
 * that may not be read, and a file system that cannot sync folders, pass: nothing better can be done there. */
bool pv_folder_sync(int parent, const char *name);

#endif
