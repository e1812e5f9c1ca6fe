/* habit.c - the customer's own frequency of a product. */
#include "signals/habit.h"

#include "base/failure.h"
#include "signals/statement.h"
#include <math.h>

/* Nothing is learned from others. */
static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    (void)tensors;
    (void)shop;
    (void)error;
    *out = NULL;
    return PV_OK;
}

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    (void)bound;
    const pv_question **p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    *p = question;
    *out = p;
    return PV_OK;
}

static const pv_history *history_of(const void *prepared)
{
    return (*(const pv_question *const *)prepared)->history;
}

static double frequency(const pv_history *history, int64_t k)
{
    double with = 0;
    for (int64_t l = history->first_line[k]; l < history->first_line[k + 1]; l++)
        if (pv_history_ends_order(history, k, l)) with += history->order_decayed[history->lines.order[l]];
    return with / history->orders_decayed;
}

static void add(double *scores, double factor, const void *prepared)
{
    const pv_history *history = history_of(prepared);
    for (int64_t k = 0; k < history->n_products; k++) scores[history->products[k]] += factor * frequency(history, k);
}

static double score_one(const void *prepared, int32_t product)
{
    const pv_history *history = history_of(prepared);
    const int64_t k = pv_history_find(history, product);
    return k >= 0 ? frequency(history, k) : 0;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const pv_question *question = *(const pv_question *const *)prepared;
    const pv_history *history = question->history;
    const int64_t k = pv_history_find(history, product);
    *pieces = (pv_pieces){0};
    if (k < 0) return PV_OK;
    const int64_t first = history->first_line[k], end = history->first_line[k + 1];
    pieces->items = pv_arena_allocate(question->arena, (size_t)(end - first), sizeof *pieces->items);
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    for (int64_t l = first; l < end; l++)
        if (pv_history_ends_order(history, k, l))
            pieces->items[pieces->n++] =
                (pv_piece){product, history->lines.time ? history->lines.time[l] : PV_NO_TIME,
                           history->order_decayed[history->lines.order[l]] / history->orders_decayed};
    return PV_OK;
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const pv_question *question = *(const pv_question *const *)prepared;
    const pv_history *history = question->history;
    pv_arena *arena = question->arena;
    const int64_t k = pv_history_find(history, product);
    *statement = (pv_statement){0};
    if (k < 0) return PV_OK;
    const double with = pv_history_orders_with(history, k, (double)NAN);
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

static const char *silent(const pv_shop *shop)
{
    (void)shop;
    return NULL;
}

const pv_signal pv_habit_signal = {"habit", NULL, bind, prepare, NULL, add, score_one, evidence, state, silent};
