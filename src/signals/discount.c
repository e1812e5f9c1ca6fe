/* discount.c - the customer's leaning to discounts against what others do with the same products. */
#include "signals/discount.h"

#include "base/failure.h"
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
cleanup:
    return status;
}

typedef struct bound_lines {
    const int32_t *lines, *discounted; /* [n_warm products] of everybody; NULL when lines know no discount */
    int64_t all_lines, all_discounted;
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
} prepared_discount;

/* Lines of everybody else: all of them, and by product. */
typedef struct other_lines {
    int64_t all, all_discounted;
    int32_t *lines, *discounted; /* [n_warm products] */
} other_lines;

static pv_status take_company_out(other_lines *others, const bound_lines *bound, const pv_question *question,
                                  pv_error *error)
{
    const size_t n = (size_t)question->shop->products.ids.n_warm;
    others->lines = pv_arena_allocate(question->arena, n, sizeof *others->lines);
    others->discounted = pv_arena_allocate(question->arena, n, sizeof *others->discounted);
    if (!others->lines || !others->discounted) return pv_fail_memory(error, "a question", n * 8);
    memcpy(others->lines, bound->lines, n * sizeof *others->lines);
    memcpy(others->discounted, bound->discounted, n * sizeof *others->discounted);
    others->all = bound->all_lines;
    others->all_discounted = bound->all_discounted;
    for (int64_t m = 0; m < question->company->n_members; m++) {
        const pv_lines *lines = &question->company->members[m];
        for (int64_t l = 0; l < lines->n; l++) {
            others->lines[lines->product[l]]--;
            others->discounted[lines->product[l]] -= lines->discounted[l];
            others->all--;
            others->all_discounted -= lines->discounted[l];
        }
    }
    return PV_OK;
}

static double expected_share(const other_lines *others, const pv_question *question)
{
    const pv_lines *lines = &question->history->lines;
    if (others->all == 0) return (double)NAN; /* nobody else: nothing can be expected, and nothing exceeds it */
    const double overall = (double)others->all_discounted / (double)others->all;
    if (question->shop->discount_is_current || lines->n == 0) return overall;
    double sum = 0;
    for (int64_t l = 0; l < lines->n; l++) {
        const int32_t product = lines->product[l];
        const bool is_known = product < question->shop->products.ids.n_warm && others->lines[product] > 0;
        sum += is_known ? (double)others->discounted[product] / (double)others->lines[product] : overall;
    }
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
        p->expected = expected_share(&others, question);
        const double excess = (double)p->discounted - (double)p->lines * p->expected;
        p->affinity = excess > 0 ? excess / ((double)p->lines + SMOOTHING) : 0;
    }
    *out = p;
cleanup:
    return status;
}

static double discount_now(const prepared_discount *p, int32_t product)
{
    const double discount = p->question->shop->products.discount[product];
    return discount > 0 ? discount : 0;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_discount *p = prepared;
    return p->affinity * discount_now(p, product);
}

static void add(double *scores, double factor, const void *prepared)
{
    const prepared_discount *p = prepared;
    if (!(p->affinity > 0)) return;
    for (int64_t i = 0; i < p->question->shop->products.ids.n; i++)
        scores[i] += factor * score_one(prepared, (int32_t)i);
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
            pieces->items[pieces->n++] =
                (pv_piece){history->products[k], PV_NO_TIME, phi * (double)discounted / (double)p->discounted};
    }
    return PV_OK;
}

/* "12 of your 40 order lines were discounted (...); this is 15 % off now." */
static bool say_affinity(pv_statement *statement, const prepared_discount *p, double discount, pv_arena *arena)
{
    const double share = (double)p->discounted / (double)p->lines;
    char now[PV_SPOKEN_SIZE], discounted[PV_SPOKEN_SIZE], lines[PV_SPOKEN_SIZE];
    char share_text[PV_SPOKEN_SIZE], expected[PV_SPOKEN_SIZE];
    pv_statement_integer(statement, "your_lines", p->lines);
    pv_statement_integer(statement, "discounted_lines", p->discounted);
    pv_statement_number(statement, "share", share);
    pv_statement_number(statement, "expected_share", p->expected);
    return pv_statement_say(
        statement, arena,
        p->question->shop->discount_is_current
            ? "{} off now; {} of your {} purchase lines are of products on discount now ({}, against {} of the lines "
              "of "
              "others)."
            : "{} off now; {} of your {} order lines were discounted ({}, against {} when others buy the same).",
        (const pv_text[]){pv_spoken_percent(now, discount), pv_spoken_integer(discounted, p->discounted),
                          pv_spoken_integer(lines, p->lines), pv_spoken_percent(share_text, share),
                          pv_spoken_percent(expected, p->expected)});
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    const prepared_discount *p = prepared;
    pv_arena *arena = p->question->arena;
    const double discount = discount_now(p, product);
    char now[PV_SPOKEN_SIZE];
    *statement = (pv_statement){0};
    if (!(discount > 0)) return PV_OK;
    if (!pv_statement_begin(statement, 5, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_number(statement, "discount", discount);
    const bool said =
        is_reason && p->affinity > 0
            ? say_affinity(statement, p, discount, arena)
            : pv_statement_say(statement, arena, "{} off now.", (const pv_text[]){pv_spoken_percent(now, discount)});
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static bool has_current_discount(const pv_products *products)
{
    for (int64_t i = 0; i < products->ids.n; i++)
        if (products->discount[i] > 0) return true;
    return false;
}

static const char *silent(const pv_shop *shop)
{
    if (!shop->has_discounts) return "purchase lines carry no discount";
    return has_current_discount(&shop->products) ? NULL : "no product is known to be discounted now";
}

const pv_signal pv_discount_signal = {"discount", fit, bind, prepare, NULL, add, score_one, evidence, state, silent};
