/* status.h - outcomes and error messages of every function that can fail.
 *
 * Holds:    pv_status, pv_error, PV_API, PV_CHECKED.
 * Threads:  no shared state; an error belongs to its caller.
 */
#ifndef PURVEY_STATUS_H
#define PURVEY_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define PV_API __attribute__((visibility("default")))
#define PV_CHECKED __attribute__((warn_unused_result))
#define PV_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#else
#define PV_API
#define PV_CHECKED
#define PV_PRINTF(format_index, first_argument)
#endif

typedef enum pv_status {
#define PV_STATUS(name, json_code, exit_code, http_status, text) name,
#include <purvey/status.def>
#undef PV_STATUS
    PV_STATUS_COUNT
} pv_status;

/* What went wrong, owned by the caller, nullable wherever it is taken. Written only on failure. */
typedef struct pv_error {
    pv_status status;
    int64_t position;  /* line, row or byte the message is about, -1 when there is none */
    char field[64];    /* JSON pointer of the request field at fault ("/n"), or empty */
    char message[512]; /* one line, lower case: what and where, what was expected; no newline */
} pv_error;

PV_API const char *pv_status_text(pv_status status);      /* never NULL */
PV_API const char *pv_status_json_code(pv_status status); /* "bad_value", ... */
PV_API int pv_status_exit_code(pv_status status);         /* 0, 1, 2 or 3 */
PV_API int pv_status_http(pv_status status);

/* "0.1.0": version of the library that was linked. */
PV_API const char *pv_version(void);

#ifdef __cplusplus
}
#endif
#endif
