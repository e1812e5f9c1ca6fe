/* shop_build.c - from the tables that were read to the tensors of a shop as of a date.
 *
 * Order of work: rows grouped by user, each user's lines made (returns, orders); what was bought decides which users
 * and products are warm; then every table is written in the order of the ids.
 */
#include "shop/shop.h"

#include "base/failure.h"
#include "shop/dictionary.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Everything of one build. `*_rank` maps numbers of the interner to numbers of the shop. */
typedef struct build {
    const pv_tables *tables;
    pv_tensors *tensors;
    pv_arena *arena; /* lives as long as the build */
    int64_t n_users, n_products;
    pv_user_lines *lines; /* [n_users], interner order; product numbers of the interner, then of the shop */
    bool *product_bought; /* [n_products] */
    int32_t *user_order, *product_order; /* shop order -> interner number */
    int32_t *user_rank, *product_rank;   /* interner number -> shop number */
    int64_t n_warm_users, n_warm_products;
    int64_t as_of;
    bool is_as_of_given, discount_is_current, has_discounts, negative_is_dislike;
} build;

#define NEED(pointer, what)                                                                                            \
    do {                                                                                                               \
        if (!(pointer)) {                                                                                              \
            status = pv_fail_memory(error, what, 0);                                                                   \
            goto cleanup;                                                                                              \
        }                                                                                                              \
    } while (0)

/* --- purchases of each user -------------------------------------------------------------------------------------- */

/* Stable counting sort of the row numbers by user. */
static bool group_rows(const build *b, int64_t **offsets, pv_purchase_row **rows)
{
    const pv_tables *tables = b->tables;
    *offsets = pv_arena_allocate(b->arena, (size_t)b->n_users + 2, sizeof **offsets);
    *rows = pv_allocate((size_t)tables->n_purchases, sizeof **rows);
    if (!*offsets || !*rows) return false;
    int64_t *next = *offsets + 1;
    for (int64_t r = 0; r < tables->n_purchases; r++) next[tables->purchases[r].user + 1]++;
    for (int64_t u = 1; u <= b->n_users; u++) next[u] += next[u - 1];
    for (int64_t r = 0; r < tables->n_purchases; r++) (*rows)[next[tables->purchases[r].user]++] = tables->purchases[r];
    return true; /* next[u] has become the end of user u: offsets[u] is its beginning */
}

static pv_status make_all_lines(build *b, pv_shop_build_report *report, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_tables *tables = b->tables;
    int64_t *offsets = NULL;
    pv_purchase_row *rows = NULL;
    double *discounts = NULL;
    NEED(group_rows(b, &offsets, &rows), "purchase rows");
    if (b->discount_is_current) {
        discounts = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof *discounts);
        NEED(discounts, "discounts");
        for (int64_t p = 0; p < b->n_products; p++) discounts[p] = tables->products[p].discount;
    }
    const pv_line_rules rules = {.has_time = tables->has_time,
                                 .has_order = tables->has_order,
                                 .negative_is_dislike = b->negative_is_dislike,
                                 .dislike_at = tables->dislike_at,
                                 .default_time = PV_NO_TIME,
                                 .product_discount = discounts};
    for (int64_t u = 0; u < b->n_users; u++) {
        PV_TRY(
            pv_user_lines_make(&b->lines[u], rows + offsets[u], offsets[u + 1] - offsets[u], &rules, b->arena, error));
        report->returns_unmatched += b->lines[u].returns_unmatched;
        for (int64_t l = 0; l < b->lines[u].n_lines; l++) b->product_bought[b->lines[u].lines[l].product] = true;
    }
cleanup:
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
static pv_status order_ids(build *b, const pv_interner *ids, id_entry *entries, int64_t n, int32_t *order,
                           int32_t *rank, int64_t *n_warm, const char *warm_name, const char *cold_name,
                           pv_error *error)
{
    pv_status status = PV_OK;
    pv_text *texts = pv_arena_allocate(b->arena, (size_t)n, sizeof *texts);
    NEED(texts, "ids");
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

static pv_status order_users_and_products(build *b, pv_error *error)
{
    pv_status status = PV_OK;
    id_entry *users = pv_arena_allocate(b->arena, (size_t)b->n_users, sizeof *users);
    id_entry *products = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof *products);
    NEED(users, "users");
    NEED(products, "products");
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

static void renumber_lines(const build *b, pv_user_lines *user)
{
    for (int64_t l = 0; l < user->n_lines; l++) user->lines[l].product = b->product_rank[user->lines[l].product];
    pv_lines_sort(user->lines, user->n_lines);
}

static pv_status add_purchases(build *b, pv_error *error)
{
    pv_status status = PV_OK;
    const bool is_simple = !b->tables->has_time && !b->tables->has_order;
    int64_t n = 0, *offsets = NULL, *time = NULL;
    int32_t *product = NULL, *order = NULL;
    double *count = NULL;
    uint8_t *discounted = NULL;
    for (int64_t u = 0; u < b->n_users; u++) n += b->lines[u].n_lines;
    PV_TRY(pv_tensors_add(&offsets, b->tensors, "purchases.offset", PV_I64, b->n_warm_users + 1, 0, error));
    PV_TRY(pv_tensors_add(&product, b->tensors, "purchases.product", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&order, b->tensors, "purchases.order", PV_I32, n, 0, error));
    if (b->tables->has_time) PV_TRY(pv_tensors_add(&time, b->tensors, "purchases.time", PV_I64, n, 0, error));
    if (is_simple) PV_TRY(pv_tensors_add(&count, b->tensors, "purchases.count", PV_F64, n, 0, error));
    if (b->has_discounts) PV_TRY(pv_tensors_add(&discounted, b->tensors, "purchases.discounted", PV_BOOL, n, 0, error));
    int64_t next = 0;
    for (int64_t u = 0; u < b->n_warm_users; u++) {
        pv_user_lines *user = &b->lines[b->user_order[u]];
        renumber_lines(b, user);
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
static pv_status add_dislikes(build *b, pv_error *error)
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

/* --- users and their parents ------------------------------------------------------------------------------------- */

/* A user without a parent is its own: the parent's text is the user's id. */
static pv_text parent_text(const build *b, int64_t number)
{
    const pv_text parent = b->tables->users[number].parent;
    return parent.data && parent.size ? parent : pv_interner_text(b->tables->user_ids, number);
}

static pv_status add_parents(build *b, pv_error *error)
{
    pv_status status = PV_OK;
    pv_dictionary *dictionary = pv_dictionary_create();
    int32_t *parent = NULL, *members = NULL;
    int64_t *offsets = NULL, *buying = NULL;
    NEED(dictionary, "parents");
    for (int64_t u = 0; u < b->n_users; u++)
        NEED(pv_dictionary_add(dictionary, parent_text(b, b->user_order[u])), "parents");
    NEED(pv_dictionary_sort(dictionary), "parents");
    const int64_t n_parents = pv_dictionary_count(dictionary);
    PV_TRY(pv_tensors_add(&parent, b->tensors, "users.parent", PV_I32, b->n_users, 0, error));
    PV_TRY(pv_tensors_add(&offsets, b->tensors, "parents.offset", PV_I64, n_parents + 1, 0, error));
    PV_TRY(pv_tensors_add(&members, b->tensors, "parents.member", PV_I32, b->n_users, 0, error));
    PV_TRY(pv_tensors_add(&buying, b->tensors, "parents.buying", PV_I64, 1, 0, error));
    for (int64_t u = 0; u < b->n_users; u++) {
        parent[u] = pv_dictionary_code(dictionary, parent_text(b, b->user_order[u]));
        offsets[parent[u] + 1]++;
    }
    for (int64_t p = 0; p < n_parents; p++) offsets[p + 1] += offsets[p];
    int64_t *next = pv_arena_allocate(b->arena, (size_t)n_parents, sizeof *next);
    NEED(next, "parents");
    memcpy(next, offsets, (size_t)n_parents * sizeof *next);
    for (int64_t u = 0; u < b->n_users; u++) members[next[parent[u]]++] = (int32_t)u;
    for (int64_t p = 0; p < n_parents; p++) /* members are in the order of users: a warm one comes first */
        buying[0] += offsets[p] < offsets[p + 1] && members[offsets[p]] < b->n_warm_users;
    PV_TRY(pv_tensors_add_texts(b->tensors, "parents.id", pv_dictionary_texts(dictionary), n_parents, error));
cleanup:
    pv_dictionary_free(dictionary);
    return status;
}

/* Buyers of each product, counted once a parent company. `last` holds the parent counted last: users of one parent are
 * visited together. */
static pv_status add_buyers(build *b, pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t *offsets = NULL, *line_offsets = NULL;
    const int32_t *members = NULL, *product = NULL;
    int32_t *buyers = NULL;
    const int64_t n_parents = pv_tensors_find(b->tensors, "parents.offset")->shape[0] - 1;
    const int64_t n_lines = pv_tensors_find(b->tensors, "purchases.product")->shape[0];
    PV_TRY(pv_tensors_get(&offsets, b->tensors, "parents.offset", PV_I64, n_parents + 1, 0, error));
    PV_TRY(pv_tensors_get(&members, b->tensors, "parents.member", PV_I32, b->n_users, 0, error));
    PV_TRY(pv_tensors_get(&line_offsets, b->tensors, "purchases.offset", PV_I64, b->n_warm_users + 1, 0, error));
    PV_TRY(pv_tensors_get(&product, b->tensors, "purchases.product", PV_I32, n_lines, 0, error));
    PV_TRY(pv_tensors_add(&buyers, b->tensors, "products.buyers", PV_I32, b->n_warm_products, 0, error));
    int64_t *last = pv_arena_allocate(b->arena, (size_t)b->n_warm_products, sizeof *last);
    NEED(last, "buyers");
    for (int64_t p = 0; p < n_parents; p++) {
        for (int64_t m = offsets[p]; m < offsets[p + 1] && members[m] < b->n_warm_users; m++) {
            for (int64_t l = line_offsets[members[m]]; l < line_offsets[members[m] + 1]; l++) {
                buyers[product[l]] += last[product[l]] != p + 1;
                last[product[l]] = p + 1;
            }
        }
    }
cleanup:
    return status;
}

/* --- text columns ------------------------------------------------------------------------------------------------ */

/* Add columns[chosen[i]] as codes into one sorted list of values. order[row] = number in the interner. */
static pv_status add_columns(build *b, const pv_column *columns, const int64_t *chosen, int64_t n_chosen,
                             const int32_t *order, int64_t n_rows, const char *name_tensor, const char *value_tensor,
                             const char *code_tensor, pv_error *error)
{
    pv_status status = PV_OK;
    int32_t *codes = NULL;
    pv_dictionary *dictionary = pv_dictionary_create();
    pv_text *names = pv_arena_allocate(b->arena, (size_t)n_chosen, sizeof *names);
    NEED(dictionary, "columns");
    NEED(names, "columns");
    for (int64_t c = 0; c < n_chosen; c++) {
        names[c] = pv_text_of(columns[chosen[c]].name);
        for (int64_t r = 0; r < n_rows; r++)
            if (columns[chosen[c]].values[r].size)
                NEED(pv_dictionary_add(dictionary, columns[chosen[c]].values[r]), "column values");
    }
    NEED(pv_dictionary_sort(dictionary), "column values");
    PV_TRY(pv_tensors_add_texts(b->tensors, name_tensor, names, n_chosen, error));
    PV_TRY(pv_tensors_add_texts(b->tensors, value_tensor, pv_dictionary_texts(dictionary),
                                pv_dictionary_count(dictionary), error));
    if (n_chosen > 0) PV_TRY(pv_tensors_add(&codes, b->tensors, code_tensor, PV_I32, n_chosen, n_rows, error));
    for (int64_t c = 0; c < n_chosen; c++) {
        for (int64_t r = 0; r < n_rows; r++) {
            const pv_text value = columns[chosen[c]].values[order[r]];
            codes[c * n_rows + r] = value.size ? pv_dictionary_code(dictionary, value) : -1;
        }
    }
cleanup:
    pv_dictionary_free(dictionary);
    return status;
}

static pv_status add_all_columns(build *b, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_tables *tables = b->tables;
    int64_t *all = pv_arena_allocate(b->arena, (size_t)tables->n_product_columns, sizeof *all);
    int64_t *segments = pv_arena_allocate(b->arena, (size_t)tables->n_segment_columns, sizeof *segments);
    NEED(all, "columns");
    NEED(segments, "columns");
    for (int64_t c = 0; c < tables->n_product_columns; c++) all[c] = c;
    for (int64_t s = 0; s < tables->n_segment_columns; s++)
        for (int64_t c = 0; c < tables->n_user_columns; c++)
            if (pv_text_equal(pv_text_of(tables->user_columns[c].name), tables->segment_columns[s])) segments[s] = c;
    PV_TRY(add_columns(b, tables->product_columns, all, tables->n_product_columns, b->product_order, b->n_products,
                       "product_columns.name", "product_columns.value", "product_columns.code", error));
    PV_TRY(add_columns(b, tables->user_columns, segments, tables->n_segment_columns, b->user_order, b->n_users,
                       "segments.name", "segments.value", "segments.code", error));
cleanup:
    return status;
}

/* --- products ---------------------------------------------------------------------------------------------------- */

static pv_text trimmed(const char *begin, const char *end)
{
    while (begin < end && *begin == ' ') begin++;
    while (end > begin && end[-1] == ' ') end--;
    return (pv_text){begin, (size_t)(end - begin)};
}

/* The levels of "A>B > C" joined as "A > B > C"; empty levels are left out. NULL data: no category. */
static bool normal_category(pv_text *out, pv_text category, pv_arena *arena)
{
    char *joined = pv_arena_allocate(arena, category.size * 3 + 1, 1);
    if (!joined) return false;
    size_t size = 0;
    const char *end = category.data + category.size;
    for (const char *level = category.data; level && level <= end;) {
        const char *stop = level < end ? memchr(level, '>', (size_t)(end - level)) : NULL;
        const pv_text part = trimmed(level, stop ? stop : end);
        if (part.size && size) {
            memcpy(joined + size, " > ", 3);
            size += 3;
        }
        if (part.size) memcpy(joined + size, part.data, part.size);
        size += part.size;
        level = stop ? stop + 1 : NULL;
    }
    *out = (pv_text){size ? joined : NULL, size};
    return true;
}

/* The path one level up: what stands before the last " > ". */
static pv_text parent_category(pv_text path)
{
    for (size_t i = path.size; i >= 3; i--)
        if (memcmp(path.data + i - 3, " > ", 3) == 0) return (pv_text){path.data, i - 3};
    return (pv_text){NULL, 0};
}

static pv_status add_categories(build *b, pv_error *error)
{
    pv_status status = PV_OK;
    int32_t *parent = NULL, *category = NULL;
    pv_dictionary *dictionary = pv_dictionary_create();
    pv_text *paths = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof *paths);
    NEED(dictionary, "categories");
    NEED(paths, "categories");
    for (int64_t p = 0; p < b->n_products; p++) {
        NEED(normal_category(&paths[p], b->tables->products[b->product_order[p]].category, b->arena), "categories");
        for (pv_text path = paths[p]; path.size; path = parent_category(path))
            NEED(pv_dictionary_add(dictionary, path), "categories");
    }
    NEED(pv_dictionary_sort(dictionary), "categories");
    const int64_t n = pv_dictionary_count(dictionary);
    const pv_text *texts = pv_dictionary_texts(dictionary);
    PV_TRY(pv_tensors_add_texts(b->tensors, "categories.path", texts, n, error));
    PV_TRY(pv_tensors_add(&parent, b->tensors, "categories.parent", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&category, b->tensors, "products.category", PV_I32, b->n_products, 0, error));
    for (int64_t c = 0; c < n; c++) {
        const pv_text above = parent_category(texts[c]);
        parent[c] = above.size ? pv_dictionary_code(dictionary, above) : -1;
    }
    for (int64_t p = 0; p < b->n_products; p++)
        category[p] = paths[p].size ? pv_dictionary_code(dictionary, paths[p]) : -1;
cleanup:
    pv_dictionary_free(dictionary);
    return status;
}

static pv_status add_first_sold(build *b, pv_error *error)
{
    pv_status status = PV_OK;
    int64_t *first_sold = NULL;
    PV_TRY(pv_tensors_add(&first_sold, b->tensors, "products.first_sold", PV_I64, b->n_warm_products, 0, error));
    for (int64_t p = 0; p < b->n_warm_products; p++) first_sold[p] = b->tables->has_time ? INT64_MAX : PV_NO_TIME;
    for (int64_t u = 0; b->tables->has_time && u < b->n_users; u++) {
        for (int64_t l = 0; l < b->lines[u].n_lines; l++) {
            const pv_line *line = &b->lines[u].lines[l];
            if (line->time < first_sold[line->product]) first_sold[line->product] = line->time;
        }
    }
cleanup:
    return status;
}

static pv_status add_products(build *b, pv_shop_build_report *report, pv_error *error)
{
    pv_status status = PV_OK;
    double *price = NULL, *discount = NULL, *stock = NULL;
    int64_t *available_from = NULL, n_listed = 0;
    pv_text *names = pv_arena_allocate(b->arena, (size_t)b->n_products, sizeof *names);
    NEED(names, "product names");
    PV_TRY(pv_tensors_add(&price, b->tensors, "products.price", PV_F64, b->n_products, 0, error));
    PV_TRY(pv_tensors_add(&discount, b->tensors, "products.discount", PV_F64, b->n_products, 0, error));
    PV_TRY(pv_tensors_add(&stock, b->tensors, "products.stock", PV_F64, b->n_products, 0, error));
    PV_TRY(pv_tensors_add(&available_from, b->tensors, "products.available_from", PV_I64, b->n_products, 0, error));
    for (int64_t p = 0; p < b->n_products; p++) {
        const pv_product_row *row = &b->tables->products[b->product_order[p]];
        const bool is_silent = b->is_as_of_given;
        names[p] = row->name;
        price[p] = is_silent ? row->last_unit_price : row->price;
        discount[p] = is_silent ? (double)NAN : row->discount;
        stock[p] = is_silent ? (double)NAN : row->stock;
        available_from[p] = row->available_from;
        n_listed += row->listed;
        report->products_unlisted += !row->listed && p < b->n_warm_products;
    }
    if (n_listed == 0) report->products_unlisted = 0; /* there is no products.csv to be missing from */
    PV_TRY(pv_tensors_add_texts(b->tensors, "products.name", names, b->n_products, error));
    PV_TRY(add_categories(b, error));
    PV_TRY(add_first_sold(b, error));
cleanup:
    return status;
}

/* --- eligibility ------------------------------------------------------------------------------------------------- */

/* Text under which an eligibility row files its product: kind and holder, so that a user and a price list of the same
 * name stay apart. */
static pv_text holder_key(build *b, int kind, pv_text holder)
{
    char *key = pv_arena_allocate(b->arena, holder.size + 1, 1);
    if (!key) return (pv_text){NULL, 0};
    key[0] = (char)('0' + kind);
    if (holder.size) memcpy(key + 1, holder.data, holder.size);
    return (pv_text){key, holder.size + 1};
}

static int compare_int32(const void *left, const void *right)
{
    const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return a < b ? -1 : a > b;
}

static pv_text user_price_list(const build *b, int64_t number)
{
    for (int64_t c = 0; c < b->tables->n_user_columns; c++)
        if (strcmp(b->tables->user_columns[c].name, "price_list") == 0)
            return b->tables->user_columns[c].values[number];
    return (pv_text){NULL, 0};
}

static pv_status add_user_assortments(build *b, const pv_dictionary *holders, pv_error *error)
{
    pv_status status = PV_OK;
    int32_t *lists = NULL;
    PV_TRY(pv_tensors_add(&lists, b->tensors, "users.assortment", PV_I32, b->n_users, 3, error));
    for (int64_t u = 0; u < b->n_users; u++) {
        const int64_t number = b->user_order[u];
        const pv_text keys[3] = {holder_key(b, PV_ELIGIBLE_USER, pv_interner_text(b->tables->user_ids, number)),
                                 holder_key(b, PV_ELIGIBLE_PARENT, parent_text(b, number)),
                                 holder_key(b, PV_ELIGIBLE_PRICE_LIST, user_price_list(b, number))};
        for (int k = 0; k < 3; k++) {
            NEED(keys[k].data, "assortments");
            lists[u * 3 + k] = pv_dictionary_code(holders, keys[k]);
        }
    }
cleanup:
    return status;
}

static pv_status add_eligibility(build *b, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_tables *tables = b->tables;
    if (!tables->has_eligibility) return PV_OK;
    int64_t *offsets = NULL;
    int32_t *products = NULL;
    pv_dictionary *holders = pv_dictionary_create();
    pv_text *keys = pv_arena_allocate(b->arena, (size_t)tables->n_eligibility, sizeof *keys);
    NEED(holders, "assortments");
    NEED(keys, "assortments");
    for (int64_t e = 0; e < tables->n_eligibility; e++) {
        keys[e] = holder_key(b, (int)tables->eligibility[e].kind, tables->eligibility[e].holder);
        NEED(keys[e].data && pv_dictionary_add(holders, keys[e]), "assortments");
    }
    NEED(pv_dictionary_sort(holders), "assortments");
    const int64_t n_lists = pv_dictionary_count(holders);
    PV_TRY(pv_tensors_add(&offsets, b->tensors, "assortments.offset", PV_I64, n_lists + 1, 0, error));
    PV_TRY(pv_tensors_add(&products, b->tensors, "assortments.product", PV_I32, tables->n_eligibility, 0, error));
    for (int64_t e = 0; e < tables->n_eligibility; e++) offsets[pv_dictionary_code(holders, keys[e]) + 1]++;
    for (int64_t l = 0; l < n_lists; l++) offsets[l + 1] += offsets[l];
    int64_t *next = pv_arena_allocate(b->arena, (size_t)n_lists, sizeof *next);
    NEED(next, "assortments");
    if (n_lists) memcpy(next, offsets, (size_t)n_lists * sizeof *next);
    for (int64_t e = 0; e < tables->n_eligibility; e++)
        products[next[pv_dictionary_code(holders, keys[e])]++] = b->product_rank[tables->eligibility[e].product];
    for (int64_t l = 0; l < n_lists; l++)
        qsort(products + offsets[l], (size_t)(offsets[l + 1] - offsets[l]), sizeof *products, compare_int32);
    PV_TRY(add_user_assortments(b, holders, error));
cleanup:
    pv_dictionary_free(holders);
    return status;
}

/* --- all --------------------------------------------------------------------------------------------------------- */

static pv_status add_flags(const build *b, pv_error *error)
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
    build b = {.tables = tables,
               .tensors = tensors,
               .arena = pv_arena_create(),
               .n_users = pv_interner_count(tables->user_ids),
               .n_products = pv_interner_count(tables->product_ids),
               .as_of = as_of,
               .is_as_of_given = is_as_of_given,
               .negative_is_dislike = negative_is_dislike};
    NEED(b.arena, "the shop");
    if (b.n_users > INT32_MAX || b.n_products > INT32_MAX)
        PV_TRY(pv_fail(error, PV_E_INPUT, "more than 2147483647 users or products"));
    b.discount_is_current = !tables->has_time && !tables->has_order && !tables->has_discount && !is_as_of_given &&
                            any_product_discount(tables, b.n_products);
    b.has_discounts = tables->has_discount || b.discount_is_current;
    NEED(b.lines = pv_arena_allocate(b.arena, (size_t)b.n_users, sizeof *b.lines), "users");
    NEED(b.product_bought = pv_arena_allocate(b.arena, (size_t)b.n_products, sizeof *b.product_bought), "products");
    NEED(b.user_order = pv_arena_allocate(b.arena, (size_t)b.n_users, sizeof *b.user_order), "users");
    NEED(b.user_rank = pv_arena_allocate(b.arena, (size_t)b.n_users, sizeof *b.user_rank), "users");
    NEED(b.product_order = pv_arena_allocate(b.arena, (size_t)b.n_products, sizeof *b.product_order), "products");
    NEED(b.product_rank = pv_arena_allocate(b.arena, (size_t)b.n_products, sizeof *b.product_rank), "products");
    PV_TRY(make_all_lines(&b, report, error));
    PV_TRY(order_users_and_products(&b, error));
    PV_TRY(add_flags(&b, error));
    PV_TRY(add_purchases(&b, error));
    PV_TRY(add_dislikes(&b, error));
    PV_TRY(add_parents(&b, error));
    PV_TRY(add_buyers(&b, error));
    PV_TRY(add_all_columns(&b, error));
    PV_TRY(add_products(&b, report, error));
    PV_TRY(add_eligibility(&b, error));
cleanup:
    pv_arena_free(b.arena);
    return status;
}
