/* fatigue.c - see fatigue.h. */
#include "signals/fatigue.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "base/sorted.h"
#include "base/timestamp.h"
#include "signals/statement.h"

#define HALF_LIFE_DAYS 14.0

typedef struct prepared_fatigue {
    const pv_question *question;
    pv_shown *shown;   /* [n] what costs, rising by product */
    int32_t *products; /* [n] */
    double *phi;       /* [n] */
    int64_t n;
} prepared_fatigue;

static pv_status bind(void **bound, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    (void)tensors;
    (void)shop;
    (void)error;
    *bound = NULL; /* all of it comes with the question */
    return PV_OK;
}

static bool applies(const pv_question *question)
{
    return question->n_shown > 0;
}

static bool was_bought_since(const pv_history *history, const pv_shown *shown)
{
    const int64_t k = pv_history_find(history, shown->product);
    return k >= 0 && pv_history_last_time(history, k) >= shown->first;
}

static double phi_of(const pv_shown *shown, int64_t as_of)
{
    const bool is_past = as_of != PV_NO_TIME && as_of > shown->last;
    const int64_t days = is_past ? (as_of - shown->last) / PV_SECONDS_PER_DAY : 0;
    return 0 - pv_log2(1 + (double)shown->times) * pv_exp2(-(double)days / HALF_LIFE_DAYS); /* never -0 */
}

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    (void)bound;
    const size_t most = (size_t)question->n_shown;
    prepared_fatigue *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    pv_shown *shown = pv_arena_allocate(question->arena, most, sizeof *shown);
    int32_t *products = pv_arena_allocate(question->arena, most, sizeof *products);
    double *phi = pv_arena_allocate(question->arena, most, sizeof *phi);
    if (!p || !shown || !products || !phi) return pv_fail_memory(error, "a question", most * sizeof *shown);
    *p = (prepared_fatigue){question, shown, products, phi, 0};
    for (int64_t s = 0; s < question->n_shown; s++) {
        if (was_bought_since(question->history, &question->shown[s])) continue;
        shown[p->n] = question->shown[s];
        products[p->n] = shown[p->n].product;
        phi[p->n] = phi_of(&shown[p->n], question->as_of);
        p->n++;
    }
    *out = p;
    return PV_OK;
}

/* Place of a product among those that cost, -1: it is none of them. */
static int64_t find_shown(const prepared_fatigue *p, int32_t product)
{
    return pv_sorted_find(p->products, p->n, product);
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_fatigue *p = prepared;
    const int64_t s = find_shown(p, product);
    return s >= 0 ? p->phi[s] : 0;
}

static void score(double *phi, const void *prepared)
{
    const prepared_fatigue *p = prepared;
    for (int64_t s = 0; s < p->n; s++) phi[p->products[s]] = p->phi[s];
}

static void brief(pv_phi *phi, double *room, int32_t *products, const void *prepared)
{
    (void)room;
    (void)products;
    const prepared_fatigue *p = prepared;
    *phi = (pv_phi){.values = p->phi, .n = p->n, .products = p->products};
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_fatigue *p = prepared;
    pv_arena *arena = p->question->arena;
    const int64_t s = find_shown(p, product);
    *pieces = (pv_pieces){0};
    if (s < 0) return PV_OK;
    const pv_shown *shown = &p->shown[s];
    const char *label =
        shown->times == 1 ? "shown once" : pv_arena_print(arena, "shown %lld times", (long long)shown->times);
    pv_piece *piece = pv_arena_allocate(arena, 1, sizeof *piece);
    if (!label || !piece) return pv_fail_memory(error, "evidence", sizeof *piece);
    *piece = (pv_piece){.product = -1, .time = shown->last, .phi = p->phi[s], .label = pv_text_of(label)};
    *pieces = (pv_pieces){piece, 1};
    return PV_OK;
}

/* "Shown to you 4 times since 2010-12-01 without a click or purchase." */
static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_fatigue *p = prepared;
    pv_arena *arena = p->question->arena;
    const int64_t s = find_shown(p, product);
    *statement = (pv_statement){0};
    if (s < 0) return PV_OK;
    const pv_shown *shown = &p->shown[s];
    if (!pv_statement_begin(statement, 3, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_integer(statement, "shown", shown->times);
    if (!pv_statement_date(statement, "since", shown->first, arena) ||
        !pv_statement_date(statement, "last_shown", shown->last, arena))
        return pv_fail_memory(error, "a reason", 0);
    char times[PV_SPOKEN_SIZE];
    const pv_text since = statement->facts[1].text;
    const pv_text often[] = {pv_spoken_integer(times, shown->times), since};
    const bool said =
        shown->times == 1
            ? pv_statement_say(statement, arena, "Shown to you once, on {}, without a click or purchase.", &since)
            : pv_statement_say(statement, arena, "Shown to you {} times since {} without a click or purchase.", often);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

const pv_signal pv_fatigue_signal = {.code = "fatigue",
                                     .form = PV_FORM_LINEAR,
                                     .level = PV_LEVEL_PRODUCT,
                                     .kinds = PV_SPEAKS_FOR_ALL,
                                     .is_rule = true,
                                     .bind = bind,
                                     .applies = applies,
                                     .prepare = prepare,
                                     .score = score,
                                     .brief = brief,
                                     .score_one = score_one,
                                     .evidence = evidence,
                                     .state = state,
                                     .silent = pv_signal_never_silent};
