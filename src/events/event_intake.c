/* event_intake.c - see event_intake.h. */
#include "events/event_intake.h"

#include "base/failure.h"
#include "events/event_log_lines.h"
#include "events/logged_event.h"
#include <stdlib.h>

enum { HOLDER_KINDS = PV_ELIGIBLE_PRICE_LIST + 1 };
_Static_assert((int)PV_HOLDER_USER == (int)PV_ELIGIBLE_USER && (int)PV_HOLDER_PARENT == (int)PV_ELIGIBLE_PARENT &&
                   (int)PV_HOLDER_PRICE_LIST == (int)PV_ELIGIBLE_PRICE_LIST,
               "holders of lists are numbered alike");

typedef struct intake_reader {
    pv_event_intake *intake;
    const char *folder;
    pv_arena *arena; /* of the event at hand */
} intake_reader;

static pv_status number_of(int32_t *number, pv_interner *interner, pv_text text, pv_error *error)
{
    const int64_t found = pv_interner_add(interner, text);
    *number = (int32_t)found;
    return pv_check_memory(found >= 0 && found < INT32_MAX, "events", error);
}

static pv_status take_row(pv_event_intake *intake, const pv_event *event, const pv_log_position *before,
                          pv_error *error)
{
    pv_status status = PV_OK;
    void *rows = intake->rows;
    pv_intake_row row = {.order = -1,
                         .is_return = event->type == PV_EVENT_RETURN,
                         .time = event->time,
                         .quantity = event->quantity,
                         .unit_price = event->unit_price,
                         .discount = event->discount,
                         .before = *before};
    PV_TRY(number_of(&row.user, intake->ids, event->user, error));
    PV_TRY(number_of(&row.product, intake->ids, event->items[0], error));
    if (event->order.data) PV_TRY(number_of(&row.order, intake->ids, event->order, error));
    PV_TRY(pv_check_memory(pv_reserve(&rows, &intake->capacity, intake->n_rows + 1, sizeof *intake->rows), "events",
                           error));
    intake->rows = rows;
    intake->rows[intake->n_rows++] = row;
cleanup:
    return status;
}

static pv_status take_overlay(pv_event_intake *intake, const pv_event *event, const pv_log_position *before,
                              pv_error *error)
{
    pv_status status = PV_OK;
    int32_t number;
    if (event->type == PV_EVENT_COMPANY) PV_TRY(number_of(&number, intake->companies, event->user, error));
    if (event->type == PV_EVENT_ELIGIBILITY)
        PV_TRY(number_of(&number, intake->holders[event->holder], event->holder_id, error));
    PV_TRY(pv_event_store_prepare(intake->overlay, event, error));
    pv_event_store_apply(intake->overlay, event, before->offset);
cleanup:
    return status;
}

static pv_status visit(void *context, pv_text json, const pv_log_position *before, const pv_log_position *after,
                       pv_error *error)
{
    pv_status status = PV_OK;
    const intake_reader *reader = context;
    pv_event_intake *intake = reader->intake;
    pv_json_document *document = NULL;
    pv_event event;
    pv_arena_reset(reader->arena);
    PV_TRY(
        pv_logged_event_read(&event, &document, json, reader->folder, PV_EVENT_LOG_NAME, before, reader->arena, error));
    if (event.type == PV_EVENT_PURCHASE || event.type == PV_EVENT_RETURN)
        PV_TRY(take_row(intake, &event, before, error));
    else if (!pv_event_is_happening(event.type))
        PV_TRY(take_overlay(intake, &event, before, error));
    intake->n_events++;
    intake->end = *after;
cleanup:
    pv_json_document_free(document);
    return status;
}

static pv_status create(pv_event_intake **out, pv_error *error)
{
    pv_status status = PV_OK;
    pv_event_intake *intake = calloc(1, sizeof *intake);
    if (!intake) return pv_fail_memory(error, "events", sizeof *intake);
    bool succeeded = (intake->ids = pv_interner_create()) != NULL;
    succeeded = (intake->companies = pv_interner_create()) != NULL && succeeded;
    for (int kind = 0; kind < HOLDER_KINDS; kind++)
        succeeded = (intake->holders[kind] = pv_interner_create()) != NULL && succeeded;
    PV_TRY(pv_check_memory(succeeded, "events", error));
    PV_TRY(pv_event_store_create(&intake->overlay, error));
    *out = intake;
    intake = NULL;
cleanup:
    pv_event_intake_free(intake);
    return status;
}

pv_status pv_event_intake_read(pv_event_intake **out, const char *folder, pv_error *error)
{
    pv_status status = PV_OK;
    pv_log_report report;
    intake_reader reader = {.folder = folder, .arena = pv_arena_create()};
    PV_TRY(pv_check_memory(reader.arena != NULL, "events", error));
    PV_TRY(create(&reader.intake, error));
    PV_TRY(pv_event_log_read(folder, NULL, -1, visit, &reader, &report, error));
    *out = reader.intake;
    reader.intake = NULL;
cleanup:
    pv_event_intake_free(reader.intake);
    pv_arena_free(reader.arena);
    return status;
}

void pv_event_intake_free(pv_event_intake *intake)
{
    if (!intake) return;
    pv_interner_free(intake->ids);
    pv_release(intake->rows);
    pv_event_store_free(intake->overlay);
    pv_interner_free(intake->companies);
    for (int kind = 0; kind < HOLDER_KINDS; kind++) pv_interner_free(intake->holders[kind]);
    free(intake);
}
