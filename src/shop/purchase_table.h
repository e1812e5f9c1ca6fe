/* purchase_table.h - the lines of user_purchases.csv by column: a shop's largest table, most of whose columns a file
 * does not have.
 *
 * Holds:    pv_purchase_row (one line), pv_purchase_table (all of them, in file order).
 * Memory:   8 bytes a line, 1 for `cancelled` and 4 or 8 for each further column that the table was given.
 */
#ifndef PV_PURCHASE_TABLE_H
#define PV_PURCHASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line. Absent numbers are NaN. */
typedef struct pv_purchase_row {
    int32_t user;    /* in tables->user_ids */
    int32_t product; /* in tables->product_ids */
    int64_t time;    /* PV_NO_TIME when the shop has no time column */
    int32_t order;   /* in tables->order_ids, -1 when absent or empty */
    bool cancelled;  /* shop.yaml `cancelled`: takes back |quantity|, never a purchase */
    double purchase_count, quantity, discount, rating;
} pv_purchase_row;

/* Columns that a file may lack. */
typedef struct pv_purchase_columns {
    bool time, order, purchase_count, quantity, discount, rating;
} pv_purchase_columns;

/* user[n], product[n], cancelled[n] and, where `has` says so, the others; else they are NULL. */
typedef struct pv_purchase_table {
    pv_purchase_columns has;
    int64_t n;
    size_t capacity;
    int32_t *user, *product, *order;
    int64_t *time;
    double *purchase_count, *quantity, *discount, *rating;
    bool *cancelled;
} pv_purchase_table;

/* Set `has` before the first line. False on no memory: the table is as before. What the table has no column for is
 * lost. */
bool pv_purchase_table_add(pv_purchase_table *table, const pv_purchase_row *row);
/* Line i; values without a column are absent. */
pv_purchase_row pv_purchase_table_row(const pv_purchase_table *table, int64_t i);
void pv_purchase_table_deinit(pv_purchase_table *table);

#endif
