#include "events/logged_event.h"

#include "base/failure.h"
#include <inttypes.h>

pv_status pv_logged_event_read(pv_event *event, pv_json_document **document, pv_text json, const char *folder,
                               const char *name, const pv_log_position *before, pv_arena *arena, pv_error *error)
{
    pv_error cause = {.message = ""};
    *document = NULL;
    pv_status status = pv_json_document_parse(document, json, &cause);
    if (status == PV_OK) {
        const pv_json_node root = pv_json_document_root(*document);
        status = pv_event_read(event, &root, PV_CALL_LOG, INT64_MAX, arena, &cause);
    }
    if (status == PV_OK) return PV_OK;
    pv_json_document_free(*document);
    *document = NULL;
    if (status == PV_E_USAGE)
        return pv_fail(error, PV_E_INPUT, "%.150s/%.150s: the event at byte %" PRId64 ": %.150s", folder, name,
                       before->offset, cause.message);
    if (error) *error = cause;
    return status;
}
