/* own_products.h - the products that the asking company bought, by which it differs from what holds for all others. */
#ifndef PV_OWN_PRODUCTS_H
#define PV_OWN_PRODUCTS_H

#include "base/sorted.h"
#include "shop/company.h"

static inline int64_t pv_company_lines(const pv_company *company)
{
    int64_t n = 0;
    for (int64_t m = 0; m < company->n_members; m++) n += company->members[m].n;
    return n;
}

typedef struct pv_own_products {
    int64_t n;
    const int32_t *products; /* [n] distinct, rising; in the arena */
} pv_own_products;

/* O(lines log lines), linear for a company of one user. False on no memory. */
bool pv_own_products_make(pv_own_products *own, const pv_company *company, pv_arena *arena);

/* Place of a product, -1 for one that the company did not buy: by far the most, told by one look. */
static inline int64_t pv_own_products_find(const pv_own_products *own, const pv_company *company, int32_t product)
{
    return pv_company_bought(company, product) ? pv_sorted_find(own->products, own->n, product) : -1;
}

#endif
