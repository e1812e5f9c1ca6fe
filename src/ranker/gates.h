/* gates.h - hard yes or no before scoring: known, not excluded, as filtered, in the assortment, in stock, of the mode.
 */
#ifndef PV_GATES_H
#define PV_GATES_H

#include "base/memory.h"
#include "shop/history.h"
#include "shop/shop.h"
#include <purvey/answer.h>

typedef enum pv_gate {
    PV_GATE_OPEN,
    PV_GATE_EXCLUDED,          /* --exclude */
    PV_GATE_IN_CART,           /* --cart */
    PV_GATE_NOT_KNOWN_YET,     /* neither bought nor available before the as-of date */
    PV_GATE_FILTER,            /* --filter */
    PV_GATE_NOT_IN_ASSORTMENT, /* the customer's eligibility lists do not name it */
    PV_GATE_DISCONTINUED,      /* products.csv says so */
    PV_GATE_OUT_OF_STOCK,      /* stock of products.csv is 0 or less */
    PV_GATE_BOUGHT_BEFORE,     /* mode new */
    PV_GATE_NEVER_BOUGHT,      /* mode reorder */
    PV_GATE_COUNT
} pv_gate;
const char *pv_gate_name(pv_gate gate); /* "not_known_yet", ... */

/* What a customer may buy at all: everything, or what its own list, its parent's or its price list's names. */
typedef struct pv_assortment {
    bool has_list[3];           /* of the user, its parent, its price list */
    const int32_t *products[3]; /* [n_products] rising */
    int64_t n_products[3];
    const uint8_t *marks[3]; /* [n products of the shop] 1: the list names it; NULL: the products above tell */
} pv_assortment;
/* As the shop has it; user -1: everything. */
pv_assortment pv_assortment_of_user(const pv_shop *shop, int32_t user);

/* A request's gates, ready to be asked for any product. */
typedef struct pv_gates {
    const pv_shop *shop;
    const pv_history *history;
    int64_t as_of;
    pv_assortment assortment;
    pv_mode mode;
    const uint8_t *held_back; /* [n products] PV_GATE_OPEN, PV_GATE_EXCLUDED or PV_GATE_IN_CART */
    int64_t n_filters;
    const int64_t *filter_columns; /* [n_filters] in products.columns, -1: category */
    const int32_t *filter_values;  /* [n_filters] code of the value, -1: no product has it */
} pv_gates;

/* mode must be decided (not PV_MODE_DEFAULT); `user` gives the assortment, which a caller that knows better may replace
 * afterwards. Errors: PV_E_USAGE (no such filter column), PV_E_MEMORY. */
pv_status pv_gates_make(pv_gates *gates, const pv_shop *shop, const pv_history *history, int64_t as_of, int32_t user,
                        pv_mode mode, const pv_request *request, pv_arena *arena, pv_error *error) PV_CHECKED;
/* The first gate that hides the product, PV_GATE_OPEN when none does. */
pv_gate pv_gates_ask(const pv_gates *gates, int32_t product);
/* Ask for every product: those that pass, rising, into `open` [n products]; their number is returned, and `filtered`
 * counts products by gate. */
int64_t pv_gates_collect(int32_t *open, int64_t filtered[PV_GATE_COUNT], const pv_gates *gates);

#endif
