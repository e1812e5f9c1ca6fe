/* as_of.h - the as-of date that a command was given: a date, a time or `now`. */
#ifndef PV_AS_OF_H
#define PV_AS_OF_H

#include <purvey/status.h>
#include <stdint.h>

/* Errors: PV_E_USAGE with field /as_of. */
pv_status pv_as_of_parse(int64_t *as_of, const char *text, pv_error *error) PV_CHECKED;

#endif
