/* age.c - see age.h. Nothing is learned: the shop knows the dates. */
#include "signals/age.h"

#include "base/failure.h"
#include "signals/recency.h"
#include "signals/statement.h"
#include <string.h>

typedef struct bound_age {
    double by_day[PV_AGE_DAYS + 1];
    double phi[]; /* [n_warm products] as of the shop's date, of which most questions are */
} bound_age;

static int64_t start_of(const pv_shop *shop, int64_t product)
{
    const pv_products *products = &shop->products;
    return product < products->ids.n_warm ? products->first_sold[product] : products->available_from[product];
}

static double newness(const bound_age *bound, const pv_shop *shop, int64_t product, int64_t as_of)
{
    return pv_recency_at(bound->by_day, PV_AGE_DAYS, start_of(shop, product), as_of);
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    (void)tensors;
    const int64_t n = shop->products.ids.n_warm;
    const size_t size = sizeof(bound_age) + (size_t)n * sizeof(double);
    bound_age *bound = pv_allocate(1, size);
    if (!bound) return pv_fail_memory(error, "ages of products", size);
    pv_recency_fill(bound->by_day, PV_AGE_DAYS);
    for (int64_t i = 0; i < n; i++) bound->phi[i] = newness(bound, shop, i, shop->as_of);
    *out = bound;
    return PV_OK;
}

typedef struct prepared_age {
    const bound_age *bound;
    const pv_question *question;
} prepared_age;

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    prepared_age *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    *p = (prepared_age){bound, question};
    *out = p;
    return PV_OK;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_age *p = prepared;
    if (pv_history_find(p->question->history, product) >= 0) return 0;
    return newness(p->bound, p->question->shop, product, p->question->as_of);
}

/* Of products that were sold the age as of the shop's date is known; when others become available may have changed
 * since. */
static void fill_newness(double *phi, const prepared_age *p)
{
    const pv_shop *shop = p->question->shop;
    const bool is_known = p->question->as_of == shop->as_of;
    const int64_t n_known = is_known ? shop->products.ids.n_warm : 0;
    if (is_known) memcpy(phi, p->bound->phi, (size_t)n_known * sizeof *phi);
    for (int64_t i = n_known; i < shop->products.ids.n; i++) phi[i] = newness(p->bound, shop, i, p->question->as_of);
}

static void score(double *phi, const void *prepared)
{
    const prepared_age *p = prepared;
    fill_newness(phi, p);
    for (int64_t k = 0; k < p->question->history->n_products; k++) phi[p->question->history->products[k]] = 0;
}

static void brief(pv_phi *phi, double *room, int32_t *products, const void *prepared)
{
    (void)products;
    const prepared_age *p = prepared;
    const pv_shop *shop = p->question->shop;
    const bool is_known = p->question->as_of == shop->as_of && shop->products.ids.n == shop->products.ids.n_warm;
    *phi = (pv_phi){.values = is_known ? p->bound->phi : room, .n = shop->products.ids.n};
    if (!is_known) fill_newness(room, p);
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_age *p = prepared;
    const pv_shop *shop = p->question->shop;
    pv_arena *arena = p->question->arena;
    const bool is_sold = product < shop->products.ids.n_warm;
    *statement = (pv_statement){0};
    if (!(score_one(prepared, product) > 0)) return PV_OK;
    if (!pv_statement_begin(statement, 1, arena) ||
        !pv_statement_date(statement, is_sold ? "first_sold" : "available_from", start_of(shop, product), arena))
        return pv_fail_memory(error, "a reason", 0);
    const bool said =
        pv_statement_say(statement, arena, is_sold ? "New here, first sold on {}." : "New here, available from {} on.",
                         &statement->facts[0].text);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

const pv_signal pv_age_signal = {.code = "age",
                                 .form = PV_FORM_LINEAR,
                                 .level = PV_LEVEL_PRODUCT,
                                 .kinds = PV_SPEAKS_FOR_NEW,
                                 .bind = bind,
                                 .prepare = prepare,
                                 .score = score,
                                 .brief = brief,
                                 .score_one = score_one,
                                 .evidence = pv_signal_no_evidence,
                                 .state = state,
                                 .silent = pv_signal_silent_without_time};
