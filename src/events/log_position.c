/* log_position.c - a state of the log as text. */
#include "events/event_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void pv_log_position_print(char out[PV_LOG_POSITION_SIZE], const pv_log_position *position)
{
    (void)snprintf(out, PV_LOG_POSITION_SIZE, "%" PRId64 ":%016" PRIx64, position->offset, position->digest);
}

bool pv_log_position_parse(pv_log_position *position, const char *text)
{
    char printed[PV_LOG_POSITION_SIZE];
    pv_log_position read;
    if (sscanf(text, "%" SCNd64 ":%" SCNx64, &read.offset, &read.digest) != 2 || read.offset < 0) return false;
    pv_log_position_print(printed, &read);
    if (strcmp(printed, text) != 0) return false;
    *position = read;
    return true;
}
