/* current_products.c - the trained shop with arrays of its own for what may change. */
#include "service/current_products.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct pv_current_products {
    atomic_int references;
    const pv_shop *trained;
    pv_shop shop;                     /* the trained one but for the arrays below */
    double *price, *discount, *stock; /* [n products] */
    uint8_t *discontinued;
    int64_t *available_from;
};

static void *copy_of(const void *array, size_t n, size_t size)
{
    void *copy = pv_allocate(n, size);
    if (copy && n > 0) memcpy(copy, array, n * size);
    return copy;
}

/* The trained shop with the products of `from`. */
static pv_current_products *make(const pv_shop *trained, const pv_products *from)
{
    pv_current_products *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    const size_t n = (size_t)from->ids.n;
    atomic_init(&made->references, 1);
    made->trained = trained;
    made->shop = *trained;
    made->price = copy_of(from->price, n, sizeof *made->price);
    made->discount = copy_of(from->discount, n, sizeof *made->discount);
    made->stock = copy_of(from->stock, n, sizeof *made->stock);
    made->discontinued = copy_of(from->discontinued, n, 1);
    made->available_from = copy_of(from->available_from, n, sizeof *made->available_from);
    if (!made->price || !made->discount || !made->stock || !made->discontinued || !made->available_from) {
        pv_current_products_release(made);
        return NULL;
    }
    pv_products *products = &made->shop.products;
    products->price = made->price;
    products->discount = made->discount;
    products->stock = made->stock;
    products->discontinued = made->discontinued;
    products->available_from = made->available_from;
    return made;
}

pv_current_products *pv_current_products_create(const pv_shop *trained)
{
    return make(trained, &trained->products);
}

pv_current_products *pv_current_products_copy(const pv_current_products *current)
{
    return make(current->trained, &current->shop.products);
}

void pv_current_products_retain(pv_current_products *current)
{
    atomic_fetch_add_explicit(&current->references, 1, memory_order_relaxed);
}

void pv_current_products_release(pv_current_products *current)
{
    if (!current || atomic_fetch_sub_explicit(&current->references, 1, memory_order_acq_rel) != 1) return;
    pv_release(current->price);
    pv_release(current->discount);
    pv_release(current->stock);
    pv_release(current->discontinued);
    pv_release(current->available_from);
    free(current);
}

static void change_number(double *now, const double *trained, const pv_change *change, int64_t product)
{
    if (change->kind == PV_SET) now[product] = change->value;
    if (change->kind == PV_AS_TRAINED) now[product] = trained[product];
}

void pv_current_products_change(pv_current_products *current, int64_t product, const pv_change changes[PV_CHANGE_COUNT])
{
    const pv_products *trained = &current->trained->products;
    const pv_change *discontinued = &changes[PV_CHANGE_DISCONTINUED], *from = &changes[PV_CHANGE_AVAILABLE_FROM];
    change_number(current->price, trained->price, &changes[PV_CHANGE_PRICE], product);
    change_number(current->discount, trained->discount, &changes[PV_CHANGE_DISCOUNT], product);
    change_number(current->stock, trained->stock, &changes[PV_CHANGE_STOCK], product);
    if (discontinued->kind == PV_SET) current->discontinued[product] = discontinued->value > 0;
    if (discontinued->kind == PV_AS_TRAINED) current->discontinued[product] = trained->discontinued[product];
    if (from->kind == PV_SET) current->available_from[product] = (int64_t)from->value;
    if (from->kind == PV_AS_TRAINED) current->available_from[product] = trained->available_from[product];
}

const pv_shop *pv_current_products_shop(const pv_current_products *current)
{
    return &current->shop;
}
