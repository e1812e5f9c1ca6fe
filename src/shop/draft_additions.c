/* draft_additions.c - rows and values from elsewhere than the shop's files join its draft. */
#include "base/failure.h"
#include "shop/order_keys.h"
#include "shop/shop_draft.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- rows that are there already ---------------------------------------------------------------------------------- */

typedef struct row_additions {
    pv_shop_draft *draft;
    pv_interner *own;   /* keys of the shop's rows of the users who get rows */
    pv_interner *added; /* keys of the rows that came before */
} row_additions;

static pv_text key_text(const uint64_t *key)
{
    return (pv_text){(const char *)key, sizeof *key};
}

/* Opinions are no purchases, and who tells of one again has bought (purchase_lines.h). */
static bool is_dislike(const pv_shop_draft *draft, const pv_purchase_row *row)
{
    if (row->cancelled) return false;
    const double dislike_at = draft->settings->dislike_at;
    if (!isnan(dislike_at) && !isnan(row->rating) && row->rating <= dislike_at) return true;
    return draft->scan->options->keep_negative_count && row->purchase_count < 0;
}

static uint64_t key_of_row(const pv_shop_draft *draft, const pv_purchase_row *row)
{
    const pv_text order = row->order >= 0 ? pv_interner_text(draft->order_ids, row->order) : (pv_text){NULL, 0};
    const bool is_return = row->cancelled || row->quantity < 0 || row->purchase_count < 0;
    return pv_settled_key(pv_interner_text(draft->users->ids, row->user),
                          pv_interner_text(draft->products->ids, row->product), pv_order_key(order, row->time),
                          is_return);
}

/* Key of an added row: its own, or as a shop without order ids would tell it. */
static uint64_t key_of_added(const pv_added_row *row, bool has_order)
{
    const pv_text order = has_order ? row->order : (pv_text){NULL, 0};
    return pv_settled_key(row->user, row->product, pv_order_key(order, row->time), row->is_return);
}

/* gets_rows[user]: whether one of rows[n] is of the shop's user. */
static void mark_users(bool *gets_rows, const pv_shop_draft *draft, const pv_added_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int64_t user = pv_interner_find(draft->users->ids, rows[i].user);
        if (user >= 0) gets_rows[user] = true;
    }
}

static pv_status note_own_rows(row_additions *a, const pv_added_row *rows, size_t n, pv_error *error)
{
    const pv_shop_draft *draft = a->draft;
    const int64_t n_users = pv_interner_count(draft->users->ids);
    pv_status status = PV_OK;
    bool *gets_rows = pv_allocate((size_t)n_users, sizeof *gets_rows);
    PV_TRY(pv_check_memory(gets_rows != NULL, "events", error));
    mark_users(gets_rows, draft, rows, n);
    for (int64_t r = 0; r < draft->purchases.n; r++) {
        if (!gets_rows[draft->purchases.user[r]]) continue;
        const pv_purchase_row row = pv_purchase_table_row(&draft->purchases, r);
        if (is_dislike(draft, &row)) continue;
        const uint64_t key = key_of_row(draft, &row);
        PV_TRY(pv_check_memory(pv_interner_add(a->own, key_text(&key)) >= 0, "events", error));
    }
cleanup:
    pv_release(gets_rows);
    return status;
}

/* Whether the row is among the shop's or came before; from now on it did. */
static pv_status note_added(bool *is_known, row_additions *a, const pv_added_row *row, pv_error *error)
{
    const uint64_t key = key_of_added(row, true), own_key = key_of_added(row, a->draft->has_order);
    const int64_t n_before = pv_interner_count(a->added);
    const int64_t number = pv_interner_add(a->added, key_text(&key));
    *is_known = number < n_before || pv_interner_find(a->own, key_text(&own_key)) >= 0;
    return pv_check_memory(number >= 0, "events", error);
}

/* --- adding rows -------------------------------------------------------------------------------------------------- */

/* What `skip` of shop.yaml says of users, products and orders holds wherever a row comes from. */
static pv_status is_skipped(bool *skipped, const pv_shop_draft *draft, const pv_added_row *row, pv_error *error)
{
    const pv_text subjects[] = {[PV_RULE_ON_USER] = row->user,
                                [PV_RULE_ON_PRODUCT] = row->product,
                                [PV_RULE_ON_ORDER] = row->order.data != NULL ? row->order : (pv_text){"", 0}};
    *skipped = false;
    for (int32_t i = 0; i < draft->settings->n_skip && !*skipped; i++) {
        if (draft->skip_subjects[i] == PV_RULE_ON_OTHERS) continue;
        const pv_status status =
            pv_row_rule_hits(skipped, &draft->settings->skip[i], subjects[draft->skip_subjects[i]], error);
        if (status != PV_OK) return status;
    }
    return PV_OK;
}

static pv_status number_of(int32_t *number, pv_interner *interner, pv_text text, pv_error *error)
{
    const int64_t found = pv_interner_add(interner, text);
    *number = (int32_t)found;
    return pv_check_memory(found >= 0 && found < INT32_MAX, "ids", error);
}

/* Where the shop has order ids and no time, rows without an id are one order by a time that is not kept. The name of
 * such an order begins with a byte that no id has. */
static pv_status order_of(int32_t *order, pv_shop_draft *draft, const pv_added_row *row, pv_error *error)
{
    char name[1 + sizeof row->time] = "";
    *order = -1;
    if (!draft->has_order) return PV_OK;
    if (row->order.data != NULL && row->order.size > 0) return number_of(order, draft->order_ids, row->order, error);
    if (draft->has_time) return PV_OK;
    memcpy(name + 1, &row->time, sizeof row->time);
    return number_of(order, draft->order_ids, (pv_text){name, sizeof name}, error);
}

/* What a purchase tells of its product, as keep_derived() of purchase_reader.c does. */
static pv_status keep_prices(pv_shop_draft *draft, const pv_purchase_row *line, double unit_price, pv_error *error)
{
    pv_status status = PV_OK;
    PV_TRY(pv_shop_draft_set_number(draft, line->product, PV_PRODUCT_LAST_UNIT_PRICE, unit_price, line->time, error));
    if (draft->price_is_unit_price)
        PV_TRY(pv_shop_draft_set_number(draft, line->product, PV_PRODUCT_PRICE, unit_price, line->time, error));
    if (draft->discount_is_of_line)
        PV_TRY(pv_shop_draft_set_number(draft, line->product, PV_PRODUCT_DISCOUNT, line->discount, line->time, error));
cleanup:
    return status;
}

static pv_status add_row(pv_shop_draft *draft, const pv_added_row *row, pv_error *error)
{
    pv_status status = PV_OK;
    pv_purchase_row line = {.time = draft->has_time ? row->time : PV_NO_TIME,
                            .cancelled = row->is_return,
                            .purchase_count = (double)NAN,
                            .quantity = row->quantity,
                            .discount = row->discount,
                            .rating = (double)NAN};
    PV_TRY(number_of(&line.user, draft->users->ids, row->user, error));
    PV_TRY(number_of(&line.product, draft->products->ids, row->product, error));
    PV_TRY(order_of(&line.order, draft, row, error));
    PV_TRY(pv_check_memory(pv_purchase_table_add(&draft->purchases, &line), "purchases", error));
    if (line.time > draft->last_time) draft->last_time = line.time;
    if (!row->is_return) PV_TRY(keep_prices(draft, &line, row->unit_price, error));
cleanup:
    return status;
}

static pv_status take_row(pv_addition *outcome, row_additions *a, const pv_added_row *row, pv_error *error)
{
    const int64_t as_of = a->draft->scan->options->as_of;
    bool is_out = false;
    pv_status status = PV_OK;
    *outcome = PV_ADDITION_SKIPPED;
    PV_TRY(is_skipped(&is_out, a->draft, row, error));
    if (is_out) goto cleanup;
    *outcome = PV_ADDITION_LATER;
    if (as_of != PV_NO_TIME && row->time >= as_of) goto cleanup;
    *outcome = PV_ADDITION_KNOWN;
    PV_TRY(note_added(&is_out, a, row, error));
    if (is_out) goto cleanup;
    *outcome = PV_ADDITION_TAKEN;
    PV_TRY(add_row(a->draft, row, error));
cleanup:
    return status;
}

pv_status pv_shop_draft_add_rows(pv_addition *outcomes, pv_shop_draft *draft, const pv_added_row *rows, size_t n,
                                 pv_error *error)
{
    pv_status status = PV_OK;
    row_additions a = {draft, pv_interner_create(), pv_interner_create()};
    PV_TRY(pv_check_memory(a.own != NULL && a.added != NULL, "events", error));
    PV_TRY(note_own_rows(&a, rows, n, error));
    for (size_t i = 0; i < n; i++) PV_TRY(take_row(&outcomes[i], &a, &rows[i], error));
cleanup:
    pv_interner_free(a.own);
    pv_interner_free(a.added);
    return status;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

pv_status pv_shop_draft_list_number(bool *is_known, pv_shop_draft *draft, pv_text product, pv_product_number number,
                                    double value, pv_error *error)
{
    const int64_t known = pv_interner_find(draft->products->ids, product);
    *is_known = known >= 0;
    return *is_known ? pv_shop_draft_set_number(draft, known, number, value, PV_TIME_LISTED, error) : PV_OK;
}

pv_status pv_shop_draft_list_user(bool *is_known, pv_shop_draft *draft, pv_text user, pv_text column, pv_text value,
                                  pv_error *error)
{
    pv_catalog *users = draft->users;
    int32_t number, target = pv_catalog_find_column(users, column);
    pv_status status = PV_OK;
    *is_known = target >= 0 || (size_t)users->n_columns < sizeof users->columns / sizeof users->columns[0];
    if (!*is_known) return PV_OK;
    PV_TRY(number_of(&number, users->ids, user, error));
    PV_TRY(pv_catalog_column(&target, users, column, error));
    PV_TRY(pv_catalog_set(users, target, number, value, PV_TIME_LISTED, error));
cleanup:
    return status;
}

pv_status pv_shop_draft_list_parent(bool *is_known, pv_shop_draft *draft, pv_text user, pv_text parent, pv_error *error)
{
    const pv_text named = draft->settings->parent;
    return pv_shop_draft_list_user(is_known, draft, user, named.data != NULL ? named : pv_text_of("parent_id"), parent,
                                   error);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

enum { HOLDER_KINDS = PV_ELIGIBLE_PRICE_LIST + 1 };

static pv_status keep_holders(pv_shop_draft *draft, const pv_added_list *lists, size_t n, pv_error *error)
{
    draft->given_lists = pv_arena_allocate(draft->strings, n, sizeof *draft->given_lists);
    if (draft->given_lists == NULL) return pv_fail_memory(error, "eligibility", n * sizeof *draft->given_lists);
    for (size_t i = 0; i < n; i++) {
        const pv_list_holder *holder = &lists[i].holder;
        char *id = pv_arena_allocate(draft->strings, holder->id.size, 1);
        if (id == NULL) return pv_fail_memory(error, "eligibility", holder->id.size);
        if (holder->id.size > 0) memcpy(id, holder->id.data, holder->id.size);
        draft->given_lists[i] = (pv_list_holder){{id, holder->id.size}, holder->kind};
    }
    draft->n_given_lists = n;
    return PV_OK;
}

/* Take the rows of the given lists' holders away. */
static pv_status drop_replaced(pv_shop_draft *draft, pv_error *error)
{
    pv_status status = PV_OK;
    pv_interner *replaced[HOLDER_KINDS] = {NULL};
    size_t n_kept = 0;
    for (int kind = 0; kind < HOLDER_KINDS; kind++) {
        replaced[kind] = pv_interner_create();
        PV_TRY(pv_check_memory(replaced[kind] != NULL, "eligibility", error));
    }
    for (size_t i = 0; i < draft->n_given_lists; i++) {
        const pv_list_holder *holder = &draft->given_lists[i];
        PV_TRY(pv_check_memory(pv_interner_add(replaced[holder->kind], holder->id) >= 0, "eligibility", error));
    }
    for (size_t i = 0; i < draft->n_eligibility; i++) {
        const pv_eligibility_row row = draft->eligibility[i];
        if (pv_interner_find(replaced[row.kind], row.holder) < 0) draft->eligibility[n_kept++] = row;
    }
    draft->n_eligibility = n_kept;
cleanup:
    for (int kind = 0; kind < HOLDER_KINDS; kind++) pv_interner_free(replaced[kind]);
    return status;
}

static pv_status add_list(int64_t *n_unknown, pv_shop_draft *draft, const pv_list_holder *holder,
                          const pv_added_list *list, pv_error *error)
{
    void *rows = draft->eligibility;
    const size_t needed = draft->n_eligibility + (size_t)list->n_products;
    if (!pv_reserve(&rows, &draft->eligibility_capacity, needed, sizeof *draft->eligibility))
        return pv_fail_memory(error, "eligibility", needed * sizeof *draft->eligibility);
    draft->eligibility = rows;
    for (int64_t i = 0; i < list->n_products; i++) {
        const int64_t product = pv_interner_find(draft->products->ids, list->products[i]);
        if (product >= 0)
            draft->eligibility[draft->n_eligibility++] =
                (pv_eligibility_row){holder->id, holder->kind, (int32_t)product};
        else
            (*n_unknown)++;
    }
    return PV_OK;
}

pv_status pv_shop_draft_give_lists(int64_t *n_unknown, pv_shop_draft *draft, const pv_added_list *lists, size_t n,
                                   pv_error *error)
{
    pv_status status = PV_OK;
    *n_unknown = 0;
    PV_TRY(keep_holders(draft, lists, n, error));
    PV_TRY(drop_replaced(draft, error));
    for (size_t i = 0; i < n; i++) PV_TRY(add_list(n_unknown, draft, &draft->given_lists[i], &lists[i], error));
cleanup:
    return status;
}
