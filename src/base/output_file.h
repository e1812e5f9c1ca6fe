/* output_file.h - a file that appears only when it is complete: written under a temporary name in the same folder,
 * synced, renamed; the folder is synced too. A kill at any moment leaves the old file whole. */
#ifndef PV_OUTPUT_FILE_H
#define PV_OUTPUT_FILE_H

#include <purvey/status.h>
#include <stddef.h>

typedef struct pv_output_file pv_output_file;

/* Refuses an existing path that is not a regular file (PV_E_OUTPUT). A symbolic link to a regular file is followed: its
 * target is replaced. Mode of an existing file is kept. */
pv_status pv_output_file_create(pv_output_file **file, const char *path, pv_error *error) PV_CHECKED;
/* Buffered. */
pv_status pv_output_file_write(pv_output_file *file, const void *bytes, size_t size, pv_error *error) PV_CHECKED;
/* Sync and rename; the handle is freed whether it succeeds or not. */
pv_status pv_output_file_commit(pv_output_file *file, pv_error *error) PV_CHECKED;
/* Rename without a sync, for what can be had again and is checked by whoever reads it: a download. After a power cut it
 * may be torn. The handle is freed whether it succeeds or not. */
pv_status pv_output_file_commit_unsynced(pv_output_file *file, pv_error *error) PV_CHECKED;
/* Remove the temporary file and free. Accepts NULL. */
void pv_output_file_abandon(pv_output_file *file);
/* The temporary path, for writers that need a name of their own (SQLite). */
const char *pv_output_file_temporary_path(const pv_output_file *file);

#endif
