/* bought_together.c - scoring a history with the table of products bought together. */
#include "signals/bought_together.h"

#include "base/array_checks.h"
#include "base/failure.h"
#include "kernels/pair_kernels.h"
#include "signals/bought_together_fit.h"
#include "signals/statement.h"
#include <float.h>

/* --- bind -------------------------------------------------------------------------------------------------------- */

typedef struct bound_table {
    const int64_t *offsets;  /* [n_products + 1] */
    const int32_t *products; /* rising within a row */
    const int32_t *companies;
    const float *weights;       /* > 0 */
    const uint8_t *none_bought; /* [n_products] 0 */
} bound_table;

/* A table with room behind it for what a company that bought nothing has bought; NULL on no memory. */
static bound_table *allocate_table(size_t n_products)
{
    bound_table *table = pv_allocate(1, sizeof *table + n_products);
    if (table) table->none_bought = (const uint8_t *)(table + 1);
    return table;
}

static pv_status check_table(const bound_table *table, int64_t n_products, int64_t total, pv_error *error)
{
    bool good = pv_offsets_rise(table->offsets, n_products, total) &&
                pv_all_within(table->products, total, 0, (int32_t)(n_products - 1)) &&
                pv_all_within(table->companies, total, 0, INT32_MAX) &&
                pv_floats_within(table->weights, total, FLT_TRUE_MIN, FLT_MAX);
    for (int64_t j = 0; good && j < n_products; j++) {
        const int64_t first = table->offsets[j], n = table->offsets[j + 1] - first;
        good = n <= PV_NEIGHBOURS_MAX && pv_all_rise(table->products + first, n);
    }
    return good ? PV_OK : pv_fail(error, PV_E_INPUT, "model: the table bought_together is not in order");
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n_products = shop->products.ids.n_warm;
    const pv_tensor *products = pv_tensors_find(tensors, "bought_together.product");
    const int64_t total = products ? products->shape[0] : 0;
    bound_table *table = allocate_table((size_t)n_products);
    if (!table) return pv_fail_memory(error, "bought_together", (uint64_t)n_products);
    PV_TRY(pv_tensors_get(&table->offsets, tensors, "bought_together.offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_get(&table->products, tensors, "bought_together.product", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_get(&table->companies, tensors, "bought_together.companies", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_get(&table->weights, tensors, "bought_together.weight", PV_F32, total, 0, error));
    PV_TRY(check_table(table, n_products, total, error));
    *out = table;
    table = NULL;
cleanup:
    pv_release(table);
    return status;
}

pv_bought_together_pairs pv_bought_together_row(const void *bound, int32_t product)
{
    const bound_table *table = bound;
    const int64_t first = table->offsets[product];
    return (pv_bought_together_pairs){table->offsets[product + 1] - first, table->products + first,
                                      table->companies + first, table->weights + first};
}

enum { WINDOW = 32 };

static inline int64_t count_below(const int32_t *products, int64_t n, int32_t product)
{
    int32_t below = 0;
    for (int64_t t = 0; t < n; t++) below += products[t] < product;
    return below;
}

/* Place of the pair in the table, -1 when it is not there. Bisection without a branch, as most pairs are not there and
 * no processor can guess the way to them, down to a window that is counted through, as the steps wait for each other.
 */
static int64_t find_pair(const bound_table *table, int32_t past, int32_t product)
{
    const int64_t first = table->offsets[past], n = table->offsets[past + 1] - first;
    const int32_t *row = table->products + first;
    int64_t place = 0;
    for (int64_t left = n; left > WINDOW; left -= left / 2) place += (row[place + left / 2] <= product) * (left / 2);
    if (n < WINDOW) {
        place = count_below(row, n, product);
    } else {
        if (place > n - WINDOW) place = n - WINDOW; /* what comes in at the front lies below the product too */
        place += count_below(row + place, WINDOW, product);
    }
    return place < n && row[place] == product ? first + place : -1;
}

int64_t pv_bought_together_companies(const void *bound, int32_t product, int32_t other)
{
    const bound_table *table = bound;
    const int64_t place = find_pair(table, product, other);
    return place >= 0 ? table->companies[place] : -1;
}

/* --- question ---------------------------------------------------------------------------------------------------- */

typedef struct prepared_table {
    const bound_table *table;
    const pv_question *question;
    double companies;        /* without the asking one */
    const uint8_t *bought;   /* [n_products] by the asking company */
    int64_t n_rows;          /* history products that have a row, the first ones */
    const pv_pair_row *rows; /* [n_rows] */
    int32_t termed;          /* the product that these are for, -1: none yet */
    double *terms;           /* [n_rows] */
    int64_t *places;         /* [n_rows] of its terms in the table, -1: none */
    int32_t n_asked;         /* products whose score was asked for one by one */
    const double *sums;      /* [n_products] phi of all of them, made when many are asked for; NULL: not yet */
} prepared_table;

/* Products that are looked up one by one before all are summed: about when that is less work. */
#define ASKED_ONE_BY_ONE 16

static int64_t count_rows(const pv_history *history, int32_t n_warm)
{
    int64_t n = history->n_products;
    while (n > 0 && history->products[n - 1] >= n_warm) n--;
    return n;
}

static pv_pair_row row_of(const bound_table *table, const pv_question *question, int32_t past)
{
    const int64_t first = table->offsets[past];
    return (pv_pair_row){.products = table->products + first,
                         .companies = table->companies + first,
                         .weights = table->weights + first,
                         .n = (size_t)(table->offsets[past + 1] - first),
                         .own = pv_company_bought(question->company, past),
                         .fewest = question->min_companies > 1 ? question->min_companies : 1};
}

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    const bound_table *table = bound;
    const bool is_one = question->company->n_members > 0;
    const int64_t n_rows = count_rows(question->history, (int32_t)question->shop->products.ids.n_warm);
    const size_t n = (size_t)n_rows;
    prepared_table *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    pv_pair_row *rows = pv_arena_allocate(question->arena, n, sizeof *rows);
    double *terms = pv_arena_allocate(question->arena, n, sizeof *terms);
    int64_t *places = pv_arena_allocate(question->arena, n, sizeof *places);
    if (!p || !rows || !terms || !places) return pv_fail_memory(error, "a question", n * sizeof *rows);
    for (int64_t k = 0; k < n_rows; k++) rows[k] = row_of(table, question, question->history->products[k]);
    *p = (prepared_table){.table = table,
                          .question = question,
                          .companies = (double)question->shop->users.n_buying_parents - is_one,
                          .bought = is_one ? question->company->bought : table->none_bought,
                          .n_rows = n_rows,
                          .rows = rows,
                          .termed = -1,
                          .terms = terms,
                          .places = places};
    *out = p;
    return PV_OK;
}

static void score(double *phi, const void *prepared)
{
    const prepared_table *p = prepared;
    pv_add_pairs *add_pairs = pv_add_pairs_get();
    for (int64_t k = 0; k < p->n_rows; k++) add_pairs(phi, &p->rows[k], p->bought);
}

/* The terms of one product. Its score, evidence and sentence ask one after the other: they are found once. */
static const prepared_table *terms_of(const void *prepared, int32_t product)
{
    prepared_table *p = (prepared_table *)(uintptr_t)prepared; /* remembering does not change any answer */
    const pv_question *question = p->question;
    if (p->termed == product) return p;
    const bool has_terms = product < question->shop->products.ids.n_warm;
    for (int64_t k = 0; k < p->n_rows; k++) {
        const int64_t place = has_terms ? find_pair(p->table, question->history->products[k], product) : -1;
        p->places[k] = place;
        const size_t within = place >= 0 ? (size_t)(place - p->table->offsets[question->history->products[k]]) : 0;
        p->terms[k] = place >= 0 ? pv_pair_term(&p->rows[k], within, p->bought[product]) : 0;
    }
    p->termed = product;
    return p;
}

static double score_by_terms(const void *prepared, int32_t product)
{
    const prepared_table *p = terms_of(prepared, product);
    double phi = 0;
    for (int64_t k = 0; k < p->n_rows; k++) phi += p->terms[k];
    return phi;
}

static double score_one(const void *prepared, int32_t product)
{
    prepared_table *p = (prepared_table *)(uintptr_t)prepared; /* how it is found does not change any answer */
    const int64_t n_products = p->question->shop->products.ids.n_warm;
    if (!p->sums && p->n_asked++ == ASKED_ONE_BY_ONE) {
        double *sums = pv_arena_allocate(p->question->arena, (size_t)n_products, sizeof *sums);
        if (sums) score(sums, p);
        p->sums = sums;
    }
    if (!p->sums) return score_by_terms(p, product);
    return product < n_products ? p->sums[product] : 0;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_table *p = terms_of(prepared, product);
    const pv_history *history = p->question->history;
    *pieces = (pv_pieces){pv_arena_allocate(p->question->arena, (size_t)p->n_rows, sizeof *pieces->items), 0};
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    for (int64_t k = 0; k < p->n_rows; k++)
        if (p->terms[k] > 0)
            pieces->items[pieces->n++] = pv_piece_of_purchase(history->products[k], PV_NO_TIME, p->terms[k]);
    return PV_OK;
}

/* The strongest past product, the first of equals; false when there is none. */
static bool find_strongest(const prepared_table *p, int32_t *past, int64_t *place)
{
    double best = 0;
    for (int64_t k = 0; k < p->n_rows; k++) {
        if (!(p->terms[k] > best)) continue;
        best = p->terms[k];
        *past = p->question->history->products[k];
        *place = p->places[k];
    }
    return best > 0;
}

/* Counts of a pair among other companies. */
typedef struct pair_counts {
    int64_t buyers_past, buyers_this, both;
} pair_counts;

static pair_counts other_companies(const prepared_table *p, int32_t past, int64_t place)
{
    const pv_company *company = p->question->company;
    const int32_t *buyers = p->question->shop->products.buyers;
    const int32_t product = p->table->products[place];
    const bool own_past = pv_company_bought(company, past), own_this = pv_company_bought(company, product);
    return (pair_counts){buyers[past] - own_past, buyers[product] - own_this,
                         p->table->companies[place] - (own_past && own_this)};
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_table *p = terms_of(prepared, product);
    const pv_shop *shop = p->question->shop;
    pv_arena *arena = p->question->arena;
    int32_t past = 0;
    int64_t place = 0;
    *statement = (pv_statement){0};
    if (!find_strongest(p, &past, &place)) return PV_OK;
    const pair_counts n = other_companies(p, past, place);
    const double rate = (double)n.both / (double)n.buyers_past, base_rate = (double)n.buyers_this / p->companies;
    char both_text[PV_SPOKEN_SIZE], buyers_text[PV_SPOKEN_SIZE], rate_text[PV_SPOKEN_SIZE], base_text[PV_SPOKEN_SIZE];
    if (!pv_statement_begin(statement, 6, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_product(statement, shop, past);
    pv_statement_integer(statement, "buyers", n.buyers_past);
    pv_statement_integer(statement, "also", n.both);
    pv_statement_number(statement, "rate", rate);
    pv_statement_number(statement, "base_rate", base_rate);
    const bool said = pv_statement_say(
        statement, arena, "{} of {} customers who bought {} also bought this ({}, against {} of all).",
        (const pv_text[]){pv_spoken_integer(both_text, n.both), pv_spoken_integer(buyers_text, n.buyers_past),
                          pv_shop_product_label(shop, past), pv_spoken_percent(rate_text, rate),
                          pv_spoken_percent(base_text, base_rate)});
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

const pv_signal pv_bought_together_signal = {.code = "bought_together",
                                             .form = PV_FORM_ROOT,
                                             .level = PV_LEVEL_HISTORY,
                                             .kinds = PV_SPEAKS_FOR_ALL,
                                             .fit = pv_bought_together_fit,
                                             .bind = bind,
                                             .prepare = prepare,
                                             .score = score,
                                             .score_one = score_one,
                                             .evidence = evidence,
                                             .state = state,
                                             .silent = pv_signal_never_silent};
