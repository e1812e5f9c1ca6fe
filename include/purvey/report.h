/* report.h - what a run did and what went wrong, as JSON: the same on the command line, over HTTP and in bindings.
 *
 * Holds:    pv_error_json() and the summary objects of import, train and the bulk commands (contract section 3).
 * Memory:   *json is one object without a newline, owned by the caller: pv_free().
 * Errors:   PV_E_MEMORY.
 */
#ifndef PURVEY_REPORT_H
#define PURVEY_REPORT_H

#include <purvey/answer.h>
#include <purvey/status.h>
#include <purvey/train.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* {"error":{"code","message","field"}}; field is null when no request field is at fault. */
PV_API pv_status pv_error_json(char **json, const pv_error *what, pv_error *error) PV_CHECKED;

/* The summaries hold `rows` (read, bad, skipped, returned, ...), `seconds` and `cpu_seconds` by part (0 for a part that
 * the command does not have) and `peak_memory_bytes`, which the caller measures: the library does not look at its
 * process. */
PV_API pv_status pv_import_report_json(char **json, const pv_read_report *report, pv_part_time total_time,
                                       int64_t peak_memory_bytes, pv_error *error) PV_CHECKED;
PV_API pv_status pv_train_report_json(char **json, const pv_train_report *report, int64_t peak_memory_bytes,
                                      pv_error *error) PV_CHECKED;
/* `model_id` is the model that was asked. */
PV_API pv_status pv_bulk_report_json(char **json, const char *model_id, const pv_bulk_report *report,
                                     int64_t peak_memory_bytes, pv_error *error) PV_CHECKED;

#ifdef __cplusplus
}
#endif
#endif
