/* purchase_lines.h - one user's rows to purchase lines: returns taken back, dislikes set apart, orders numbered.
 *
 * Training and `--history` both go through here, so that a customer's own lines given back are the same lines.
 * Source: contract section 1 (returns, orders) and 2 (dislikes).
 */
#ifndef PV_PURCHASE_LINES_H
#define PV_PURCHASE_LINES_H

#include "base/memory.h"
#include "shop/tables.h"
#include <stdbool.h>
#include <stdint.h>

/* Purchase lines, sorted by product, then order, then time. Structure of arrays; views. */
typedef struct pv_lines {
    int64_t n;
    const int32_t *product;
    const int32_t *order;      /* number of the order within the user, 0, 1, ... */
    const int64_t *time;       /* NULL when the shop has no time */
    const double *count;       /* orders that the line stands for; NULL: 1 (shops with time or order) */
    const uint8_t *discounted; /* 0 or 1; NULL when not known */
    const double *amount;      /* pieces bought and not returned, from which a later return takes; NULL: 1, and in
                                  histories, where nothing is taken back any more */
} pv_lines;

/* What a customer dislikes more than it bought: rating or negative count, per product, rising. Views. */
typedef struct pv_dislikes {
    int64_t n;
    const int32_t *product;
    const double *count; /* > 0 */
} pv_dislikes;

/* The lines first .. first + n - 1. */
pv_lines pv_lines_slice(const pv_lines *lines, int64_t first, int64_t n);

typedef struct pv_line {
    int32_t product, order;
    int64_t time;
    double count, amount;
    uint8_t discounted;
} pv_line;

/* By product, then order, then time; room[n] need not be set. O(n) where they are nearly so already. */
void pv_lines_sort(pv_line *lines, pv_line *room, int64_t n);

typedef struct pv_dislike {
    int32_t product;
    double count; /* > 0 */
} pv_dislike;

/* What makes lines one order: its id, or, without one, their time. */
typedef struct pv_order_origin {
    int32_t id;   /* pv_purchase_row.order, -1: none */
    int64_t time; /* where there is no id; PV_NO_TIME: neither */
} pv_order_origin;

/* A row that left no line: a return, or a purchase that was taken back whole. */
typedef struct pv_settled_row {
    int32_t product;
    bool is_return;
    pv_order_origin order;
} pv_settled_row;

typedef struct pv_line_rules {
    bool has_time, has_order;
    bool negative_is_dislike;    /* a negative purchase_count dislikes instead of returning */
    bool unordered_is_one_order; /* `--history`: lines with neither order nor time belong together */
    double dislike_at;           /* NaN: ratings do not matter */
    int64_t default_time; /* for lines without time in a shop with time (`--history`): just before the as-of date */
    const double *product_discount; /* [product], marks a line as discounted; NULL: the line's own discount does */
} pv_line_rules;

typedef struct pv_user_lines {
    pv_line *lines; /* sorted by product, order, time */
    int64_t n_lines;
    pv_order_origin *orders; /* [n_orders], by the numbers that the lines carry */
    int64_t n_orders;
    pv_settled_row *settled; /* [n_settled] */
    int64_t n_settled;
    pv_dislike *dislikes; /* sorted by product */
    int64_t n_dislikes;
    int64_t returns_unmatched;
} pv_user_lines;

/* rows [n] of ONE user, in file order, `product` already a number of the shop. The result
 * lives in the arena. Errors: PV_E_MEMORY. */
pv_status pv_user_lines_make(pv_user_lines *out, const pv_purchase_row *rows, int64_t n, const pv_line_rules *rules,
                             pv_arena *arena, pv_error *error) PV_CHECKED;

#endif
