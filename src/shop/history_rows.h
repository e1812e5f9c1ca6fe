/* history_rows.h - purchase rows of one customer to a history, by the rules of the shop: what training does to a shop's
 * file, done to rows that come with a question or were bought since the training.
 */
#ifndef PV_HISTORY_ROWS_H
#define PV_HISTORY_ROWS_H

#include "shop/history.h"

/* Rows under way: products are numbers of the shop, orders any numbers that tell one from another. */
typedef struct pv_history_rows {
    pv_purchase_row *rows; /* [n], in the arena */
    int64_t n, capacity;
    int32_t n_orders; /* numbers in use are below it */
} pv_history_rows;

/* Begin with room for `extra` rows: with those that the shop has of a warm user, each with the amount that is not yet
 * returned, and its dislikes; with none for user -1.
 *
 * What the shop's own returns and dislikes took back stays taken back. So a purchase that is added with a time before a
 * return of its product stands as if it had come after it, and one of a product that was disliked before as if the
 * dislike had been spent on the earlier purchases first. O(rows + orders of the user). */
pv_status pv_history_rows_begin(pv_history_rows *rows, const pv_shop *shop, int64_t user, int64_t extra,
                                pv_arena *arena, pv_error *error) PV_CHECKED;
/* The history of the rows before as_of; rows without time lie just before it, as one order. `user` is the one that the
 * rows were begun with. O(rows x log rows). */
pv_status pv_history_of_rows(pv_history *history, const pv_history_rows *rows, const pv_shop *shop, int64_t user,
                             int64_t as_of, pv_arena *arena, pv_error *error) PV_CHECKED;

#endif
