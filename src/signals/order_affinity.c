/* order_affinity.c - orders that touch a group of products, of the customer and of everybody else. */
#include "signals/order_affinity.h"

#include "base/failure.h"
#include "signals/statement.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SMOOTHING 20.0 /* m */
#define ORDERS_FOR_OWN_GROUP 3.0

/* Lines in the order of their orders: a counting sort over the order slots. NULL on no memory. */
static int64_t *lines_by_order(const pv_history *history, pv_arena *arena)
{
    const pv_lines *lines = &history->lines;
    int64_t *next = pv_arena_allocate(arena, (size_t)history->n_order_slots + 1, sizeof *next);
    int64_t *sorted = pv_arena_allocate(arena, (size_t)lines->n, sizeof *sorted);
    if (!next || !sorted) return NULL;
    for (int64_t l = 0; l < lines->n; l++) next[lines->order[l] + 1]++;
    for (int64_t o = 0; o < history->n_order_slots; o++) next[o + 1] += next[o];
    for (int64_t l = 0; l < lines->n; l++) sorted[next[lines->order[l]]++] = l;
    return sorted;
}

static int32_t group_above(const pv_product_groups *groups, int32_t group)
{
    return groups->parent ? groups->parent[group] : -1;
}

/* Add to orders_with[c] every order of the history that touches c or what lies below it. False on no memory. */
static bool count_touches(double *orders_with, const pv_history *history, const pv_product_groups *groups,
                          pv_arena *arena)
{
    const int64_t *sorted = lines_by_order(history, arena);
    int64_t *seen = pv_arena_allocate(arena, (size_t)groups->n, sizeof *seen);
    if (!sorted || !seen) return false;
    for (int64_t s = 0; s < history->lines.n; s++) {
        const int64_t line = sorted[s], order = history->lines.order[line];
        for (int32_t c = groups->of_product[history->lines.product[line]]; c >= 0; c = group_above(groups, c)) {
            if (seen[c] == order + 1) break; /* then all above it are seen too */
            seen[c] = order + 1;
            orders_with[c] += history->order_count[order];
        }
    }
    return true;
}

typedef struct tensor_names {
    char orders[64], all_orders[64];
} tensor_names;

static tensor_names names_of(const char *code)
{
    tensor_names names;
    snprintf(names.orders, sizeof names.orders, "%s.orders", code);
    snprintf(names.all_orders, sizeof names.all_orders, "%s.all_orders", code);
    return names;
}

pv_status pv_order_affinity_fit(pv_tensors *tensors, const char *code, const pv_product_groups *groups,
                                const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const tensor_names names = names_of(code);
    double *orders_with = NULL, *all_orders = NULL;
    pv_arena *arena = pv_arena_create();
    PV_TRY(pv_check_memory(arena != NULL, code, error));
    PV_TRY(pv_tensors_add(&orders_with, tensors, names.orders, PV_F64, groups->n, 0, error));
    PV_TRY(pv_tensors_add(&all_orders, tensors, names.all_orders, PV_F64, 1, 0, error));
    for (int64_t u = 0; groups->n > 0 && u < shop->users.ids.n_warm; u++) {
        pv_history history;
        pv_arena_reset(arena);
        PV_TRY(pv_history_of_user(&history, shop, u, shop->as_of, arena, error));
        PV_TRY(pv_check_memory(count_touches(orders_with, &history, groups, arena), code, error));
        *all_orders += history.n_orders;
    }
cleanup:
    pv_arena_free(arena);
    return status;
}

typedef struct bound_orders {
    pv_product_groups groups;
    const double *orders_with; /* [n groups] of everybody */
    const double *all_orders;  /* [1] */
} bound_orders;

pv_status pv_order_affinity_bind(void **out, const pv_tensors *tensors, const char *code,
                                 const pv_product_groups *groups, pv_error *error)
{
    pv_status status;
    const tensor_names names = names_of(code);
    bound_orders *bound = pv_allocate(1, sizeof *bound);
    if (!bound) return pv_fail_memory(error, code, sizeof *bound);
    bound->groups = *groups;
    PV_TRY(pv_tensors_get(&bound->orders_with, tensors, names.orders, PV_F64, groups->n, 0, error));
    PV_TRY(pv_tensors_get(&bound->all_orders, tensors, names.all_orders, PV_F64, 1, 0, error));
    for (int64_t c = 0; c < groups->n; c++)
        if (!(bound->orders_with[c] >= 0 && bound->orders_with[c] <= bound->all_orders[0]))
            PV_TRY(pv_fail_at(error, PV_E_INPUT, c, "model: tensor %s: more orders than there are at %lld",
                              names.orders, (long long)c));
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

typedef struct prepared_affinity {
    const pv_question *question;
    const pv_product_groups *groups;
    const double *own;    /* [n groups] orders of the history that touch it */
    const double *others; /* [n groups] of all other companies */
    double others_total;
    const double *phi;    /* [n groups] */
    const double *spoken; /* [n groups] phi of the group that speaks for this one's products */
} prepared_affinity;

/* The group that speaks for products of a group: itself, the one above while the customer has few orders. */
static int32_t speaking_group_of(const prepared_affinity *p, int32_t group)
{
    if (p->question->history->n_orders >= ORDERS_FOR_OWN_GROUP) return group;
    const int32_t above = group_above(p->groups, group);
    return above >= 0 ? above : group;
}

/* NaN where nobody else has ordered anything: nothing is usual then. */
static double usual_share(const prepared_affinity *p, int32_t group)
{
    return p->others_total > 0 ? p->others[group] / p->others_total : (double)NAN;
}

static double affinity(const prepared_affinity *p, int32_t group)
{
    const double total = p->question->history->n_orders;
    const double excess = p->own[group] - total * usual_share(p, group);
    return excess > 0 ? excess / (total + SMOOTHING) : 0;
}

/* Take the asking company's training orders out of everybody's. */
static pv_status subtract_company(double *others, double *total, const pv_product_groups *groups,
                                  const pv_question *question, pv_error *error)
{
    pv_status status = PV_OK;
    double *company = pv_arena_allocate(question->arena, (size_t)groups->n, sizeof *company);
    if (!company) return pv_fail_memory(error, "a question", 0);
    const pv_dislikes none = {0};
    for (int64_t m = 0; m < question->company->n_members; m++) {
        pv_history history;
        PV_TRY(pv_history_make(&history, &question->company->members[m], &none, question->shop->as_of, question->arena,
                               error));
        PV_TRY(pv_check_memory(count_touches(company, &history, groups, question->arena), "a question", error));
        *total -= history.n_orders;
    }
    for (int64_t c = 0; c < groups->n; c++) others[c] -= company[c];
cleanup:
    return status;
}

pv_status pv_order_affinity_prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    pv_status status = PV_OK;
    const bound_orders *bound = state;
    const size_t n = (size_t)bound->groups.n;
    prepared_affinity *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    double *own = pv_arena_allocate(question->arena, n, sizeof *own);
    double *others = pv_arena_allocate(question->arena, n, sizeof *others);
    double *phi = pv_arena_allocate(question->arena, n, sizeof *phi);
    double *spoken = pv_arena_allocate(question->arena, n, sizeof *spoken);
    if (!p || !own || !others || !phi || !spoken) return pv_fail_memory(error, "a question", n * 32);
    *p = (prepared_affinity){question, &bound->groups, own, others, bound->all_orders[0], phi, spoken};
    if (n > 0) {
        memcpy(others, bound->orders_with, n * sizeof *others);
        PV_TRY(pv_check_memory(count_touches(own, question->history, p->groups, question->arena), "a question", error));
        PV_TRY(subtract_company(others, &p->others_total, p->groups, question, error));
    }
    for (size_t c = 0; c < n; c++) phi[c] = affinity(p, (int32_t)c);
    for (size_t c = 0; c < n; c++) spoken[c] = phi[speaking_group_of(p, (int32_t)c)];
    *out = p;
cleanup:
    return status;
}

/* The group that speaks for a product, -1: none. */
static int32_t speaking_group(const prepared_affinity *p, int32_t product)
{
    const int32_t own = p->groups->n > 0 ? p->groups->of_product[product] : -1;
    return own >= 0 ? speaking_group_of(p, own) : -1;
}

double pv_order_affinity_score_one(const void *prepared, int32_t product)
{
    const prepared_affinity *p = prepared;
    const int32_t group = speaking_group(p, product);
    return group >= 0 ? p->phi[group] : 0;
}

void pv_order_affinity_score(double *phi, const void *prepared)
{
    const prepared_affinity *p = prepared;
    if (p->groups->n == 0) return;
    for (int64_t i = 0; i < p->question->shop->products.ids.n; i++)
        phi[i] = pv_order_affinity_score_one(prepared, (int32_t)i);
}

/* By the products' own groups, each with what the group says that speaks for it. */
void pv_order_affinity_brief(pv_phi *phi, double *room, int32_t *products, const void *prepared)
{
    (void)products;
    const prepared_affinity *p = prepared;
    (void)room;
    *phi = (pv_phi){.values = p->spoken, .n = p->groups->n, .groups = p->groups->n > 0 ? p->groups->of_product : NULL};
}

static bool is_in_group(const pv_product_groups *groups, int32_t product, int32_t group)
{
    for (int32_t c = groups->of_product[product]; c >= 0; c = group_above(groups, c))
        if (c == group) return true;
    return false;
}

/* Distinct products of the group in each order slot. NULL on no memory. */
static double *products_per_order(const prepared_affinity *p, int32_t group)
{
    const pv_history *history = p->question->history;
    double *n = pv_arena_allocate(p->question->arena, (size_t)history->n_order_slots, sizeof *n);
    if (!n) return NULL;
    for (int64_t k = 0; k < history->n_products; k++) {
        if (!is_in_group(p->groups, history->products[k], group)) continue;
        for (int64_t l = history->first_line[k]; l < history->first_line[k + 1]; l++)
            if (pv_history_ends_order(history, k, l)) n[history->lines.order[l]] += 1;
    }
    return n;
}

pv_status pv_order_affinity_evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_affinity *p = prepared;
    const pv_history *history = p->question->history;
    const int32_t group = speaking_group(p, product);
    *pieces = (pv_pieces){pv_arena_allocate(p->question->arena, (size_t)history->n_products, sizeof *pieces->items), 0};
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    if (group < 0 || !(p->phi[group] > 0)) return PV_OK;
    const double *per_order = products_per_order(p, group);
    if (!per_order) return pv_fail_memory(error, "evidence", 0);
    for (int64_t k = 0; k < history->n_products; k++) {
        if (!is_in_group(p->groups, history->products[k], group)) continue;
        double orders = 0;
        for (int64_t l = history->first_line[k]; l < history->first_line[k + 1]; l++) {
            const int32_t order = history->lines.order[l];
            if (pv_history_ends_order(history, k, l)) orders += history->order_count[order] / per_order[order];
        }
        pieces->items[pieces->n++] =
            pv_piece_of_purchase(history->products[k], PV_NO_TIME, p->phi[group] * orders / p->own[group]);
    }
    return PV_OK;
}

pv_status pv_order_affinity_state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason,
                                  pv_error *error)
{
    (void)is_reason;
    const prepared_affinity *p = prepared;
    pv_arena *arena = p->question->arena;
    const pv_history *history = p->question->history;
    const int32_t group = speaking_group(p, product);
    *statement = (pv_statement){0};
    if (group < 0 || history->n_orders <= 0) return PV_OK;
    const double with = p->own[group], share = with / history->n_orders, usual = usual_share(p, group);
    const pv_text value = pv_texts_at(&p->groups->names, p->groups->name ? p->groups->name[group] : group);
    char with_text[PV_SPOKEN_SIZE], orders_text[PV_SPOKEN_SIZE], share_text[PV_SPOKEN_SIZE], usual_text[PV_SPOKEN_SIZE];
    if (!pv_statement_begin(statement, 5, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_text(statement, "value", value);
    pv_statement_count(statement, "your_orders", history->n_orders);
    pv_statement_count(statement, "with_it", with);
    pv_statement_number(statement, "share", share);
    pv_statement_number(statement, "usual_share", usual);
    const pv_text parts[] = {pv_spoken_count(with_text, with),
                             pv_spoken_count(orders_text, history->n_orders),
                             pv_text_of(history->n_orders == 1 ? "" : "s"),
                             value,
                             pv_spoken_percent(share_text, share),
                             pv_spoken_percent(usual_text, usual)};
    bool said;
    if (with == 0)
        said = pv_statement_say(statement, arena, "From {}, where you have not ordered yet.", &value);
    else if (isnan(usual))
        said = pv_statement_say(statement, arena, "{} of your {} order{} had something from {} ({}).", parts);
    else
        said = pv_statement_say(
            statement, arena,
            "{} of your {} order{} had something from {} ({}, against {} of other customers' orders).", parts);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}
