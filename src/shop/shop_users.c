/* shop_users.c - parents, buyers and assortments: who belongs together, who bought what, who may see what. */
#include "shop/shop_tensors.h"

#include "shop/dictionary.h"
#include <stdlib.h>
#include <string.h>

/* --- users and their parents ------------------------------------------------------------------------------------- */

pv_text pv_shop_parent_text(const pv_shop_tensors *b, int64_t number)
{
    const pv_text parent = b->tables->users[number].parent;
    return parent.data && parent.size ? parent : pv_interner_text(b->tables->user_ids, number);
}

pv_status pv_shop_add_parents(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    pv_dictionary *dictionary = pv_dictionary_create();
    int32_t *parent = NULL, *members = NULL;
    int64_t *offsets = NULL, *buying = NULL;
    PV_TRY(pv_check_memory(dictionary != NULL, "parents", error));
    for (int64_t u = 0; u < b->n_users; u++)
        PV_TRY(
            pv_check_memory(pv_dictionary_add(dictionary, pv_shop_parent_text(b, b->user_order[u])), "parents", error));
    PV_TRY(pv_check_memory(pv_dictionary_sort(dictionary), "parents", error));
    const int64_t n_parents = pv_dictionary_count(dictionary);
    PV_TRY(pv_tensors_add(&parent, b->tensors, "users.parent", PV_I32, b->n_users, 0, error));
    PV_TRY(pv_tensors_add(&offsets, b->tensors, "parents.offset", PV_I64, n_parents + 1, 0, error));
    PV_TRY(pv_tensors_add(&members, b->tensors, "parents.member", PV_I32, b->n_users, 0, error));
    PV_TRY(pv_tensors_add(&buying, b->tensors, "parents.buying", PV_I64, 1, 0, error));
    for (int64_t u = 0; u < b->n_users; u++) {
        parent[u] = pv_dictionary_code(dictionary, pv_shop_parent_text(b, b->user_order[u]));
        offsets[parent[u] + 1]++;
    }
    for (int64_t p = 0; p < n_parents; p++) offsets[p + 1] += offsets[p];
    int64_t *next = pv_arena_allocate(b->arena, (size_t)n_parents, sizeof *next);
    PV_TRY(pv_check_memory(next != NULL, "parents", error));
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
pv_status pv_shop_add_buyers(pv_shop_tensors *b, pv_error *error)
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
    PV_TRY(pv_check_memory(last != NULL, "buyers", error));
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

/* --- eligibility ------------------------------------------------------------------------------------------------- */

/* Text under which an eligibility row files its product: kind and holder, so that a user and a price list of the same
 * name stay apart. */
static pv_text holder_key(pv_shop_tensors *b, int kind, pv_text holder)
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

static pv_text user_price_list(const pv_shop_tensors *b, int64_t number)
{
    for (int64_t c = 0; c < b->tables->n_user_columns; c++)
        if (strcmp(b->tables->user_columns[c].name, "price_list") == 0)
            return b->tables->user_columns[c].values[number];
    return (pv_text){NULL, 0};
}

static pv_status add_user_assortments(pv_shop_tensors *b, const pv_dictionary *holders, pv_error *error)
{
    pv_status status = PV_OK;
    int32_t *lists = NULL;
    PV_TRY(pv_tensors_add(&lists, b->tensors, "users.assortment", PV_I32, b->n_users, 3, error));
    for (int64_t u = 0; u < b->n_users; u++) {
        const int64_t number = b->user_order[u];
        const pv_text keys[3] = {holder_key(b, PV_ELIGIBLE_USER, pv_interner_text(b->tables->user_ids, number)),
                                 holder_key(b, PV_ELIGIBLE_PARENT, pv_shop_parent_text(b, number)),
                                 holder_key(b, PV_ELIGIBLE_PRICE_LIST, user_price_list(b, number))};
        for (int k = 0; k < 3; k++) {
            PV_TRY(pv_check_memory(keys[k].data != NULL, "assortments", error));
            lists[u * 3 + k] = pv_dictionary_code(holders, keys[k]);
        }
    }
cleanup:
    return status;
}

/* Which price list each user has, where users.csv says so: a list may be given later (events/). */
static pv_status add_price_lists(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = PV_OK;
    int32_t *codes = NULL;
    bool has_any = false;
    pv_dictionary *names = pv_dictionary_create();
    PV_TRY(pv_check_memory(names != NULL, "price lists", error));
    for (int64_t u = 0; u < b->n_users; u++) {
        const pv_text name = user_price_list(b, b->user_order[u]);
        if (!name.data || !name.size) continue;
        has_any = true;
        PV_TRY(pv_check_memory(pv_dictionary_add(names, name), "price lists", error));
    }
    if (!has_any) goto cleanup;
    PV_TRY(pv_check_memory(pv_dictionary_sort(names), "price lists", error));
    PV_TRY(pv_tensors_add(&codes, b->tensors, "users.price_list", PV_I32, b->n_users, 0, error));
    for (int64_t u = 0; u < b->n_users; u++) {
        const pv_text name = user_price_list(b, b->user_order[u]);
        codes[u] = name.data && name.size ? pv_dictionary_code(names, name) : -1;
    }
    PV_TRY(pv_tensors_add_texts(b->tensors, "price_lists.id", pv_dictionary_texts(names), pv_dictionary_count(names),
                                error));
cleanup:
    pv_dictionary_free(names);
    return status;
}

pv_status pv_shop_add_eligibility(pv_shop_tensors *b, pv_error *error)
{
    pv_status status = add_price_lists(b, error);
    const pv_tables *tables = b->tables;
    if (status != PV_OK || !tables->has_eligibility) return status;
    int64_t *offsets = NULL;
    int32_t *products = NULL;
    pv_dictionary *holders = pv_dictionary_create();
    pv_text *keys = pv_arena_allocate(b->arena, (size_t)tables->n_eligibility, sizeof *keys);
    PV_TRY(pv_check_memory(holders != NULL, "assortments", error));
    PV_TRY(pv_check_memory(keys != NULL, "assortments", error));
    for (int64_t e = 0; e < tables->n_eligibility; e++) {
        keys[e] = holder_key(b, (int)tables->eligibility[e].kind, tables->eligibility[e].holder);
        PV_TRY(pv_check_memory(keys[e].data && pv_dictionary_add(holders, keys[e]), "assortments", error));
    }
    for (int64_t g = 0; g < tables->n_given_lists; g++) { /* a list that names nothing is a list */
        const pv_text key = holder_key(b, (int)tables->given_lists[g].kind, tables->given_lists[g].id);
        PV_TRY(pv_check_memory(key.data && pv_dictionary_add(holders, key), "assortments", error));
    }
    PV_TRY(pv_check_memory(pv_dictionary_sort(holders), "assortments", error));
    const int64_t n_lists = pv_dictionary_count(holders);
    PV_TRY(pv_tensors_add(&offsets, b->tensors, "assortments.offset", PV_I64, n_lists + 1, 0, error));
    PV_TRY(pv_tensors_add(&products, b->tensors, "assortments.product", PV_I32, tables->n_eligibility, 0, error));
    for (int64_t e = 0; e < tables->n_eligibility; e++) offsets[pv_dictionary_code(holders, keys[e]) + 1]++;
    for (int64_t l = 0; l < n_lists; l++) offsets[l + 1] += offsets[l];
    int64_t *next = pv_arena_allocate(b->arena, (size_t)n_lists, sizeof *next);
    PV_TRY(pv_check_memory(next != NULL, "assortments", error));
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
