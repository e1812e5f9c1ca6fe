/* trend.c - see trend.h. */
#include "signals/trend.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "signals/own_products.h"
#include "signals/statement.h"
#include <string.h>

#define STEADY 4.0

/* A purchase in the last days, or before them in the days that say what is usual; neither. */
typedef enum trend_window { OUTSIDE, IN_USUAL_DAYS, IN_LAST_DAYS } trend_window;

static trend_window window_of(int64_t time, int64_t as_of)
{
    if (time >= as_of - (int64_t)PV_TREND_DAYS * PV_SECONDS_PER_DAY) return IN_LAST_DAYS;
    return time >= as_of - (int64_t)PV_TREND_USUAL_DAYS * PV_SECONDS_PER_DAY ? IN_USUAL_DAYS : OUTSIDE;
}

/* Raise latest[product] to the window of each line; products that were OUTSIDE before go to touched[*n_touched ..). */
static void note_lines(uint8_t *latest, int32_t *touched, int64_t *n_touched, const pv_lines *lines, int64_t as_of)
{
    for (int64_t l = 0; l < lines->n; l++) {
        const int32_t product = lines->product[l];
        const trend_window window = window_of(lines->time[l], as_of);
        if (window <= latest[product]) continue;
        if (latest[product] == OUTSIDE) touched[(*n_touched)++] = product;
        latest[product] = (uint8_t)window;
    }
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    pv_status status = PV_OK;
    int32_t *recent = NULL, *usual = NULL;
    const pv_users *users = &shop->users;
    const int64_t n = shop->products.ids.n_warm;
    if (!shop->has_time) return PV_OK;
    uint8_t *latest = pv_allocate((size_t)n, sizeof *latest);
    int32_t *touched = pv_allocate((size_t)n, sizeof *touched);
    if (!latest || !touched) PV_TRY(pv_fail_memory(error, "trends", 0));
    PV_TRY(pv_tensors_add(&recent, tensors, "trend.recent_buyers", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&usual, tensors, "trend.buyers", PV_I32, n, 0, error));
    for (int64_t p = 0; p < users->n_parents; p++) {
        int64_t n_touched = 0;
        for (int64_t m = users->parent_offsets[p]; m < users->parent_offsets[p + 1]; m++) {
            if (users->parent_members[m] >= users->ids.n_warm) continue;
            const pv_lines lines = pv_shop_user_lines(shop, users->parent_members[m]);
            note_lines(latest, touched, &n_touched, &lines, shop->as_of);
        }
        for (int64_t k = 0; k < n_touched; k++) {
            usual[touched[k]]++;
            recent[touched[k]] += latest[touched[k]] == IN_LAST_DAYS;
            latest[touched[k]] = OUTSIDE;
        }
    }
cleanup:
    pv_release(latest);
    pv_release(touched);
    return status;
}

typedef struct bound_buyers {
    const int32_t *recent, *usual; /* [n_warm products] companies; NULL when the shop has no time */
    int32_t fewest;                /* the k rule that phi follows */
    double phi[];                  /* [n_warm] for who bought none of them */
} bound_buyers;

static double trend_of(int32_t recent, int32_t usual)
{
    const double expected = (double)usual * PV_TREND_DAYS / PV_TREND_USUAL_DAYS;
    const double trend = pv_log(STEADY * ((double)recent + 1) / (expected + 1));
    return trend > 0 ? trend : 0;
}

static double phi_of(int32_t recent, int32_t usual, int32_t fewest)
{
    return usual < fewest ? 0 : trend_of(recent, usual);
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t n = shop->products.ids.n_warm;
    const size_t size = sizeof(bound_buyers) + (size_t)n * sizeof(double);
    bound_buyers *bound = pv_allocate(1, size);
    if (!bound) return pv_fail_memory(error, "trends", size);
    bound->fewest = pv_signal_fewest(tensors);
    if (shop->has_time) {
        PV_TRY(pv_tensors_get(&bound->recent, tensors, "trend.recent_buyers", PV_I32, n, 0, error));
        PV_TRY(pv_tensors_get(&bound->usual, tensors, "trend.buyers", PV_I32, n, 0, error));
        for (int64_t i = 0; i < n; i++) {
            if (bound->recent[i] < 0 || bound->recent[i] > bound->usual[i])
                PV_TRY(pv_fail_at(error, PV_E_INPUT, i, "model: tensor trend.recent_buyers: not in order at %lld",
                                  (long long)i));
            bound->phi[i] = phi_of(bound->recent[i], bound->usual[i], bound->fewest);
        }
    }
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

typedef struct prepared_trend {
    const bound_buyers *bound;
    const pv_question *question;
    const uint8_t *own;        /* [n_warm products] trend_window of the asking company's latest purchase */
    const int32_t *own_bought; /* [n_own] products for which it is not OUTSIDE */
    int64_t n_own;
} prepared_trend;

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    const size_t n = (size_t)question->shop->products.ids.n_warm;
    prepared_trend *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    uint8_t *own = pv_arena_allocate(question->arena, n, sizeof *own);
    int32_t *own_bought =
        pv_arena_allocate(question->arena, (size_t)pv_company_lines(question->company), sizeof *own_bought);
    if (!p || !own || !own_bought) return pv_fail_memory(error, "a question", 0);
    *p = (prepared_trend){.bound = bound, .question = question, .own = own, .own_bought = own_bought};
    for (int64_t m = 0; question->shop->has_time && m < question->company->n_members; m++)
        note_lines(own, own_bought, &p->n_own, &question->company->members[m], question->shop->as_of);
    *out = p;
    return PV_OK;
}

static int32_t other_recent(const prepared_trend *p, int32_t product)
{
    return p->bound->recent[product] - (p->own[product] == IN_LAST_DAYS);
}

static int32_t other_usual(const prepared_trend *p, int32_t product)
{
    return p->bound->usual[product] - (p->own[product] != OUTSIDE);
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_trend *p = prepared;
    if (!p->bound->recent || product >= p->question->shop->products.ids.n_warm) return 0;
    return phi_of(other_recent(p, product), other_usual(p, product), p->question->min_companies);
}

/* Only products that the asking company bought itself differ from what was computed once. */
static void score(double *phi, const void *prepared)
{
    const prepared_trend *p = prepared;
    const int64_t n = p->question->shop->products.ids.n_warm;
    if (!p->bound->recent) return;
    if (p->question->min_companies == p->bound->fewest) {
        memcpy(phi, p->bound->phi, (size_t)n * sizeof *phi);
    } else {
        for (int64_t i = 0; i < n; i++)
            phi[i] = phi_of(p->bound->recent[i], p->bound->usual[i], p->question->min_companies);
    }
    for (int64_t k = 0; k < p->n_own; k++) phi[p->own_bought[k]] = score_one(prepared, p->own_bought[k]);
}

static void brief(pv_phi *phi, double *room, int32_t *products, const void *prepared)
{
    (void)products;
    const prepared_trend *p = prepared;
    const bool is_known =
        p->question->min_companies == p->bound->fewest && pv_signal_own_are_past(p->question, p->own_bought, p->n_own);
    *phi = (pv_phi){.values = is_known ? p->bound->phi : room,
                    .n = p->bound->recent ? p->question->shop->products.ids.n_warm : 0};
    if (!is_known) score(room, prepared);
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_trend *p = prepared;
    const pv_shop *shop = p->question->shop;
    pv_arena *arena = p->question->arena;
    const int32_t fewest = p->question->min_companies;
    *statement = (pv_statement){0};
    if (!(score_one(prepared, product) > 0)) return PV_OK;
    const int32_t recent = other_recent(p, product), usual = other_usual(p, product);
    const bool is_told = recent >= fewest;
    char counted[PV_SPOKEN_SIZE], of[PV_SPOKEN_SIZE], days[PV_SPOKEN_SIZE], of_days[PV_SPOKEN_SIZE];
    if (!pv_statement_begin(statement, 5, arena)) return pv_fail_memory(error, "a reason", 0);
    if (is_told)
        pv_statement_integer(statement, "buyers", recent);
    else
        pv_statement_integer(statement, "fewer_than", fewest);
    pv_statement_integer(statement, "days", PV_TREND_DAYS);
    pv_statement_integer(statement, "of", usual);
    pv_statement_integer(statement, "of_days", PV_TREND_USUAL_DAYS);
    if (!pv_statement_date(statement, "before", shop->as_of, arena)) return pv_fail_memory(error, "a reason", 0);
    const pv_text parts[] = {pv_spoken_integer(counted, is_told ? recent : fewest), pv_spoken_integer(of, usual),
                             pv_spoken_integer(of_days, PV_TREND_USUAL_DAYS),
                             statement->facts[statement->n_facts - 1].text, pv_spoken_integer(days, PV_TREND_DAYS)};
    const bool said = pv_statement_say(
        statement, arena,
        is_told ? "{} of the {} other customers who bought this in the {} days before {} did so in the last {} days."
                : "Fewer than {} of the {} other customers who bought this in the {} days before {} did so in the last "
                  "{} days.",
        parts);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

const pv_signal pv_trend_signal = {.code = "trend",
                                   .form = PV_FORM_LINEAR,
                                   .level = PV_LEVEL_PRODUCT,
                                   .kinds = PV_SPEAKS_FOR_ALL,
                                   .fit = fit,
                                   .bind = bind,
                                   .prepare = prepare,
                                   .score = score,
                                   .brief = brief,
                                   .score_one = score_one,
                                   .evidence = pv_signal_no_evidence,
                                   .state = state,
                                   .silent = pv_signal_silent_without_time};
