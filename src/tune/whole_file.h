/* whole_file.h - a small file read at once. */
#ifndef PV_WHOLE_FILE_H
#define PV_WHOLE_FILE_H

#include "base/text.h"

/* Append the bytes of the open file to `text`, from where it stands to its end.
 * Errors: PV_E_INPUT (unreadable, more than `most` bytes), PV_E_MEMORY. path: for messages. */
pv_status pv_whole_file_read(pv_buffer *text, int descriptor, const char *path, size_t most,
                             pv_error *error) PV_CHECKED;

#endif
