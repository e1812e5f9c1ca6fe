/* peers.c - profiles of companies, found through the products that they share with the history. */
#include "signals/peers.h"

#include "base/array_checks.h"
#include "base/elementary.h"
#include "base/failure.h"
#include "signals/statement.h"
#include "topk/topk.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Never 0: whoever bought a product at any time counts among its buyers. */
static double weight_after(int64_t seconds)
{
    const double weight = pv_exp2(-(double)seconds / (PV_PEERS_HALF_LIFE_DAYS * PV_SECONDS_PER_DAY));
    return weight > (double)FLT_MIN ? weight : (double)FLT_MIN;
}

/* --- fit --------------------------------------------------------------------------------------------------------- */

/* What one company bought last, product by product. */
typedef struct last_purchases {
    int64_t *stamp;    /* [n_warm products] the company that bought it, 1 more than its number */
    int64_t *time;     /* [n_warm products] */
    int32_t *products; /* [n] rising */
    int64_t n;
} last_purchases;

static int compare_numbers(const void *left, const void *right)
{
    const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

static void gather(last_purchases *last, const pv_shop *shop, int64_t parent)
{
    const pv_users *users = &shop->users;
    last->n = 0;
    for (int64_t m = users->parent_offsets[parent]; m < users->parent_offsets[parent + 1]; m++) {
        const int32_t user = users->parent_members[m];
        if (user >= users->ids.n_warm) continue;
        for (int64_t l = shop->line_offsets[user]; l < shop->line_offsets[user + 1]; l++) {
            const int32_t product = shop->lines.product[l];
            const int64_t time = shop->lines.time ? shop->lines.time[l] : 0;
            if (last->stamp[product] != parent + 1) {
                last->stamp[product] = parent + 1;
                last->products[last->n++] = product;
                last->time[product] = time;
            } else if (time > last->time[product]) {
                last->time[product] = time;
            }
        }
    }
    qsort(last->products, (size_t)last->n, sizeof *last->products, compare_numbers);
}

/* Companies and what they bought, row by row. */
typedef struct company_profiles {
    int64_t n_entries;
    int64_t *offsets;
    int32_t *products;
    float *weights;
    double *norms;
} company_profiles;

static void fill_profiles(company_profiles *to, last_purchases *last, const pv_shop *shop)
{
    int64_t n = 0;
    for (int64_t v = 0; v < shop->users.n_parents; v++) {
        double squares = 0;
        gather(last, shop, v);
        for (int64_t k = 0; k < last->n; k++) {
            const int32_t product = last->products[k];
            const float weight = shop->lines.time ? (float)weight_after(shop->as_of - last->time[product]) : 1.0f;
            to->products[n] = product;
            to->weights[n++] = weight;
            squares += (double)weight * (double)weight;
        }
        to->norms[v] = sqrt(squares);
        to->offsets[v + 1] = n;
    }
}

static pv_status fit_profiles(company_profiles *to, pv_tensors *tensors, const pv_shop *shop, pv_arena *arena,
                              pv_error *error)
{
    pv_status status;
    const int64_t n_products = shop->products.ids.n_warm, n_parents = shop->users.n_parents;
    last_purchases last = {.stamp = pv_arena_allocate(arena, (size_t)n_products, sizeof *last.stamp),
                           .time = pv_arena_allocate(arena, (size_t)n_products, sizeof *last.time),
                           .products = pv_arena_allocate(arena, (size_t)n_products, sizeof *last.products)};
    PV_TRY(pv_check_memory(last.stamp && last.time && last.products, "peers", error));
    for (int64_t i = 0; i < n_products; i++) to->n_entries += shop->products.buyers[i];
    PV_TRY(pv_tensors_add(&to->offsets, tensors, "peers.offset", PV_I64, n_parents + 1, 0, error));
    PV_TRY(pv_tensors_add(&to->products, tensors, "peers.product", PV_I32, to->n_entries, 0, error));
    PV_TRY(pv_tensors_add(&to->weights, tensors, "peers.weight", PV_F32, to->n_entries, 0, error));
    PV_TRY(pv_tensors_add(&to->norms, tensors, "peers.norm", PV_F64, n_parents, 0, error));
    fill_profiles(to, &last, shop);
cleanup:
    return status;
}

typedef struct buyer {
    int32_t parent;
    float weight;
} buyer;

/* The most recent first. */
static int compare_recency(const void *left, const void *right)
{
    const buyer *a = left, *b = right;
    if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
    return (a->parent > b->parent) - (a->parent < b->parent);
}

static int compare_parents(const void *left, const void *right)
{
    return compare_numbers(&((const buyer *)left)->parent, &((const buyer *)right)->parent);
}

/* The profiles by product: buyers[first[i] .. first[i + 1]) bought i, parents rising. NULL on no memory. */
static buyer *transpose(int64_t **first, const company_profiles *from, const pv_shop *shop, pv_arena *arena)
{
    const int64_t n = shop->products.ids.n_warm;
    *first = pv_arena_allocate(arena, (size_t)n + 1, sizeof **first);
    int64_t *next = pv_arena_allocate(arena, (size_t)n, sizeof *next);
    buyer *buyers = pv_arena_allocate(arena, (size_t)from->n_entries, sizeof *buyers);
    if (!*first || !next || !buyers) return NULL;
    for (int64_t i = 0; i < n; i++) {
        next[i] = (*first)[i];
        (*first)[i + 1] = (*first)[i] + shop->products.buyers[i];
    }
    for (int64_t v = 0; v < shop->users.n_parents; v++)
        for (int64_t e = from->offsets[v]; e < from->offsets[v + 1]; e++)
            buyers[next[from->products[e]]++] = (buyer){(int32_t)v, from->weights[e]};
    return buyers;
}

static int64_t kept_of(int64_t n_buyers)
{
    return n_buyers < PV_PEERS_BUYERS ? n_buyers : PV_PEERS_BUYERS;
}

static pv_status fit_buyers(pv_tensors *tensors, const company_profiles *from, const pv_shop *shop, pv_arena *arena,
                            pv_error *error)
{
    pv_status status;
    const int64_t n_products = shop->products.ids.n_warm;
    int64_t *first = NULL, *offsets = NULL, n = 0;
    int32_t *parents = NULL;
    float *weights = NULL;
    buyer *buyers = transpose(&first, from, shop, arena);
    PV_TRY(pv_check_memory(buyers != NULL, "peers", error));
    for (int64_t i = 0; i < n_products; i++) n += kept_of(shop->products.buyers[i]);
    PV_TRY(pv_tensors_add(&offsets, tensors, "peers.buyer_offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_add(&parents, tensors, "peers.buyer", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_add(&weights, tensors, "peers.buyer_weight", PV_F32, n, 0, error));
    for (int64_t i = 0; i < n_products; i++) {
        buyer *list = buyers + first[i];
        const int64_t all = first[i + 1] - first[i], kept = kept_of(all);
        if (kept < all) {
            qsort(list, (size_t)all, sizeof *list, compare_recency);
            qsort(list, (size_t)kept, sizeof *list, compare_parents);
        }
        for (int64_t k = 0; k < kept; k++) {
            parents[offsets[i] + k] = list[k].parent;
            weights[offsets[i] + k] = list[k].weight;
        }
        offsets[i + 1] = offsets[i] + kept;
    }
cleanup:
    return status;
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    pv_status status;
    company_profiles made = {0};
    pv_arena *arena = pv_arena_create();
    PV_TRY(pv_check_memory(arena != NULL, "peers", error));
    PV_TRY(fit_profiles(&made, tensors, shop, arena, error));
    PV_TRY(fit_buyers(tensors, &made, shop, arena, error));
cleanup:
    pv_arena_free(arena);
    return status;
}

/* --- bind -------------------------------------------------------------------------------------------------------- */

/* Rows of numbers with weights. */
typedef struct weighted_lists {
    int64_t n_rows;
    const int64_t *offsets; /* [n_rows + 1] */
    const int32_t *numbers;
    const float *weights;
} weighted_lists;

typedef struct bound_peers {
    weighted_lists profiles; /* products of each parent */
    weighted_lists buyers;   /* parents of each product */
    double inverse_norms[];  /* [parents] 1 / |a_v|, 0 without purchases */
} bound_peers;

static pv_status bind_lists(weighted_lists *lists, const pv_tensors *tensors, const char *const names[3],
                            int64_t n_rows, int64_t n_numbers, pv_error *error)
{
    pv_status status;
    const pv_tensor *numbers = pv_tensors_find(tensors, names[1]);
    const int64_t n = numbers ? numbers->shape[0] : 0;
    lists->n_rows = n_rows;
    PV_TRY(pv_tensors_get(&lists->offsets, tensors, names[0], PV_I64, n_rows + 1, 0, error));
    PV_TRY(pv_tensors_get(&lists->numbers, tensors, names[1], PV_I32, n, 0, error));
    PV_TRY(pv_tensors_get(&lists->weights, tensors, names[2], PV_F32, n, 0, error));
    if (!pv_offsets_rise(lists->offsets, n_rows, n))
        PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor %s: not in order", names[0]));
    if (pv_all_within(lists->numbers, n, 0, (int32_t)(n_numbers - 1)) &&
        pv_floats_within(lists->weights, n, FLT_TRUE_MIN, 1))
        return PV_OK;
    for (int64_t e = 0; e < n; e++) {
        if (lists->numbers[e] < 0 || lists->numbers[e] >= n_numbers)
            PV_TRY(pv_fail_at(error, PV_E_INPUT, e, "model: tensor %s: out of range at %lld", names[1], (long long)e));
        if (!(lists->weights[e] > 0 && lists->weights[e] <= 1))
            PV_TRY(pv_fail_at(error, PV_E_INPUT, e, "model: tensor %s: no weight at %lld", names[2], (long long)e));
    }
cleanup:
    return status;
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    static const char *const profile_names[] = {"peers.offset", "peers.product", "peers.weight"};
    static const char *const buyer_names[] = {"peers.buyer_offset", "peers.buyer", "peers.buyer_weight"};
    pv_status status;
    const int64_t n_products = shop->products.ids.n_warm, n_parents = shop->users.n_parents;
    const size_t size = sizeof(bound_peers) + (size_t)n_parents * sizeof(double);
    const double *norms = NULL;
    bound_peers *bound = pv_allocate(1, size);
    if (!bound) return pv_fail_memory(error, "peers", size);
    PV_TRY(bind_lists(&bound->profiles, tensors, profile_names, n_parents, n_products, error));
    PV_TRY(bind_lists(&bound->buyers, tensors, buyer_names, n_products, n_parents, error));
    PV_TRY(pv_tensors_get(&norms, tensors, "peers.norm", PV_F64, n_parents, 0, error));
    for (int64_t v = 0; v < n_parents; v++) {
        if (!(norms[v] >= 0 && norms[v] <= 1e9))
            PV_TRY(pv_fail_at(error, PV_E_INPUT, v, "model: tensor peers.norm: no length at %lld", (long long)v));
        bound->inverse_norms[v] = norms[v] > 0 ? 1 / norms[v] : 0;
    }
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

/* --- question ---------------------------------------------------------------------------------------------------- */

typedef struct prepared_peers {
    const pv_question *question;
    int64_t n_peers;
    const double *phi;     /* [n_warm products] before the k rule */
    const uint8_t *buyers; /* [n_warm products] peers that bought it */
} prepared_peers;
_Static_assert(PV_PEERS_COUNT <= UINT8_MAX, "peers are counted in bytes");

/* a_u . a_v of every parent, [n parents]; returns |a_u|. */
static double multiply_profiles(double *products, const bound_peers *bound, const pv_history *history)
{
    double squares = 0;
    for (int64_t k = 0; k < history->n_products; k++) {
        const int64_t product = history->products[k], time = pv_history_last_time(history, k);
        const double weight = time == PV_NO_TIME ? 1 : weight_after(history->as_of - time);
        squares += weight * weight;
        if (product >= bound->buyers.n_rows) continue;
        for (int64_t e = bound->buyers.offsets[product]; e < bound->buyers.offsets[product + 1]; e++)
            products[bound->buyers.numbers[e]] += weight * (double)bound->buyers.weights[e];
    }
    return sqrt(squares);
}

void pv_peers_similarities(double *similarities, const void *bound, const pv_question *question)
{
    const bound_peers *peers = bound;
    const double own_norm = multiply_profiles(similarities, peers, question->history);
    const double inverse = own_norm > 0 ? 1 / own_norm : 0;
    if (question->company->parent >= 0) similarities[question->company->parent] = 0;
    for (int64_t v = 0; v < peers->profiles.n_rows; v++) similarities[v] *= inverse * peers->inverse_norms[v];
}

void pv_peers_products(const int32_t **products, int64_t *n, const void *bound, int32_t parent)
{
    const weighted_lists *profiles = &((const bound_peers *)bound)->profiles;
    *products = profiles->numbers + profiles->offsets[parent];
    *n = profiles->offsets[parent + 1] - profiles->offsets[parent];
}

/* The parents that have a similarity. No branch: which share a product cannot be foretold. */
static int64_t list_similar(int32_t *similar, const double *similarities, int64_t n_parents)
{
    int64_t n = 0;
    for (int64_t v = 0; v < n_parents; v++) {
        similar[n] = (int32_t)v;
        n += similarities[v] > 0;
    }
    return n;
}

static bool comes_first(const void *context, int32_t a, int32_t b)
{
    (void)context;
    return a < b;
}

static void add_profile(double *restrict phi, uint8_t *restrict buyers, const weighted_lists *profiles, int32_t parent,
                        double similarity)
{
    const int32_t *products = profiles->numbers;
    const float *weights = profiles->weights;
    const int64_t end = profiles->offsets[parent + 1];
    for (int64_t e = profiles->offsets[parent]; e < end; e++) {
        phi[products[e]] += similarity * (double)weights[e];
        buyers[products[e]]++;
    }
}

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    const bound_peers *bound = state;
    pv_arena *arena = question->arena;
    const size_t n_products = (size_t)bound->buyers.n_rows, n_parents = (size_t)bound->profiles.n_rows;
    prepared_peers *p = pv_arena_allocate(arena, 1, sizeof *p);
    double *cosines = pv_arena_allocate(arena, n_parents, sizeof *cosines);
    int32_t *similar = pv_arena_allocate(arena, n_parents, sizeof *similar);
    double *phi = pv_arena_allocate(arena, n_products, sizeof *phi);
    uint8_t *buyers = pv_arena_allocate(arena, n_products, sizeof *buyers);
    if (!p || !cosines || !similar || !phi || !buyers) return pv_fail_memory(error, "a question", n_products * 9);
    *p = (prepared_peers){.question = question, .phi = phi, .buyers = buyers};
    int32_t best[PV_PEERS_COUNT];
    pv_peers_similarities(cosines, bound, question);
    const int64_t n_similar = list_similar(similar, cosines, (int64_t)n_parents);
    p->n_peers = pv_topk_select(best, PV_PEERS_COUNT, cosines, similar, n_similar, comes_first, NULL);
    for (int64_t k = 0; k < p->n_peers; k++) add_profile(phi, buyers, &bound->profiles, best[k], cosines[best[k]]);
    *out = p;
    return PV_OK;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_peers *p = prepared;
    if (product >= p->question->shop->products.ids.n_warm) return 0;
    return p->buyers[product] < p->question->min_companies ? 0 : p->phi[product];
}

static void score(double *phi, const void *prepared)
{
    const prepared_peers *p = prepared;
    for (int64_t i = 0; i < p->question->shop->products.ids.n_warm; i++) phi[i] = score_one(prepared, (int32_t)i);
}

/* "Bought by 9 of the 100 customers whose purchases are most like yours." */
static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_peers *p = prepared;
    pv_arena *arena = p->question->arena;
    *statement = (pv_statement){0};
    if (!(score_one(prepared, product) > 0)) return PV_OK;
    char buyers[PV_SPOKEN_SIZE], of[PV_SPOKEN_SIZE];
    if (!pv_statement_begin(statement, 2, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_integer(statement, "buyers", p->buyers[product]);
    pv_statement_integer(statement, "of", p->n_peers);
    const pv_text parts[] = {pv_spoken_integer(buyers, p->buyers[product]), pv_spoken_integer(of, p->n_peers),
                             pv_text_of(p->n_peers == 1 ? "" : "s")};
    const bool said = pv_statement_say(statement, arena,
                                       "Bought by {} of the {} customer{} whose purchases are most like yours.", parts);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    return shop->users.n_buying_parents > 1 ? NULL : "there is only one customer with purchases";
}

const pv_signal pv_peers_signal = {.code = "peers",
                                   .form = PV_FORM_ROOT,
                                   .level = PV_LEVEL_HISTORY,
                                   .kinds = PV_SPEAKS_FOR_ALL,
                                   .fit = fit,
                                   .bind = bind,
                                   .prepare = prepare,
                                   .score = score,
                                   .score_one = score_one,
                                   .evidence = pv_signal_no_evidence,
                                   .state = state,
                                   .silent = silent};
