/* popular_in_segment.c - what most companies of the customer's segment bought lately. */
#include "base/failure.h"
#include "evaluate/baselines/baselines.h"
#include "evaluate/baselines/recent_buyers.h"
#include <stdlib.h>
#include <string.h>

/* Lists of (product, buyers), one for each column and value, numbered column n_values + value. */
typedef struct segment_state {
    const pv_shop *shop;
    pv_recent_popularity *popularity;
    int64_t *offsets; /* [n_columns n_values + 1] into products and buyers */
    int32_t *products, *buyers;
    size_t products_capacity, buyers_capacity;
} segment_state;

static const char *absent(const pv_baseline_input *input)
{
    return input->shop->users.segments.n_columns > 0 ? NULL : "the shop has no segment";
}

static void free_state(void *state)
{
    segment_state *s = state;
    if (!s) return;
    pv_release(s->popularity);
    pv_release(s->offsets);
    free(s->products);
    free(s->buyers);
    pv_release(s);
}

/* The warm users by value of a column: members[starts[v] .. starts[v + 1]), those of a company one after the other. */
typedef struct value_members {
    int64_t *starts;  /* [n_values + 2] */
    int32_t *members; /* [n_warm users] */
} value_members;

static void sort_members(value_members *sorted, const pv_users *users, const int32_t *codes)
{
    const int64_t n_values = users->segments.values.count;
    int64_t *next = sorted->starts + 1; /* where the next member of a value goes: in the end, where it ends */
    for (int64_t v = 0; v < n_values + 2; v++) sorted->starts[v] = 0;
    for (int64_t u = 0; u < users->ids.n_warm; u++)
        if (codes[u] >= 0) next[codes[u] + 1]++;
    for (int64_t v = 1; v <= n_values; v++) next[v] += next[v - 1];
    for (int64_t m = 0; m < users->ids.n; m++) {
        const int32_t user = users->parent_members[m];
        if (user < users->ids.n_warm && codes[user] >= 0) sorted->members[next[codes[user]]++] = user;
    }
}

/* Append the counts as list `list`, and set them back to 0. */
static bool append_list(segment_state *s, int64_t list, int32_t *counts)
{
    const int64_t n_warm = s->shop->products.ids.n_warm;
    size_t end = (size_t)s->offsets[list];
    const size_t room = end + (size_t)n_warm;
    if (!pv_reserve((void **)&s->products, &s->products_capacity, room, sizeof *s->products) ||
        !pv_reserve((void **)&s->buyers, &s->buyers_capacity, room, sizeof *s->buyers))
        return false;
    for (int64_t i = 0; i < n_warm; i++) {
        if (counts[i] == 0) continue;
        s->products[end] = (int32_t)i;
        s->buyers[end++] = counts[i];
        counts[i] = 0;
    }
    s->offsets[list + 1] = (int64_t)end;
    return true;
}

static bool append_column(segment_state *s, pv_recent_buyers *buyers, value_members *sorted, int64_t column)
{
    const pv_users *users = &s->shop->users;
    const int64_t n_values = users->segments.values.count;
    sort_members(sorted, users, users->segments.codes + column * users->ids.n);
    for (int64_t v = 0; v < n_values; v++) {
        const int64_t list = column * n_values + v;
        s->offsets[list + 1] = s->offsets[list];
        if (sorted->starts[v] == sorted->starts[v + 1]) continue;
        for (int64_t m = sorted->starts[v]; m < sorted->starts[v + 1]; m++) {
            const int32_t user = sorted->members[m];
            pv_recent_buyers_add(buyers, user, list * users->n_parents + users->parent[user] + 1);
        }
        if (!append_list(s, list, buyers->counts)) return false;
    }
    return true;
}

static pv_status create(void **state, const pv_baseline_input *input, pv_error *error)
{
    pv_status status;
    const pv_users *users = &input->shop->users;
    const size_t n_values = (size_t)users->segments.values.count, n_columns = (size_t)users->segments.n_columns;
    pv_recent_buyers buyers;
    value_members sorted = {pv_allocate(n_values + 2, sizeof *sorted.starts),
                            pv_allocate((size_t)users->ids.n_warm, sizeof *sorted.members)};
    segment_state *made = pv_allocate(1, sizeof *made);
    bool fits = made && sorted.starts && sorted.members;
    *state = NULL;
    PV_TRY(pv_recent_buyers_init(&buyers, input->shop, error));
    PV_TRY(pv_check_memory(fits, "segments", error));
    made->shop = input->shop;
    made->offsets = pv_allocate(n_columns * n_values + 1, sizeof *made->offsets);
    PV_TRY(pv_check_memory(made->offsets != NULL, "segments", error));
    PV_TRY(pv_recent_popularity_create(&made->popularity, input->shop, error));
    for (size_t c = 0; fits && c < n_columns; c++) fits = append_column(made, &buyers, &sorted, (int64_t)c);
    PV_TRY(pv_check_memory(fits, "segments", error));
    *state = made;
    made = NULL;
cleanup:
    free_state(made);
    pv_release(sorted.starts);
    pv_release(sorted.members);
    pv_recent_buyers_deinit(&buyers);
    return status;
}

/* List of the first column in which the user has a value, -1 without. */
static int64_t list_of(const pv_users *users, int64_t user)
{
    for (int64_t c = 0; c < users->segments.n_columns; c++) {
        const int32_t code = users->segments.codes[c * users->ids.n + user];
        if (code >= 0) return c * users->segments.values.count + code;
    }
    return -1;
}

static pv_status score(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error)
{
    (void)history, (void)arena, (void)error;
    const segment_state *s = state;
    const int64_t list = list_of(&s->shop->users, user);
    memcpy(scores, s->popularity->shares, (size_t)s->popularity->n_products * sizeof *scores);
    for (int64_t k = list < 0 ? 0 : s->offsets[list]; list >= 0 && k < s->offsets[list + 1]; k++)
        scores[s->products[k]] += s->buyers[k];
    return PV_OK;
}

const pv_baseline pv_popular_in_segment = {.code = "popular_in_segment",
                                           .title = "popular in segment",
                                           .absent = absent,
                                           .create = create,
                                           .free = free_state,
                                           .score = score};
