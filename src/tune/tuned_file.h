/* tuned_file.h - what a search found as text: the YAML that train takes, the JSON of the report. */
#ifndef PV_TUNED_FILE_H
#define PV_TUNED_FILE_H

#include "base/text.h"
#include <purvey/tune.h>

/* Comments with figures and windows, then the settings. No times of day and no durations: the same trials give the same
 * bytes. */
void pv_tuned_file_print(pv_buffer *yaml, const pv_tune_report *report);

#endif
