/* shop_build.c - from the tables that were read to the tensors of a shop as of a date.
 *
 * Order of work: rows grouped by user, each user's lines made (returns, orders); what was bought decides which users
 * and products are warm; then every table is written in the order of the ids.
 */
#include "shop/shop_tensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- purchases of each user -------------------------------------------------------------------------------------- */

/* The numbers of each user's rows in file order: rows[offsets[u] .. offsets[u + 1]), a stable counting sort. */
static bool group_rows(int64_t **offsets, int64_t **rows, const pv_shop_tensors *b)
{
    const pv_tables *tables = b->tables;
    *offsets = pv_arena_allocate(b->arena, (size_t)b->n_users + 2, sizeof **offsets);
    *rows = pv_allocate((size_t)tables->n_purchases, sizeof **rows);
    if (!*offsets || !*rows) return false;
    int64_t *next = *offsets + 1;
    for (int64_t r = 0; r < tables->n_purchases; r++) next[tables->purchases[r].user + 1]++;
    for (int64_t u = 1; u <= b->n_users; u++) next[u] += next[u - 1];
    for (int64_t r = 0; r < tables->n_purchases; r++) (*rows)[next[tables->purchases[r].user]++] = r;
    return true; /* next[u] has become the end of user u: offsets[u] is its beginning */
}

/* Move what was made in the scratch arena, next to much that is no longer needed, to the arena of the build. */
static bool keep_lines(pv_user_lines *user, pv_arena *arena)
{
    pv_line *lines = pv_arena_allocate(arena, (size_t)user->n_lines, sizeof *lines);
    pv_dislike *dislikes = pv_arena_allocate(arena, (size_t)user->n_dislikes, sizeof *dislikes);
    if (!lines || !dislikes) return false;
    memcpy(lines, user->lines, (size_t)user->n_lines * sizeof *lines);
    memcpy(dislikes, user->dislikes, (size_t)user->n_dislikes * sizeof *dislikes);
    user->lines = lines;
    user->dislikes = dislikes;
    return true;
}

/* The lines of user u from its rows, numbers[n]. */
static pv_status make_user_lines(pv_shop_tensors *b, int64_t u, const int64_t *numbers, int64_t n,
                                 const pv_line_rules *rules, pv_arena *scratch, pv_error *error)
{
    pv_status status;
    pv_user_lines *user = &b->lines[u];
    pv_arena_reset(scratch);
    pv_purchase_row *rows = pv_arena_allocate(scratch, (size_t)n, sizeof *rows);
    PV_TRY(pv_check_memory(rows != NULL, "purchase rows", error));
    for (int64_t r = 0; r < n; r++) rows[r] = b->tables->purchases[numbers[r]];
    PV_TRY(pv_user_lines_make(user, rows, n, rules, scratch, error));
    PV_TRY(pv_check_memory(keep_lines(user, b->arena), "purchase lines", error));
    for (int64_t l = 0; l < user->n_lines; l++) b->product_bought[user->lines[l].product] = true;
cleanup:
    return status;
}

static pv_status make_all_lines(pv_shop_tensors *b, pv_shop_build_report *report, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_tables *tables = b->tables;
    int64_t *offsets = NULL, *rows = NULL;
    double *discounts = NULL;
    pv_arena *scratch = pv_arena_create();
    PV_TRY(pv_check_memory(scratch && group_rows(&offsets, &rows, b), "purchase rows", error));
    if (b->discount_is_current) {
        discounts = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof *discounts);
        PV_TRY(pv_check_memory(discounts != NULL, "discounts", error));
        for (int64_t p = 0; p < b->n_products; p++) discounts[p] = tables->products[p].discount;
    }
    const pv_line_rules rules = {.has_time = tables->has_time,
                                 .has_order = tables->has_order,
                                 .negative_is_dislike = b->negative_is_dislike,
                                 .dislike_at = tables->dislike_at,
                                 .default_time = PV_NO_TIME,
                                 .product_discount = discounts};
    for (int64_t u = 0; u < b->n_users; u++) {
        PV_TRY(make_user_lines(b, u, rows + offsets[u], offsets[u + 1] - offsets[u], &rules, scratch, error));
        report->returns_unmatched += b->lines[u].returns_unmatched;
    }
cleanup:
    pv_arena_free(scratch);
    pv_release(rows);
    return status;
}

/* --- order of ids ------------------------------------------------------------------------------------------------ */

typedef struct id_entry {
    pv_text id;
    int32_t number;
    bool is_warm;
} id_entry;

static int compare_ids(const void *left, const void *right)
{
    const id_entry *a = left, *b = right;
    if (a->is_warm != b->is_warm) return a->is_warm ? -1 : 1;
    return pv_text_compare(a->id, b->id);
}

/* Sort ids, warm ones first, and add both lists. order[shop number] = interner number, rank the inverse. */
static pv_status order_ids(pv_shop_tensors *b, const pv_interner *ids, id_entry *entries, int64_t n, int32_t *order,
                           int32_t *rank, int64_t *n_warm, const char *warm_name, const char *cold_name,
                           pv_error *error)
{
    pv_status status = PV_OK;
    pv_text *texts = pv_arena_allocate(b->arena, (size_t)n, sizeof *texts);
    PV_TRY(pv_check_memory(texts != NULL, "ids", error));
    for (int64_t i = 0; i < n; i++) {
        entries[i].id = pv_interner_text(ids, i);
        entries[i].number = (int32_t)i;
    }
    qsort(entries, (size_t)n, sizeof *entries, compare_ids);
    *n_warm = 0;
    for (int64_t i = 0; i < n; i++) {
        texts[i] = entries[i].id;
        order[i] = entries[i].number;
        rank[entries[i].number] = (int32_t)i;
        *n_warm += entries[i].is_warm;
    }
    PV_TRY(pv_tensors_add_texts(b->tensors, warm_name, texts, *n_warm, error));
    PV_TRY(pv_tensors_add_texts(b->tensors, cold_name, texts + *n_warm, n - *n_warm, error));
cleanup:
    return status;
}

static pv_status order_users_and_products(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    id_entry *users = pv_arena_allocate(b->arena, (size_t)b->n_users, sizeof *users);
    id_entry *products = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof *products);
    PV_TRY(pv_check_memory(users != NULL, "users", error));
    PV_TRY(pv_check_memory(products != NULL, "products", error));
    for (int64_t u = 0; u < b->n_users; u++) users[u].is_warm = b->lines[u].n_lines > 0;
    for (int64_t p = 0; p < b->n_products; p++) products[p].is_warm = b->product_bought[p];
    PV_TRY(order_ids(b, b->tables->user_ids, users, b->n_users, b->user_order, b->user_rank, &b->n_warm_users,
                     "user_ids", "cold_user_ids", error));
    PV_TRY(order_ids(b, b->tables->product_ids, products, b->n_products, b->product_order, b->product_rank,
                     &b->n_warm_products, "product_ids", "cold_product_ids", error));
    if (b->n_warm_users == 0) PV_TRY(pv_fail(error, PV_E_INPUT, "no purchase"));
cleanup:
    return status;
}

/* --- purchases --------------------------------------------------------------------------------------------------- */

static void renumber_lines(const pv_shop_tensors *b, pv_user_lines *user, pv_line *room)
{
    for (int64_t l = 0; l < user->n_lines; l++) user->lines[l].product = b->product_rank[user->lines[l].product];
    pv_lines_sort(user->lines, room, user->n_lines);
}

static pv_status add_purchases(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    const bool is_simple = !b->tables->has_time && !b->tables->has_order;
    int64_t n = 0, most = 0, *offsets = NULL, *time = NULL;
    int32_t *product = NULL, *order = NULL;
    double *count = NULL;
    uint8_t *discounted = NULL;
    for (int64_t u = 0; u < b->n_users; u++) {
        n += b->lines[u].n_lines;
        if (b->lines[u].n_lines > most) most = b->lines[u].n_lines;
    }
    pv_line *room = pv_arena_allocate(b->arena, (size_t)most, sizeof *room);
    PV_TRY(pv_check_memory(room != NULL, "purchase lines", error));
    PV_TRY(pv_tensors_add(&offsets, b->tensors, "purchases.offset", PV_I64, b->n_warm_users + 1, 0, error));
    PV_TRY(pv_tensors_add(&product, b->tensors, "purchases.product", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&order, b->tensors, "purchases.order", PV_I32, n, 0, error));
    if (b->tables->has_time) PV_TRY(pv_tensors_add(&time, b->tensors, "purchases.time", PV_I64, n, 0, error));
    if (is_simple) PV_TRY(pv_tensors_add(&count, b->tensors, "purchases.count", PV_F64, n, 0, error));
    if (b->has_discounts) PV_TRY(pv_tensors_add(&discounted, b->tensors, "purchases.discounted", PV_BOOL, n, 0, error));
    int64_t next = 0;
    for (int64_t u = 0; u < b->n_warm_users; u++) {
        pv_user_lines *user = &b->lines[b->user_order[u]];
        renumber_lines(b, user, room);
        for (int64_t l = 0; l < user->n_lines; l++, next++) {
            product[next] = user->lines[l].product;
            order[next] = user->lines[l].order;
            if (time) time[next] = user->lines[l].time;
            if (count) count[next] = user->lines[l].count;
            if (discounted) discounted[next] = user->lines[l].discounted;
        }
        offsets[u + 1] = next;
    }
cleanup:
    return status;
}

static int compare_dislikes(const void *left, const void *right)
{
    const pv_dislike *a = left, *b = right;
    return a->product < b->product ? -1 : a->product > b->product;
}

/* Dislikes of warm users for warm products: others have no factors that could learn from them. */
static pv_status add_dislikes(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t n = 0, next = 0, *offsets = NULL;
    int32_t *product = NULL;
    double *count = NULL;
    for (int64_t u = 0; u < b->n_warm_users; u++) {
        const pv_user_lines *user = &b->lines[b->user_order[u]];
        for (int64_t d = 0; d < user->n_dislikes; d++) n += b->product_bought[user->dislikes[d].product];
    }
    if (n == 0) return PV_OK;
    PV_TRY(pv_tensors_add(&offsets, b->tensors, "dislikes.offset", PV_I64, b->n_warm_users + 1, 0, error));
    PV_TRY(pv_tensors_add(&product, b->tensors, "dislikes.product", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&count, b->tensors, "dislikes.count", PV_F64, n, 0, error));
    for (int64_t u = 0; u < b->n_warm_users; u++) {
        pv_user_lines *user = &b->lines[b->user_order[u]];
        int64_t kept = 0;
        for (int64_t d = 0; d < user->n_dislikes; d++)
            if (b->product_bought[user->dislikes[d].product])
                user->dislikes[kept++] =
                    (pv_dislike){b->product_rank[user->dislikes[d].product], user->dislikes[d].count};
        qsort(user->dislikes, (size_t)kept, sizeof *user->dislikes, compare_dislikes);
        for (int64_t d = 0; d < kept; d++, next++) {
            product[next] = user->dislikes[d].product;
            count[next] = user->dislikes[d].count;
        }
        offsets[u + 1] = next;
    }
cleanup:
    return status;
}

/* --- all --------------------------------------------------------------------------------------------------------- */

static pv_status add_flags(const pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t *as_of = NULL;
    double *weight = NULL, *dislike_at = NULL;
    uint8_t *flag = NULL;
    const struct {
        const char *name;
        bool value;
    } flags[] = {{"shop.has_time", b->tables->has_time},
                 {"shop.has_order", b->tables->has_order},
                 {"shop.has_discounts", b->has_discounts},
                 {"shop.discount_is_current", b->discount_is_current},
                 {"shop.negative_is_dislike", b->negative_is_dislike}};
    PV_TRY(pv_tensors_add(&as_of, b->tensors, "shop.as_of", PV_I64, 1, 0, error));
    *as_of = b->as_of;
    PV_TRY(pv_tensors_add(&weight, b->tensors, "shop.purchase_weight", PV_F64, 1, 0, error));
    *weight = b->tables->n_purchases > 0 ? b->tables->purchases[0].event_weight : 1.0;
    PV_TRY(pv_tensors_add(&dislike_at, b->tensors, "shop.dislike_at", PV_F64, 1, 0, error));
    *dislike_at = b->tables->dislike_at;
    for (size_t f = 0; f < sizeof flags / sizeof *flags; f++) {
        PV_TRY(pv_tensors_add(&flag, b->tensors, flags[f].name, PV_BOOL, 1, 0, error));
        *flag = flags[f].value;
    }
cleanup:
    return status;
}

static bool any_product_discount(const pv_tables *tables, int64_t n_products)
{
    for (int64_t p = 0; p < n_products; p++)
        if (tables->products[p].discount > 0) return true;
    return false;
}

pv_status pv_shop_build(pv_tensors *tensors, const pv_tables *tables, int64_t as_of, bool is_as_of_given,
                        bool negative_is_dislike, pv_shop_build_report *report, pv_error *error)
{
    pv_status status = PV_OK;
    pv_shop_tensors b = {.tables = tables,
                         .tensors = tensors,
                         .arena = pv_arena_create(),
                         .n_users = pv_interner_count(tables->user_ids),
                         .n_products = pv_interner_count(tables->product_ids),
                         .as_of = as_of,
                         .is_as_of_given = is_as_of_given,
                         .negative_is_dislike = negative_is_dislike};
    PV_TRY(pv_check_memory(b.arena != NULL, "the shop", error));
    if (b.n_users > INT32_MAX || b.n_products > INT32_MAX)
        PV_TRY(pv_fail(error, PV_E_INPUT, "more than 2147483647 users or products"));
    b.discount_is_current = !tables->has_time && !tables->has_order && !tables->has_discount && !is_as_of_given &&
                            any_product_discount(tables, b.n_products);
    b.has_discounts = tables->has_discount || b.discount_is_current;
    b.lines = pv_arena_allocate(b.arena, (size_t)b.n_users, sizeof *b.lines);
    PV_TRY(pv_check_memory(b.lines != NULL, "users", error));
    b.product_bought = pv_arena_allocate(b.arena, (size_t)b.n_products, sizeof *b.product_bought);
    PV_TRY(pv_check_memory(b.product_bought != NULL, "products", error));
    b.user_order = pv_arena_allocate(b.arena, (size_t)b.n_users, sizeof *b.user_order);
    PV_TRY(pv_check_memory(b.user_order != NULL, "users", error));
    b.user_rank = pv_arena_allocate(b.arena, (size_t)b.n_users, sizeof *b.user_rank);
    PV_TRY(pv_check_memory(b.user_rank != NULL, "users", error));
    b.product_order = pv_arena_allocate(b.arena, (size_t)b.n_products, sizeof *b.product_order);
    PV_TRY(pv_check_memory(b.product_order != NULL, "products", error));
    b.product_rank = pv_arena_allocate(b.arena, (size_t)b.n_products, sizeof *b.product_rank);
    PV_TRY(pv_check_memory(b.product_rank != NULL, "products", error));
    PV_TRY(make_all_lines(&b, report, error));
    PV_TRY(order_users_and_products(&b, error));
    PV_TRY(add_flags(&b, error));
    PV_TRY(add_purchases(&b, error));
    PV_TRY(add_dislikes(&b, error));
    PV_TRY(pv_shop_add_parents(&b, error));
    PV_TRY(pv_shop_add_buyers(&b, error));
    PV_TRY(pv_shop_add_columns(&b, error));
    PV_TRY(pv_shop_add_products(&b, report, error));
    PV_TRY(pv_shop_add_eligibility(&b, error));
cleanup:
    pv_arena_free(b.arena);
    return status;
}
