/* company_pairs.h - how many parent companies bought both of two products.
 *
 * Threads:  read-only after init.
 */
#ifndef PV_COMPANY_PAIRS_H
#define PV_COMPANY_PAIRS_H

#include "shop/shop.h"
#include <stdint.h>

/* Products by company and companies by product, each pair once. */
typedef struct pv_company_pairs {
    int64_t *company_offsets; /* [n_parents + 1] */
    int32_t *products;        /* by company */
    int64_t *product_offsets; /* [n_warm products + 1] */
    int32_t *companies;       /* by product, rising */
} pv_company_pairs;

/* Errors: PV_E_MEMORY. Deinit in any case. */
pv_status pv_company_pairs_init(pv_company_pairs *pairs, const pv_shop *shop, pv_error *error) PV_CHECKED;
void pv_company_pairs_deinit(pv_company_pairs *pairs);

/* companies[i] += companies that bought both i and `past`, [n_warm products]. O(sum over its buyers of their products).
 */
void pv_company_pairs_count(int32_t *companies, const pv_company_pairs *pairs, int32_t past);

#endif
