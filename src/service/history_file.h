/* history_file.h - a file of purchases that comes with a question, as rows of the shop that is asked. */
#ifndef PV_HISTORY_FILE_H
#define PV_HISTORY_FILE_H

#include "shop/history_rows.h"
#include "shop/tables.h"
#include <purvey/answer.h>

/* Time of the latest line, PV_NO_TIME when none has a time. */
int64_t pv_history_file_last_time(const pv_history_file *file);
/* Its rows, with room for `extra` more; those of products that the shop does not know are left out. Memory from the
 * arena. */
pv_status pv_history_file_rows(pv_history_rows *rows, const pv_history_file *file, int64_t extra, const pv_shop *shop,
                               pv_arena *arena, pv_error *error) PV_CHECKED;

#endif
