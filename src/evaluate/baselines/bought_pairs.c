/* bought_pairs.c - see bought_pairs.h. */
#include "evaluate/baselines/bought_pairs.h"

#include "base/failure.h"
#include "base/memory.h"

static void fill_users(pv_bought_pairs *pairs, const pv_shop *shop)
{
    int64_t n = 0;
    for (int64_t u = 0; u < pairs->n_users; u++) {
        const pv_lines lines = pv_shop_user_lines(shop, u);
        for (int64_t l = 0; l < lines.n; l++)
            if (l == 0 || lines.product[l] != lines.product[l - 1]) pairs->products[n++] = lines.product[l];
        pairs->user_offsets[u + 1] = n;
    }
}

/* product_offsets has one place more than it needs: while users are added, its entry i + 1 is where the next goes. */
static void fill_products(pv_bought_pairs *pairs)
{
    int64_t *next = pairs->product_offsets + 1;
    const int64_t n_pairs = pairs->user_offsets[pairs->n_users];
    for (int64_t k = 0; k < n_pairs; k++) next[pairs->products[k] + 1]++;
    for (int64_t i = 1; i <= pairs->n_products; i++) next[i] += next[i - 1];
    for (int64_t u = 0; u < pairs->n_users; u++)
        for (int64_t k = pairs->user_offsets[u]; k < pairs->user_offsets[u + 1]; k++) {
            const int64_t place = next[pairs->products[k]]++;
            pairs->users[place] = (int32_t)u;
            pairs->positions[place] = k;
        }
}

pv_status pv_bought_pairs_init(pv_bought_pairs *pairs, const pv_shop *shop, pv_error *error)
{
    const size_t n_users = (size_t)shop->users.ids.n_warm, n_products = (size_t)shop->products.ids.n_warm;
    const size_t n_pairs = (size_t)pv_shop_count_pairs(shop);
    *pairs = (pv_bought_pairs){.n_users = (int64_t)n_users,
                               .n_products = (int64_t)n_products,
                               .user_offsets = pv_allocate(n_users + 1, sizeof *pairs->user_offsets),
                               .products = pv_allocate(n_pairs, sizeof *pairs->products),
                               .product_offsets = pv_allocate(n_products + 2, sizeof *pairs->product_offsets),
                               .users = pv_allocate(n_pairs, sizeof *pairs->users),
                               .positions = pv_allocate(n_pairs, sizeof *pairs->positions)};
    if (!pairs->user_offsets || !pairs->products || !pairs->product_offsets || !pairs->users || !pairs->positions)
        return pv_fail_memory(error, "purchase pairs", (uint64_t)n_pairs * 16);
    fill_users(pairs, shop);
    fill_products(pairs);
    return PV_OK;
}

void pv_bought_pairs_deinit(pv_bought_pairs *pairs)
{
    pv_release(pairs->user_offsets);
    pv_release(pairs->products);
    pv_release(pairs->product_offsets);
    pv_release(pairs->users);
    pv_release(pairs->positions);
    *pairs = (pv_bought_pairs){0};
}

int64_t pv_bought_pairs_users(const pv_bought_pairs *pairs, int64_t product)
{
    return pairs->product_offsets[product + 1] - pairs->product_offsets[product];
}

int64_t pv_bought_pairs_count(int32_t *counts, int32_t *found, const pv_bought_pairs *pairs, int64_t product)
{
    int64_t n = 0;
    for (int64_t p = pairs->product_offsets[product]; p < pairs->product_offsets[product + 1]; p++) {
        const int32_t user = pairs->users[p];
        for (int64_t k = pairs->user_offsets[user]; k < pairs->user_offsets[user + 1]; k++) {
            const int32_t other = pairs->products[k];
            if (counts[other]++ == 0) found[n++] = other;
        }
    }
    return n;
}

bool pv_lower_number(const void *context, int32_t a, int32_t b)
{
    (void)context;
    return a < b;
}
