/* bought_together.c - counting pairs of products over companies, and scoring a history with the table. */
#include "signals/bought_together.h"

#include "base/failure.h"
#include "base/sorted.h"
#include "signals/statement.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMOOTHING 20.0 /* m */
#define G2_MIN 10.8

/* a_ij from counts that leave the asking company out. */
static double association(double both, double buyers_past, double buyers_this, double companies)
{
    if (companies <= 0) return 0;
    const double p = buyers_this / companies;
    const double a = (both + SMOOTHING * p) / (buyers_past + SMOOTHING) - p;
    return a > 0 ? a : 0;
}

static double plogp(double count, double expected)
{
    return count > 0 ? count * log(count / expected) : 0;
}

/* G2 of the two-by-two table of buying i and j. */
static double log_likelihood_ratio(double both, double n_i, double n_j, double n)
{
    const double only_i = n_i - both, only_j = n_j - both, neither = n - n_i - n_j + both;
    return 2 * (plogp(both, n_i * n_j / n) + plogp(only_i, n_i * (n - n_j) / n) + plogp(only_j, n_j * (n - n_i) / n) +
                plogp(neither, (n - n_i) * (n - n_j) / n));
}

/* --- fit --------------------------------------------------------------------------------------------------------- */

typedef struct neighbour {
    int32_t product, companies;
    double association;
} neighbour;

/* Companies by product and products by company, each pair once. */
typedef struct baskets {
    int64_t *company_offsets, *product_offsets;
    int32_t *products, *companies;
} baskets;

typedef struct counting {
    const pv_shop *shop;
    const baskets *baskets;
    int32_t min_companies;
    int32_t **counters;     /* [thread][n_products], zero between tasks */
    neighbour **candidates; /* [thread][n_products] */
    neighbour **kept;       /* [product], malloc */
    int32_t *n_kept;        /* [product] */
    bool *failed;           /* [product] */
} counting;

static int compare_strength(const void *left, const void *right)
{
    const neighbour *a = left, *b = right;
    if (a->association != b->association) return a->association > b->association ? -1 : 1;
    return a->product < b->product ? -1 : a->product > b->product;
}

static int compare_product(const void *left, const void *right)
{
    const neighbour *a = left, *b = right;
    return a->product < b->product ? -1 : a->product > b->product;
}

/* Fill and clear the counters of one product; the products that its buyers bought, as candidates. */
static int64_t count_neighbours(neighbour *candidates, int32_t *counter, const counting *c, int32_t past)
{
    const baskets *b = c->baskets;
    const pv_shop *shop = c->shop;
    const double companies = (double)shop->users.n_buying_parents, buyers_past = shop->products.buyers[past];
    for (int64_t k = b->product_offsets[past]; k < b->product_offsets[past + 1]; k++) {
        const int32_t company = b->companies[k];
        for (int64_t l = b->company_offsets[company]; l < b->company_offsets[company + 1]; l++)
            counter[b->products[l]]++;
    }
    int64_t n = 0;
    for (int32_t i = 0; i < (int32_t)shop->products.ids.n_warm; i++) {
        const int32_t both = counter[i];
        counter[i] = 0;
        if (i == past || both < c->min_companies) continue;
        const double buyers = shop->products.buyers[i];
        const double strength = association(both, buyers_past, buyers, companies);
        if (strength > 0 && log_likelihood_ratio(both, buyers, buyers_past, companies) > G2_MIN)
            candidates[n++] = (neighbour){i, both, strength};
    }
    return n;
}

static void keep_neighbours(void *context, size_t task, unsigned thread)
{
    counting *c = context;
    neighbour *candidates = c->candidates[thread];
    int64_t n = count_neighbours(candidates, c->counters[thread], c, (int32_t)task);
    if (n > PV_NEIGHBOURS_MAX) {
        qsort(candidates, (size_t)n, sizeof *candidates, compare_strength);
        n = PV_NEIGHBOURS_MAX;
        qsort(candidates, (size_t)n, sizeof *candidates, compare_product);
    }
    c->kept[task] = n ? malloc((size_t)n * sizeof *candidates) : NULL;
    c->failed[task] = n && !c->kept[task];
    c->n_kept[task] = c->failed[task] ? 0 : (int32_t)n;
    if (c->n_kept[task]) memcpy(c->kept[task], candidates, (size_t)n * sizeof *candidates);
}

/* Distinct products of each parent company, rising, and the transposed lists. */
static pv_status make_baskets(baskets *b, const pv_shop *shop, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_users *users = &shop->users;
    const int64_t n_products = shop->products.ids.n_warm;
    const size_t room = (size_t)shop->lines.n;
    int64_t *last = pv_allocate((size_t)n_products, sizeof *last), n = 0;
    b->company_offsets = pv_allocate((size_t)users->n_parents + 1, sizeof *b->company_offsets);
    b->product_offsets = pv_allocate((size_t)n_products + 2, sizeof *b->product_offsets);
    b->products = pv_allocate(room, sizeof *b->products);
    b->companies = pv_allocate(room, sizeof *b->companies);
    if (!last || !b->company_offsets || !b->product_offsets || !b->products || !b->companies)
        PV_TRY(pv_fail_memory(error, "baskets", room * 8));
    for (int64_t p = 0; p < users->n_parents; p++) {
        for (int64_t m = users->parent_offsets[p]; m < users->parent_offsets[p + 1]; m++) {
            const int32_t user = users->parent_members[m];
            if (user >= users->ids.n_warm) break;
            for (int64_t l = shop->line_offsets[user]; l < shop->line_offsets[user + 1]; l++) {
                const int32_t product = shop->lines.product[l];
                if (last[product] == p + 1) continue;
                last[product] = p + 1;
                b->products[n++] = product;
                b->product_offsets[product + 2]++;
            }
        }
        b->company_offsets[p + 1] = n;
    }
    for (int64_t i = 0; i < n_products; i++) b->product_offsets[i + 2] += b->product_offsets[i + 1];
    for (int64_t p = 0; p < users->n_parents; p++)
        for (int64_t k = b->company_offsets[p]; k < b->company_offsets[p + 1]; k++)
            b->companies[b->product_offsets[b->products[k] + 1]++] = (int32_t)p;
cleanup:
    pv_release(last);
    return status;
}

static void free_baskets(baskets *b)
{
    pv_release(b->company_offsets);
    pv_release(b->product_offsets);
    pv_release(b->products);
    pv_release(b->companies);
}

static pv_status add_table(pv_tensors *tensors, const counting *c, pv_error *error)
{
    pv_status status;
    const int64_t n_products = c->shop->products.ids.n_warm;
    int64_t total = 0, *offsets = NULL;
    int32_t *products = NULL, *companies = NULL;
    for (int64_t j = 0; j < n_products; j++) {
        total += c->n_kept[j];
        if (c->failed[j]) return pv_fail_memory(error, "the table of products bought together", 0);
    }
    PV_TRY(pv_tensors_add(&offsets, tensors, "bought_together.offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_add(&products, tensors, "bought_together.product", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_add(&companies, tensors, "bought_together.companies", PV_I32, total, 0, error));
    for (int64_t j = 0, next = 0; j < n_products; j++) {
        for (int32_t k = 0; k < c->n_kept[j]; k++, next++) {
            products[next] = c->kept[j][k].product;
            companies[next] = c->kept[j][k].companies;
        }
        offsets[j + 1] = next;
    }
cleanup:
    return status;
}

/* Per-thread scratch and per-product results. False on no memory. */
static bool counting_init(counting *c, int64_t n_products, unsigned n_threads)
{
    const size_t n = (size_t)n_products;
    c->counters = pv_allocate(n_threads, sizeof *c->counters);
    c->candidates = pv_allocate(n_threads, sizeof *c->candidates);
    c->kept = pv_allocate(n, sizeof *c->kept);
    c->n_kept = pv_allocate(n, sizeof *c->n_kept);
    c->failed = pv_allocate(n, sizeof *c->failed);
    bool good = c->counters && c->candidates && c->kept && c->n_kept && c->failed;
    for (unsigned t = 0; good && t < n_threads; t++) {
        c->counters[t] = pv_allocate(n, sizeof **c->counters);
        c->candidates[t] = pv_allocate(n, sizeof **c->candidates);
        good = c->counters[t] && c->candidates[t];
    }
    return good;
}

static void counting_deinit(counting *c, int64_t n_products, unsigned n_threads)
{
    for (unsigned t = 0; t < n_threads; t++) {
        if (c->counters) pv_release(c->counters[t]);
        if (c->candidates) pv_release(c->candidates[t]);
    }
    for (int64_t j = 0; c->kept && j < n_products; j++) free(c->kept[j]);
    pv_release(c->counters);
    pv_release(c->candidates);
    pv_release(c->kept);
    pv_release(c->n_kept);
    pv_release(c->failed);
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    pv_status status;
    const int64_t n_products = shop->products.ids.n_warm;
    const unsigned n_threads = pv_threads_count(settings->threads);
    baskets b = {0};
    counting c = {.shop = shop, .baskets = &b, .min_companies = settings->min_companies};
    PV_TRY(make_baskets(&b, shop, error));
    if (!counting_init(&c, n_products, n_threads)) PV_TRY(pv_fail_memory(error, "pairs of products", 0));
    pv_threads_run(settings->threads, (size_t)n_products, keep_neighbours, &c);
    PV_TRY(add_table(tensors, &c, error));
cleanup:
    counting_deinit(&c, n_products, n_threads);
    free_baskets(&b);
    return status;
}

/* --- bind -------------------------------------------------------------------------------------------------------- */

typedef struct bound_table {
    const int64_t *offsets;  /* [n_products + 1] */
    const int32_t *products; /* rising within a row */
    const int32_t *companies;
} bound_table;

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
    bound_table *table = pv_allocate(1, sizeof *table);
    if (!table) return pv_fail_memory(error, "bought_together", sizeof *table);
    PV_TRY(pv_tensors_get(&table->offsets, tensors, "bought_together.offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_get(&table->products, tensors, "bought_together.product", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_get(&table->companies, tensors, "bought_together.companies", PV_I32, total, 0, error));
    PV_TRY(check_table(table, n_products, total, error));
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

/* Place of the pair in the table, -1 when it is not there. */
static int64_t find_pair(const bound_table *table, int32_t past, int32_t product)
{
    const int64_t first = table->offsets[past];
    const int64_t place = pv_sorted_find(table->products + first, table->offsets[past + 1] - first, product);
    return place >= 0 ? first + place : -1;
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
} prepared_table;

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    const pv_history *history = question->history;
    prepared_table *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    double *omega = pv_arena_allocate(question->arena, (size_t)history->n_products, sizeof *omega);
    if (!p || !omega) return pv_fail_memory(error, "a question", (uint64_t)history->n_products * sizeof *omega);
    double sum = 0;
    for (int64_t k = 0; k < history->n_products; k++) {
        omega[k] = pv_history_decay(history, pv_history_last_time(history, k), PV_HISTORY_HALF_LIFE_DAYS);
        sum += omega[k];
    }
    *p = (prepared_table){bound, question,
                          (double)question->shop->users.n_buying_parents - (question->company->n_members > 0), omega,
                          sqrt(sum)};
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
    const double a = association((double)n.both, (double)n.buyers_past, (double)n.buyers_this, p->companies);
    return p->omega[k] * a / p->norm;
}

static bool has_row(const prepared_table *p, int32_t past)
{
    return past < p->question->shop->products.ids.n_warm;
}

static void score(double *phi, const void *prepared)
{
    const prepared_table *p = prepared;
    const pv_history *history = p->question->history;
    for (int64_t k = 0; k < history->n_products; k++) {
        const int32_t past = history->products[k];
        if (!has_row(p, past)) continue;
        for (int64_t place = p->table->offsets[past]; place < p->table->offsets[past + 1]; place++)
            phi[p->table->products[place]] += term(p, k, place);
    }
}

/* Term of history product k for one product, and its place in the table (-1: none). */
static double term_of(const prepared_table *p, int64_t k, int32_t product, int64_t *place)
{
    const int32_t past = p->question->history->products[k];
    *place = has_row(p, past) ? find_pair(p->table, past, product) : -1;
    return *place >= 0 ? term(p, k, *place) : 0;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_table *p = prepared;
    double phi = 0;
    int64_t place;
    for (int64_t k = 0; k < p->question->history->n_products; k++) phi += term_of(p, k, product, &place);
    return phi;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_table *p = prepared;
    const pv_history *history = p->question->history;
    int64_t place;
    *pieces = (pv_pieces){pv_arena_allocate(p->question->arena, (size_t)history->n_products, sizeof *pieces->items), 0};
    if (!pieces->items) return pv_fail_memory(error, "evidence", 0);
    for (int64_t k = 0; k < history->n_products; k++) {
        const double phi = term_of(p, k, product, &place);
        if (phi > 0) pieces->items[pieces->n++] = (pv_piece){history->products[k], PV_NO_TIME, phi};
    }
    return PV_OK;
}

/* The strongest past product; false when there is none. */
static bool find_strongest(const prepared_table *p, int32_t product, int32_t *past, int64_t *place)
{
    double best = 0;
    for (int64_t k = 0; k < p->question->history->n_products; k++) {
        int64_t at;
        const double phi = term_of(p, k, product, &at);
        if (!(phi > best)) continue;
        best = phi;
        *past = p->question->history->products[k];
        *place = at;
    }
    return best > 0;
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_table *p = prepared;
    const pv_shop *shop = p->question->shop;
    pv_arena *arena = p->question->arena;
    int32_t past = 0;
    int64_t place = 0;
    *statement = (pv_statement){0};
    if (!find_strongest(p, product, &past, &place)) return PV_OK;
    const pair_counts n = other_companies(p, past, place);
    const double rate = (double)n.both / (double)n.buyers_past, base_rate = (double)n.buyers_this / p->companies;
    char rate_text[PV_SPOKEN_SIZE], base_text[PV_SPOKEN_SIZE];
    if (!pv_statement_begin(statement, 6, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_product(statement, shop, past);
    pv_statement_integer(statement, "buyers", n.buyers_past);
    pv_statement_integer(statement, "also", n.both);
    pv_statement_number(statement, "rate", rate);
    pv_statement_number(statement, "base_rate", base_rate);
    const bool said = pv_statement_say(
        statement, arena, "%lld of %lld customers who bought %.*s also bought this (%s, against %s of all).",
        (long long)n.both, (long long)n.buyers_past, PV_SPREAD(pv_shop_product_label(shop, past)),
        pv_spoken_percent(rate_text, rate), pv_spoken_percent(base_text, base_rate));
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    (void)shop;
    return NULL;
}

const pv_signal pv_bought_together_signal = {"bought_together", fit,      bind,  prepare, score,
                                             score_one,         evidence, state, silent};
