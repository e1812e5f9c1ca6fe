/* rebuy.c - what a customer's past orders say about reorders as such. */
#include "signals/rebuy.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "signals/statement.h"
#include <math.h>

#define SMOOTHING 20.0 /* m */

/* Lines of one customer: a product counts once an order. */
typedef struct order_lines {
    int64_t lines, products;
} order_lines;

static order_lines count_lines(const pv_lines *lines)
{
    order_lines count = {0};
    for (int64_t l = 0; l < lines->n; l++) {
        const bool is_first = l == 0 || lines->product[l] != lines->product[l - 1];
        count.products += is_first;
        count.lines += is_first || lines->order[l] != lines->order[l - 1];
    }
    return count;
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    int64_t *lines = NULL;
    const pv_status status = pv_tensors_add(&lines, tensors, "rebuy.lines", PV_I64, 2, 0, error);
    for (int64_t u = 0; status == PV_OK && u < shop->users.ids.n_warm; u++) {
        const pv_lines own = pv_shop_user_lines(shop, u);
        const order_lines count = count_lines(&own);
        lines[0] += count.lines;
        lines[1] += count.products;
    }
    return status;
}

typedef struct bound_rebuy {
    order_lines all;
    const double *coefficients; /* [PV_REBUY_FEATURE_COUNT]; NULL: not learned */
    const double *means;        /* [PV_REBUY_FEATURE_COUNT]; NULL: 0 */
} bound_rebuy;

/* A learned list of numbers, one a feature; NULL when it is not there. */
static pv_status get_learned(const double **out, const pv_tensors *tensors, const char *name, pv_error *error)
{
    *out = NULL;
    if (!pv_tensors_find(tensors, name)) return PV_OK;
    const pv_status status = pv_tensors_get(out, tensors, name, PV_F64, PV_REBUY_FEATURE_COUNT, 0, error);
    for (int f = 0; status == PV_OK && f < PV_REBUY_FEATURE_COUNT; f++)
        if (!isfinite((*out)[f]))
            return pv_fail_at(error, PV_E_INPUT, f, "model: tensor %s is not finite at %d", name, f);
    return status;
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t *lines = NULL;
    bound_rebuy *bound = pv_allocate(1, sizeof *bound);
    if (!bound) return pv_fail_memory(error, "orders", sizeof *bound);
    PV_TRY(pv_tensors_get(&lines, tensors, "rebuy.lines", PV_I64, 2, 0, error));
    if (!(lines[1] >= 0 && lines[1] <= lines[0] && lines[0] <= shop->lines.n))
        PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor rebuy.lines is out of range"));
    bound->all = (order_lines){lines[0], lines[1]};
    PV_TRY(get_learned(&bound->coefficients, tensors, "rebuy.coefficient", error));
    PV_TRY(get_learned(&bound->means, tensors, "rebuy.mean", error));
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

/* logit of the smoothed share of lines that were bought before. */
static double repeat_logit(const order_lines *own, const order_lines *others)
{
    const double overall =
        others->lines > others->products ? (double)(others->lines - others->products) / (double)others->lines : 0;
    const double repeats = (double)(own->lines - own->products) + SMOOTHING * overall;
    const double firsts = (double)own->products + SMOOTHING * (1 - overall);
    return repeats > 0 ? pv_log(repeats / firsts) : 0;
}

static int64_t last_time(const pv_lines *lines)
{
    int64_t last = PV_NO_TIME;
    for (int64_t l = 0; lines->time && l < lines->n; l++)
        if (lines->time[l] > last) last = lines->time[l];
    return last;
}

void pv_rebuy_features(double features[PV_REBUY_FEATURE_COUNT], const void *state, const pv_question *question)
{
    const bound_rebuy *bound = state;
    const pv_history *history = question->history;
    for (int f = 0; f < PV_REBUY_FEATURE_COUNT; f++) features[f] = 0;
    if (history->n_products == 0 || pv_shop_is_simple(question->shop)) return;
    order_lines others = bound->all;
    for (int64_t m = 0; m < question->company->n_members; m++) {
        const order_lines own = count_lines(&question->company->members[m]);
        others.lines -= own.lines;
        others.products -= own.products;
    }
    const order_lines own = count_lines(&history->lines);
    const int64_t last = last_time(&history->lines);
    features[0] = repeat_logit(&own, &others);
    features[1] = pv_log(history->n_orders);
    features[2] = pv_log((double)history->n_products);
    if (last != PV_NO_TIME) features[3] = pv_log(1 + (double)(history->as_of - last) / PV_SECONDS_PER_DAY);
}

typedef struct prepared_rebuy {
    const pv_question *question;
    bool speaks;
    double terms[PV_REBUY_FEATURE_COUNT], phi;
} prepared_rebuy;

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    const bound_rebuy *bound = state;
    prepared_rebuy *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    p->question = question;
    *out = p;
    if (!bound->coefficients || question->history->n_products == 0) return PV_OK;
    p->speaks = true;
    pv_rebuy_features(p->terms, bound, question);
    for (int f = 0; f < PV_REBUY_FEATURE_COUNT; f++) {
        p->terms[f] = bound->coefficients[f] * (p->terms[f] - (bound->means ? bound->means[f] : 0));
        p->phi += p->terms[f];
    }
    return PV_OK;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_rebuy *p = prepared;
    return pv_history_find(p->question->history, product) >= 0 ? p->phi : 0;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    static const char *const labels[PV_REBUY_FEATURE_COUNT] = {"share of lines bought before", "number of orders",
                                                               "number of products", "days since the last order"};
    const prepared_rebuy *p = prepared;
    *pieces = (pv_pieces){0};
    if (!p->speaks || pv_history_find(p->question->history, product) < 0) return PV_OK;
    pieces->items = pv_arena_allocate(p->question->arena, PV_REBUY_FEATURE_COUNT, sizeof *pieces->items);
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    for (int f = 0; f < PV_REBUY_FEATURE_COUNT; f++)
        pieces->items[pieces->n++] =
            (pv_piece){.product = -1, .time = PV_NO_TIME, .phi = p->terms[f], .label = pv_text_of(labels[f])};
    return PV_OK;
}

/* "28 % of your order lines were of products that you had bought before: 86 products in 12 orders, last on DATE." */
static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_rebuy *p = prepared;
    const pv_history *history = p->question->history;
    pv_arena *arena = p->question->arena;
    *statement = (pv_statement){0};
    if (!p->speaks || pv_shop_is_simple(p->question->shop) || pv_history_find(history, product) < 0) return PV_OK;
    const order_lines own = count_lines(&history->lines);
    const double share = (double)(own.lines - own.products) / (double)own.lines;
    const int64_t last = last_time(&history->lines);
    char share_text[PV_SPOKEN_SIZE], products[PV_SPOKEN_SIZE], orders[PV_SPOKEN_SIZE];
    if (!pv_statement_begin(statement, 4, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_number(statement, "rebuy", share);
    pv_statement_count(statement, "orders", history->n_orders);
    pv_statement_integer(statement, "products", own.products);
    if (!pv_statement_date(statement, "last_date", last, arena)) return pv_fail_memory(error, "a reason", 0);
    const pv_text parts[] = {pv_spoken_percent(share_text, share),          pv_spoken_integer(products, own.products),
                             pv_text_of(own.products == 1 ? "" : "s"),      pv_spoken_count(orders, history->n_orders),
                             pv_text_of(history->n_orders == 1 ? "" : "s"), statement->facts[3].text};
    const bool said = pv_statement_say(
        statement, arena,
        last == PV_NO_TIME
            ? "{} of your order lines were of products that you had bought before: {} product{} in {} order{}."
            : "{} of your order lines were of products that you had bought before: {} product{} in {} order{}, last on "
              "{}.",
        parts);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    return pv_shop_is_simple(shop) ? "the purchases have neither time nor order" : NULL;
}

const pv_signal pv_rebuy_signal = {.code = "rebuy",
                                   .form = PV_FORM_LINEAR,
                                   .level = PV_LEVEL_PRODUCT,
                                   .kinds = PV_SPEAKS_FOR_REORDER,
                                   .fit = fit,
                                   .bind = bind,
                                   .prepare = prepare,
                                   .score_one = score_one,
                                   .evidence = evidence,
                                   .state = state,
                                   .silent = silent};
