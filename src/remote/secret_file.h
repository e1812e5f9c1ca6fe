/* secret_file.h - small files that hold secrets, read without leaving copies behind. */
#ifndef PV_SECRET_FILE_H
#define PV_SECRET_FILE_H

#include "base/text.h"

/* Read the whole file, at most `most` bytes, into an empty buffer. A file that is missing leaves it without data.
 * Errors: PV_E_INPUT with the path (not readable, no ordinary file, too large), PV_E_MEMORY. */
pv_status pv_secret_file_read(pv_buffer *text, const char *path, size_t most, pv_error *error) PV_CHECKED;
void pv_secret_buffer_deinit(pv_buffer *text); /* clears it; accepts {0} */

#endif
