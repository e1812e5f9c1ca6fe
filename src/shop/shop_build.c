/* shop_build.c - from the tables that were read to the tensors of a shop as of a date.
 *
 * Order of work: rows grouped by user, each user's lines made (returns, orders); what was bought decides which users
 * and products are warm; then every table is written in the order of the ids.
 */
#include "shop/shop_tensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* --- dislikes ---------------------------------------------------------------------------------------------------- */

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
    *weight = b->tables->purchase_weight;
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

pv_status pv_shop_build(pv_tensors *tensors, pv_tables *tables, int64_t as_of, bool is_as_of_given,
                        bool negative_is_dislike, pv_threads *threads, pv_shop_build_report *report, pv_error *error)
{
    pv_status status = PV_OK;
    pv_shop_tensors b = {.tables = tables,
                         .tensors = tensors,
                         .threads = threads,
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
    PV_TRY(pv_shop_make_lines(&b, report, error));
    pv_purchase_table_deinit(&tables->purchases);
    PV_TRY(order_users_and_products(&b, error));
    PV_TRY(add_flags(&b, error));
    PV_TRY(pv_shop_add_purchases(&b, error));
    PV_TRY(add_dislikes(&b, error));
    PV_TRY(pv_shop_add_parents(&b, error));
    PV_TRY(pv_shop_add_buyers(&b, error));
    PV_TRY(pv_shop_add_columns(&b, error));
    PV_TRY(pv_shop_add_products(&b, report, error));
    PV_TRY(pv_shop_add_eligibility(&b, error));
cleanup:
    pv_shop_free_lines(&b);
    pv_arena_free(b.arena);
    return status;
}
