/* last_sold.c - see last_sold.h. Beside the last purchase stands the last one by any other company than that buyer's,
 * so that the asking company can be taken out of it. */
#include "signals/last_sold.h"

#include "base/failure.h"
#include "signals/recency.h"
#include "signals/statement.h"

/* Note a purchase by `parent`: its own later ones move the date, those of another company push it to `other`. */
static void note_sale(int64_t *time, int32_t *parent, int64_t *other, int64_t sold, int32_t buyer)
{
    if (*parent == buyer) {
        if (sold > *time) *time = sold;
    } else if (*parent < 0 || sold > *time) {
        *other = *time;
        *time = sold;
        *parent = buyer;
    } else if (sold > *other) {
        *other = sold;
    }
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    pv_status status = PV_OK;
    int64_t *time = NULL, *other = NULL;
    int32_t *parent = NULL;
    const int64_t n = shop->products.ids.n_warm;
    if (!shop->has_time) return PV_OK;
    PV_TRY(pv_tensors_add(&time, tensors, "last_sold.time", PV_I64, n, 0, error));
    PV_TRY(pv_tensors_add(&parent, tensors, "last_sold.parent", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&other, tensors, "last_sold.other_time", PV_I64, n, 0, error));
    for (int64_t i = 0; i < n; i++) {
        time[i] = other[i] = PV_NO_TIME;
        parent[i] = -1;
    }
    for (int64_t u = 0; u < shop->users.ids.n_warm; u++)
        for (int64_t l = shop->line_offsets[u]; l < shop->line_offsets[u + 1]; l++) {
            const int32_t i = shop->lines.product[l];
            note_sale(&time[i], &parent[i], &other[i], shop->lines.time[l], shop->users.parent[u]);
        }
cleanup:
    return status;
}

typedef struct bound_sales {
    const int64_t *time, *other_time; /* [n_warm products]; NULL when the shop has no time */
    const int32_t *parent;
    double by_day[PV_LAST_SOLD_DAYS + 1];
} bound_sales;

static bool is_time(int64_t time)
{
    return time >= PV_TIME_FIRST && time <= PV_TIME_END;
}

static pv_status check_sales(const bound_sales *sales, const pv_shop *shop, pv_error *error)
{
    for (int64_t i = 0; i < shop->products.ids.n_warm; i++) {
        const int64_t other = sales->other_time[i];
        if (!is_time(sales->time[i]) || !(other == PV_NO_TIME || (is_time(other) && other <= sales->time[i])) ||
            sales->parent[i] < 0 || sales->parent[i] >= shop->users.n_parents)
            return pv_fail_at(error, PV_E_INPUT, i, "model: tensor last_sold.time: not in order at %lld", (long long)i);
    }
    return PV_OK;
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t n = shop->products.ids.n_warm;
    bound_sales *sales = pv_allocate(1, sizeof *sales);
    if (!sales) return pv_fail_memory(error, "last sales", sizeof *sales);
    pv_recency_fill(sales->by_day, PV_LAST_SOLD_DAYS);
    if (shop->has_time) {
        PV_TRY(pv_tensors_get(&sales->time, tensors, "last_sold.time", PV_I64, n, 0, error));
        PV_TRY(pv_tensors_get(&sales->parent, tensors, "last_sold.parent", PV_I32, n, 0, error));
        PV_TRY(pv_tensors_get(&sales->other_time, tensors, "last_sold.other_time", PV_I64, n, 0, error));
        PV_TRY(check_sales(sales, shop, error));
    }
    *out = sales;
    sales = NULL;
cleanup:
    pv_release(sales);
    return status;
}

typedef struct prepared_sales {
    const bound_sales *sales;
    const pv_question *question;
    int32_t parent; /* the asking company, -1: none */
} prepared_sales;

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    prepared_sales *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    *p = (prepared_sales){bound, question, question->company->parent};
    *out = p;
    return PV_OK;
}

static int32_t other_buyers(const prepared_sales *p, int32_t product)
{
    return p->question->shop->products.buyers[product] - pv_company_bought(p->question->company, product);
}

static int64_t last_sale_to_others(const prepared_sales *p, int32_t product)
{
    return p->sales->parent[product] == p->parent ? p->sales->other_time[product] : p->sales->time[product];
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_sales *p = prepared;
    if (!p->sales->time || product >= p->question->shop->products.ids.n_warm ||
        pv_history_find(p->question->history, product) < 0 || other_buyers(p, product) < p->question->min_companies)
        return 0;
    return pv_recency_at(p->sales->by_day, PV_LAST_SOLD_DAYS, last_sale_to_others(p, product), p->question->as_of);
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_sales *p = prepared;
    pv_arena *arena = p->question->arena;
    char buyers_text[PV_SPOKEN_SIZE];
    *statement = (pv_statement){0};
    if (!(score_one(prepared, product) > 0)) return PV_OK;
    const int32_t buyers = other_buyers(p, product);
    if (!pv_statement_begin(statement, 2, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_integer(statement, "buyers", buyers);
    if (!pv_statement_date(statement, "last_sold", last_sale_to_others(p, product), arena))
        return pv_fail_memory(error, "a reason", 0);
    const pv_text parts[] = {pv_spoken_integer(buyers_text, buyers), statement->facts[1].text};
    const bool said = pv_statement_say(statement, arena, "Bought by {} other customers, as recently as {}.", parts);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

const pv_signal pv_last_sold_signal = {.code = "last_sold",
                                       .form = PV_FORM_LINEAR,
                                       .level = PV_LEVEL_PRODUCT,
                                       .kinds = PV_SPEAKS_FOR_REORDER,
                                       .fit = fit,
                                       .bind = bind,
                                       .prepare = prepare,
                                       .score_one = score_one,
                                       .evidence = pv_signal_no_evidence,
                                       .state = state,
                                       .silent = pv_signal_silent_without_time};
