/* rebuy_rate.c - how many companies come back for a product. */
#include "signals/rebuy_rate.h"

#include "base/failure.h"
#include "signals/rebuy_counts.h"
#include "signals/statement.h"

typedef struct prepared_rebuy_rate {
    const pv_question *question;
    pv_rebuy_others others;
} prepared_rebuy_rate;

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    prepared_rebuy_rate *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    p->question = question;
    *out = p;
    return pv_rebuy_counts_of_others(&p->others, bound, question, error);
}

/* Position of the product in the history when enough others bought it, else -1. */
static int64_t find_spoken(const prepared_rebuy_rate *p, int32_t product)
{
    const int64_t k = pv_history_find(p->question->history, product);
    return k >= 0 && p->others.of_product[k].buyers >= p->question->min_companies ? k : -1;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_rebuy_rate *p = prepared;
    const int64_t k = find_spoken(p, product);
    return k >= 0 ? pv_rebuy_share(&p->others, k) : 0;
}

/* "31 of 120 other customers who bought this bought it again." */
static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_rebuy_rate *p = prepared;
    pv_arena *arena = p->question->arena;
    const int64_t k = find_spoken(p, product);
    char again[PV_SPOKEN_SIZE], buyers[PV_SPOKEN_SIZE];
    *statement = (pv_statement){0};
    if (k < 0) return PV_OK;
    const pv_rebuy_count *count = &p->others.of_product[k];
    if (!pv_statement_begin(statement, 2, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_integer(statement, "buyers", count->buyers);
    pv_statement_integer(statement, "again", count->again);
    const pv_text parts[] = {pv_spoken_integer(again, count->again), pv_spoken_integer(buyers, count->buyers),
                             pv_text_of(count->buyers == 1 ? "" : "s")};
    const bool said =
        pv_statement_say(statement, arena, "{} of {} other customer{} who bought this bought it again.", parts);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    return pv_shop_is_simple(shop) ? "the purchases have neither time nor order" : NULL;
}

const pv_signal pv_rebuy_rate_signal = {.code = "rebuy_rate",
                                        .form = PV_FORM_LINEAR,
                                        .level = PV_LEVEL_PRODUCT,
                                        .kinds = PV_SPEAKS_FOR_REORDER,
                                        .fit = pv_rebuy_counts_fit,
                                        .bind = pv_rebuy_counts_bind,
                                        .prepare = prepare,
                                        .score_one = score_one,
                                        .evidence = pv_signal_no_evidence,
                                        .state = state,
                                        .silent = silent};
