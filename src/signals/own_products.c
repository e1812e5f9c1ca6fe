/* own_products.c - see own_products.h. */
#include "signals/own_products.h"

#include <stdlib.h>

static int compare_numbers(const void *left, const void *right)
{
    const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

bool pv_own_products_make(pv_own_products *own, const pv_company *company, pv_arena *arena)
{
    int64_t n = 0;
    int32_t *products = pv_arena_allocate(arena, (size_t)pv_company_lines(company), sizeof *products);
    if (!products) return false;
    for (int64_t m = 0; m < company->n_members; m++)
        for (int64_t l = 0; l < company->members[m].n; l++) {
            const int32_t product = company->members[m].product[l];
            if (l == 0 || product != company->members[m].product[l - 1]) products[n++] = product;
        }
    if (company->n_members > 1) qsort(products, (size_t)n, sizeof *products, compare_numbers);
    own->n = 0;
    for (int64_t k = 0; k < n; k++)
        if (k == 0 || products[k] != products[k - 1]) products[own->n++] = products[k];
    own->products = products;
    return true;
}
