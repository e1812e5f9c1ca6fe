/* bought_together.c - scoring a history with the table of products bought together. */
#include "signals/bought_together.h"

#include "base/failure.h"
#include "signals/bought_together_fit.h"
#include "signals/statement.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- bind -------------------------------------------------------------------------------------------------------- */

typedef double double_pair __attribute__((vector_size(2 * sizeof(double))));

typedef struct bound_table {
    const int64_t *offsets;  /* [n_products + 1] */
    const int32_t *products; /* rising within a row */
    const int32_t *companies;
    /* p_i and whether the asking company is one of the n_i, as seen by a company that is not among the N [n_products],
     * and by one that is and has not or has bought i [n_products x 2] */
    const double_pair *seen_by_none, *seen_by_one;
    double_pair shares[]; /* [3 x n_products] both of them */
} bound_table;

static void fill_shares(bound_table *table, const pv_shop *shop)
{
    double_pair *shares = table->shares;
    const int64_t n = shop->products.ids.n_warm;
    const double all = (double)shop->users.n_buying_parents, others = all - 1;
    table->seen_by_none = shares;
    table->seen_by_one = shares + n;
    for (int64_t i = 0; i < n; i++) {
        const double buyers = shop->products.buyers[i];
        shares[i] = (double_pair){buyers / all, 0};
        shares[n + 2 * i] = (double_pair){buyers / others, 0};
        shares[n + 2 * i + 1] = (double_pair){(buyers - 1) / others, 1};
    }
}

static pv_status check_table(const bound_table *table, int64_t n_products, int64_t total, pv_error *error)
{
    bool good = table->offsets[0] == 0 && table->offsets[n_products] == total;
    for (int64_t j = 0; good && j < n_products; j++) {
        const int64_t first = table->offsets[j], end = table->offsets[j + 1];
        good = first <= end && end <= total && end - first <= PV_NEIGHBOURS_MAX;
        for (int64_t k = first; good && k < end; k++)
            good = table->products[k] >= 0 && table->products[k] < n_products && table->companies[k] >= 0 &&
                   (k == first || table->products[k - 1] < table->products[k]);
    }
    return good ? PV_OK : pv_fail(error, PV_E_INPUT, "model: the table bought_together is not in order");
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n_products = shop->products.ids.n_warm;
    const pv_tensor *products = pv_tensors_find(tensors, "bought_together.product");
    const int64_t total = products ? products->shape[0] : 0;
    const size_t size = sizeof(bound_table) + 3 * (size_t)n_products * sizeof(double_pair);
    bound_table *table = pv_allocate(1, size);
    if (!table) return pv_fail_memory(error, "bought_together", size);
    PV_TRY(pv_tensors_get(&table->offsets, tensors, "bought_together.offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_get(&table->products, tensors, "bought_together.product", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_get(&table->companies, tensors, "bought_together.companies", PV_I32, total, 0, error));
    PV_TRY(check_table(table, n_products, total, error));
    fill_shares(table, shop);
    *out = table;
    table = NULL;
cleanup:
    pv_release(table);
    return status;
}

void pv_bought_together_neighbours(const int32_t **neighbours, int64_t *n, const void *bound, int32_t product)
{
    const bound_table *table = bound;
    *neighbours = table->products + table->offsets[product];
    *n = table->offsets[product + 1] - table->offsets[product];
}

/* Place of the pair in the table, -1 when it is not there. Bisection without a branch: most pairs are not, and no
 * processor can guess the way to them. */
static int64_t find_pair(const bound_table *table, int32_t past, int32_t product)
{
    const int32_t *place = table->products + table->offsets[past];
    int64_t n = table->offsets[past + 1] - table->offsets[past];
    if (n == 0) return -1;
    for (; n > 1; n -= n / 2) place += (place[n / 2] <= product) * (n / 2);
    return *place == product ? place - table->products : -1;
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
    double companies;    /* N without the asking company */
    const double *omega; /* [history products] */
    double norm;         /* sqrt(sum omega), 0 without history */
    int32_t termed;      /* the product that these are for, -1: none yet */
    double *terms;       /* [history products] */
    int64_t *places;     /* [history products] of its terms in the table, -1: none */
} prepared_table;

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    const pv_history *history = question->history;
    prepared_table *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    const size_t n = (size_t)history->n_products;
    double *omega = pv_arena_allocate(question->arena, n, sizeof *omega);
    double *terms = pv_arena_allocate(question->arena, n, sizeof *terms);
    int64_t *places = pv_arena_allocate(question->arena, n, sizeof *places);
    if (!p || !omega || !terms || !places) return pv_fail_memory(error, "a question", n * 3 * sizeof *omega);
    double sum = 0;
    for (int64_t k = 0; k < history->n_products; k++) {
        omega[k] = pv_history_decay(history, pv_history_last_time(history, k), PV_HISTORY_HALF_LIFE_DAYS);
        sum += omega[k];
    }
    *p = (prepared_table){.table = bound,
                          .question = question,
                          .companies =
                              (double)question->shop->users.n_buying_parents - (question->company->n_members > 0),
                          .omega = omega,
                          .norm = sqrt(sum),
                          .termed = -1,
                          .terms = terms,
                          .places = places};
    *out = p;
    return PV_OK;
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

/* The term of history product k for the pair at `place`; 0 below k companies. */
static double term(const prepared_table *p, int64_t k, int64_t place)
{
    const pair_counts n = other_companies(p, p->question->history->products[k], place);
    if (n.both < p->question->min_companies) return 0;
    const double a = pv_association((double)n.both, (double)n.buyers_past, (double)n.buyers_this, p->companies);
    return p->omega[k] * a / p->norm;
}

static bool has_row(const prepared_table *p, int32_t past)
{
    return past < p->question->shop->products.ids.n_warm;
}

/* A row of the table as the asking company sees it. */
typedef struct row_terms {
    double both[PV_NEIGHBOURS_MAX]; /* n_ij among the other companies */
    double term[PV_NEIGHBOURS_MAX]; /* 0 or less: no evidence */
} row_terms;

static inline double_pair look_up(const prepared_table *p, int32_t product)
{
    const pv_company *company = p->question->company;
    return company->n_members > 0 ? p->table->seen_by_one[2 * product + company->bought[product]]
                                  : p->table->seen_by_none[product];
}

/* The terms of history product k in the operations of pv_association() and term(), two at a time and without a branch.
 */
static void fill_terms(row_terms *row, const prepared_table *p, int64_t k)
{
    const int32_t past = p->question->history->products[k];
    const int64_t first = p->table->offsets[past], n = p->table->offsets[past + 1] - first;
    const int32_t *products = p->table->products + first, *companies = p->table->companies + first;
    const double own_past = pv_company_bought(p->question->company, past);
    const double buyers_past = p->question->shop->products.buyers[past] - own_past;
    for (int64_t t = 0; t < n; t += 2) {
        const int64_t next = t + 1 < n ? t + 1 : t;
        const double_pair one = look_up(p, products[t]), two = look_up(p, products[next]);
        const double_pair share = {one[0], two[0]}, own = {one[1], two[1]};
        const double_pair both = (double_pair){companies[t], companies[next]} - own_past * own;
        const double_pair a =
            (both + PV_ASSOCIATION_SMOOTHING * share) / (buyers_past + PV_ASSOCIATION_SMOOTHING) - share;
        const double_pair term = p->omega[k] * a / p->norm;
        memcpy(row->both + t, &both, sizeof both);
        memcpy(row->term + t, &term, sizeof term);
    }
}

static void score(double *phi, const void *prepared)
{
    const prepared_table *p = prepared;
    const pv_history *history = p->question->history;
    const double fewest = p->question->min_companies;
    row_terms row;
    if (p->companies <= 0) return; /* nobody else */
    for (int64_t k = 0; k < history->n_products && has_row(p, history->products[k]); k++) {
        const int64_t first = p->table->offsets[history->products[k]];
        const int64_t n = p->table->offsets[history->products[k] + 1] - first;
        const int32_t *products = p->table->products + first;
        fill_terms(&row, p, k);
        for (int64_t t = 0; t < n; t++)
            if (row.term[t] > 0 && row.both[t] >= fewest) phi[products[t]] += row.term[t];
    }
}

/* The terms of one product. Its score, evidence and sentence ask one after the other: they are found once. */
static const prepared_table *terms_of(const void *prepared, int32_t product)
{
    prepared_table *p = (prepared_table *)(uintptr_t)prepared; /* remembering does not change any answer */
    const pv_history *history = p->question->history;
    if (p->termed == product) return p;
    for (int64_t k = 0; k < history->n_products; k++) {
        const int32_t past = history->products[k];
        p->places[k] = has_row(p, past) ? find_pair(p->table, past, product) : -1;
        p->terms[k] = p->places[k] >= 0 ? term(p, k, p->places[k]) : 0;
    }
    p->termed = product;
    return p;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_table *p = terms_of(prepared, product);
    double phi = 0;
    for (int64_t k = 0; k < p->question->history->n_products; k++) phi += p->terms[k];
    return phi;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_table *p = terms_of(prepared, product);
    const pv_history *history = p->question->history;
    *pieces = (pv_pieces){pv_arena_allocate(p->question->arena, (size_t)history->n_products, sizeof *pieces->items), 0};
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    for (int64_t k = 0; k < history->n_products; k++)
        if (p->terms[k] > 0) pieces->items[pieces->n++] = (pv_piece){history->products[k], PV_NO_TIME, p->terms[k]};
    return PV_OK;
}

/* The strongest past product, the first of equals; false when there is none. */
static bool find_strongest(const prepared_table *p, int32_t *past, int64_t *place)
{
    double best = 0;
    for (int64_t k = 0; k < p->question->history->n_products; k++) {
        if (!(p->terms[k] > best)) continue;
        best = p->terms[k];
        *past = p->question->history->products[k];
        *place = p->places[k];
    }
    return best > 0;
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

static const char *silent(const pv_shop *shop)
{
    (void)shop;
    return NULL;
}

const pv_signal pv_bought_together_signal = {
    "bought_together", pv_bought_together_fit, bind, prepare, score, score_one, evidence, state, silent};
