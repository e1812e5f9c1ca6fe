/* item_weights.c - see item_weights.h.
 *
 * A row number is a product's place in the system. P lies in panels of columns (signals/symmetric_inverse.h), and a
 * task takes one panel: for it X'P is a short row a user, made of rows of the panel and added to rows of C at once.
 */
#include "signals/item_weights.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "base/memory.h"
#include "signals/symmetric_inverse.h"
#include <math.h>
#include <string.h>

#define RIDGE 30.0f /* lambda */
#define TARGET_HALF_LIFE_DAYS 60.0

enum { WIDTH = PV_WEIGHTS_PANEL };

struct pv_item_weights {
    const pv_kernels *kernels;
    int64_t n_users;
    size_t n_rows, n_panels, panel_size;
    float *inverse;     /* [n_panels x panel_size] X'WX + lambda I, then P */
    float *ratios;      /* [n_rows] C_jj / P_jj */
    float *ones;        /* [the most rows of a user] */
    int64_t *offsets;   /* [n_users + 1] into rows, targets */
    int32_t *rows;      /* of a user, rising */
    float *targets;     /* Y of the same pairs */
    float *user_weight; /* [n_users] W */
};

/* --- X, W, Y ------------------------------------------------------------------------------------------------------ */

static float recency(const pv_shop *shop, int64_t time)
{
    if (time == PV_NO_TIME) return 1;
    return (float)pv_exp2(-(double)(shop->as_of - time) / (TARGET_HALF_LIFE_DAYS * PV_SECONDS_PER_DAY));
}

/* The pairs of one user. row_of [n_warm products], -1: not in the system. */
static void list_pairs(pv_item_weights *w, const pv_shop *shop, const int32_t *row_of, int64_t user)
{
    const pv_lines lines = pv_shop_user_lines(shop, user);
    int64_t n_distinct = 0, pair = w->offsets[user];
    for (int64_t l = 0; l < lines.n;) {
        const int32_t product = lines.product[l];
        int64_t last = PV_NO_TIME;
        for (; l < lines.n && lines.product[l] == product; l++)
            if (lines.time && lines.time[l] > last) last = lines.time[l];
        n_distinct++;
        if (row_of[product] < 0) continue;
        w->rows[pair] = row_of[product];
        w->targets[pair++] = recency(shop, last);
    }
    w->offsets[user + 1] = pair;
    w->user_weight[user] = n_distinct ? (float)(1 / sqrt((double)n_distinct)) : 0;
}

static pv_status list_users(pv_item_weights *w, const pv_shop *shop, const int32_t *products, pv_error *error)
{
    pv_status status = PV_OK;
    const size_t n_products = (size_t)shop->products.ids.n_warm;
    int32_t *row_of = pv_allocate(n_products, sizeof *row_of);
    int64_t most = 0;
    PV_TRY(pv_check_memory(row_of != NULL, "item-item weights", error));
    for (size_t i = 0; i < n_products; i++) row_of[i] = -1;
    for (size_t r = 0; r < w->n_rows; r++) row_of[products[r]] = (int32_t)r;
    for (int64_t u = 0; u < w->n_users; u++) {
        list_pairs(w, shop, row_of, u);
        if (w->offsets[u + 1] - w->offsets[u] > most) most = w->offsets[u + 1] - w->offsets[u];
    }
    w->ones = pv_allocate((size_t)most, sizeof *w->ones);
    PV_TRY(pv_check_memory(w->ones != NULL, "item-item weights", error));
    for (int64_t k = 0; k < most; k++) w->ones[k] = 1;
cleanup:
    pv_release(row_of);
    return status;
}

/* First of a user's pairs whose row is not below `row`. */
static int64_t first_pair(const pv_item_weights *w, int64_t user, size_t row)
{
    int64_t low = w->offsets[user], high = w->offsets[user + 1];
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if ((size_t)w->rows[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* --- X'WX + lambda I ---------------------------------------------------------------------------------------------- */

/* A panel of it, on and above the diagonal; the identity behind the last row. */
static void fill_panel(void *context, size_t task, unsigned thread)
{
    const pv_item_weights *w = context;
    float *panel = w->inverse + task * w->panel_size;
    const size_t first_row = task * WIDTH, end_row = first_row + WIDTH;
    (void)thread;
    for (int64_t u = 0; u < w->n_users; u++) {
        const int64_t first = first_pair(w, u, first_row);
        int64_t end = first;
        while (end < w->offsets[u + 1] && (size_t)w->rows[end] < end_row) end++;
        if (first == end) continue;
        for (int64_t k = w->offsets[u]; k < end; k++) {
            float *row = panel + (size_t)w->rows[k] * WIDTH;
            for (int64_t l = first; l < end; l++) row[(size_t)w->rows[l] - first_row] += w->user_weight[u];
        }
    }
    for (size_t r = first_row; r < end_row; r++) panel[r * WIDTH + (r - first_row)] += r < w->n_rows ? RIDGE : 1;
}

/* --- C and B ------------------------------------------------------------------------------------------------------ */

/* sums [WIDTH] = the user's row of XP, for the columns of a panel of P. */
static void sum_user(float *sums, const pv_item_weights *w, const float *panel, int64_t user)
{
    const int64_t first = w->offsets[user], end = w->offsets[user + 1];
    const pv_rows rows = {panel, WIDTH, w->rows + first, (size_t)(end - first)};
    memset(sums, 0, WIDTH * sizeof *sums);
    w->kernels->add_rows(sums, &rows, w->ones, WIDTH);
}

/* C_jj / P_jj for the columns of a panel. */
static void fill_ratios(void *context, size_t task, unsigned thread)
{
    const pv_item_weights *w = context;
    const float *panel = w->inverse + task * w->panel_size;
    const size_t first_row = task * WIDTH;
    const size_t n = w->n_rows - first_row < WIDTH ? w->n_rows - first_row : WIDTH;
    float sums[WIDTH], *ratios = w->ratios + first_row;
    (void)thread;
    for (int64_t u = 0; u < w->n_users; u++) {
        int64_t pair = first_pair(w, u, first_row);
        if (pair == w->offsets[u + 1] || (size_t)w->rows[pair] >= first_row + WIDTH) continue;
        sum_user(sums, w, panel, u);
        for (; pair < w->offsets[u + 1] && (size_t)w->rows[pair] < first_row + WIDTH; pair++) {
            const size_t column = (size_t)w->rows[pair] - first_row;
            ratios[column] += w->user_weight[u] * w->targets[pair] * sums[column];
        }
    }
    for (size_t c = 0; c < n; c++) ratios[c] /= panel[(first_row + c) * WIDTH + c];
}

void pv_item_weights_panel(float *panel, const pv_item_weights *w, size_t number)
{
    const float *inverse = w->inverse + number * w->panel_size;
    float sums[WIDTH];
    memset(panel, 0, w->panel_size * sizeof *panel);
    for (int64_t u = 0; u < w->n_users; u++) {
        if (w->offsets[u] == w->offsets[u + 1]) continue;
        sum_user(sums, w, inverse, u);
        for (int64_t k = w->offsets[u]; k < w->offsets[u + 1]; k++)
            w->kernels->axpy(panel + (size_t)w->rows[k] * WIDTH, w->user_weight[u] * w->targets[k], sums, WIDTH);
    }
    for (size_t j = 0; j < w->n_rows; j++)
        w->kernels->axpy(panel + j * WIDTH, -w->ratios[j], inverse + j * WIDTH, WIDTH);
}

/* --- object ------------------------------------------------------------------------------------------------------- */

size_t pv_item_weights_panels(const pv_item_weights *weights)
{
    return weights->n_panels;
}

size_t pv_item_weights_panel_size(const pv_item_weights *weights)
{
    return weights->panel_size;
}

void pv_item_weights_free(pv_item_weights *weights)
{
    if (!weights) return;
    pv_release(weights->inverse);
    pv_release(weights->ratios);
    pv_release(weights->ones);
    pv_release(weights->offsets);
    pv_release(weights->rows);
    pv_release(weights->targets);
    pv_release(weights->user_weight);
    pv_release(weights);
}

static pv_status allocate_weights(pv_item_weights **out, const pv_shop *shop, size_t n_rows, pv_error *error)
{
    pv_item_weights *w = pv_allocate(1, sizeof *w);
    if (!w) return pv_fail_memory(error, "item-item weights", 0);
    const size_t n_panels = (n_rows + WIDTH - 1) / WIDTH, size = pv_symmetric_panels_size(n_panels);
    const size_t n_pairs = (size_t)shop->lines.n, n_users = (size_t)shop->users.ids.n_warm;
    *w = (pv_item_weights){.kernels = pv_kernels_get(),
                           .n_users = (int64_t)n_users,
                           .n_rows = n_rows,
                           .n_panels = n_panels,
                           .panel_size = n_panels * WIDTH * WIDTH,
                           .inverse = size || !n_panels ? pv_allocate(size, sizeof(float)) : NULL,
                           .ratios = pv_allocate(n_rows, sizeof(float)),
                           .offsets = pv_allocate(n_users + 1, sizeof(int64_t)),
                           .rows = pv_allocate(n_pairs, sizeof(int32_t)),
                           .targets = pv_allocate(n_pairs, sizeof(float)),
                           .user_weight = pv_allocate(n_users, sizeof(float))};
    *out = w;
    const bool is_whole = w->inverse && w->ratios && w->offsets && w->rows && w->targets && w->user_weight;
    return is_whole ? PV_OK : pv_fail_memory(error, "item-item weights", size * sizeof(float));
}

pv_status pv_item_weights_create(pv_item_weights **out, const pv_shop *shop, const int32_t *products, size_t n_products,
                                 pv_threads *threads, pv_error *error)
{
    pv_status status;
    pv_item_weights *w = NULL;
    PV_TRY(allocate_weights(&w, shop, n_products, error));
    PV_TRY(list_users(w, shop, products, error));
    pv_threads_run(threads, w->n_panels, fill_panel, w);
    PV_TRY(pv_symmetric_inverse(w->inverse, w->n_panels, threads, error));
    pv_threads_run(threads, w->n_panels, fill_ratios, w);
    *out = w;
    w = NULL;
cleanup:
    pv_item_weights_free(w);
    return status;
}
