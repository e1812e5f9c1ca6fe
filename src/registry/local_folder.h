/* local_folder.h - folders of this machine that fetched files go to. */
#ifndef PV_LOCAL_FOLDER_H
#define PV_LOCAL_FOLDER_H

#include <purvey/status.h>

/* Have the folder, its parents too; for its owner alone. Errors: PV_E_OUTPUT, PV_E_MEMORY. */
pv_status pv_local_folder_make(const char *path, pv_error *error) PV_CHECKED;

#endif
