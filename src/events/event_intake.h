/* event_intake.h - what an event log holds for a training: purchases and returns one by one, the overlay as it stands.
 *
 * The log is read once, to the end that it has at that moment: every model of one training (that of now and those of
 * earlier dates, from which weights are learned) takes in the same events, whatever is appended meanwhile.
 *
 * Threads:  read-only after reading.
 * Memory:   72 bytes a purchase or return, and each different id once.
 */
#ifndef PV_EVENT_INTAKE_H
#define PV_EVENT_INTAKE_H

#include "events/event_log.h"
#include "events/event_store.h"
#include "shop/tables.h"

/* A purchase or return. */
typedef struct pv_intake_row {
    int32_t user, product, order; /* in `ids`; order -1: none */
    bool is_return;
    int64_t time;
    double quantity, unit_price, discount; /* NaN: not told */
    pv_log_position before;                /* of its line */
} pv_intake_row;

typedef struct pv_event_intake {
    pv_interner *ids;    /* of the rows */
    pv_intake_row *rows; /* [n_rows] in the order they came */
    size_t n_rows, capacity;
    pv_event_store *overlay;                          /* products, companies and lists; no happenings */
    pv_interner *companies;                           /* that the overlay tells of */
    pv_interner *holders[PV_ELIGIBLE_PRICE_LIST + 1]; /* that it gave a list or took one from, by pv_eligibility_kind */
    int64_t n_events;                                 /* of all types */
    pv_log_position end;
} pv_event_intake;

/* FOLDER as in pv_event_log_read(). Errors: PV_E_INPUT, PV_E_MEMORY. */
pv_status pv_event_intake_read(pv_event_intake **intake, const char *folder, pv_error *error) PV_CHECKED;
void pv_event_intake_free(pv_event_intake *intake); /* accepts NULL */

#endif
