/* event_store.h - what is known from events and the overlay, by ids: the log as it stands in memory.
 *
 * It knows no model: models come and go while it stays. service/live_view.h looks at a model through it.
 *
 * Threads:  one writer, or any number of readers, at a time.
 * Memory:   about 100 bytes an event beside the ids.
 */
#ifndef PV_EVENT_STORE_H
#define PV_EVENT_STORE_H

#include "events/event.h"
#include "shop/interner.h"

/* A purchase or return. */
typedef struct pv_event_row {
    int32_t item; /* in the store's items */
    bool is_return;
    bool is_repeated; /* the same product of the same order came before: it counts once */
    int32_t order;    /* number of the order among all of the store */
    int64_t time;
    uint64_t order_key;        /* pv_order_key() */
    double quantity, discount; /* NaN: not told */
    int64_t offset;            /* of its line in the log */
} pv_event_row;

/* A product that was shown to a user and neither clicked, put into the cart nor bought since. */
typedef struct pv_event_shown {
    int32_t item;
    int64_t times;       /* 0: taken up since */
    int64_t first, last; /* seconds */
} pv_event_shown;

/* What is known of one user. */
typedef struct pv_user_events {
    pv_event_row *rows; /* [n_rows] in the order they came */
    size_t n_rows, rows_prepared, rows_capacity;
    pv_event_shown *shown; /* [n_shown] */
    size_t n_shown, shown_prepared, shown_capacity;
    pv_event_value *values; /* [n_values] metadata, texts owned by the store; value data NULL: as trained */
    size_t n_values, values_prepared, values_capacity;
    pv_text parent; /* data NULL: not told */
} pv_user_events;

/* What is known of one product. */
typedef struct pv_item_state {
    pv_change changes[PV_CHANGE_COUNT];
} pv_item_state;

/* The list that a user, parent or price list may buy from. */
typedef struct pv_eligible_list {
    bool is_set;    /* false: as trained */
    int32_t *items; /* [n_items] in the store's items, in no order */
    int64_t n_items;
} pv_eligible_list;

typedef struct pv_event_store pv_event_store;

pv_status pv_event_store_create(pv_event_store **store, pv_error *error) PV_CHECKED;
void pv_event_store_free(pv_event_store *store); /* accepts NULL */

/* True when an event of this id is in the store, or prepared for it. */
bool pv_event_store_has(const pv_event_store *store, pv_text event_id);

/* Take in an event, in two steps, so that nothing can fail once it is on the disk: prepare finds the memory for it, may
 * be called for several events before the first apply, and changes nothing that a reader sees; apply, in the same
 * order, cannot fail. Instead of applied, a prepared event may be withdrawn. Errors of prepare: PV_E_MEMORY. */
pv_status pv_event_store_prepare(pv_event_store *store, const pv_event *event, pv_error *error) PV_CHECKED;
void pv_event_store_apply(pv_event_store *store, const pv_event *event, int64_t offset);
void pv_event_store_withdraw(pv_event_store *store, const pv_event *event);

/* --- looking up --------------------------------------------------------------------------------------------------- */

int64_t pv_event_store_item_count(const pv_event_store *store);
int64_t pv_event_store_find_item(const pv_event_store *store, pv_text id); /* -1 when it was never named */
pv_text pv_event_store_item(const pv_event_store *store, int64_t item);    /* its id */
const pv_item_state *pv_event_store_item_state(const pv_event_store *store, int64_t item);
/* NULL when nothing is known of the user. */
const pv_user_events *pv_event_store_user(const pv_event_store *store, pv_text user);
/* NULL when no list was ever given to that holder. */
const pv_eligible_list *pv_event_store_list(const pv_event_store *store, pv_holder holder, pv_text id);
/* Just after the latest purchase or return; PV_NO_TIME when there is none. */
int64_t pv_event_store_end_time(const pv_event_store *store);

/* Where in the log the last event that was applied begins; -1: nothing was. It names the state of the store. */
int64_t pv_event_store_last_offset(const pv_event_store *store);

typedef struct pv_event_counts {
    int64_t happenings[PV_EVENT_TYPE_COUNT]; /* in the log, by type */
} pv_event_counts;
const pv_event_counts *pv_event_store_counts(const pv_event_store *store);

#endif
