/* popularity.c - recent buyers of each product, of all companies and within segments. */
#include "signals/popularity.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "signals/own_products.h"
#include "signals/statement.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- fit --------------------------------------------------------------------------------------------------------- */

static int64_t window_start(const pv_shop *shop)
{
    return shop->has_time ? shop->as_of - (int64_t)PV_POPULARITY_DAYS * PV_SECONDS_PER_DAY : PV_NO_TIME;
}

static bool is_recent(const pv_lines *lines, int64_t line, int64_t start)
{
    return !lines->time || lines->time[line] >= start;
}

/* What counting needs besides the counters: which company counted a product last. */
typedef struct recent_counter {
    const pv_shop *shop;
    int64_t *last; /* [n_warm products] stamp of the company counted last */
    int64_t stamp;
} recent_counter;

/* Count each product once for one parent company: users of the company for which code(user) == value, or all (codes
 * NULL). */
static void count_company(int32_t *buyers, recent_counter *counter, int64_t parent, const int32_t *codes, int32_t value)
{
    const pv_shop *shop = counter->shop;
    const pv_users *users = &shop->users;
    const int64_t start = window_start(shop);
    counter->stamp++;
    for (int64_t m = users->parent_offsets[parent]; m < users->parent_offsets[parent + 1]; m++) {
        const int32_t user = users->parent_members[m];
        if (user >= users->ids.n_warm || (codes && codes[user] != value)) continue;
        for (int64_t l = shop->line_offsets[user]; l < shop->line_offsets[user + 1]; l++) {
            const int32_t product = shop->lines.product[l];
            if (counter->last[product] == counter->stamp || !is_recent(&shop->lines, l, start)) continue;
            counter->last[product] = counter->stamp;
            buyers[product]++;
        }
    }
}

static pv_status fit_all(pv_tensors *tensors, recent_counter *counter, pv_error *error)
{
    int32_t *buyers = NULL;
    const pv_status status =
        pv_tensors_add(&buyers, tensors, "popularity.buyers", PV_I32, counter->shop->products.ids.n_warm, 0, error);
    if (status != PV_OK) return status;
    for (int64_t p = 0; p < counter->shop->users.n_parents; p++) count_company(buyers, counter, p, NULL, 0);
    return PV_OK;
}

/* Growing lists of (product, buyers), one list per segment column and value. */
typedef struct segment_lists {
    int32_t *keys; /* [n_lists x 2] column, value */
    int64_t *ends; /* [n_lists] into products and buyers */
    int32_t *products, *buyers;
    size_t n_lists, n_entries, keys_capacity, ends_capacity, products_capacity, buyers_capacity;
} segment_lists;

static bool append_list(segment_lists *lists, int32_t column, int32_t value, int32_t *buyers, int64_t n_products)
{
    const size_t room = lists->n_entries + (size_t)n_products;
    if (!pv_reserve((void **)&lists->keys, &lists->keys_capacity, 2 * lists->n_lists + 2, sizeof *lists->keys) ||
        !pv_reserve((void **)&lists->ends, &lists->ends_capacity, lists->n_lists + 1, sizeof *lists->ends) ||
        !pv_reserve((void **)&lists->products, &lists->products_capacity, room, sizeof *lists->products) ||
        !pv_reserve((void **)&lists->buyers, &lists->buyers_capacity, room, sizeof *lists->buyers))
        return false;
    for (int64_t i = 0; i < n_products; i++) {
        if (buyers[i] > 0) {
            lists->products[lists->n_entries] = (int32_t)i;
            lists->buyers[lists->n_entries++] = buyers[i];
        }
        buyers[i] = 0;
    }
    lists->keys[2 * lists->n_lists] = column;
    lists->keys[2 * lists->n_lists + 1] = value;
    lists->ends[lists->n_lists++] = (int64_t)lists->n_entries;
    return true;
}

/* Companies by value of one column: parents[offsets[v] .. offsets[v + 1]) have a user with value v. */
static bool companies_by_value(int64_t **offsets, int32_t **parents, const pv_shop *shop, const int32_t *codes,
                               pv_arena *arena)
{
    const pv_users *users = &shop->users;
    const int64_t n_values = users->segments.values.count;
    *offsets = pv_arena_allocate(arena, (size_t)n_values + 2, sizeof **offsets);
    *parents = pv_arena_allocate(arena, (size_t)users->ids.n, sizeof **parents);
    if (!*offsets || !*parents) return false;
    int64_t *next = *offsets + 1;
    for (int64_t u = 0; u < users->ids.n; u++)
        if (codes[u] >= 0) next[codes[u] + 1]++;
    for (int64_t v = 1; v <= n_values; v++) next[v] += next[v - 1];
    for (int64_t m = 0; m < users->ids.n; m++) { /* members stand grouped by parent: a parent repeats only in a row */
        const int32_t user = users->parent_members[m];
        if (codes[user] >= 0) (*parents)[next[codes[user]]++] = users->parent[user];
    }
    return true;
}

static pv_status fit_column(segment_lists *lists, recent_counter *counter, int32_t *buyers, int32_t column,
                            pv_arena *arena, pv_error *error)
{
    const pv_shop *shop = counter->shop;
    const int32_t *codes = shop->users.segments.codes + column * shop->users.ids.n;
    int64_t *offsets = NULL;
    int32_t *parents = NULL;
    if (!companies_by_value(&offsets, &parents, shop, codes, arena)) return pv_fail_memory(error, "segments", 0);
    for (int32_t v = 0; v < (int32_t)shop->users.segments.values.count; v++) {
        if (offsets[v] == offsets[v + 1]) continue;
        for (int64_t k = offsets[v]; k < offsets[v + 1]; k++)
            if (k == offsets[v] || parents[k] != parents[k - 1]) count_company(buyers, counter, parents[k], codes, v);
        if (!append_list(lists, column, v, buyers, shop->products.ids.n_warm))
            return pv_fail_memory(error, "segments", 0);
    }
    return PV_OK;
}

static pv_status add_lists(pv_tensors *tensors, const segment_lists *lists, pv_error *error)
{
    pv_status status;
    int64_t *offsets = NULL;
    int32_t *keys = NULL, *products = NULL, *buyers = NULL;
    const int64_t n = (int64_t)lists->n_lists, entries = (int64_t)lists->n_entries;
    PV_TRY(pv_tensors_add(&offsets, tensors, "popularity.segment_offset", PV_I64, n + 1, 0, error));
    PV_TRY(pv_tensors_add(&keys, tensors, "popularity.segment", PV_I32, n, 2, error));
    PV_TRY(pv_tensors_add(&products, tensors, "popularity.segment_product", PV_I32, entries, 0, error));
    PV_TRY(pv_tensors_add(&buyers, tensors, "popularity.segment_buyers", PV_I32, entries, 0, error));
    if (n) memcpy(offsets + 1, lists->ends, (size_t)n * sizeof *offsets);
    if (n) memcpy(keys, lists->keys, (size_t)n * 2 * sizeof *keys);
    if (entries) memcpy(products, lists->products, (size_t)entries * sizeof *products);
    if (entries) memcpy(buyers, lists->buyers, (size_t)entries * sizeof *buyers);
cleanup:
    return status;
}

static void free_lists(segment_lists *lists)
{
    free(lists->keys);
    free(lists->ends);
    free(lists->products);
    free(lists->buyers);
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    (void)settings;
    pv_status status;
    segment_lists lists = {0};
    pv_arena *arena = pv_arena_create();
    int32_t *buyers = arena ? pv_arena_allocate(arena, (size_t)shop->products.ids.n_warm, sizeof *buyers) : NULL;
    recent_counter counter = {.shop = shop};
    counter.last = arena ? pv_arena_allocate(arena, (size_t)shop->products.ids.n_warm, sizeof *counter.last) : NULL;
    if (!buyers || !counter.last) PV_TRY(pv_fail_memory(error, "popularity", 0));
    PV_TRY(fit_all(tensors, &counter, error));
    for (int32_t c = 0; c < (int32_t)shop->users.segments.n_columns; c++)
        PV_TRY(fit_column(&lists, &counter, buyers, c, arena, error));
    PV_TRY(add_lists(tensors, &lists, error));
cleanup:
    free_lists(&lists);
    pv_arena_free(arena);
    return status;
}

/* --- bind -------------------------------------------------------------------------------------------------------- */

typedef struct bound_popularity {
    const int32_t *buyers; /* [n_warm products] */
    int32_t most;          /* the largest of them */
    int64_t n_lists;
    const int64_t *offsets;  /* [n_lists + 1] */
    const int32_t *keys;     /* [n_lists x 2] segment column, value code; rising */
    const int32_t *products; /* rising within a list */
    const int32_t *list_buyers;
    int32_t fewest; /* the k rule that phi follows */
    double phi[];   /* [n_warm products] of who bought none of them */
} bound_popularity;

static double phi_of(int32_t buyers, double norm, int32_t fewest)
{
    return buyers < fewest ? 0 : pv_log(1.0 + buyers) / norm;
}

static bool lists_are_sound(const bound_popularity *bound, const pv_shop *shop, int64_t entries)
{
    const int64_t n_products = shop->products.ids.n_warm;
    bool good = bound->offsets[0] == 0 && bound->offsets[bound->n_lists] == entries;
    for (int64_t l = 0; good && l < bound->n_lists; l++) {
        good = bound->offsets[l] <= bound->offsets[l + 1] && bound->offsets[l + 1] <= entries &&
               bound->keys[2 * l] >= 0 && bound->keys[2 * l] < shop->users.segments.n_columns &&
               bound->keys[2 * l + 1] >= 0 && bound->keys[2 * l + 1] < shop->users.segments.values.count;
        for (int64_t k = bound->offsets[l]; good && k < bound->offsets[l + 1]; k++)
            good = bound->products[k] >= 0 && bound->products[k] < n_products && bound->list_buyers[k] >= 0;
    }
    for (int64_t i = 0; good && i < n_products; i++) good = bound->buyers[i] >= 0;
    return good;
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->products.ids.n_warm;
    const pv_tensor *keys = pv_tensors_find(tensors, "popularity.segment");
    const pv_tensor *entries = pv_tensors_find(tensors, "popularity.segment_product");
    const int64_t n_entries = entries ? entries->shape[0] : 0;
    const size_t size = sizeof(bound_popularity) + (size_t)n * sizeof(double);
    bound_popularity *bound = pv_allocate(1, size);
    if (!bound) return pv_fail_memory(error, "popularity", size);
    bound->n_lists = keys ? keys->shape[0] : 0;
    PV_TRY(pv_tensors_get(&bound->buyers, tensors, "popularity.buyers", PV_I32, n, 0, error));
    PV_TRY(pv_tensors_get(&bound->keys, tensors, "popularity.segment", PV_I32, bound->n_lists, 2, error));
    PV_TRY(pv_tensors_get(&bound->offsets, tensors, "popularity.segment_offset", PV_I64, bound->n_lists + 1, 0, error));
    PV_TRY(pv_tensors_get(&bound->products, tensors, "popularity.segment_product", PV_I32, n_entries, 0, error));
    PV_TRY(pv_tensors_get(&bound->list_buyers, tensors, "popularity.segment_buyers", PV_I32, n_entries, 0, error));
    if (!lists_are_sound(bound, shop, n_entries))
        PV_TRY(pv_fail(error, PV_E_INPUT, "model: the lists popularity are not in order"));
    for (int64_t i = 0; i < n; i++)
        if (bound->buyers[i] > bound->most) bound->most = bound->buyers[i];
    bound->fewest = pv_signal_fewest(tensors);
    for (int64_t i = 0; i < n; i++) bound->phi[i] = phi_of(bound->buyers[i], pv_log(1.0 + bound->most), bound->fewest);
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

static bool list_has_enough(const bound_popularity *bound, int64_t list, int32_t min_companies)
{
    for (int64_t k = bound->offsets[list]; k < bound->offsets[list + 1]; k++)
        if (bound->list_buyers[k] >= min_companies) return true;
    return false;
}

int64_t pv_popularity_segment_list(const void *state, const pv_question *question)
{
    const bound_popularity *bound = state;
    for (int64_t l = 0; l < bound->n_lists; l++)
        if (pv_question_segment(question, bound->keys[2 * l]) == bound->keys[2 * l + 1] &&
            list_has_enough(bound, l, question->min_companies))
            return l;
    return -1;
}

void pv_popularity_segment_of(pv_text *column, pv_text *value, const void *state, const pv_shop *shop, int64_t list)
{
    const bound_popularity *bound = state;
    *column = pv_texts_at(&shop->users.segments.names, bound->keys[2 * list]);
    *value = pv_texts_at(&shop->users.segments.values, bound->keys[2 * list + 1]);
}

/* --- question ---------------------------------------------------------------------------------------------------- */

typedef struct prepared_popularity {
    const bound_popularity *bound;
    const pv_question *question;
    const int32_t *buyers; /* [n_warm products] companies of the list */
    const uint8_t *is_own; /* [n_warm products] the asking company is one of them */
    const int32_t *own;    /* [n_own] products for which it is */
    int64_t n_own;
    double norm;     /* log(1 + most) */
    pv_text segment; /* value of the segment, data NULL: all companies */
} prepared_popularity;

/* Find the products that count the asking company: bought in the window by its users, those of the segment if the list
 * is one. */
static pv_status find_own(prepared_popularity *p, pv_error *error)
{
    const pv_question *question = p->question;
    const pv_shop *shop = question->shop;
    const pv_users *users = &shop->users;
    uint8_t *is_own = pv_arena_allocate(question->arena, (size_t)shop->products.ids.n_warm, sizeof *is_own);
    int32_t *own = pv_arena_allocate(question->arena, (size_t)pv_company_lines(question->company), sizeof *own);
    if (!is_own || !own) return pv_fail_memory(error, "a question", 0);
    p->is_own = is_own;
    p->own = own;
    if (question->company->n_members == 0) return PV_OK;
    const int32_t *key = question->segment_list >= 0 ? p->bound->keys + 2 * question->segment_list : NULL;
    const int64_t start = window_start(shop), parent = question->company->parent;
    for (int64_t m = users->parent_offsets[parent]; m < users->parent_offsets[parent + 1]; m++) {
        const int32_t user = users->parent_members[m];
        if (user >= users->ids.n_warm || (key && users->segments.codes[key[0] * users->ids.n + user] != key[1]))
            continue;
        for (int64_t l = shop->line_offsets[user]; l < shop->line_offsets[user + 1]; l++) {
            const int32_t product = shop->lines.product[l];
            if (is_own[product] || !is_recent(&shop->lines, l, start)) continue;
            is_own[product] = 1;
            own[p->n_own++] = product;
        }
    }
    return PV_OK;
}

/* The counts of a segment as a dense array. */
static pv_status use_segment(prepared_popularity *p, int64_t list, pv_error *error)
{
    const bound_popularity *bound = p->bound;
    const pv_shop *shop = p->question->shop;
    pv_text column;
    int32_t most = 0;
    int32_t *buyers = pv_arena_allocate(p->question->arena, (size_t)shop->products.ids.n_warm, sizeof *buyers);
    if (!buyers) return pv_fail_memory(error, "a question", 0);
    for (int64_t k = bound->offsets[list]; k < bound->offsets[list + 1]; k++) {
        buyers[bound->products[k]] = bound->list_buyers[k];
        if (bound->list_buyers[k] > most) most = bound->list_buyers[k];
    }
    p->buyers = buyers;
    p->norm = pv_log(1.0 + most);
    pv_popularity_segment_of(&column, &p->segment, bound, shop, list);
    return PV_OK;
}

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    pv_status status = PV_OK;
    const bound_popularity *bound = state;
    prepared_popularity *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    if (!p) return pv_fail_memory(error, "a question", sizeof *p);
    *p = (prepared_popularity){
        .bound = bound, .question = question, .buyers = bound->buyers, .norm = pv_log(1.0 + bound->most)};
    if (question->segment_list >= 0) PV_TRY(use_segment(p, question->segment_list, error));
    PV_TRY(find_own(p, error));
    *out = p;
cleanup:
    return status;
}

static int32_t other_buyers(const prepared_popularity *p, int32_t product)
{
    return p->buyers[product] - p->is_own[product];
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_popularity *p = prepared;
    if (product >= p->question->shop->products.ids.n_warm) return 0;
    return phi_of(other_buyers(p, product), p->norm, p->question->min_companies);
}

/* Counted as when phi was computed: among all companies and with the same k. */
static bool is_among_all(const prepared_popularity *p)
{
    return p->buyers == p->bound->buyers && p->question->min_companies == p->bound->fewest;
}

/* Among all companies only the products that the asking one bought itself differ from what was computed once. */
static void score(double *phi, const void *prepared)
{
    const prepared_popularity *p = prepared;
    const int64_t n = p->question->shop->products.ids.n_warm;
    if (!is_among_all(p)) {
        for (int64_t i = 0; i < n; i++) phi[i] = score_one(prepared, (int32_t)i);
        return;
    }
    memcpy(phi, p->bound->phi, (size_t)n * sizeof *phi);
    for (int64_t k = 0; k < p->n_own; k++) phi[p->own[k]] = score_one(prepared, p->own[k]);
}

static void brief(pv_phi *phi, double *room, int32_t *products, const void *prepared)
{
    (void)products;
    const prepared_popularity *p = prepared;
    const bool is_known = is_among_all(p) && pv_signal_own_are_past(p->question, p->own, p->n_own);
    *phi = (pv_phi){.values = is_known ? p->bound->phi : room, .n = p->question->shop->products.ids.n_warm};
    if (!is_known) score(room, prepared);
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_popularity *p = prepared;
    const pv_shop *shop = p->question->shop;
    pv_arena *arena = p->question->arena;
    *statement = (pv_statement){0};
    if (score_one(prepared, product) <= 0) return PV_OK;
    const int32_t buyers = other_buyers(p, product);
    if (!pv_statement_begin(statement, 4, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_integer(statement, "buyers", buyers);
    if (shop->has_time)
        pv_statement_integer(statement, "days", PV_POPULARITY_DAYS);
    else
        pv_statement_null(statement, "days");
    if (!pv_statement_date(statement, "before", shop->as_of, arena)) return pv_fail_memory(error, "a reason", 0);
    const pv_text before = statement->facts[statement->n_facts - 1].text; /* data NULL without time */
    if (p->segment.data) pv_statement_text(statement, "segment", p->segment);
    char buyers_text[PV_SPOKEN_SIZE], days_text[PV_SPOKEN_SIZE];
    const pv_text among = p->segment.data ? p->segment : pv_text_of("");
    const pv_text parts[] = {pv_spoken_integer(buyers_text, buyers), pv_text_of(among.size ? " of segment " : ""),
                             among, pv_spoken_integer(days_text, PV_POPULARITY_DAYS), before};
    const bool said = pv_statement_say(statement, arena,
                                       shop->has_time ? "Bought by {} other customers{}{} in the {} days before {}."
                                                      : "Bought by {} other customers{}{}.",
                                       parts);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

const pv_signal pv_popularity_signal = {.code = "popularity",
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
                                        .silent = pv_signal_never_silent};
