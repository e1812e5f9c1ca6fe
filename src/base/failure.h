/* failure.h - filling a pv_error and leaving a function through one cleanup.
 *
 * Holds:    pv_fail(), pv_fail_at(), pv_fail_memory(), PV_TRY.
 */
#ifndef PV_FAILURE_H
#define PV_FAILURE_H

#include <purvey/status.h>
#include <stdbool.h>

/* Write status and message into the nullable `error` and return the status, so that `return pv_fail(...)` reads well.
 */
pv_status pv_fail(pv_error *error, pv_status status, const char *format, ...) PV_PRINTF(3, 4);
/* The same with a position (line, row, byte). */
pv_status pv_fail_at(pv_error *error, pv_status status, int64_t position, const char *format, ...) PV_PRINTF(4, 5);
/* The same with the JSON pointer of the request field at fault. */
pv_status pv_fail_field(pv_error *error, pv_status status, const char *field, const char *format, ...) PV_PRINTF(4, 5);
/* "no memory for WHAT (BYTES bytes)"; bytes 0: not said */
pv_status pv_fail_memory(pv_error *error, const char *what, uint64_t bytes);
/* PV_OK, or the failure of pv_fail_memory() when an allocation did not succeed: PV_TRY(pv_check_memory(rows != NULL,
 * ...)). */
pv_status pv_check_memory(bool succeeded, const char *what, pv_error *error) PV_CHECKED;

/* Needs a local `pv_status status` and a label `cleanup`. The one control-flow macro of the library. */
#define PV_TRY(expression)                                                                                             \
    do {                                                                                                               \
        status = (expression);                                                                                         \
        if (status != PV_OK) goto cleanup;                                                                             \
    } while (0)

#endif
