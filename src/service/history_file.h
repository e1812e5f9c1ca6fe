/* history_file.h - purchases that come with a question, as lines of the shop that is asked. */
#ifndef PV_HISTORY_FILE_H
#define PV_HISTORY_FILE_H

#include "shop/history.h"
#include "shop/tables.h"
#include <purvey/answer.h>

/* Time of the latest line, PV_NO_TIME when none has a time. */
int64_t pv_history_file_last_time(const pv_history_file *file);
/* The history before `as_of`; products that the shop does not know are left out. Memory from the arena. */
pv_status pv_history_file_history(pv_history *history, const pv_history_file *file, const pv_shop *shop, int64_t as_of,
                                  pv_arena *arena, pv_error *error) PV_CHECKED;

#endif
