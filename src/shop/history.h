/* history.h - what one customer bought, as of a date: the input of every signal about the customer.
 *
 * A known user, `--history`, events and removals differ only in the history they give.
 */
#ifndef PV_HISTORY_H
#define PV_HISTORY_H

#include "base/memory.h"
#include "shop/purchase_lines.h"
#include "shop/shop.h"
#include <stdbool.h>
#include <stdint.h>

/* A purchase weighs half after this many days in habit and bought_together (product of the reference: 180). */
#define PV_HISTORY_HALF_LIFE_DAYS 180.0

typedef struct pv_history {
    pv_lines lines; /* time < as_of; sorted by product, order, time */
    pv_dislikes dislikes;
    int64_t as_of;               /* PV_NO_TIME when the shop has no time */
    int64_t n_products;          /* distinct products */
    const int32_t *products;     /* [n_products], rising */
    const int64_t *first_line;   /* [n_products + 1] into lines */
    int64_t n_order_slots;       /* order numbers are below it; a removal leaves slots unused */
    const double *order_count;   /* [n_order_slots] orders the slot stands for: 1, or the count of a simple shop's line;
                                    0: unused */
    const double *order_decayed; /* [n_order_slots] the same, halved every half-life */
    double n_orders, orders_decayed; /* sums over the slots */
} pv_history;

/* Prepare the lines earlier than as_of. Memory comes from the arena; `lines` stays borrowed when all are kept,
 * `dislikes` always. */
pv_status pv_history_make(pv_history *history, const pv_lines *lines, const pv_dislikes *dislikes, int64_t as_of,
                          pv_arena *arena, pv_error *error) PV_CHECKED;
/* The history of a warm user before as_of. */
pv_status pv_history_of_user(pv_history *history, const pv_shop *shop, int64_t user, int64_t as_of, pv_arena *arena,
                             pv_error *error) PV_CHECKED;
/* The history without all lines of one product, as if it had never been bought. */
pv_status pv_history_without(pv_history *reduced, const pv_history *history, int32_t product, pv_arena *arena,
                             pv_error *error) PV_CHECKED;
/* Position of `product` in history->products, -1 when it was never bought. */
int64_t pv_history_find(const pv_history *history, int32_t product);
/* What an order of that time still weighs as of the history's date when it halves every half_life_days; 1 without a
 * time or half-life (NaN). */
double pv_history_decay(const pv_history *history, int64_t time, double half_life_days);
/* True at the last of product k's lines within an order: who counts orders counts there, once. */
bool pv_history_ends_order(const pv_history *history, int64_t k, int64_t line);
/* Orders that contain product k of the history, each halved every half_life_days until as_of (NaN: not halved); an
 * order counts once and is as recent as the latest of its lines. */
double pv_history_orders_with(const pv_history *history, int64_t k, double half_life_days);
/* Latest purchase of product k; PV_NO_TIME without time. */
int64_t pv_history_last_time(const pv_history *history, int64_t k);

#endif
