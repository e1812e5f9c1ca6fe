/* timestamp.h - points in time as seconds since 1970-01-01 00:00:00 UTC, read from and written as ISO 8601. */
#ifndef PV_TIMESTAMP_H
#define PV_TIMESTAMP_H

#include "base/text.h"
#include <stdbool.h>
#include <stdint.h>

#define PV_NO_TIME INT64_MIN
#define PV_SECONDS_PER_DAY 86400
/* The times of 1900-01-01 to 2200-12-31: whatever is read or stored lies between, and differences cannot overflow. */
#define PV_TIME_FIRST INT64_C(-2208988800)
#define PV_TIME_END INT64_C(7289654400)

/* "2010-12-09", "2010-12-09 20:01", "2010-12-09T20:01:00[.fraction][Z|+hh:mm]"; no zone is UTC; fractions are dropped.
 * False when it is no date or its year is outside 1900-2200. */
bool pv_timestamp_parse(int64_t *seconds, pv_text text);
/* With a strptime-like format (%Y %m %d %H %M %S %y %b literal text); the whole text must be used. */
bool pv_timestamp_parse_format(int64_t *seconds, pv_text text, const char *format);
#define PV_TIMESTAMP_SIZE 32
void pv_timestamp_print(char out[PV_TIMESTAMP_SIZE], int64_t seconds); /* 2010-12-09T20:01:01Z */
void pv_date_print(char out[PV_TIMESTAMP_SIZE], int64_t seconds);      /* 2010-12-09 */
int64_t pv_clock_now(void);        /* wall clock, whole seconds: for `now`, dates after tomorrow, signatures */
double pv_clock_seconds(void);     /* monotonic, for durations */
double pv_clock_cpu_seconds(void); /* CPU time of the process */

#endif
