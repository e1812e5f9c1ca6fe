/* segment_fit.c - tiers of users, and buyers counted by segment. */
#include "signals/segment_fit.h"

#include "base/failure.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- tiers ------------------------------------------------------------------------------------------------------- */

double pv_segment_size(const pv_history *history, int32_t column)
{
    if (history->n_products == 0) return (double)NAN;
    if (column == PV_SEGMENT_HISTORY_SIZE) return (double)history->n_products;
    int64_t products = 0, orders = 0;
    for (int64_t k = 0; k < history->n_products; k++)
        for (int64_t l = history->first_line[k]; l < history->first_line[k + 1]; l++)
            products += pv_history_ends_order(history, k, l);
    for (int64_t o = 0; o < history->n_order_slots; o++) orders += history->order_count[o] > 0;
    return (double)products / (double)orders;
}

int32_t pv_segment_tier(double size, const double *edges)
{
    if (isnan(size)) return -1;
    int32_t tier = 0;
    for (int k = 0; k < PV_SEGMENT_TIERS - 1; k++) tier += size >= edges[k];
    return tier;
}

static int compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The k-th of the edges between fifths of sorted[n], between two neighbours in proportion. */
static double quantile(const double *sorted, int64_t n, int64_t k)
{
    const int64_t below = (n - 1) * k / PV_SEGMENT_TIERS, rest = (n - 1) * k % PV_SEGMENT_TIERS;
    const double step = rest ? sorted[below + 1] - sorted[below] : 0;
    return sorted[below] + step * (double)rest / PV_SEGMENT_TIERS;
}

/* Edges that cut sizes[n] in fifths, and the tier of each; `sorted` is room for n. */
static void cut_in_tiers(double *edges, int32_t *tiers, const double *sizes, double *sorted, int64_t n)
{
    memcpy(sorted, sizes, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, compare_doubles);
    for (int64_t k = 1; k < PV_SEGMENT_TIERS; k++) edges[k - 1] = quantile(sorted, n, k);
    for (int64_t u = 0; u < n; u++) tiers[u] = pv_segment_tier(sizes[u], edges);
}

static pv_status fit_tiers(int32_t **tiers, pv_tensors *tensors, const pv_shop *shop, pv_arena *arena, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->users.ids.n_warm;
    double *edges = NULL;
    double *sizes = pv_allocate((size_t)(3 * n), sizeof *sizes);
    PV_TRY(pv_check_memory(sizes != NULL, "segments", error));
    PV_TRY(pv_tensors_add(&edges, tensors, "segment.edge", PV_F64, 2, PV_SEGMENT_TIERS - 1, error));
    PV_TRY(pv_tensors_add(tiers, tensors, "segment.tier", PV_I32, 2, n, error));
    for (int64_t u = 0; u < n; u++) {
        pv_history history;
        pv_arena_reset(arena);
        PV_TRY(pv_history_of_user(&history, shop, u, shop->as_of, arena, error));
        sizes[u] = pv_segment_size(&history, PV_SEGMENT_ORDER_SIZE);
        sizes[n + u] = pv_segment_size(&history, PV_SEGMENT_HISTORY_SIZE);
    }
    for (int row = 0; row < 2; row++)
        cut_in_tiers(edges + row * (PV_SEGMENT_TIERS - 1), *tiers + row * n, sizes + row * n, sizes + 2 * n, n);
cleanup:
    pv_release(sizes);
    return status;
}

/* --- lists ------------------------------------------------------------------------------------------------------- */

typedef struct segment_lists {
    int32_t columns[PV_SEGMENT_COLUMNS];
    int32_t n_columns;
    int32_t *keys; /* [n x 3] */
    int64_t *ends; /* [n] into products and buyers */
    int32_t *products, *buyers;
    size_t n, n_entries, keys_capacity, ends_capacity, products_capacity, buyers_capacity;
} segment_lists;

/* Take the counts into a list of their own; they are 0 afterwards. */
static bool append_list(segment_lists *lists, int32_t value, int32_t companies, int32_t *counts, int64_t n_products)
{
    const size_t room = lists->n_entries + (size_t)n_products;
    if (!pv_reserve((void **)&lists->keys, &lists->keys_capacity, 3 * lists->n + 3, sizeof *lists->keys) ||
        !pv_reserve((void **)&lists->ends, &lists->ends_capacity, lists->n + 1, sizeof *lists->ends) ||
        !pv_reserve((void **)&lists->products, &lists->products_capacity, room, sizeof *lists->products) ||
        !pv_reserve((void **)&lists->buyers, &lists->buyers_capacity, room, sizeof *lists->buyers))
        return false;
    for (int64_t i = 0; i < n_products; i++) {
        if (counts[i] == 0) continue;
        lists->products[lists->n_entries] = (int32_t)i;
        lists->buyers[lists->n_entries++] = counts[i];
        counts[i] = 0;
    }
    const int32_t key[] = {lists->n_columns, value, companies};
    memcpy(lists->keys + 3 * lists->n, key, sizeof key);
    lists->ends[lists->n++] = (int64_t)lists->n_entries;
    return true;
}

/* Counting needs, for each product, which company it was counted for last. */
typedef struct buyer_counter {
    const pv_shop *shop;
    int32_t *counts; /* [n_warm products] */
    int64_t *last;   /* [n_warm products] stamp */
    int64_t stamp;
} buyer_counter;

/* Count the companies of users[n], those of one company in a row, and the products of each once; returns how many. */
static int32_t count_companies(buyer_counter *counter, const int32_t *users, int64_t n)
{
    const pv_shop *shop = counter->shop;
    int32_t companies = 0;
    for (int64_t k = 0; k < n; k++) {
        if (k == 0 || shop->users.parent[users[k]] != shop->users.parent[users[k - 1]]) {
            counter->stamp++;
            companies++;
        }
        for (int64_t l = shop->line_offsets[users[k]]; l < shop->line_offsets[users[k] + 1]; l++) {
            const int32_t product = shop->lines.product[l];
            counter->counts[product] += counter->last[product] != counter->stamp;
            counter->last[product] = counter->stamp;
        }
    }
    return companies;
}

/* Users with purchases by value, those of a company side by side: users[offsets[v] .. offsets[v + 1]). False on no
 * memory. */
static bool users_by_value(int64_t **offsets, int32_t **users, const pv_shop *shop, const int32_t *codes,
                           int64_t n_values, pv_arena *arena)
{
    const int64_t n_warm = shop->users.ids.n_warm;
    *offsets = pv_arena_allocate(arena, (size_t)n_values + 2, sizeof **offsets);
    *users = pv_arena_allocate(arena, (size_t)n_warm, sizeof **users);
    if (!*offsets || !*users) return false;
    int64_t *next = *offsets + 1; /* becomes the ends, which are the starts of the next ones */
    for (int64_t u = 0; u < n_warm; u++)
        if (codes[u] >= 0) next[codes[u] + 1]++;
    for (int64_t v = 1; v <= n_values; v++) next[v] += next[v - 1];
    for (int64_t m = 0; m < shop->users.ids.n; m++) {
        const int32_t user = shop->users.parent_members[m];
        if (user < n_warm && codes[user] >= 0) (*users)[next[codes[user]]++] = user;
    }
    return true;
}

static int64_t values_in_use(const int64_t *offsets, int64_t n_values)
{
    int64_t n = 0;
    for (int64_t v = 0; v < n_values; v++) n += offsets[v] < offsets[v + 1];
    return n;
}

/* codes: of each user with purchases. A column with too many values is left out. */
static pv_status fit_column(segment_lists *lists, buyer_counter *counter, int32_t column, const int32_t *codes,
                            int64_t n_values, pv_arena *arena, pv_error *error)
{
    int64_t *offsets = NULL;
    int32_t *users = NULL;
    pv_arena_reset(arena);
    if (!users_by_value(&offsets, &users, counter->shop, codes, n_values, arena))
        return pv_fail_memory(error, "segments", 0);
    const int64_t in_use = values_in_use(offsets, n_values);
    if (in_use == 0 || in_use > PV_SEGMENT_VALUES || lists->n_columns == PV_SEGMENT_COLUMNS) return PV_OK;
    for (int64_t v = 0; v < n_values; v++) {
        if (offsets[v] == offsets[v + 1]) continue;
        const int32_t companies = count_companies(counter, users + offsets[v], offsets[v + 1] - offsets[v]);
        if (!append_list(lists, (int32_t)v, companies, counter->counts, counter->shop->products.ids.n_warm))
            return pv_fail_memory(error, "segments", 0);
    }
    lists->columns[lists->n_columns++] = column;
    return PV_OK;
}

static pv_status add_lists(pv_tensors *tensors, const segment_lists *lists, pv_error *error)
{
    pv_status status;
    int64_t *offsets = NULL;
    int32_t *columns = NULL, *keys = NULL, *products = NULL, *buyers = NULL;
    const int64_t n = (int64_t)lists->n, entries = (int64_t)lists->n_entries;
    PV_TRY(pv_tensors_add(&columns, tensors, "segment.column", PV_I32, lists->n_columns, 0, error));
    PV_TRY(pv_tensors_add(&keys, tensors, "segment.list", PV_I32, n, 3, error));
    PV_TRY(pv_tensors_add(&offsets, tensors, "segment.offset", PV_I64, n + 1, 0, error));
    PV_TRY(pv_tensors_add(&products, tensors, "segment.product", PV_I32, entries, 0, error));
    PV_TRY(pv_tensors_add(&buyers, tensors, "segment.buyers", PV_I32, entries, 0, error));
    memcpy(columns, lists->columns, (size_t)lists->n_columns * sizeof *columns);
    if (n) memcpy(keys, lists->keys, (size_t)n * 3 * sizeof *keys);
    if (n) memcpy(offsets + 1, lists->ends, (size_t)n * sizeof *offsets);
    if (entries) memcpy(products, lists->products, (size_t)entries * sizeof *products);
    if (entries) memcpy(buyers, lists->buyers, (size_t)entries * sizeof *buyers);
cleanup:
    return status;
}

static pv_status fit_columns(segment_lists *lists, buyer_counter *counter, const int32_t *tiers, pv_arena *arena,
                             pv_error *error)
{
    pv_status status = PV_OK;
    const pv_shop *shop = counter->shop;
    const pv_text_columns *segments = &shop->users.segments;
    const int64_t n_named = segments->n_columns < PV_SEGMENT_COLUMNS - 2 ? segments->n_columns : PV_SEGMENT_COLUMNS - 2;
    for (int32_t c = 0; c < (int32_t)n_named; c++)
        PV_TRY(fit_column(lists, counter, c, segments->codes + c * segments->n_rows, segments->values.count, arena,
                          error));
    if (!pv_shop_is_simple(shop))
        PV_TRY(fit_column(lists, counter, PV_SEGMENT_ORDER_SIZE, tiers, PV_SEGMENT_TIERS, arena, error));
    PV_TRY(fit_column(lists, counter, PV_SEGMENT_HISTORY_SIZE, tiers + shop->users.ids.n_warm, PV_SEGMENT_TIERS, arena,
                      error));
cleanup:
    return status;
}

pv_status pv_segment_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    pv_status status;
    int32_t *tiers = NULL;
    segment_lists lists = {0};
    const size_t n_products = (size_t)shop->products.ids.n_warm;
    buyer_counter counter = {.shop = shop,
                             .counts = pv_allocate(n_products, sizeof *counter.counts),
                             .last = pv_allocate(n_products, sizeof *counter.last)};
    pv_arena *arena = pv_arena_create();
    PV_TRY(pv_check_memory(arena && counter.counts && counter.last, "segments", error));
    PV_TRY(fit_tiers(&tiers, tensors, shop, arena, error));
    PV_TRY(fit_columns(&lists, &counter, tiers, arena, error));
    PV_TRY(add_lists(tensors, &lists, error));
cleanup:
    pv_arena_free(arena);
    pv_release(counter.counts);
    pv_release(counter.last);
    free(lists.keys);
    free(lists.ends);
    free(lists.products);
    free(lists.buyers);
    return status;
}
