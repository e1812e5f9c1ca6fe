#include "shop/purchase_table.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* `column` is the address of an array of `size`-byte values. Growing some columns and not others does no harm. */
static bool grow(void *column, bool is_used, size_t capacity, size_t size)
{
    void *values;
    size_t bytes;
    if (!is_used) return true;
    memcpy(&values, column, sizeof values);
    if (__builtin_mul_overflow(capacity, size, &bytes)) return false;
    values = realloc(values, bytes);
    if (values == NULL) return false;
    memcpy(column, &values, sizeof values);
    return true;
}

static bool reserve(pv_purchase_table *t)
{
    const size_t capacity = t->capacity < 1024 ? 1024 : t->capacity + t->capacity / 2;
    const bool is_grown = grow(&t->user, true, capacity, sizeof *t->user) &&
                          grow(&t->product, true, capacity, sizeof *t->product) &&
                          grow(&t->cancelled, true, capacity, sizeof *t->cancelled) &&
                          grow(&t->time, t->has.time, capacity, sizeof *t->time) &&
                          grow(&t->order, t->has.order, capacity, sizeof *t->order) &&
                          grow(&t->purchase_count, t->has.purchase_count, capacity, sizeof *t->purchase_count) &&
                          grow(&t->quantity, t->has.quantity, capacity, sizeof *t->quantity) &&
                          grow(&t->discount, t->has.discount, capacity, sizeof *t->discount) &&
                          grow(&t->rating, t->has.rating, capacity, sizeof *t->rating);
    if (is_grown) t->capacity = capacity;
    return is_grown;
}

bool pv_purchase_table_add(pv_purchase_table *table, const pv_purchase_row *row)
{
    if ((size_t)table->n == table->capacity && !reserve(table)) return false;
    const int64_t i = table->n++;
    table->user[i] = row->user;
    table->product[i] = row->product;
    table->cancelled[i] = row->cancelled;
    if (table->time) table->time[i] = row->time;
    if (table->order) table->order[i] = row->order;
    if (table->purchase_count) table->purchase_count[i] = row->purchase_count;
    if (table->quantity) table->quantity[i] = row->quantity;
    if (table->discount) table->discount[i] = row->discount;
    if (table->rating) table->rating[i] = row->rating;
    return true;
}

pv_purchase_row pv_purchase_table_row(const pv_purchase_table *table, int64_t i)
{
    return (pv_purchase_row){
        .user = table->user[i],
        .product = table->product[i],
        .cancelled = table->cancelled[i],
        .time = table->time ? table->time[i] : PV_NO_TIME,
        .order = table->order ? table->order[i] : -1,
        .purchase_count = table->purchase_count ? table->purchase_count[i] : (double)NAN,
        .quantity = table->quantity ? table->quantity[i] : (double)NAN,
        .discount = table->discount ? table->discount[i] : (double)NAN,
        .rating = table->rating ? table->rating[i] : (double)NAN,
    };
}

void pv_purchase_table_deinit(pv_purchase_table *table)
{
    free(table->user);
    free(table->product);
    free(table->cancelled);
    free(table->time);
    free(table->order);
    free(table->purchase_count);
    free(table->quantity);
    free(table->discount);
    free(table->rating);
    *table = (pv_purchase_table){0};
}
