/* discount.c - the customer's leaning to discounts against what others do with the same products. */
#include "signals/discount.h"

#include "base/failure.h"
#include "signals/own_products.h"
#include "signals/recent_discount.h"
#include "signals/statement.h"
#include <math.h>
#include <string.h>

#define SMOOTHING 20.0 /* m */

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    pv_status status = PV_OK;
    int32_t *lines = NULL, *discounted = NULL;
    if (!shop->has_discounts) return PV_OK;
    PV_TRY(pv_tensors_add(&lines, tensors, "discount.lines", PV_I32, shop->products.ids.n_warm, 0, error));
    PV_TRY(pv_tensors_add(&discounted, tensors, "discount.discounted", PV_I32, shop->products.ids.n_warm, 0, error));
    for (int64_t l = 0; l < shop->lines.n; l++) {
        lines[shop->lines.product[l]]++;
        discounted[shop->lines.product[l]] += shop->lines.discounted[l];
    }
    if (shop->has_time) PV_TRY(pv_recent_discounts_fit(tensors, shop, error));
cleanup:
    return status;
}

static bool has_current_discount(const pv_products *products)
{
    for (int64_t i = 0; i < products->ids.n; i++)
        if (products->discount[i] > 0) return true;
    return false;
}

typedef struct bound_lines {
    const int32_t *lines, *discounted; /* [n_warm products] of everybody; NULL when lines know no discount */
    int64_t all_lines, all_discounted;
    bool is_recent; /* nothing was known of discounts at the training: those of the last days stand for them */
    pv_recent_discounts recent;
} bound_lines;

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t n = shop->products.ids.n_warm;
    bound_lines *bound = pv_allocate(1, sizeof *bound);
    if (!bound) return pv_fail_memory(error, "discounts", sizeof *bound);
    if (shop->has_discounts) {
        PV_TRY(pv_tensors_get(&bound->lines, tensors, "discount.lines", PV_I32, n, 0, error));
        PV_TRY(pv_tensors_get(&bound->discounted, tensors, "discount.discounted", PV_I32, n, 0, error));
        for (int64_t i = 0; i < n; i++) {
            if (bound->discounted[i] < 0 || bound->discounted[i] > bound->lines[i])
                PV_TRY(pv_fail_at(error, PV_E_INPUT, i, "model: tensor discount.discounted: more than lines at %lld",
                                  (long long)i));
            bound->all_lines += bound->lines[i];
            bound->all_discounted += bound->discounted[i];
        }
        bound->is_recent = shop->has_time && !has_current_discount(&shop->products);
        if (bound->is_recent) PV_TRY(pv_recent_discounts_get(&bound->recent, tensors, shop, error));
    }
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

typedef struct prepared_discount {
    const pv_question *question;
    int64_t lines, discounted; /* of the history */
    double expected;           /* r_u */
    double affinity;           /* A_u */
    bool is_recent;
    pv_recent_others recent; /* when is_recent */
} prepared_discount;

/* Lines of everybody else: all of them, and what is to be taken out of a product's. */
typedef struct other_lines {
    int64_t all, all_discounted;
    pv_own_products own;
    int32_t *own_lines, *own_discounted; /* [own.n] */
} other_lines;

static pv_status take_company_out(other_lines *others, const bound_lines *bound, const pv_question *question,
                                  pv_error *error)
{
    const pv_company *company = question->company;
    pv_arena *arena = question->arena;
    if (!pv_own_products_make(&others->own, company, arena)) return pv_fail_memory(error, "a question", 0);
    others->own_lines = pv_arena_allocate(arena, (size_t)others->own.n, sizeof *others->own_lines);
    others->own_discounted = pv_arena_allocate(arena, (size_t)others->own.n, sizeof *others->own_discounted);
    if (!others->own_lines || !others->own_discounted) return pv_fail_memory(error, "a question", 0);
    others->all = bound->all_lines;
    others->all_discounted = bound->all_discounted;
    for (int64_t m = 0; m < company->n_members; m++) {
        const pv_lines *lines = &company->members[m];
        for (int64_t l = 0; l < lines->n; l++) {
            const int64_t k = pv_sorted_find(others->own.products, others->own.n, lines->product[l]);
            others->own_lines[k]++;
            others->own_discounted[k] += lines->discounted[l];
            others->all--;
            others->all_discounted -= lines->discounted[l];
        }
    }
    return PV_OK;
}

/* Share of a product's lines that were discounted when others bought it, `overall` when they did not. */
static double share_of(const other_lines *others, const bound_lines *bound, const pv_question *question,
                       int32_t product, double overall)
{
    if (product >= question->shop->products.ids.n_warm) return overall;
    const int64_t k = pv_own_products_find(&others->own, question->company, product);
    const int32_t lines = bound->lines[product] - (k >= 0 ? others->own_lines[k] : 0);
    const int32_t discounted = bound->discounted[product] - (k >= 0 ? others->own_discounted[k] : 0);
    return lines > 0 ? (double)discounted / (double)lines : overall;
}

static double expected_share(const other_lines *others, const bound_lines *bound, const pv_question *question)
{
    const pv_lines *lines = &question->history->lines;
    if (others->all == 0) return (double)NAN; /* nobody else: nothing can be expected, and nothing exceeds it */
    const double overall = (double)others->all_discounted / (double)others->all;
    if (question->shop->discount_is_current || lines->n == 0) return overall;
    double sum = 0;
    for (int64_t l = 0; l < lines->n; l++) sum += share_of(others, bound, question, lines->product[l], overall);
    return sum / (double)lines->n;
}

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    pv_status status = PV_OK;
    const bound_lines *bound = state;
    const pv_lines *lines = &question->history->lines;
    other_lines others = {0};
    prepared_discount *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    *p = (prepared_discount){.question = question};
    if (bound->lines && lines->discounted) {
        PV_TRY(take_company_out(&others, bound, question, error));
        p->lines = lines->n;
        for (int64_t l = 0; l < lines->n; l++) p->discounted += lines->discounted[l];
        p->expected = expected_share(&others, bound, question);
        const double excess = (double)p->discounted - (double)p->lines * p->expected;
        p->affinity = excess > 0 ? excess / ((double)p->lines + SMOOTHING) : 0;
    }
    p->is_recent = bound->is_recent && !has_current_discount(&question->shop->products); /* one may be told since */
    if (p->is_recent) PV_TRY(pv_recent_others_make(&p->recent, &bound->recent, question, error));
    *out = p;
cleanup:
    return status;
}

/* d_i */
static double discount_of(const prepared_discount *p, int32_t product)
{
    if (p->is_recent) {
        const pv_recent_lines lines = pv_recent_others_of(&p->recent, product);
        return pv_recent_share(&lines);
    }
    const double discount = p->question->shop->products.discount[product];
    return discount > 0 ? discount : 0;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_discount *p = prepared;
    return p->affinity * discount_of(p, product);
}

static void score(double *restrict phi, const void *prepared)
{
    const prepared_discount *p = prepared;
    const pv_products *products = &p->question->shop->products;
    const double affinity = p->affinity, *restrict discount = products->discount;
    if (!(affinity > 0)) return;
    if (!p->is_recent) {
        for (int64_t i = 0; i < products->ids.n; i++) phi[i] = affinity * (discount[i] > 0 ? discount[i] : 0);
        return;
    }
    pv_recent_others_shares(phi, &p->recent);
    for (int64_t i = 0; i < products->ids.n_warm; i++) phi[i] = affinity * phi[i];
}

static void brief(pv_phi *phi, double *room, int32_t *products, const void *prepared)
{
    (void)products;
    const prepared_discount *p = prepared;
    const pv_ids *ids = &p->question->shop->products.ids;
    *phi = (pv_phi){.values = room, .n = !(p->affinity > 0) ? 0 : p->is_recent ? ids->n_warm : ids->n};
    if (p->affinity > 0) score(room, prepared);
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_discount *p = prepared;
    const pv_history *history = p->question->history;
    const double phi = score_one(prepared, product);
    *pieces = (pv_pieces){pv_arena_allocate(p->question->arena, (size_t)history->n_products, sizeof *pieces->items), 0};
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    for (int64_t k = 0; phi > 0 && k < history->n_products; k++) {
        int64_t discounted = 0;
        for (int64_t l = history->first_line[k]; l < history->first_line[k + 1]; l++)
            discounted += history->lines.discounted[l];
        if (discounted > 0)
            pieces->items[pieces->n++] = pv_piece_of_purchase(history->products[k], PV_NO_TIME,
                                                              phi * (double)discounted / (double)p->discounted);
    }
    return PV_OK;
}

/* --- sentence ---------------------------------------------------------------------------------------------------- */

/* "15 % off now", or what was seen lately: the beginning of the sentence, with its facts. data NULL on no memory. */
static pv_text say_discount(pv_statement *statement, const prepared_discount *p, int32_t product, pv_arena *arena)
{
    char discount[PV_SPOKEN_SIZE], discounted[PV_SPOKEN_SIZE], lines[PV_SPOKEN_SIZE], days[PV_SPOKEN_SIZE];
    if (!p->is_recent) {
        pv_statement_number(statement, "discount", discount_of(p, product));
        const bool said = pv_statement_say(statement, arena, "{} off now",
                                           (const pv_text[]){pv_spoken_percent(discount, discount_of(p, product))});
        return said ? statement->text : (pv_text){0};
    }
    const pv_recent_lines recent = pv_recent_others_of(&p->recent, product);
    pv_statement_number(statement, "recent_discount", pv_recent_share(&recent));
    pv_statement_integer(statement, "recent_discounted", recent.discounted);
    pv_statement_integer(statement, "recent_lines", recent.lines);
    pv_statement_integer(statement, "companies", recent.companies);
    pv_statement_integer(statement, "days", PV_RECENT_DISCOUNT_DAYS);
    if (!pv_statement_date(statement, "before", p->question->shop->as_of, arena)) return (pv_text){0};
    const pv_text parts[] = {pv_spoken_integer(discounted, recent.discounted), pv_spoken_integer(lines, recent.lines),
                             pv_text_of(recent.lines == 1 ? "" : "s"), pv_spoken_integer(days, PV_RECENT_DISCOUNT_DAYS),
                             statement->facts[statement->n_facts - 1].text};
    const bool said = pv_statement_say(statement, arena,
                                       "Discounted in {} of {} order line{} of others in the {} days before {}", parts);
    return said ? statement->text : (pv_text){0};
}

/* "...; 12 of your 40 order lines were discounted (...)." */
static bool say_affinity(pv_statement *statement, const prepared_discount *p, pv_text discount, pv_arena *arena)
{
    const double share = (double)p->discounted / (double)p->lines;
    char discounted[PV_SPOKEN_SIZE], lines[PV_SPOKEN_SIZE], share_text[PV_SPOKEN_SIZE], expected[PV_SPOKEN_SIZE];
    pv_statement_integer(statement, "your_lines", p->lines);
    pv_statement_integer(statement, "discounted_lines", p->discounted);
    pv_statement_number(statement, "share", share);
    pv_statement_number(statement, "expected_share", p->expected);
    return pv_statement_say(
        statement, arena,
        p->question->shop->discount_is_current
            ? "{}; {} of your {} purchase lines are of products on discount now ({}, against {} of the lines of "
              "others)."
            : "{}; {} of your {} order lines were discounted ({}, against {} when others buy the same).",
        (const pv_text[]){discount, pv_spoken_integer(discounted, p->discounted), pv_spoken_integer(lines, p->lines),
                          pv_spoken_percent(share_text, share), pv_spoken_percent(expected, p->expected)});
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    const prepared_discount *p = prepared;
    pv_arena *arena = p->question->arena;
    *statement = (pv_statement){0};
    if (!(discount_of(p, product) > 0)) return PV_OK;
    if (!pv_statement_begin(statement, 10, arena)) return pv_fail_memory(error, "a reason", 0);
    const pv_text discount = say_discount(statement, p, product, arena);
    const bool said =
        discount.data && (is_reason && p->affinity > 0 ? say_affinity(statement, p, discount, arena)
                                                       : pv_statement_say(statement, arena, "{}.", &discount));
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    if (!shop->has_discounts) return "purchase lines carry no discount";
    return shop->has_time || has_current_discount(&shop->products) ? NULL : "no product is known to be discounted now";
}

const pv_signal pv_discount_signal = {.code = "discount",
                                      .form = PV_FORM_ROOT,
                                      .level = PV_LEVEL_HISTORY,
                                      .kinds = PV_SPEAKS_FOR_ALL,
                                      .fit = fit,
                                      .bind = bind,
                                      .prepare = prepare,
                                      .score = score,
                                      .brief = brief,
                                      .score_one = score_one,
                                      .evidence = evidence,
                                      .state = state,
                                      .silent = silent};
