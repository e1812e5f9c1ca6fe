/* choice_data.c - see choice_data.h. */
#include "train/choice_data.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "base/random.h"
#include "base/sorted.h"
#include "ranker/gates.h"
#include "ranker/user_question.h"
#include "reasons/reasons.h"
#include "topk/topk.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- the window -------------------------------------------------------------------------------------------------- */

static int compare_products(const void *left, const void *right)
{
    const int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

static int64_t keep_distinct(int32_t *products, int64_t n)
{
    int64_t kept = 0;
    if (n > 1) qsort(products, (size_t)n, sizeof *products, compare_products);
    for (int64_t k = 0; k < n; k++)
        if (k == 0 || products[k] != products[k - 1]) products[kept++] = products[k];
    return kept;
}

/* Number in the earlier shop of each product of the later one; -1: not sold before. */
static int32_t *map_products(const pv_shop *earlier, const pv_shop *later)
{
    const int64_t n = later->products.ids.n_warm;
    int32_t *map = pv_allocate((size_t)n, sizeof *map);
    for (int64_t i = 0; map && i < n; i++) {
        const int64_t found = pv_ids_find(&earlier->products.ids, pv_ids_at(&later->products.ids, i));
        map[i] = found < earlier->products.ids.n_warm ? (int32_t)found : -1;
    }
    return map;
}

pv_status pv_window_purchases_make(pv_window_purchases *window, const pv_shop *earlier, const pv_shop *later,
                                   int64_t end, pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t n_users = earlier->users.ids.n_warm;
    int32_t *map = map_products(earlier, later);
    *window = (pv_window_purchases){.n_users = n_users};
    window->offsets = pv_allocate((size_t)n_users + 1, sizeof *window->offsets);
    window->products = pv_allocate((size_t)later->lines.n, sizeof *window->products);
    if (!map || !window->offsets || !window->products) PV_TRY(pv_fail_memory(error, "purchases of a window", 0));
    int64_t n = 0;
    for (int64_t u = 0; u < n_users; u++) {
        const int64_t user = pv_ids_find(&later->users.ids, pv_ids_at(&earlier->users.ids, u));
        const pv_lines lines =
            user >= 0 && user < later->users.ids.n_warm ? pv_shop_user_lines(later, user) : (pv_lines){0};
        int64_t found = 0;
        for (int64_t l = 0; l < lines.n; l++)
            if (lines.time[l] >= earlier->as_of && lines.time[l] < end && map[lines.product[l]] >= 0)
                window->products[n + found++] = map[lines.product[l]];
        found = keep_distinct(window->products + n, found);
        n += found;
        window->n_buying += found > 0;
        window->offsets[u + 1] = n;
    }
cleanup:
    pv_release(map);
    return status;
}

void pv_window_purchases_deinit(pv_window_purchases *window)
{
    pv_release(window->offsets);
    pv_release(window->products);
    *window = (pv_window_purchases){0};
}

/* --- one customer ------------------------------------------------------------------------------------------------ */

typedef struct customer_set {
    int32_t n;
    float *features; /* [n x PV_SIGNAL_COUNT], malloc */
    float *log_sampled;
    uint8_t *is_chosen;
    int32_t n_chosen;
    double customer_features[PV_REBUY_FEATURE_COUNT];
    pv_status status;
} customer_set;

typedef struct choosing {
    const pv_choice_request *request;
    const int32_t *users; /* [n_sets] warm users that bought in the window */
    customer_set *sets;   /* [n_sets] */
    pv_asker *askers;     /* [threads] */
} choosing;

/* The products of one set and whether they were chosen. */
typedef struct alternative_list {
    int32_t *products;
    int32_t n;
    float log_sampled; /* of those that were not bought */
} alternative_list;

static bool was_bought(const pv_choice_request *request, int64_t user, int32_t product)
{
    const int64_t first = request->window->offsets[user], end = request->window->offsets[user + 1];
    return pv_sorted_find(request->window->products + first, end - first, product) >= 0;
}

/* New products that may be shown. */
static pv_status list_new(alternative_list *list, const pv_user_question *asked, pv_error *error)
{
    pv_status status;
    const pv_shop *shop = asked->question.shop;
    const size_t room = (size_t)shop->products.ids.n;
    pv_gates gates;
    const pv_request plain = {.n = 1};
    int64_t filtered[PV_GATE_COUNT] = {0};
    PV_TRY(pv_gates_make(&gates, shop, &asked->history, shop->as_of, asked->question.user, PV_MODE_NEW, &plain,
                         asked->question.arena, error));
    list->products = pv_arena_allocate(asked->question.arena, room, sizeof *list->products);
    if (!list->products) PV_TRY(pv_fail_memory(error, "alternatives", room * sizeof *list->products));
    list->n = (int32_t)pv_gates_collect(list->products, filtered, &gates);
cleanup:
    return status;
}

/* Keep of the listed products those that were bought in the window and a sample of the others, each of these with the
 * same chance: what is left to take over what is left to choose from. */
static void keep_sample(alternative_list *list, const pv_choice_request *request, int64_t user)
{
    int32_t n_others = 0, n = 0, taken = 0, passed = 0;
    for (int32_t k = 0; k < list->n; k++) n_others += !was_bought(request, user, list->products[k]);
    const int32_t wanted = n_others < PV_SAMPLED_OTHERS ? n_others : PV_SAMPLED_OTHERS;
    for (int32_t k = 0; k < list->n; k++) {
        const int32_t product = list->products[k];
        if (was_bought(request, user, product)) {
            list->products[n++] = product;
            continue;
        }
        const double chance = (double)(wanted - taken) / (double)(n_others - passed);
        if (pv_random_uniform(request->seed, (uint64_t)user, (uint64_t)passed++) >= chance) continue;
        list->products[n++] = product;
        taken++;
    }
    if (wanted > 0) list->log_sampled = (float)pv_log((double)n_others / (double)wanted);
    list->n = n;
}

/* phi of all products by signal, computed at once where that is cheaper than one by one (new products). */
typedef struct phi_table {
    double *phi[PV_SIGNAL_COUNT]; /* [n products], NULL: ask for one product */
    bool speaks[PV_SIGNAL_COUNT]; /* for this kind of product */
} phi_table;

static pv_status fill_table(phi_table *table, const pv_user_question *asked, pv_kind kind, pv_error *error)
{
    const size_t n = (size_t)asked->question.shop->products.ids.n;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        table->phi[s] = NULL;
        table->speaks[s] = asked->ranking.is_prepared[s] && (pv_signals[s]->kinds & (1 << kind));
        if (!table->speaks[s] || kind == PV_KIND_REORDER) continue;
        table->phi[s] = pv_arena_allocate(asked->question.arena, n, sizeof **table->phi);
        if (!table->phi[s]) return pv_fail_memory(error, "alternatives", n * sizeof **table->phi);
        pv_signals[s]->score(table->phi[s], asked->ranking.prepared[s]);
    }
    return PV_OK;
}

static double z_of(const phi_table *table, const pv_user_question *asked, int signal, int32_t product)
{
    if (!table->speaks[signal]) return 0;
    const double phi = table->phi[signal] ? table->phi[signal][product]
                                          : pv_signals[signal]->score_one(asked->ranking.prepared[signal], product);
    return pv_ranking_scaled(&asked->ranking, signal, phi);
}

static double score_by(const phi_table *table, const pv_user_question *asked, const double *weights, int32_t product)
{
    double score = 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (weights[s] > 0) score += weights[s] * z_of(table, asked, s, product);
    return score;
}

/* Keep of the listed products the best by the given weights. */
static pv_status keep_best(alternative_list *list, const choosing *c, const phi_table *table,
                           const pv_user_question *asked, pv_error *error)
{
    const pv_shop *shop = asked->question.shop;
    const int32_t n = list->n < PV_BEST_NEW ? list->n : PV_BEST_NEW;
    double *scores = pv_arena_allocate(asked->question.arena, (size_t)shop->products.ids.n, sizeof *scores);
    int32_t *best = pv_arena_allocate(asked->question.arena, (size_t)n, sizeof *best);
    if (!scores || !best) return pv_fail_memory(error, "alternatives", 0);
    for (int32_t k = 0; k < list->n; k++)
        scores[list->products[k]] = score_by(table, asked, c->request->weights, list->products[k]);
    list->n = (int32_t)pv_topk_select(best, n, scores, list->products, list->n, pv_product_order, shop);
    list->products = best;
    return PV_OK;
}

static bool fill_set(customer_set *set, const alternative_list *list, const choosing *c, const phi_table *table,
                     const pv_user_question *asked)
{
    const size_t n = (size_t)list->n;
    set->n = list->n;
    set->features = calloc(n ? n * PV_SIGNAL_COUNT : 1, sizeof *set->features);
    set->log_sampled = calloc(n ? n : 1, sizeof *set->log_sampled);
    set->is_chosen = calloc(n ? n : 1, sizeof *set->is_chosen);
    if (!set->features || !set->log_sampled || !set->is_chosen) return false;
    for (size_t k = 0; k < n; k++) {
        set->is_chosen[k] = was_bought(c->request, asked->question.user, list->products[k]);
        set->log_sampled[k] = set->is_chosen[k] ? 0 : list->log_sampled;
        set->n_chosen += set->is_chosen[k];
        for (int s = 0; s < PV_SIGNAL_COUNT; s++)
            set->features[k * PV_SIGNAL_COUNT + (size_t)s] = (float)z_of(table, asked, s, list->products[k]);
    }
    return true;
}

static pv_status choose_new(alternative_list *list, const choosing *c, const pv_user_question *asked,
                            const phi_table *table, int64_t user, pv_error *error)
{
    pv_status status;
    PV_TRY(list_new(list, asked, error));
    if (c->request->alternatives == PV_ALTERNATIVES_BEST)
        PV_TRY(keep_best(list, c, table, asked, error));
    else
        keep_sample(list, c->request, user);
cleanup:
    return status;
}

static void choose_for_customer(void *context, size_t task, unsigned thread)
{
    pv_status status;
    const choosing *c = context;
    customer_set *set = &c->sets[task];
    const int64_t user = c->users[task];
    const bool is_own = c->request->alternatives == PV_ALTERNATIVES_OWN;
    alternative_list list = {0};
    phi_table table;
    pv_user_question asked;
    pv_error error;
    pv_arena_reset(c->askers[thread].arena);
    PV_TRY(pv_user_question_make(&asked, c->request->ranker, user, &c->askers[thread], &error));
    PV_TRY(fill_table(&table, &asked, is_own ? PV_KIND_REORDER : PV_KIND_NEW, &error));
    if (is_own) {
        list.products = (int32_t *)(uintptr_t)asked.history.products; /* read only */
        list.n = (int32_t)asked.history.n_products;
    } else {
        PV_TRY(choose_new(&list, c, &asked, &table, user, &error));
    }
    if (c->request->ranker->is_bound[PV_SIGNAL_REBUY])
        pv_rebuy_features(set->customer_features, c->request->ranker->bound[PV_SIGNAL_REBUY], &asked.question);
    if (!fill_set(set, &list, c, &table, &asked)) PV_TRY(PV_E_MEMORY);
cleanup:
    set->status = status;
}

/* --- all customers ----------------------------------------------------------------------------------------------- */

static double inverse_power(double n, double power)
{
    return n > 0 ? pv_exp2(-power * pv_log2(n)) : 1;
}

/* The array with room for count elements; the old one, and *failed set, when there is no memory. */
static void *resized(void *array, size_t count, size_t size, bool *failed)
{
    void *grown = count <= SIZE_MAX / size ? realloc(array, count * size + 1) : NULL;
    if (!grown) *failed = true;
    return grown ? grown : array;
}

/* Room for `n_sets` more sets of `n` alternatives in all. False on no memory; what is there stays. */
static bool grow(pv_choice_data *data, int64_t n_sets, int64_t n)
{
    const size_t sets = (size_t)(data->sets.n_sets + n_sets), total = (size_t)(data->n_alternatives + n);
    bool failed = false;
    data->offsets = resized(data->offsets, sets + 1, sizeof *data->offsets, &failed);
    data->features = resized(data->features, total * PV_SIGNAL_COUNT, sizeof *data->features, &failed);
    data->log_sampled = resized(data->log_sampled, total, sizeof *data->log_sampled, &failed);
    data->is_chosen = resized(data->is_chosen, total, sizeof *data->is_chosen, &failed);
    data->customer_weight = resized(data->customer_weight, sets, sizeof *data->customer_weight, &failed);
    data->group = resized(data->group, sets, sizeof *data->group, &failed);
    data->customer_features =
        resized(data->customer_features, sets * PV_REBUY_FEATURE_COUNT, sizeof *data->customer_features, &failed);
    return !failed;
}

static int32_t company_of(const choosing *c, int64_t set)
{
    const pv_shop *earlier = &c->request->ranker->shop, *later = c->request->later;
    const int64_t user = pv_ids_find(&later->users.ids, pv_ids_at(&earlier->users.ids, c->users[set]));
    return later->users.parent[user];
}

static void append_set(pv_choice_data *data, const choosing *c, int64_t k)
{
    const customer_set *set = &c->sets[k];
    const int64_t place = data->sets.n_sets++;
    const size_t first = (size_t)data->n_alternatives, n = (size_t)set->n;
    if (n) {
        memcpy(data->features + first * PV_SIGNAL_COUNT, set->features, n * PV_SIGNAL_COUNT * sizeof(float));
        memcpy(data->log_sampled + first, set->log_sampled, n * sizeof(float));
        memcpy(data->is_chosen + first, set->is_chosen, n);
    }
    data->n_alternatives += set->n;
    data->offsets[place] = (int64_t)first;
    data->offsets[place + 1] = data->n_alternatives;
    data->customer_weight[place] = inverse_power(set->n_chosen, c->request->weight_power);
    data->group[place] = company_of(c, k);
    memcpy(data->customer_features + place * PV_REBUY_FEATURE_COUNT, set->customer_features,
           sizeof set->customer_features);
}

static pv_status join(pv_choice_data *data, const choosing *c, int64_t n_sets, pv_error *error)
{
    int64_t total = 0;
    for (int64_t k = 0; k < n_sets; k++) total += c->sets[k].n;
    if (!grow(data, n_sets, total))
        return pv_fail_memory(error, "examples", (uint64_t)total * (PV_SIGNAL_COUNT + 2) * sizeof(float));
    for (int64_t k = 0; k < n_sets; k++) append_set(data, c, k);
    data->sets = (pv_choice_sets){.n_sets = data->sets.n_sets,
                                  .offsets = data->offsets,
                                  .n_features = PV_SIGNAL_COUNT,
                                  .features = data->features,
                                  .is_chosen = data->is_chosen,
                                  .log_sampled = data->log_sampled,
                                  .customer_weight = data->customer_weight,
                                  .group = data->group};
    return PV_OK;
}

static void choosing_deinit(choosing *c, int64_t n_sets, unsigned n_threads, int32_t *users)
{
    for (int64_t k = 0; c->sets && k < n_sets; k++) {
        free(c->sets[k].features);
        free(c->sets[k].log_sampled);
        free(c->sets[k].is_chosen);
    }
    pv_askers_free(c->askers, n_threads);
    pv_release(c->sets);
    pv_release(users);
}

pv_status pv_choice_data_append(pv_choice_data *data, const pv_choice_request *request, pv_threads *threads,
                                pv_error *error)
{
    pv_status status = PV_OK;
    const unsigned n_threads = pv_threads_count(threads);
    const pv_window_purchases *window = request->window;
    const int64_t n_buying = window->n_buying;
    const int64_t n_sets = n_buying < PV_CUSTOMERS_LEARNED_FROM ? n_buying : PV_CUSTOMERS_LEARNED_FROM;
    int32_t *users = pv_allocate((size_t)n_sets, sizeof *users);
    choosing c = {.request = request, .users = users};
    c.sets = pv_allocate((size_t)n_sets, sizeof *c.sets);
    if (!users || !c.sets) PV_TRY(pv_fail_memory(error, "examples", 0));
    PV_TRY(pv_askers_create(&c.askers, request->ranker, n_threads, error));
    for (int64_t u = 0, seen = 0, k = 0; u < window->n_users; u++)
        if (window->offsets[u + 1] > window->offsets[u] && k < n_sets && seen++ == k * n_buying / n_sets)
            users[k++] = (int32_t)u;
    pv_threads_run(threads, (size_t)n_sets, choose_for_customer, &c);
    for (int64_t k = 0; k < n_sets; k++)
        if (c.sets[k].status != PV_OK) PV_TRY(pv_fail_memory(error, "examples", 0));
    PV_TRY(join(data, &c, n_sets, error));
cleanup:
    choosing_deinit(&c, n_sets, n_threads, users);
    return status;
}

void pv_choice_data_deinit(pv_choice_data *data)
{
    free(data->offsets);
    free(data->features);
    free(data->log_sampled);
    free(data->is_chosen);
    free(data->customer_weight);
    free(data->group);
    free(data->customer_features);
    *data = (pv_choice_data){0};
}
