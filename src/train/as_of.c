/* as_of.c - reading an as-of date; `now` is the only use of the clock besides dates after tomorrow. */
#include "train/as_of.h"

#include "base/failure.h"
#include "base/timestamp.h"
#include <string.h>

pv_status pv_as_of_parse(int64_t *as_of, const char *text, pv_error *error)
{
    if (strcmp(text, "now") == 0) {
        *as_of = pv_clock_now();
        return PV_OK;
    }
    if (pv_timestamp_parse(as_of, pv_text_of(text))) return PV_OK;
    return pv_fail_field(error, PV_E_USAGE, "/as_of",
                         "as_of: \"%.60s\" is no date (expected YYYY-MM-DD, ISO 8601 or now)", text);
}
