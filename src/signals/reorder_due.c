/* reorder_due.c - when a product will be ordered next. */
#include "signals/reorder_due.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "signals/log_normal.h"
#include "signals/rebuy_counts.h"
#include "signals/reorder_gaps.h"
#include "signals/statement.h"
#include <math.h>

#define USUAL_GAPS 2.0        /* kappa */
#define LEAST_VARIANCE 0.0625 /* of log gaps: three orders at the same distance are no clockwork */
#define GAPS_UNTIL_LAPSED 4.0
#define OWN_GAPS_SPEAK 3 /* from this many gaps on the typical one is mostly the customer's own */
static const double LOG2_E = 1.44269504088896340736;

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    if (!shop->has_time) return PV_OK;
    const pv_status status = pv_rebuy_counts_fit(tensors, shop, settings, error);
    return status == PV_OK ? pv_reorder_gaps_fit(tensors, shop, error) : status;
}

typedef struct bound_reorder {
    pv_rebuy_counts counts;
    pv_reorder_gaps gaps;
} bound_reorder;

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status = PV_OK;
    bound_reorder *bound = pv_allocate(1, sizeof *bound);
    if (!bound) return pv_fail_memory(error, "gaps", sizeof *bound);
    if (shop->has_time) {
        PV_TRY(pv_rebuy_counts_get(&bound->counts, tensors, shop, error));
        PV_TRY(pv_reorder_gaps_get(&bound->gaps, tensors, shop, error));
    }
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

/* What is expected of one product of the history. */
typedef struct expectation {
    int64_t dates, last_time;
    double waited;  /* e */
    double typical; /* exp(mu); 0 when nothing is usual */
    double phi;
} expectation;

typedef struct prepared_reorder {
    const pv_question *question;
    const pv_usual_gap *usual;       /* [n_products of the history] */
    const expectation *expectations; /* [n_products of the history]; NULL without time */
} prepared_reorder;

static expectation expect(const pv_history *history, int64_t k, const pv_usual_gap *usual, double rebuy_share)
{
    pv_gap_sum own = {0};
    const int64_t end = history->first_line[k + 1];
    expectation expected = {
        .dates = pv_gap_sum_add(&own, &history->lines, history->first_line[k], end),
        .last_time = pv_history_last_time(history, k),
    };
    expected.waited = (double)(pv_gap_day(history->as_of) - pv_gap_day(expected.last_time));
    if (usual->level == PV_GAPS_OF_NOBODY) return expected;
    const double weight = (double)own.n + USUAL_GAPS;
    const double mean = (own.logs + USUAL_GAPS * usual->mean) / weight;
    const double spread = own.squares - mean * (2 * own.logs - (double)own.n * mean);
    const double variance = (spread + USUAL_GAPS * usual->variance) / weight;
    const double deviation = sqrt(variance > LEAST_VARIANCE ? variance : LEAST_VARIANCE);
    expected.typical = pv_exp2(mean * LOG2_E);
    expected.phi = rebuy_share * pv_log_normal_within(expected.waited, PV_REORDER_HORIZON_DAYS, mean, deviation);
    const double lapsed = expected.waited / expected.typical - GAPS_UNTIL_LAPSED;
    if (lapsed > 0) expected.phi *= pv_exp2(-lapsed);
    return expected;
}

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    pv_status status = PV_OK;
    const bound_reorder *bound = state;
    const pv_history *history = question->history;
    pv_rebuy_others others;
    prepared_reorder *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    expectation *expectations = pv_arena_allocate(question->arena, (size_t)history->n_products, sizeof *expectations);
    if (!p || !expectations) return pv_fail_memory(error, "a question", 0);
    *p = (prepared_reorder){.question = question};
    if (question->shop->has_time) {
        PV_TRY(pv_rebuy_counts_of_others(&others, &bound->counts, question, error));
        PV_TRY(pv_reorder_gaps_usual(&p->usual, &bound->gaps, question, error));
        for (int64_t k = 0; k < history->n_products; k++)
            expectations[k] = expect(history, k, &p->usual[k], pv_rebuy_share(&others, k));
        p->expectations = expectations;
    }
    *out = p;
cleanup:
    return status;
}

/* Position in the history of a product of which something is expected, -1: nothing is. */
static int64_t find_expected(const prepared_reorder *p, int32_t product)
{
    const int64_t k = p->expectations ? pv_history_find(p->question->history, product) : -1;
    return k >= 0 && p->usual[k].level != PV_GAPS_OF_NOBODY ? k : -1;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_reorder *p = prepared;
    const int64_t k = find_expected(p, product);
    return k >= 0 ? p->expectations[k].phi : 0;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_reorder *p = prepared;
    const int64_t k = find_expected(p, product);
    *pieces = (pv_pieces){0};
    if (k < 0) return PV_OK;
    *pieces = (pv_pieces){pv_arena_allocate(p->question->arena, 1, sizeof *pieces->items), 1};
    if (!pieces->items) return pv_fail_memory(error, "evidence", sizeof *pieces->items);
    pieces->items[0] = pv_piece_of_purchase(product, p->expectations[k].last_time, p->expectations[k].phi);
    return PV_OK;
}

/* --- sentence ---------------------------------------------------------------------------------------------------- */

static int64_t typical_days(const expectation *expected)
{
    return expected->typical > 1 ? (int64_t)rint(expected->typical) : 1;
}

static int64_t expected_time(const expectation *expected)
{
    return expected->last_time + typical_days(expected) * PV_SECONDS_PER_DAY;
}

static pv_status add_facts(pv_statement *statement, const prepared_reorder *p, int64_t k, pv_error *error)
{
    static const char *const levels[] = {"", "product", "category", "shop"};
    const expectation *expected = &p->expectations[k];
    const pv_usual_gap *usual = &p->usual[k];
    pv_arena *arena = p->question->arena;
    if (!pv_statement_begin(statement, 8, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_integer(statement, "orders", expected->dates);
    pv_statement_integer(statement, "typical_gap_days", typical_days(expected));
    if (!pv_statement_date(statement, "last_date", expected->last_time, arena))
        return pv_fail_memory(error, "a reason", 0);
    pv_statement_integer(statement, "days_since", (int64_t)expected->waited);
    if (!pv_statement_date(statement, "expected_date", expected_time(expected), arena))
        return pv_fail_memory(error, "a reason", 0);
    pv_statement_text(statement, "usual_of", pv_text_of(levels[usual->level]));
    pv_statement_integer(statement, "companies", usual->companies);
    if (usual->level == PV_GAPS_OF_CATEGORY)
        pv_statement_text(statement, "value",
                          pv_texts_at(&p->question->shop->products.categories.paths, usual->category));
    return PV_OK;
}

/* "You order this about every 28 days; the last order was on DATE, the next was due on DATE." Whoever has few gaps is
 * told that others speak too, whoever ordered once the gap of others. */
static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_reorder *p = prepared;
    const int64_t k = find_expected(p, product);
    char gap[PV_SPOKEN_SIZE], companies[PV_SPOKEN_SIZE], orders[PV_SPOKEN_SIZE];
    *statement = (pv_statement){0};
    if (k < 0) return PV_OK;
    const expectation *expected = &p->expectations[k];
    const pv_status status = add_facts(statement, p, k, error);
    if (status != PV_OK) return status;
    const pv_text last = statement->facts[2].text, next = statement->facts[4].text;
    const pv_text is_due = pv_text_of(expected_time(expected) < p->question->as_of ? "was" : "is");
    const pv_text days = pv_spoken_integer(gap, typical_days(expected));
    const pv_text plural = pv_text_of(typical_days(expected) == 1 ? "" : "s");
    const pv_text others = pv_spoken_integer(companies, p->usual[k].companies);
    const pv_text companies_plural = pv_text_of(p->usual[k].companies == 1 ? "" : "s");
    bool said;
    if (expected->dates > OWN_GAPS_SPEAK) {
        said = pv_statement_say(statement, p->question->arena,
                                "You order this about every {} day{}; the last order was on {}, the next {} due on {}.",
                                (const pv_text[]){days, plural, last, is_due, next});
    } else if (expected->dates > 1) {
        said = pv_statement_say(statement, p->question->arena,
                                "Ordered about every {} day{}, going by your {} orders and by {} other customer{}; the "
                                "last order was on {}, the next {} due on {}.",
                                (const pv_text[]){days, plural, pv_spoken_integer(orders, expected->dates), others,
                                                  companies_plural, last, is_due, next});
    } else {
        static const char *const of_whom[] = {"", "this", "products of this category", "a product"};
        said = pv_statement_say(statement, p->question->arena,
                                "You ordered this once, on {}; {} other customer{} ordered {} again, typically after "
                                "{} day{}; for you that {} {}.",
                                (const pv_text[]){last, others, companies_plural,
                                                  pv_text_of(of_whom[p->usual[k].level]), days, plural, is_due, next});
    }
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

const pv_signal pv_reorder_due_signal = {.code = "reorder_due",
                                         .form = PV_FORM_LINEAR,
                                         .level = PV_LEVEL_PRODUCT,
                                         .kinds = PV_SPEAKS_FOR_REORDER,
                                         .fit = fit,
                                         .bind = bind,
                                         .prepare = prepare,
                                         .score_one = score_one,
                                         .evidence = evidence,
                                         .state = state,
                                         .silent = pv_signal_silent_without_time};
