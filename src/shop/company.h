/* company.h - what the asking company itself did before the model's as-of date, to be taken out of counts of others.
 *
 * A company is a parent with all its users. Counts of others never include the asking company, whatever history the
 * request gives (contract section 3).
 */
#ifndef PV_COMPANY_H
#define PV_COMPANY_H

#include "base/memory.h"
#include "shop/shop.h"
#include <stdint.h>

typedef struct pv_company {
    int32_t parent;          /* -1: nobody is asking, or nobody whom the shop knows a company of */
    int64_t n_members;       /* users with purchases; 0 when nobody is asking or the company bought nothing */
    const pv_lines *members; /* [n_members] their lines */
    const uint8_t *bought;   /* [n_warm products] 1 when any member bought it; NULL when n_members is 0 */
} pv_company;

/* parent -1: nobody. Memory from the arena. */
pv_status pv_company_make(pv_company *company, const pv_shop *shop, int32_t parent, pv_arena *arena,
                          pv_error *error) PV_CHECKED;

static inline bool pv_company_bought(const pv_company *company, int32_t product)
{
    return company->n_members > 0 && company->bought[product];
}

#endif
