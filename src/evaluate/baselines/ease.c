/* ease.c - each product by a ridge regression on all others. */
#include "base/failure.h"
#include "evaluate/baselines/baselines.h"
#include "evaluate/baselines/bought_pairs.h"
#include "evaluate/baselines/recent_buyers.h"
#include "signals/symmetric_inverse.h"
#include <assert.h>
#include <string.h>

enum { SIDE = PV_KERNEL_BLOCK };

typedef struct ease_state {
    const pv_shop *shop;
    size_t n_blocks;
    float *panels;   /* P with a diagonal of 0, as symmetric_inverse.h lays it out */
    float *diagonal; /* of P, [n_warm products] */
} ease_state;

typedef struct gram_rows {
    pv_bought_pairs pairs;
    int32_t *counts, *found; /* [thread x n_products] */
    float *panels;
    size_t n_blocks;
} gram_rows;

static size_t place_of(size_t n_blocks, size_t row, size_t column)
{
    return (column / SIDE * n_blocks * SIDE + row) * SIDE + column % SIDE;
}

static const char *absent(const pv_baseline_input *input)
{
    static_assert(PV_EASE_MOST_PRODUCTS == 8192, "the message names it");
    return input->shop->products.ids.n_warm <= PV_EASE_MOST_PRODUCTS ? NULL : "more than 8,192 products";
}

/* Row i of X'X + lambda I. */
static void fill_row(void *context, size_t i, unsigned thread)
{
    const gram_rows *gram = context;
    const size_t n = (size_t)gram->pairs.n_products, room = (size_t)thread * n;
    int32_t *counts = gram->counts + room, *found = gram->found + room;
    const int64_t n_found = i < n ? pv_bought_pairs_count(counts, found, &gram->pairs, (int64_t)i) : 0;
    for (int64_t c = 0; c < n_found; c++) {
        gram->panels[place_of(gram->n_blocks, i, (size_t)found[c])] = (float)counts[found[c]];
        counts[found[c]] = 0;
    }
    gram->panels[place_of(gram->n_blocks, i, i)] += i < n ? (float)PV_EASE_LAMBDA : 1;
}

static pv_status fill_gram(float *panels, size_t n_blocks, const pv_baseline_input *input, pv_error *error)
{
    pv_status status;
    const size_t n = (size_t)input->shop->products.ids.n_warm, n_threads = pv_threads_count(input->threads);
    gram_rows gram = {.counts = pv_allocate(n, n_threads * sizeof *gram.counts),
                      .found = pv_allocate(n, n_threads * sizeof *gram.found),
                      .panels = panels,
                      .n_blocks = n_blocks};
    PV_TRY(pv_check_memory(gram.counts && gram.found, "EASE", error));
    PV_TRY(pv_bought_pairs_init(&gram.pairs, input->shop, error));
    pv_threads_run(input->threads, n_blocks * SIDE, fill_row, &gram);
cleanup:
    pv_bought_pairs_deinit(&gram.pairs);
    pv_release(gram.counts);
    pv_release(gram.found);
    return status;
}

static void free_state(void *state)
{
    ease_state *s = state;
    if (!s) return;
    pv_release(s->panels);
    pv_release(s->diagonal);
    pv_release(s);
}

static pv_status create(void **state, const pv_baseline_input *input, pv_error *error)
{
    pv_status status;
    const size_t n = (size_t)input->shop->products.ids.n_warm;
    ease_state *made = pv_allocate(1, sizeof *made);
    *state = NULL;
    PV_TRY(pv_check_memory(made != NULL, "EASE", error));
    made->shop = input->shop;
    made->n_blocks = (n + SIDE - 1) / SIDE;
    made->panels = pv_allocate(pv_symmetric_panels_size(made->n_blocks), sizeof *made->panels);
    made->diagonal = pv_allocate(n, sizeof *made->diagonal);
    if (!made->panels || !made->diagonal) PV_TRY(pv_fail_memory(error, "EASE", (uint64_t)n * n * sizeof(float)));
    PV_TRY(fill_gram(made->panels, made->n_blocks, input, error));
    PV_TRY(pv_symmetric_inverse(made->panels, made->n_blocks, input->threads, error));
    for (size_t i = 0; i < n; i++) {
        float *entry = made->panels + place_of(made->n_blocks, i, i);
        made->diagonal[i] = *entry;
        *entry = 0;
    }
    *state = made;
    made = NULL;
cleanup:
    free_state(made);
    return status;
}

/* Sums over the history for the targets of one panel. */
static void add_panel(double sums[SIDE], const ease_state *s, size_t panel, const pv_history *history)
{
    const int64_t n_warm = s->shop->products.ids.n_warm;
    memset(sums, 0, SIDE * sizeof *sums);
    for (int64_t k = 0; k < history->n_products && history->products[k] < n_warm; k++) {
        const float *row = s->panels + place_of(s->n_blocks, (size_t)history->products[k], panel * SIDE);
        for (size_t c = 0; c < SIDE; c++) sums[c] += (double)row[c];
    }
}

static pv_status score(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error)
{
    (void)user, (void)arena, (void)error;
    const ease_state *s = state;
    const size_t n = (size_t)s->shop->products.ids.n_warm;
    double sums[SIDE];
    for (size_t panel = 0; panel < s->n_blocks; panel++) {
        add_panel(sums, s, panel, history);
        for (size_t c = 0; c < SIDE && panel * SIDE + c < n; c++)
            scores[panel * SIDE + c] = -sums[c] / (double)s->diagonal[panel * SIDE + c];
    }
    pv_unsold_fill(scores, s->shop);
    return PV_OK;
}

const pv_baseline pv_ease = {
    .code = "ease", .title = "EASE", .absent = absent, .create = create, .free = free_state, .score = score};
