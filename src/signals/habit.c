/* habit.c - the customer's own frequency of a product. */
#include "signals/habit.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "signals/rebuy_counts.h"
#include "signals/statement.h"
#include <math.h>

#define SMOOTHING 6.0   /* m: orders that what is usual for the product counts for */
#define LEAST_RATE 0.01 /* r0: from 0.005 to 0.02 it makes no difference */

typedef struct prepared_habit {
    const pv_question *question;
    const double *orders_with; /* [n_products of the history] */
    const double *phi;         /* [n_products of the history] */
} prepared_habit;

/* Orders from each slot on, [n_order_slots + 1]: slots are numbered in order of time. NULL on no memory. */
static const double *orders_from(const pv_history *history, pv_arena *arena)
{
    double *orders = pv_arena_allocate(arena, (size_t)history->n_order_slots + 1, sizeof *orders);
    for (int64_t o = history->n_order_slots; orders && o-- > 0;) orders[o] = orders[o + 1] + history->order_count[o];
    return orders;
}

static double excess_rate(double with, double since, double usual)
{
    const double rate = (with - 1 + SMOOTHING * usual) / (since - 1 + SMOOTHING);
    return rate > LEAST_RATE ? pv_log(rate / LEAST_RATE) : 0;
}

static pv_status rate_products(double *phi, const double *orders_with, const void *bound, const pv_question *question,
                               pv_error *error)
{
    const pv_history *history = question->history;
    pv_rebuy_others others;
    const double *from = orders_from(history, question->arena);
    if (!from) return pv_fail_memory(error, "a question", 0);
    const pv_status status = pv_rebuy_counts_of_others(&others, bound, question, error);
    for (int64_t k = 0; status == PV_OK && k < history->n_products; k++) {
        const double since = from[history->lines.order[history->first_line[k]]];
        phi[k] = excess_rate(orders_with[k], since, pv_rebuy_frequency(&others, k));
    }
    return status;
}

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_history *history = question->history;
    const size_t n = (size_t)history->n_products;
    prepared_habit *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    double *orders_with = pv_arena_allocate(question->arena, n, sizeof *orders_with);
    double *phi = pv_arena_allocate(question->arena, n, sizeof *phi);
    if (!p || !orders_with || !phi) return pv_fail_memory(error, "a question", 2 * n * sizeof *phi);
    for (size_t k = 0; k < n; k++) orders_with[k] = pv_history_orders_with(history, (int64_t)k, (double)NAN);
    if (question->shop->has_time)
        PV_TRY(rate_products(phi, orders_with, bound, question, error));
    else
        for (size_t k = 0; k < n; k++) phi[k] = orders_with[k] / history->n_orders;
    *p = (prepared_habit){question, orders_with, phi};
    *out = p;
cleanup:
    return status;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_habit *p = prepared;
    const int64_t k = pv_history_find(p->question->history, product);
    return k >= 0 ? p->phi[k] : 0;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_habit *p = prepared;
    const pv_history *history = p->question->history;
    const int64_t k = pv_history_find(history, product);
    *pieces = (pv_pieces){0};
    if (k < 0) return PV_OK;
    const int64_t first = history->first_line[k], end = history->first_line[k + 1];
    pieces->items = pv_arena_allocate(p->question->arena, (size_t)(end - first), sizeof *pieces->items);
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    for (int64_t l = first; l < end; l++)
        if (pv_history_ends_order(history, k, l)) {
            const double orders = history->order_count[history->lines.order[l]];
            pieces->items[pieces->n++] =
                pv_piece_of_purchase(product, history->lines.time ? history->lines.time[l] : PV_NO_TIME,
                                     p->phi[k] * orders / p->orders_with[k]);
        }
    return PV_OK;
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_habit *p = prepared;
    const pv_question *question = p->question;
    const pv_history *history = question->history;
    pv_arena *arena = question->arena;
    const int64_t k = pv_history_find(history, product);
    *statement = (pv_statement){0};
    if (k < 0) return PV_OK;
    const double with = p->orders_with[k];
    const int64_t last = pv_history_last_time(history, k);
    char with_text[PV_SPOKEN_SIZE], all_text[PV_SPOKEN_SIZE];
    if (!pv_statement_begin(statement, 3, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_count(statement, "orders_with", with);
    pv_statement_count(statement, "orders", history->n_orders);
    if (!pv_statement_date(statement, "last_date", last, arena)) return pv_fail_memory(error, "a reason", 0);
    const pv_text orders_with = pv_spoken_count(with_text, with);
    const pv_text orders = pv_spoken_count(all_text, history->n_orders);
    const pv_text plural = pv_text_of(history->n_orders == 1 ? "" : "s");
    bool said;
    if (last != PV_NO_TIME) {
        const pv_text date = statement->facts[statement->n_facts - 1].text;
        said = pv_statement_say(statement, arena, "You bought this in {} of your {} order{}, last on {}.",
                                (const pv_text[]){orders_with, orders, plural, date});
    } else if (question->shop->has_order) {
        said = pv_statement_say(statement, arena, "You bought this in {} of your {} order{}.",
                                (const pv_text[]){orders_with, orders, plural});
    } else {
        said = pv_statement_say(statement, arena, "You bought this {} time{}, out of {} purchase{} in all.",
                                (const pv_text[]){orders_with, pv_text_of(with == 1 ? "" : "s"), orders, plural});
    }
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

const pv_signal pv_habit_signal = {.code = "habit",
                                   .form = PV_FORM_LINEAR,
                                   .level = PV_LEVEL_PRODUCT,
                                   .kinds = PV_SPEAKS_FOR_REORDER,
                                   .fit = pv_rebuy_counts_fit,
                                   .bind = pv_rebuy_counts_bind,
                                   .prepare = prepare,
                                   .score_one = score_one,
                                   .evidence = evidence,
                                   .state = state,
                                   .silent = pv_signal_never_silent};
