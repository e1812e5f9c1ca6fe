/* tifu_knn.c - how often and how lately the customer and those like it ordered a product. */
#include "base/failure.h"
#include "evaluate/baselines/baselines.h"
#include "evaluate/baselines/bought_pairs.h"
#include "evaluate/baselines/recent_buyers.h"
#include "topk/topk.h"
#include <stdlib.h>
#include <string.h>

typedef struct tifu_state {
    const pv_shop *shop;
    pv_recent_popularity *popularity;
    pv_bought_pairs pairs;
    float *values; /* [pairs] v_u, beside pairs.products */
    double *norms; /* [n_users] |v_u|^2 */
} tifu_state;

/* --- v_u --------------------------------------------------------------------------------------------------------- */

typedef struct dated_order {
    int64_t time; /* of its last line */
    int64_t slot; /* order number; -1: no line of it is left */
} dated_order;

static int compare_orders(const void *left, const void *right)
{
    const dated_order *a = left, *b = right;
    if (a->time != b->time) return a->time < b->time ? -1 : 1;
    return (a->slot > b->slot) - (a->slot < b->slot);
}

/* The orders from old to new; their number into *n. NULL on no memory. */
static dated_order *sort_orders(size_t *n, const pv_history *history, pv_arena *arena)
{
    const pv_lines *lines = &history->lines;
    dated_order *orders = pv_arena_allocate(arena, (size_t)history->n_order_slots, sizeof *orders);
    if (!orders) return NULL;
    for (int64_t o = 0; o < history->n_order_slots; o++) orders[o] = (dated_order){PV_NO_TIME, -1};
    for (int64_t l = 0; l < lines->n; l++) {
        dated_order *order = &orders[lines->order[l]];
        order->slot = lines->order[l];
        if (lines->time && lines->time[l] > order->time) order->time = lines->time[l];
    }
    *n = 0;
    for (int64_t o = 0; o < history->n_order_slots; o++)
        if (orders[o].slot >= 0) orders[(*n)++] = orders[o];
    qsort(orders, *n, sizeof *orders, compare_orders);
    return orders;
}

/* What each of n orders, from old to new, weighs in v_u: weights[order number]. */
static void weigh_orders(double *weights, const dated_order *orders, size_t n)
{
    const size_t m = n < PV_TIFU_GROUPS ? n : PV_TIFU_GROUPS;
    double of_group = m ? 1.0 / (double)m : 0;
    for (size_t g = m, end = n; g-- > 0;) { /* from the latest group back, the first n % m of them larger */
        const size_t size = n / m + (m - 1 - g < n % m);
        double weight = of_group / (double)size;
        for (size_t b = 0; b < size; b++, weight *= PV_TIFU_DECAY_IN_GROUP) weights[orders[--end].slot] = weight;
        of_group *= PV_TIFU_DECAY_OF_GROUPS;
    }
}

/* v_u for the products of the history, [history->n_products] in the arena; NULL on no memory. */
static double *make_profile(const pv_history *history, pv_arena *arena)
{
    size_t n_orders = 0;
    const dated_order *orders = sort_orders(&n_orders, history, arena);
    double *weights = pv_arena_allocate(arena, (size_t)history->n_order_slots, sizeof *weights);
    double *profile = pv_arena_allocate(arena, (size_t)history->n_products, sizeof *profile);
    if (!orders || !weights || !profile) return NULL;
    weigh_orders(weights, orders, n_orders);
    for (int64_t k = 0; k < history->n_products; k++)
        for (int64_t l = history->first_line[k]; l < history->first_line[k + 1]; l++)
            if (pv_history_ends_order(history, k, l)) profile[k] += weights[history->lines.order[l]];
    return profile;
}

/* --- state ------------------------------------------------------------------------------------------------------- */

typedef struct profile_task {
    tifu_state *state;
    pv_arena **arenas;   /* [thread] */
    pv_status *statuses; /* [thread] the first failure */
} profile_task;

static void fill_profile(void *context, size_t user, unsigned thread)
{
    const profile_task *task = context;
    tifu_state *s = task->state;
    pv_arena *arena = task->arenas[thread];
    pv_history history;
    if (task->statuses[thread] != PV_OK) return;
    pv_arena_reset(arena);
    task->statuses[thread] = pv_history_of_user(&history, s->shop, (int64_t)user, s->shop->as_of, arena, NULL);
    if (task->statuses[thread] != PV_OK) return;
    const double *profile = make_profile(&history, arena);
    if (!profile) {
        task->statuses[thread] = PV_E_MEMORY;
        return;
    }
    for (int64_t k = 0; k < history.n_products; k++) {
        s->values[s->pairs.user_offsets[user] + k] = (float)profile[k];
        s->norms[user] += profile[k] * profile[k];
    }
}

static pv_status fill_profiles(tifu_state *s, pv_threads *threads, pv_error *error)
{
    pv_status status;
    const unsigned n_threads = pv_threads_count(threads);
    profile_task task = {s, pv_allocate(n_threads, sizeof *task.arenas), pv_allocate(n_threads, sizeof *task.statuses)};
    PV_TRY(pv_check_memory(task.arenas && task.statuses, "TIFU-kNN", error));
    for (unsigned t = 0; t < n_threads; t++) {
        task.arenas[t] = pv_arena_create();
        PV_TRY(pv_check_memory(task.arenas[t] != NULL, "TIFU-kNN", error));
    }
    pv_threads_run(threads, (size_t)s->pairs.n_users, fill_profile, &task);
    for (unsigned t = 0; t < n_threads; t++) PV_TRY(pv_check_memory(task.statuses[t] == PV_OK, "TIFU-kNN", error));
cleanup:
    for (unsigned t = 0; task.arenas && t < n_threads; t++) pv_arena_free(task.arenas[t]);
    pv_release(task.arenas);
    pv_release(task.statuses);
    return status;
}

static void free_state(void *state)
{
    tifu_state *s = state;
    if (!s) return;
    pv_bought_pairs_deinit(&s->pairs);
    pv_release(s->popularity);
    pv_release(s->values);
    pv_release(s->norms);
    pv_release(s);
}

static pv_status create(void **state, const pv_baseline_input *input, pv_error *error)
{
    pv_status status;
    tifu_state *made = pv_allocate(1, sizeof *made);
    *state = NULL;
    PV_TRY(pv_check_memory(made != NULL, "TIFU-kNN", error));
    made->shop = input->shop;
    PV_TRY(pv_recent_popularity_create(&made->popularity, input->shop, error));
    PV_TRY(pv_bought_pairs_init(&made->pairs, input->shop, error));
    made->values = pv_allocate((size_t)made->pairs.user_offsets[made->pairs.n_users], sizeof *made->values);
    made->norms = pv_allocate((size_t)made->pairs.n_users, sizeof *made->norms);
    PV_TRY(pv_check_memory(made->values && made->norms, "TIFU-kNN", error));
    PV_TRY(fill_profiles(made, input->threads, error));
    *state = made;
    made = NULL;
cleanup:
    free_state(made);
    return status;
}

/* --- score ------------------------------------------------------------------------------------------------------- */

/* The nearest users in the arena, their number into *n; NULL on no memory. |v - w|^2 falls as 2 v.w - |w|^2 rises. */
static const int32_t *find_nearest(int64_t *n, const tifu_state *s, int64_t user, const pv_history *history,
                                   const double *profile, pv_arena *arena)
{
    const pv_bought_pairs *pairs = &s->pairs;
    double *closeness = pv_arena_allocate(arena, (size_t)pairs->n_users, sizeof *closeness);
    int32_t *others = pv_arena_allocate(arena, (size_t)pairs->n_users, sizeof *others);
    int32_t *nearest = pv_arena_allocate(arena, PV_TIFU_NEIGHBOURS, sizeof *nearest);
    if (!closeness || !others || !nearest) return NULL;
    for (int64_t k = 0; k < history->n_products && history->products[k] < pairs->n_products; k++) {
        const int64_t *column = pairs->product_offsets + history->products[k];
        for (int64_t p = column[0]; p < column[1]; p++)
            closeness[pairs->users[p]] += 2 * profile[k] * (double)s->values[pairs->positions[p]];
    }
    int64_t n_others = 0;
    for (int64_t other = 0; other < pairs->n_users; other++) {
        closeness[other] -= s->norms[other];
        if (other != user) others[n_others++] = (int32_t)other;
    }
    *n = pv_topk_select(nearest, PV_TIFU_NEIGHBOURS, closeness, others, n_others, pv_lower_number, NULL);
    return nearest;
}

static pv_status score(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error)
{
    const tifu_state *s = state;
    int64_t n = 0;
    const double *profile = make_profile(history, arena);
    const int32_t *nearest = profile ? find_nearest(&n, s, user, history, profile, arena) : NULL;
    if (!nearest) return pv_fail_memory(error, "TIFU-kNN", (uint64_t)s->pairs.n_users * sizeof *scores);
    memset(scores, 0, (size_t)s->popularity->n_products * sizeof *scores);
    for (int64_t v = 0; v < n; v++)
        for (int64_t k = s->pairs.user_offsets[nearest[v]]; k < s->pairs.user_offsets[nearest[v] + 1]; k++)
            scores[s->pairs.products[k]] += (1 - PV_TIFU_ALPHA) / (double)n * (double)s->values[k];
    for (int64_t k = 0; k < history->n_products; k++) scores[history->products[k]] += PV_TIFU_ALPHA * profile[k];
    pv_popularity_fill(scores, s->popularity);
    return PV_OK;
}

const pv_baseline pv_tifu_knn = {
    .code = "tifu_knn", .title = "TIFU-kNN", .create = create, .free = free_state, .score = score};
