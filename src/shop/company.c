/* company.c - the training purchases of one parent company. */
#include "shop/company.h"

#include "base/failure.h"

pv_status pv_company_make(pv_company *company, const pv_shop *shop, int32_t parent, pv_arena *arena, pv_error *error)
{
    *company = (pv_company){.parent = parent};
    if (parent < 0) return PV_OK;
    const pv_users *users = &shop->users;
    const int64_t first = users->parent_offsets[parent], end = users->parent_offsets[parent + 1];
    pv_lines *members = pv_arena_allocate(arena, (size_t)(end - first), sizeof *members);
    uint8_t *bought = pv_arena_allocate(arena, (size_t)shop->products.ids.n_warm, 1);
    if (!members || !bought) return pv_fail_memory(error, "a company", (uint64_t)shop->products.ids.n_warm);
    for (int64_t m = first; m < end; m++) {
        const int32_t user = users->parent_members[m];
        if (user >= users->ids.n_warm) continue;
        const pv_lines lines = pv_shop_user_lines(shop, user);
        for (int64_t l = 0; l < lines.n; l++) bought[lines.product[l]] = 1;
        members[company->n_members++] = lines;
    }
    company->members = members;
    company->bought = bought;
    return PV_OK;
}
