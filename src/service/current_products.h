/* current_products.h - prices, discounts, stocks and dates of a model's products as they are now.
 *
 * What answers share never changes: a change is made to a copy, which then takes the place of the one in use. So an
 * answer needs no lock for as long as it takes, and sees one state of the products.
 *
 * Threads:  reference counted; read-only from the moment it is shared.
 */
#ifndef PV_CURRENT_PRODUCTS_H
#define PV_CURRENT_PRODUCTS_H

#include "events/event.h"
#include "shop/shop.h"

typedef struct pv_current_products pv_current_products;

/* As trained; `trained` is borrowed and must outlive it. Referenced once. NULL on no memory. O(products). */
pv_current_products *pv_current_products_create(const pv_shop *trained);
/* NULL on no memory. */
pv_current_products *pv_current_products_copy(const pv_current_products *current);
void pv_current_products_retain(pv_current_products *current);
void pv_current_products_release(pv_current_products *current); /* accepts NULL; frees it after the last */

/* Before it is shared. */
void pv_current_products_change(pv_current_products *current, int64_t product,
                                const pv_change changes[PV_CHANGE_COUNT]);
/* The trained shop with these products. */
const pv_shop *pv_current_products_shop(const pv_current_products *current);

#endif
