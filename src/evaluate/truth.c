/* truth.c - see truth.h. The later shop has numbers of its own; ids lead from one to the other. */
#include "evaluate/truth.h"

#include "base/failure.h"
#include "evaluate/cutoffs.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN (-1)

bool pv_product_was_known(const pv_shop *shop, int64_t product)
{
    const int64_t available = shop->products.available_from[product];
    return product < shop->products.ids.n_warm || (available != PV_NO_TIME && available < shop->as_of);
}

/* A customer's product in the window. */
typedef struct bought_pair {
    int32_t user, product;
    double spend;
} bought_pair;

typedef struct pair_list {
    bought_pair *items;
    size_t n, capacity;
} pair_list;

typedef struct truth_builder {
    const pv_truth_reading *reading;
    const pv_shop *known; /* as of the cut-off */
    pv_tables *tables;    /* as of the end */
    pv_tensors tensors;
    pv_shop later;                 /* as of the end */
    int32_t *user_of, *product_of; /* later interner number -> number as of the cut-off, UNKNOWN */
    bool has_price;
    pair_list spends; /* what rows of the window are worth */
    pair_list pairs;  /* what is left after returns */
    pv_truth *truth;
} truth_builder;

/* --- numbers ----------------------------------------------------------------------------------------------------- */

static int32_t known_user(const pv_shop *known, pv_text id)
{
    const int64_t user = pv_ids_find(&known->users.ids, id);
    return user >= 0 && user < known->users.ids.n_warm ? (int32_t)user : UNKNOWN;
}

static int32_t known_product(const pv_shop *known, pv_text id)
{
    const int64_t product = pv_ids_find(&known->products.ids, id);
    return product >= 0 && pv_product_was_known(known, product) ? (int32_t)product : UNKNOWN;
}

static pv_status map_ids(truth_builder *b, pv_error *error)
{
    const pv_interner *users = b->tables->user_ids, *products = b->tables->product_ids;
    const int64_t n_users = pv_interner_count(users), n_products = pv_interner_count(products);
    b->user_of = pv_arena_allocate(b->truth->arena, (size_t)n_users, sizeof *b->user_of);
    b->product_of = pv_arena_allocate(b->truth->arena, (size_t)n_products, sizeof *b->product_of);
    if (!b->user_of || !b->product_of) return pv_fail_memory(error, "ids", 0);
    for (int64_t u = 0; u < n_users; u++) b->user_of[u] = known_user(b->known, pv_interner_text(users, u));
    for (int64_t p = 0; p < n_products; p++) b->product_of[p] = known_product(b->known, pv_interner_text(products, p));
    return PV_OK;
}

/* The parent of each known user; who has none is its own. */
static pv_status name_companies(truth_builder *b, pv_interner *companies, pv_error *error)
{
    int32_t *company = pv_arena_allocate(b->truth->arena, (size_t)b->truth->n_users, sizeof *company);
    if (!company) return pv_fail_memory(error, "companies", 0);
    for (int64_t u = 0; u < pv_interner_count(b->tables->user_ids); u++) {
        if (b->user_of[u] == UNKNOWN) continue;
        const pv_text parent = b->tables->users[u].parent;
        const int64_t number =
            pv_interner_add(companies, parent.data ? parent : pv_interner_text(b->tables->user_ids, u));
        if (number < 0 || number > INT32_MAX) return pv_fail_memory(error, "companies", 0);
        company[b->user_of[u]] = (int32_t)number;
    }
    b->truth->company = company;
    return PV_OK;
}

/* --- spend ------------------------------------------------------------------------------------------------------- */

static pv_status add_pair(pair_list *list, int32_t user, int32_t product, double spend, pv_error *error)
{
    if (!pv_reserve((void **)&list->items, &list->capacity, list->n + 1, sizeof *list->items))
        return pv_fail_memory(error, "purchases of a window", 0);
    list->items[list->n++] = (bought_pair){user, product, spend};
    return PV_OK;
}

static int compare_pairs(const void *left, const void *right)
{
    const bought_pair *a = left, *b = right;
    if (a->user != b->user) return a->user < b->user ? -1 : 1;
    return (a->product > b->product) - (a->product < b->product);
}

static void decide_basis(truth_builder *b)
{
    for (int64_t p = 0; p < b->known->products.ids.n && !b->has_price; p++)
        b->has_price = b->known->products.price[p] > 0;
    const bool has_quantity = b->tables->has_quantity;
    b->truth->spend_basis =
        b->has_price ? (has_quantity ? "quantity x price" : "lines x price") : (has_quantity ? "quantity" : "lines");
}

/* Worth of a purchase at the price of the cut-off; a product without one is worth nothing where others have one. */
static double spend_of(const truth_builder *b, const pv_purchase_row *row, int32_t product)
{
    const double price = b->has_price ? b->known->products.price[product] : 1.0;
    const double amount = isnan(row->quantity) ? 1.0 : row->quantity;
    return price > 0 ? amount * price : 0;
}

/* Before the purchases are taken over by the shop: what each row of a known user is worth. */
static pv_status collect_spends(truth_builder *b, pv_error *error)
{
    double *before = pv_arena_allocate(b->truth->arena, (size_t)b->truth->n_users, sizeof *before);
    if (!before) return pv_fail_memory(error, "spend", 0);
    decide_basis(b);
    for (int64_t r = 0; r < b->tables->purchases.n; r++) {
        const pv_purchase_row row = pv_purchase_table_row(&b->tables->purchases, r);
        const int32_t user = b->user_of[row.user], product = b->product_of[row.product];
        const bool is_purchase = !row.cancelled && !(row.quantity < 0) && !(row.purchase_count < 0);
        if (user == UNKNOWN || product == UNKNOWN || !is_purchase) continue;
        const double spend = spend_of(b, &row, product);
        if (row.time < b->known->as_of) {
            before[user] += spend;
            continue;
        }
        const pv_status status = add_pair(&b->spends, user, product, spend, error);
        if (status != PV_OK) return status;
    }
    if (b->spends.n > 0) qsort(b->spends.items, b->spends.n, sizeof *b->spends.items, compare_pairs);
    b->truth->spend_before = before;
    return PV_OK;
}

/* Give each pair the sum of its rows; both lists are in order. */
static void assign_spends(truth_builder *b)
{
    size_t next = 0;
    for (size_t k = 0; k < b->pairs.n; k++) {
        bought_pair *pair = &b->pairs.items[k];
        while (next < b->spends.n && compare_pairs(&b->spends.items[next], pair) < 0) next++;
        for (; next < b->spends.n && compare_pairs(&b->spends.items[next], pair) == 0; next++)
            pair->spend += b->spends.items[next].spend;
    }
}

/* --- pairs ------------------------------------------------------------------------------------------------------- */

static pv_status build_later_shop(truth_builder *b, pv_error *error)
{
    pv_status status;
    pv_shop_build_report built = {0};
    PV_TRY(pv_shop_build(&b->tensors, b->tables, b->reading->end, true, b->reading->negative_is_dislike,
                         b->reading->threads, &built, error));
    PV_TRY(pv_shop_bind(&b->later, &b->tensors, error));
cleanup:
    return status;
}

/* The distinct products that a user of the later shop bought in the window. */
static pv_status collect_user(truth_builder *b, int64_t later_user, bool *is_new_product, pv_error *error)
{
    const pv_lines lines = pv_shop_user_lines(&b->later, later_user);
    const int32_t user = known_user(b->known, pv_ids_at(&b->later.users.ids, later_user));
    int32_t last = UNKNOWN;
    bool has_bought = false;
    for (int64_t l = 0; l < lines.n; l++) {
        const int32_t later_product = lines.product[l];
        if (lines.time[l] < b->known->as_of || later_product == last) continue;
        last = later_product;
        has_bought = true;
        if (user == UNKNOWN) break;
        const int32_t product = known_product(b->known, pv_ids_at(&b->later.products.ids, later_product));
        b->truth->pairs_unknown += product == UNKNOWN;
        if (product == UNKNOWN) {
            is_new_product[later_product] = true;
            continue;
        }
        const pv_status status = add_pair(&b->pairs, user, product, 0, error);
        if (status != PV_OK) return status;
    }
    b->truth->users_unknown += has_bought && user == UNKNOWN;
    return PV_OK;
}

static pv_status collect_pairs(truth_builder *b, pv_error *error)
{
    const int64_t n_products = b->later.products.ids.n_warm;
    bool *is_new_product = pv_arena_allocate(b->truth->arena, (size_t)n_products, sizeof *is_new_product);
    if (!is_new_product) return pv_fail_memory(error, "products", (uint64_t)n_products);
    for (int64_t u = 0; u < b->later.users.ids.n_warm; u++) {
        const pv_status status = collect_user(b, u, is_new_product, error);
        if (status != PV_OK) return status;
    }
    for (int64_t p = 0; p < n_products; p++) b->truth->products_unknown += is_new_product[p];
    if (b->pairs.n > 0) qsort(b->pairs.items, b->pairs.n, sizeof *b->pairs.items, compare_pairs);
    return PV_OK;
}

static pv_status store_pairs(truth_builder *b, pv_error *error)
{
    pv_truth *truth = b->truth;
    int64_t *offsets = pv_arena_allocate(truth->arena, (size_t)truth->n_users + 1, sizeof *offsets);
    int32_t *products = pv_arena_allocate(truth->arena, b->pairs.n, sizeof *products);
    double *spend = pv_arena_allocate(truth->arena, b->pairs.n, sizeof *spend);
    if (!offsets || !products || !spend) return pv_fail_memory(error, "purchases of a window", 0);
    for (size_t k = 0; k < b->pairs.n; k++) {
        offsets[b->pairs.items[k].user + 1]++;
        products[k] = b->pairs.items[k].product;
        spend[k] = b->pairs.items[k].spend;
    }
    for (int64_t u = 0; u < truth->n_users; u++) offsets[u + 1] += offsets[u];
    truth->offsets = offsets;
    truth->products = products;
    truth->spend = spend;
    return PV_OK;
}

/* --- all --------------------------------------------------------------------------------------------------------- */

static pv_status read_later_tables(truth_builder *b, pv_read_report *report, pv_error *error)
{
    const pv_truth_reading *reading = b->reading;
    const pv_read_options options = {.as_of = reading->end,
                                     .max_bad_rows = reading->options->max_bad_rows,
                                     .keep_negative_count = reading->negative_is_dislike,
                                     .progress = reading->options->progress,
                                     .progress_context = reading->options->progress_context,
                                     .threads = pv_threads_count(reading->threads)};
    const pv_status status = pv_tables_read(&b->tables, reading->shop_path, &options, report, error);
    if (status != PV_OK) return status;
    return b->tables->has_time ? PV_OK : pv_fail_no_time(reading->shop_path, error);
}

pv_status pv_truth_read(pv_truth **out, const pv_truth_reading *reading, pv_interner *companies, pv_read_report *report,
                        pv_error *error)
{
    pv_status status;
    truth_builder b = {.reading = reading, .known = reading->shop, .truth = calloc(1, sizeof *b.truth)};
    PV_TRY(pv_check_memory(b.truth != NULL, "purchases of a window", error));
    b.truth->arena = pv_arena_create();
    PV_TRY(pv_check_memory(b.truth->arena != NULL, "purchases of a window", error));
    b.truth->n_users = b.known->users.ids.n_warm;
    PV_TRY(read_later_tables(&b, report, error));
    memcpy(b.truth->data_hash, b.tables->data_hash, sizeof b.truth->data_hash);
    PV_TRY(map_ids(&b, error));
    PV_TRY(name_companies(&b, companies, error));
    PV_TRY(collect_spends(&b, error));
    PV_TRY(build_later_shop(&b, error));
    PV_TRY(collect_pairs(&b, error));
    assign_spends(&b);
    PV_TRY(store_pairs(&b, error));
    *out = b.truth;
    b.truth = NULL;
cleanup:
    free(b.spends.items);
    free(b.pairs.items);
    pv_tensors_deinit(&b.tensors);
    pv_tables_free(b.tables);
    pv_truth_free(b.truth);
    return status;
}

void pv_truth_free(pv_truth *truth)
{
    if (!truth) return;
    pv_arena_free(truth->arena);
    free(truth);
}
