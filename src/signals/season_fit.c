/* season_fit.c - see season_fit.h. */
#include "signals/season_fit.h"

#include "base/failure.h"

#define DAYS_NEEDED 396           /* 13 months */
#define SECONDS_PER_YEAR 31557600 /* 365.25 days */

int pv_month_of(int64_t time)
{
    char date[PV_TIMESTAMP_SIZE]; /* 2010-12-09 */
    pv_date_print(date, time);
    return (date[5] - '0') * 10 + (date[6] - '0') - 1;
}

int64_t pv_season_start(const pv_shop *shop)
{
    if (!shop->has_time) return PV_NO_TIME;
    int64_t first = shop->as_of;
    for (int64_t i = 0; i < shop->products.ids.n_warm; i++)
        if (shop->products.first_sold[i] < first) first = shop->products.first_sold[i];
    if (shop->as_of - first < (int64_t)DAYS_NEEDED * PV_SECONDS_PER_DAY) return PV_NO_TIME;
    return shop->as_of - (shop->as_of - first) / SECONDS_PER_YEAR * SECONDS_PER_YEAR;
}

bool pv_season_counts_line(const pv_lines *lines, int64_t line, int64_t start)
{
    const bool ends_order = line + 1 == lines->n || lines->product[line + 1] != lines->product[line] ||
                            lines->order[line + 1] != lines->order[line];
    return ends_order && lines->time[line] >= start;
}

/* Counters, and which company was counted last in each of them. */
typedef struct month_counter {
    int32_t *orders, *companies, *category_companies;
    int32_t *last, *category_last; /* number of the company + 1 */
} month_counter;

static void count_lines(const month_counter *counter, const pv_lines *lines, const pv_shop *shop, int64_t start,
                        int32_t company)
{
    const pv_products *products = &shop->products;
    for (int64_t l = 0; l < lines->n; l++) {
        if (!pv_season_counts_line(lines, l, start)) continue;
        const int32_t product = lines->product[l], category = products->category[product];
        const int64_t month = pv_month_of(lines->time[l]), cell = month * products->ids.n_warm + product;
        counter->orders[cell]++;
        counter->companies[cell] += counter->last[cell] != company;
        counter->last[cell] = company;
        if (category < 0) continue;
        const int64_t category_cell = month * products->categories.n + category;
        counter->category_companies[category_cell] += counter->category_last[category_cell] != company;
        counter->category_last[category_cell] = company;
    }
}

pv_status pv_season_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    pv_status status = PV_OK;
    month_counter counter = {0};
    const pv_users *users = &shop->users;
    const int64_t n = shop->products.ids.n_warm, n_categories = shop->products.categories.n;
    const int64_t start = pv_season_start(shop);
    if (start == PV_NO_TIME) return PV_OK;
    counter.last = pv_allocate((size_t)n, PV_MONTHS * sizeof *counter.last);
    counter.category_last = pv_allocate((size_t)n_categories, PV_MONTHS * sizeof *counter.category_last);
    if (!counter.last || !counter.category_last) PV_TRY(pv_fail_memory(error, "months", 0));
    PV_TRY(pv_tensors_add(&counter.orders, tensors, "season.orders", PV_I32, PV_MONTHS, n, error));
    PV_TRY(pv_tensors_add(&counter.companies, tensors, "season.companies", PV_I32, PV_MONTHS, n, error));
    PV_TRY(pv_tensors_add(&counter.category_companies, tensors, "season.category_companies", PV_I32,
                          PV_MONTHS * n_categories, 0, error));
    for (int64_t m = 0; m < users->ids.n; m++) { /* members stand grouped by parent */
        if (users->parent_members[m] >= users->ids.n_warm) continue;
        const pv_lines lines = pv_shop_user_lines(shop, users->parent_members[m]);
        count_lines(&counter, &lines, shop, start, users->parent[users->parent_members[m]] + 1);
    }
cleanup:
    pv_release(counter.last);
    pv_release(counter.category_last);
    return status;
}
