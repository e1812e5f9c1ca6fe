/* item_knn.c - products bought by the same customers as those of the history, by cosine. */
#include "base/failure.h"
#include "evaluate/baselines/baselines.h"
#include "evaluate/baselines/bought_pairs.h"
#include "evaluate/baselines/recent_buyers.h"
#include "topk/topk.h"
#include <math.h>
#include <string.h>

/* Turned round: the products that have a source among their neighbours. */
typedef struct item_knn_state {
    pv_recent_popularity *popularity;
    int64_t n_products;
    int64_t *offsets; /* [n_products + 2] into targets and cosines */
    int32_t *targets; /* rising within a source */
    float *cosines;
} item_knn_state;

/* Neighbours of each product while they are looked for. */
typedef struct neighbour_search {
    pv_bought_pairs pairs;
    int32_t *neighbours;          /* [n_products x PV_ITEM_KNN_NEIGHBOURS] */
    float *cosines;               /* the same */
    int32_t *n_found;             /* [n_products] */
    int32_t *counts, *candidates; /* [thread x n_products] */
    double *scores;               /* [thread x n_products] */
} neighbour_search;

static void find_neighbours(void *context, size_t task, unsigned thread)
{
    const neighbour_search *search = context;
    const pv_bought_pairs *pairs = &search->pairs;
    const int64_t product = (int64_t)task;
    const size_t room = (size_t)thread * (size_t)pairs->n_products, first = task * PV_ITEM_KNN_NEIGHBOURS;
    int32_t *counts = search->counts + room, *candidates = search->candidates + room;
    double *scores = search->scores + room;
    const int64_t n_together = pv_bought_pairs_count(counts, candidates, pairs, product);
    const double buyers = (double)pv_bought_pairs_users(pairs, product);
    int64_t n = 0;
    for (int64_t c = 0; c < n_together; c++) {
        const int32_t other = candidates[c];
        scores[other] = counts[other] / sqrt(buyers * (double)pv_bought_pairs_users(pairs, other));
        counts[other] = 0;
        if (other != product) candidates[n++] = other;
    }
    n = pv_topk_select(search->neighbours + first, PV_ITEM_KNN_NEIGHBOURS, scores, candidates, n, pv_lower_number,
                       NULL);
    for (int64_t k = 0; k < n; k++)
        search->cosines[first + (size_t)k] = (float)scores[search->neighbours[first + (size_t)k]];
    search->n_found[product] = (int32_t)n;
}

static pv_status search_init(neighbour_search *search, const pv_baseline_input *input, pv_error *error)
{
    const size_t n = (size_t)input->shop->products.ids.n_warm, n_threads = pv_threads_count(input->threads);
    *search = (neighbour_search){
        .neighbours = pv_allocate(n, PV_ITEM_KNN_NEIGHBOURS * sizeof *search->neighbours),
        .cosines = pv_allocate(n, PV_ITEM_KNN_NEIGHBOURS * sizeof *search->cosines),
        .n_found = pv_allocate(n, sizeof *search->n_found),
        .counts = pv_allocate(n, n_threads * sizeof *search->counts),
        .candidates = pv_allocate(n, n_threads * sizeof *search->candidates),
        .scores = pv_allocate(n, n_threads * sizeof *search->scores),
    };
    if (!search->neighbours || !search->cosines || !search->n_found || !search->counts || !search->candidates ||
        !search->scores)
        return pv_fail_memory(error, "item-kNN", (uint64_t)n * PV_ITEM_KNN_NEIGHBOURS * 8);
    return pv_bought_pairs_init(&search->pairs, input->shop, error);
}

static void search_deinit(neighbour_search *search)
{
    pv_bought_pairs_deinit(&search->pairs);
    pv_release(search->neighbours);
    pv_release(search->cosines);
    pv_release(search->n_found);
    pv_release(search->counts);
    pv_release(search->candidates);
    pv_release(search->scores);
}

/* From the neighbours of each target to the targets of each source. */
static pv_status turn_round(item_knn_state *made, const neighbour_search *search, pv_error *error)
{
    const int64_t n = search->pairs.n_products, most = PV_ITEM_KNN_NEIGHBOURS;
    made->offsets = pv_allocate((size_t)n + 2, sizeof *made->offsets);
    if (!made->offsets) return pv_fail_memory(error, "item-kNN", 0);
    int64_t *next = made->offsets + 1;
    for (int64_t i = 0; i < n; i++)
        for (int32_t k = 0; k < search->n_found[i]; k++) next[search->neighbours[i * most + k] + 1]++;
    for (int64_t i = 1; i <= n; i++) next[i] += next[i - 1];
    made->targets = pv_allocate((size_t)next[n], sizeof *made->targets);
    made->cosines = pv_allocate((size_t)next[n], sizeof *made->cosines);
    if (!made->targets || !made->cosines) return pv_fail_memory(error, "item-kNN", (uint64_t)next[n] * 8);
    for (int64_t i = 0; i < n; i++)
        for (int32_t k = 0; k < search->n_found[i]; k++) {
            const int64_t place = next[search->neighbours[i * most + k]]++;
            made->targets[place] = (int32_t)i;
            made->cosines[place] = search->cosines[i * most + k];
        }
    return PV_OK;
}

static void free_state(void *state)
{
    item_knn_state *s = state;
    if (!s) return;
    pv_release(s->popularity);
    pv_release(s->offsets);
    pv_release(s->targets);
    pv_release(s->cosines);
    pv_release(s);
}

static pv_status create(void **state, const pv_baseline_input *input, pv_error *error)
{
    pv_status status;
    neighbour_search search;
    item_knn_state *made = pv_allocate(1, sizeof *made);
    *state = NULL;
    PV_TRY(search_init(&search, input, error));
    PV_TRY(pv_check_memory(made != NULL, "item-kNN", error));
    made->n_products = search.pairs.n_products;
    PV_TRY(pv_recent_popularity_create(&made->popularity, input->shop, error));
    pv_threads_run(input->threads, (size_t)made->n_products, find_neighbours, &search);
    PV_TRY(turn_round(made, &search, error));
    *state = made;
    made = NULL;
cleanup:
    free_state(made);
    search_deinit(&search);
    return status;
}

static pv_status score(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error)
{
    (void)user, (void)arena, (void)error;
    const item_knn_state *s = state;
    memset(scores, 0, (size_t)s->popularity->n_products * sizeof *scores);
    for (int64_t k = 0; k < history->n_products && history->products[k] < s->n_products; k++) {
        const int32_t source = history->products[k];
        for (int64_t t = s->offsets[source]; t < s->offsets[source + 1]; t++)
            scores[s->targets[t]] += (double)s->cosines[t];
    }
    pv_popularity_fill(scores, s->popularity);
    return PV_OK;
}

const pv_baseline pv_item_knn = {
    .code = "item_knn", .title = "item-kNN", .create = create, .free = free_state, .score = score};
