/* evaluation_slices.c - see evaluation_slices.h. */
#include "evaluate/evaluation_slices.h"

#include "base/failure.h"
#include "shop/interner.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Groups that every shop has; a segment's slices come after them. */
enum { ORDERS_FEW, ORDERS_SOME, ORDERS_MANY, SPEND_LOW, SPEND_MIDDLE, SPEND_HIGH, RECENT_PRODUCTS, FIXED_COUNT };
static const char *const fixed[FIXED_COUNT][2] = {
    [ORDERS_FEW] = {"orders", "under 3"},
    [ORDERS_SOME] = {"orders", "3 to 10"},
    [ORDERS_MANY] = {"orders", "over 10"},
    [SPEND_LOW] = {"spend", "lowest third"},
    [SPEND_MIDDLE] = {"spend", "middle third"},
    [SPEND_HIGH] = {"spend", "highest third"},
    [RECENT_PRODUCTS] = {"products", "first sold in the last 30 days"},
};
_Static_assert(PV_RECENT_DAYS == 30, "the words above say so");

typedef struct slice_sums {
    int64_t users[PV_TASK_COUNT];
    double *sums;    /* [PV_TASK_COUNT x n_contenders x PV_HEADLINE_COUNT] */
    int64_t *counts; /* [PV_TASK_COUNT x n_contenders]: customers for whom the contender made a list */
} slice_sums;

struct pv_slices {
    int64_t n_contenders;
    pv_interner *keys; /* group, NUL, value */
    slice_sums *items; /* [count of keys] */
    size_t capacity;
    pv_buffer key; /* the one looked for */
    pv_arena *arena;
};

/* --- keys -------------------------------------------------------------------------------------------------------- */

static pv_status slice_of(int64_t *index, pv_slices *slices, pv_text group, pv_text value, pv_error *error)
{
    const int64_t before = pv_interner_count(slices->keys);
    slices->key.size = 0;
    pv_buffer_append_text(&slices->key, group);
    pv_buffer_append(&slices->key, "", 1);
    pv_buffer_append_text(&slices->key, value);
    if (slices->key.failed) return pv_fail_memory(error, "slices", 0);
    *index = pv_interner_add(slices->keys, (pv_text){slices->key.data, slices->key.size});
    if (*index < 0 ||
        !pv_reserve((void **)&slices->items, &slices->capacity, (size_t)before + 1, sizeof *slices->items))
        return pv_fail_memory(error, "slices", 0);
    if (*index < before) return PV_OK;
    const size_t lists = (size_t)slices->n_contenders * PV_TASK_COUNT;
    slice_sums *item = &slices->items[*index];
    *item = (slice_sums){0};
    item->sums = pv_arena_allocate(slices->arena, lists, PV_HEADLINE_COUNT * sizeof *item->sums);
    item->counts = pv_arena_allocate(slices->arena, lists, sizeof *item->counts);
    return pv_check_memory(item->sums && item->counts, "slices", error);
}

pv_status pv_slices_create(pv_slices **out, int64_t n_contenders, pv_error *error)
{
    pv_status status;
    pv_slices *slices = calloc(1, sizeof *slices);
    if (!slices) return pv_fail_memory(error, "slices", sizeof *slices);
    slices->n_contenders = n_contenders;
    slices->keys = pv_interner_create();
    slices->arena = pv_arena_create();
    PV_TRY(pv_check_memory(slices->keys && slices->arena, "slices", error));
    for (int k = 0; k < FIXED_COUNT; k++) {
        int64_t index = 0;
        PV_TRY(slice_of(&index, slices, pv_text_of(fixed[k][0]), pv_text_of(fixed[k][1]), error));
    }
    *out = slices;
    slices = NULL;
cleanup:
    pv_slices_free(slices);
    return status;
}

void pv_slices_free(pv_slices *slices)
{
    if (!slices) return;
    pv_interner_free(slices->keys);
    pv_buffer_deinit(&slices->key);
    pv_arena_free(slices->arena);
    free(slices->items);
    free(slices);
}

/* --- thirds ------------------------------------------------------------------------------------------------------ */

static int compare_spends(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

pv_status pv_spend_thirds_find(pv_spend_thirds *thirds, const pv_truth *truth, pv_error *error)
{
    double *spends = pv_allocate((size_t)truth->n_users, sizeof *spends);
    if (!spends) return pv_fail_memory(error, "slices", 0);
    int64_t n = 0;
    for (int64_t u = 0; u < truth->n_users; u++)
        if (truth->offsets[u + 1] > truth->offsets[u]) spends[n++] = truth->spend_before[u];
    if (n > 0) qsort(spends, (size_t)n, sizeof *spends, compare_spends);
    *thirds = n > 0 ? (pv_spend_thirds){spends[n / 3], spends[2 * n / 3]} : (pv_spend_thirds){0, 0};
    pv_release(spends);
    return PV_OK;
}

/* --- adding ------------------------------------------------------------------------------------------------------ */

static void add_list(slice_sums *item, const pv_contest *contest, int task, int64_t contender, const double *headlines)
{
    if (contest->is_absent[contender]) return;
    const int64_t list = task * contest->contenders->n + contender;
    item->counts[list]++;
    for (int h = 0; h < PV_HEADLINE_COUNT; h++) item->sums[list * PV_HEADLINE_COUNT + h] += headlines[h];
}

static void add_customer(slice_sums *item, const pv_contest *contest, const pv_user_outcome *outcome)
{
    const int64_t n = contest->contenders->n;
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        if (outcome->tasks[t].n_truth == 0) continue;
        item->users[t]++;
        for (int64_t c = 0; c < n; c++) {
            const double *metrics = outcome->lists[t * n + c].metrics[PV_LENGTH_COUNT - 1];
            const double headlines[PV_HEADLINE_COUNT] = {
                [PV_HEADLINE_RECALL] = metrics[PV_METRIC_RECALL], [PV_HEADLINE_NDCG] = metrics[PV_METRIC_NDCG]};
            add_list(item, contest, t, c, headlines);
        }
    }
}

static void add_recent_products(slice_sums *item, const pv_contest *contest, const pv_user_outcome *outcome)
{
    const int64_t n = contest->contenders->n;
    for (int t = 0; t < PV_TASK_COUNT; t++) {
        if (outcome->tasks[t].n_recent == 0) continue;
        item->users[t]++;
        for (int64_t c = 0; c < n; c++) add_list(item, contest, t, c, outcome->lists[t * n + c].recent);
    }
}

static pv_status add_segments(pv_slices *slices, const pv_contest *contest, const pv_user_outcome *outcome,
                              pv_error *error)
{
    const pv_text_columns *segments = &contest->ranker->shop.users.segments;
    for (int64_t s = 0; s < segments->n_columns; s++) {
        const int32_t code = segments->codes[s * segments->n_rows + outcome->user];
        if (code < 0) continue;
        int64_t index = 0;
        const pv_status status =
            slice_of(&index, slices, pv_texts_at(&segments->names, s), pv_texts_at(&segments->values, code), error);
        if (status != PV_OK) return status;
        add_customer(&slices->items[index], contest, outcome);
    }
    return PV_OK;
}

pv_status pv_slices_add(pv_slices *slices, const pv_contest *contest, const pv_spend_thirds *thirds,
                        const pv_user_outcome *outcome, pv_error *error)
{
    const int64_t orders = outcome->n_orders;
    const double spend = contest->truth->spend_before[outcome->user];
    const int by_orders = orders < 3 ? ORDERS_FEW : orders <= 10 ? ORDERS_SOME : ORDERS_MANY;
    const int by_spend = spend < thirds->low_end ? SPEND_LOW : spend < thirds->middle_end ? SPEND_MIDDLE : SPEND_HIGH;
    add_customer(&slices->items[by_orders], contest, outcome);
    add_customer(&slices->items[by_spend], contest, outcome);
    add_recent_products(&slices->items[RECENT_PRODUCTS], contest, outcome);
    return add_segments(slices, contest, outcome, error);
}

/* --- the report -------------------------------------------------------------------------------------------------- */

static int compare_slices(const void *left, const void *right)
{
    const pv_slice *a = left, *b = right;
    const int by_group = strcmp(a->group, b->group);
    return by_group ? by_group : strcmp(a->value, b->value);
}

static pv_status finish_slice(pv_slice *slice, const pv_slices *slices, int64_t index, pv_arena *arena, pv_error *error)
{
    const slice_sums *item = &slices->items[index];
    const pv_text key = pv_interner_text(slices->keys, index);
    const int64_t n_lists = slices->n_contenders * PV_TASK_COUNT;
    char *text = pv_arena_allocate(arena, key.size + 1, 1);
    slice->scores = pv_arena_allocate(arena, (size_t)n_lists, PV_HEADLINE_COUNT * sizeof *slice->scores);
    if (!text || !slice->scores) return pv_fail_memory(error, "slices", 0);
    memcpy(text, key.data, key.size);
    slice->group = text;
    slice->value = text + strlen(text) + 1;
    memcpy(slice->users, item->users, sizeof slice->users);
    for (int64_t k = 0; k < n_lists * PV_HEADLINE_COUNT; k++) {
        const int64_t count = item->counts[k / PV_HEADLINE_COUNT];
        slice->scores[k] = count > 0 ? item->sums[k] / (double)count : (double)NAN;
    }
    return PV_OK;
}

pv_status pv_slices_finish(pv_slice **items, int64_t *n_items, const pv_slices *slices, pv_arena *arena,
                           pv_error *error)
{
    const int64_t n_keys = pv_interner_count(slices->keys);
    pv_slice *made = pv_arena_allocate(arena, (size_t)n_keys, sizeof *made);
    if (!made) return pv_fail_memory(error, "slices", 0);
    int64_t n = 0, n_fixed = 0;
    for (int64_t k = 0; k < n_keys; k++) {
        const int64_t least = k < FIXED_COUNT ? 1 : PV_SLICE_USERS_MIN;
        if (slices->items[k].users[PV_TASK_ALL] < least) continue;
        const pv_status status = finish_slice(&made[n++], slices, k, arena, error);
        if (status != PV_OK) return status;
        n_fixed += k < FIXED_COUNT;
    }
    qsort(made + n_fixed, (size_t)(n - n_fixed), sizeof *made, compare_slices);
    *items = made;
    *n_items = n;
    return PV_OK;
}
