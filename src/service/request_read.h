/* request_read.h - a question about a customer, as JSON or as query parameters, to a pv_request.
 *
 * Unknown fields and parameters are errors that list the known ones; every error names its field.
 */
#ifndef PV_REQUEST_READ_H
#define PV_REQUEST_READ_H

#include "service/call.h"
#include <purvey/answer.h>

/* Fields that a call takes, to be joined by `|`. */
typedef enum pv_field {
    PV_FIELD_USER = 1 << 0,
    PV_FIELD_HISTORY = 1 << 1, /* [{"item","type","time","order","quantity","unit_price","discount"}] */
    PV_FIELD_CART = 1 << 2,
    PV_FIELD_METADATA = 1 << 3, /* {column: text} */
    PV_FIELD_N = 1 << 4,
    PV_FIELD_OFFSET = 1 << 5,
    PV_FIELD_MODE = 1 << 6,
    PV_FIELD_NEW_SHARE = 1 << 7,
    PV_FIELD_FILTER = 1 << 8, /* {column: text or [texts]}; as a parameter COLUMN=TEXT */
    PV_FIELD_EXCLUDE = 1 << 9,
    PV_FIELD_EXPLAIN = 1 << 10,
    PV_FIELD_AS_OF = 1 << 11,
    PV_FIELD_STRICT = 1 << 12, /* an unknown user is an error */
    PV_FIELD_ITEM = 1 << 13,
    PV_FIELD_ITEMS = 1 << 14,
    PV_FIELD_LIMIT = 1 << 15,
    PV_FIELD_CURSOR = 1 << 16
} pv_field;
enum { PV_FIELD_COUNT = 17 };

typedef struct pv_read_request {
    pv_request request;
    pv_text item;         /* data NULL: none */
    const pv_text *items; /* [n_items] */
    int64_t n_items;
    int64_t limit;  /* 0: not given */
    pv_text cursor; /* data NULL: none */
} pv_read_request;

/* The JSON object in the call's body. Texts point into *document, to be freed after the answer, or into the arena.
 * Errors: PV_E_USAGE, PV_E_MEMORY. */
pv_status pv_request_read_body(pv_read_request *read, pv_json_document **document, const pv_call *call, unsigned fields,
                               pv_error *error) PV_CHECKED;
/* The call's query parameters; n is 10 where none is given and the call is no list of recommendations; exclude, cart
 * and filter may stand several times. */
pv_status pv_request_read_query(pv_read_request *read, const pv_call *call, unsigned fields,
                                pv_error *error) PV_CHECKED;

#endif
