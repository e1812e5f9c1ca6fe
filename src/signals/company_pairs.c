/* company_pairs.c - see company_pairs.h. */
#include "signals/company_pairs.h"

#include "base/failure.h"
#include "base/memory.h"

/* Distinct products of one parent company behind products[n]; last[i] remembers the company that had i last. */
static int64_t list_products(pv_company_pairs *pairs, int64_t *last, int64_t n, const pv_shop *shop, int64_t parent)
{
    const pv_users *users = &shop->users;
    for (int64_t m = users->parent_offsets[parent]; m < users->parent_offsets[parent + 1]; m++) {
        const int32_t user = users->parent_members[m];
        if (user >= users->ids.n_warm) break;
        for (int64_t l = shop->line_offsets[user]; l < shop->line_offsets[user + 1]; l++) {
            const int32_t product = shop->lines.product[l];
            if (last[product] == parent + 1) continue;
            last[product] = parent + 1;
            pairs->products[n++] = product;
            pairs->product_offsets[product + 2]++;
        }
    }
    return n;
}

pv_status pv_company_pairs_init(pv_company_pairs *pairs, const pv_shop *shop, pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t n_products = shop->products.ids.n_warm, n_parents = shop->users.n_parents;
    const size_t room = (size_t)shop->lines.n;
    int64_t *last = pv_allocate((size_t)n_products, sizeof *last);
    *pairs = (pv_company_pairs){.company_offsets = pv_allocate((size_t)n_parents + 1, sizeof(int64_t)),
                                .products = pv_allocate(room, sizeof(int32_t)),
                                .product_offsets = pv_allocate((size_t)n_products + 2, sizeof(int64_t)),
                                .companies = pv_allocate(room, sizeof(int32_t))};
    PV_TRY(
        pv_check_memory(last && pairs->company_offsets && pairs->products && pairs->product_offsets && pairs->companies,
                        "the products of companies", error));
    for (int64_t p = 0; p < n_parents; p++)
        pairs->company_offsets[p + 1] = list_products(pairs, last, pairs->company_offsets[p], shop, p);
    /* Counts stand two places on, so that filling moves each start into its own place. */
    for (int64_t i = 0; i < n_products; i++) pairs->product_offsets[i + 2] += pairs->product_offsets[i + 1];
    for (int64_t p = 0; p < n_parents; p++)
        for (int64_t k = pairs->company_offsets[p]; k < pairs->company_offsets[p + 1]; k++)
            pairs->companies[pairs->product_offsets[pairs->products[k] + 1]++] = (int32_t)p;
cleanup:
    pv_release(last);
    return status;
}

void pv_company_pairs_deinit(pv_company_pairs *pairs)
{
    pv_release(pairs->company_offsets);
    pv_release(pairs->products);
    pv_release(pairs->product_offsets);
    pv_release(pairs->companies);
}

void pv_company_pairs_count(int32_t *companies, const pv_company_pairs *pairs, int32_t past)
{
    for (int64_t k = pairs->product_offsets[past]; k < pairs->product_offsets[past + 1]; k++) {
        const int32_t company = pairs->companies[k];
        for (int64_t l = pairs->company_offsets[company]; l < pairs->company_offsets[company + 1]; l++)
            companies[pairs->products[l]]++;
    }
}
