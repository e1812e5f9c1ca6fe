/* event.h - what happens between two trainings: purchases, returns, what was shown, and what is true of products,
 * companies and assortments from now on.
 *
 * Holds:    pv_event (one of them), reading it from JSON, its one printed form.
 * Threads:  values; texts are borrowed from the arena or text they were read from.
 * Source:   docs/contract.md section 6.
 */
#ifndef PV_EVENT_H
#define PV_EVENT_H

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/memory.h"
#include "base/timestamp.h"

typedef enum pv_event_type {
    PV_EVENT_PURCHASE,
    PV_EVENT_RETURN,
    PV_EVENT_SHOWN,
    PV_EVENT_CLICK,
    PV_EVENT_CART,
    PV_EVENT_DISMISS,
    PV_EVENT_PRODUCT,     /* "item": price, discount, stock, ... from now on */
    PV_EVENT_COMPANY,     /* "user": metadata from now on */
    PV_EVENT_ELIGIBILITY, /* "eligibility": the list of a user, parent or price list from now on */
    PV_EVENT_TYPE_COUNT
} pv_event_type;
const char *pv_event_type_name(pv_event_type type); /* "purchase", ..., "item", "user", "eligibility" */
/* What `POST /v1/events` takes; the others come by the overlay's calls. */
static inline bool pv_event_is_happening(pv_event_type type)
{
    return type <= PV_EVENT_DISMISS;
}

#define PV_EVENT_ID_BYTES_MAX 200
#define PV_ID_BYTES_MAX 1000          /* of users, products, orders, columns */
#define PV_VALUE_BYTES_MAX 1000       /* of metadata */
#define PV_SHOWN_ITEMS_MAX 1000       /* of one event */
#define PV_METADATA_MAX 200           /* columns of one row */
#define PV_ELIGIBLE_ITEMS_MAX 1000000 /* of one list; the body is limited too */

/* A number that a row of the overlay may leave as it is, take back to what was trained, or set. */
typedef enum pv_change_kind { PV_UNCHANGED, PV_AS_TRAINED, PV_SET } pv_change_kind;
typedef struct pv_change {
    pv_change_kind kind;
    double value; /* when set */
} pv_change;

typedef enum pv_product_change {
    PV_CHANGE_PRICE,          /* >= 0, at most 1e12 */
    PV_CHANGE_DISCOUNT,       /* fraction, 0 to 1 */
    PV_CHANGE_STOCK,          /* |x| <= 1e9; 0 and below: out of stock */
    PV_CHANGE_DISCONTINUED,   /* 0 or 1 */
    PV_CHANGE_AVAILABLE_FROM, /* seconds */
    PV_CHANGE_COUNT
} pv_product_change;

typedef enum pv_holder { PV_HOLDER_USER, PV_HOLDER_PARENT, PV_HOLDER_PRICE_LIST } pv_holder;

typedef struct pv_event_value {
    pv_text column, value; /* value data NULL: as trained */
} pv_event_value;

typedef struct pv_event {
    pv_event_type type;
    pv_text event_id;                   /* data NULL: a row of the overlay without one */
    pv_text user;                       /* happenings and PV_EVENT_COMPANY */
    pv_text parent;                     /* PV_EVENT_COMPANY: data NULL, not told */
    pv_text order;                      /* data NULL: none */
    pv_text recommendation_id, reason;  /* data NULL: none */
    int64_t time;                       /* of happenings */
    double quantity;                    /* > 0; NaN: not told */
    double unit_price, discount;        /* NaN: not told */
    const pv_text *items;               /* [n_items] one product; several where a list was shown or is eligible */
    int64_t n_items;                    /* eligibility: -1, the list as trained */
    pv_change changes[PV_CHANGE_COUNT]; /* PV_EVENT_PRODUCT */
    const pv_event_value *values;       /* [n_values] PV_EVENT_COMPANY */
    int64_t n_values;
    pv_holder holder; /* PV_EVENT_ELIGIBILITY */
    pv_text holder_id;
} pv_event;

/* What a call takes. */
typedef enum pv_event_call {
    PV_CALL_EVENTS,      /* "type" names the happening */
    PV_CALL_ITEMS,       /* {"item", "price", "discount", "stock", "discontinued", "available_from"} */
    PV_CALL_USERS,       /* {"user", "parent_id", "metadata": {column: text or null}} */
    PV_CALL_ELIGIBILITY, /* {"user" | "parent" | "price_list", "items": [ids] or null} */
    PV_CALL_LOG          /* any of them, "type" names it: what pv_event_print() wrote */
} pv_event_call;

/* Check one JSON object and fill `event`; texts stay borrowed from the document, arrays lie in the arena.
 *
 * end_time  happenings at or after it are refused ("after tomorrow"); INT64_MAX: none are.
 * Errors:   PV_E_USAGE with the pointer of the field, PV_E_MEMORY.
 */
pv_status pv_event_read(pv_event *event, const pv_json_node *node, pv_event_call call, int64_t end_time,
                        pv_arena *arena, pv_error *error) PV_CHECKED;
/* The one form of an event: a JSON object of one line, keys in a fixed order, absent ones left out. Reading it back
 * (PV_CALL_LOG) gives the same event, and printing that the same bytes. */
void pv_event_print(pv_buffer *out, const pv_event *event);

#endif
