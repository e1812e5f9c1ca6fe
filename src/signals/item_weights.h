/* item_weights.h - item-item weights that predict what is bought now from what was ever bought.
 *
 *   C = (X'WX + lambda I)^-1 X'WY,   B_ij = C_ij - P_ij C_jj / P_jj,   P = (X'WX + lambda I)^-1,   lambda = 30
 *
 * X [users x products] is 1 where a user bought a product, W = diag(n_u^-1/2) for the n_u distinct products of a user,
 * Y = 2^(-days / 60) for the days since the user's last purchase of the product, as of the shop's date (1 without
 * time). B is the ridge regression of each column of Y on the other columns of X, the product's own weight held at 0:
 * EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019) with a target that fades. B_ij is the
 * weight of a past purchase of i for the product j.
 *
 * A product may be left out of the system: its column is not in X, n_u counts it all the same.
 *
 * Cost:     with n products, m pairs of user and product and s = sum n_u^2: n^3 / 2 multiply-adds for the inverse, s /
 * 2 for X'WX, and n m for each of X'P and C (which are never stored: X and Y are sparse). 4 n^2 bytes. Repeat: float32;
 * the same bits for any number of threads.
 */
#ifndef PV_ITEM_WEIGHTS_H
#define PV_ITEM_WEIGHTS_H

#include "base/threads.h"
#include "kernels/kernels.h"
#include "shop/shop.h"
#include <stddef.h>
#include <stdint.h>

/* Weights are made for so many sources at a time. */
#define PV_WEIGHTS_PANEL PV_KERNEL_BLOCK

typedef struct pv_item_weights pv_item_weights;

/* products  [n_products], rising, warm: those of the system; borrowed, as is the shop.
 * threads   nullable: the calling thread alone; used here alone.
 * Errors:   PV_E_MEMORY, PV_E_INTERNAL when X'WX leaves float32 (with some 10^8 users). */
pv_status pv_item_weights_create(pv_item_weights **weights, const pv_shop *shop, const int32_t *products,
                                 size_t n_products, pv_threads *threads, pv_error *error) PV_CHECKED;
void pv_item_weights_free(pv_item_weights *weights); /* accepts NULL */

size_t pv_item_weights_panels(const pv_item_weights *weights);
/* Floats that a panel needs. */
size_t pv_item_weights_panel_size(const pv_item_weights *weights);
/* B for the sources of one panel: panel[j PV_WEIGHTS_PANEL + s] is the weight of a past purchase of
 * products[number PV_WEIGHTS_PANEL + s] for products[j]. Numbers of products that are none hold nothing. Threads may
 * make different panels. */
void pv_item_weights_panel(float *panel, const pv_item_weights *weights, size_t number);

#endif
