/* recent_buyers.c - see recent_buyers.h. */
#include "evaluate/baselines/recent_buyers.h"

#include "base/failure.h"
#include "base/memory.h"

pv_status pv_recent_buyers_init(pv_recent_buyers *buyers, const pv_shop *shop, pv_error *error)
{
    const size_t n = (size_t)shop->products.ids.n_warm;
    *buyers = (pv_recent_buyers){
        .shop = shop, .counts = pv_allocate(n, sizeof *buyers->counts), .last = pv_allocate(n, sizeof *buyers->last)};
    if (shop->has_time) buyers->since = shop->as_of - (int64_t)PV_RECENT_DAYS * PV_SECONDS_PER_DAY;
    return pv_check_memory(buyers->counts && buyers->last, "recent buyers", error);
}

void pv_recent_buyers_deinit(pv_recent_buyers *buyers)
{
    pv_release(buyers->counts);
    pv_release(buyers->last);
}

void pv_recent_buyers_add(pv_recent_buyers *buyers, int64_t user, int64_t stamp)
{
    const pv_lines lines = pv_shop_user_lines(buyers->shop, user);
    for (int64_t l = 0; l < lines.n; l++) {
        const int32_t product = lines.product[l];
        if (buyers->last[product] == stamp || (lines.time && lines.time[l] < buyers->since)) continue;
        buyers->last[product] = stamp;
        buyers->counts[product]++;
    }
}

/* All companies of the shop. */
static void count_all(pv_recent_buyers *buyers)
{
    const pv_users *users = &buyers->shop->users;
    for (int64_t m = 0; m < users->ids.n; m++) {
        const int32_t user = users->parent_members[m];
        if (user < users->ids.n_warm) pv_recent_buyers_add(buyers, user, users->parent[user] + INT64_C(1));
    }
}

pv_status pv_recent_popularity_create(pv_recent_popularity **popularity, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->products.ids.n, n_warm = shop->products.ids.n_warm;
    pv_recent_buyers buyers;
    int32_t most = 0;
    pv_recent_popularity *made = pv_allocate(1, sizeof *made + (size_t)n * sizeof *made->shares);
    PV_TRY(pv_recent_buyers_init(&buyers, shop, error));
    PV_TRY(pv_check_memory(made != NULL, "popularity", error));
    count_all(&buyers);
    for (int64_t i = 0; i < n_warm; i++)
        if (buyers.counts[i] > most) most = buyers.counts[i];
    for (int64_t i = 0; i < n_warm; i++) made->shares[i] = buyers.counts[i] / (1.0 + most);
    made->n_products = n;
    *popularity = made;
    made = NULL;
cleanup:
    pv_release(made);
    pv_recent_buyers_deinit(&buyers);
    return status;
}

pv_status pv_recent_popularity_state(void **state, const pv_baseline_input *input, pv_error *error)
{
    pv_recent_popularity *popularity = NULL;
    const pv_status status = pv_recent_popularity_create(&popularity, input->shop, error);
    *state = popularity;
    return status;
}

void pv_popularity_fill(double *scores, const pv_recent_popularity *popularity)
{
    for (int64_t i = 0; i < popularity->n_products; i++)
        if (scores[i] == 0) scores[i] = popularity->shares[i] - 1;
}

void pv_unsold_fill(double *scores, const pv_shop *shop)
{
    const int64_t n_warm = shop->products.ids.n_warm;
    double lowest = 0;
    for (int64_t i = 0; i < n_warm; i++)
        if (scores[i] < lowest) lowest = scores[i];
    for (int64_t i = n_warm; i < shop->products.ids.n; i++) scores[i] = lowest - 1;
}
