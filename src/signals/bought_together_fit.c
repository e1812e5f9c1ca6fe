/* bought_together_fit.c - from counts and weights of pairs to the table: which pairs a product keeps.
 *
 * A task is a panel of products of the past: the weights of their pairs, the companies that they share with each other
 * product, the strongest pairs of those that enough companies share.
 */
#include "signals/bought_together_fit.h"

#include "base/failure.h"
#include "signals/bought_together.h"
#include "signals/company_pairs.h"
#include "signals/item_weights.h"
#include "signals/smoothed_lift.h"
#include <stdlib.h>
#include <string.h>

typedef struct neighbour {
    int32_t product, companies;
    float weight;
} neighbour;

/* What a product keeps, by product. */
typedef struct kept_row {
    neighbour *items; /* malloc */
    int32_t n;
    bool has_failed;
} kept_row;

/* One thread's own. */
typedef struct worker {
    int32_t *counter;      /* [n_products], zero between products */
    int32_t *reached;      /* [n_products], products with enough companies */
    neighbour *candidates; /* [n_products] */
    float *strengths;      /* [n_products] */
    float *panel;          /* item-item weights of a panel; NULL without them */
} worker;

typedef struct fitting {
    const pv_shop *shop;
    int32_t least; /* companies of a pair */
    pv_company_pairs pairs;
    int32_t *products; /* [n_rows] that enough companies bought: only they can have pairs */
    int32_t *row_of;   /* [n_products] place in products */
    size_t n_rows;
    pv_item_weights *weights; /* NULL: smoothed lifts */
    pv_smoothed_lift lift;
    worker *workers; /* [n_threads] */
    kept_row *kept;  /* [n_products] */
} fitting;

/* --- one product -------------------------------------------------------------------------------------------------- */

/* The products that reach the least number of companies, rising. No branch: which ones do is hard to guess. */
static int64_t list_reached(int32_t *reached, const int32_t *counter, int64_t n_products, int32_t least)
{
    int64_t n = 0;
    for (int32_t i = 0; i < (int32_t)n_products; i++) {
        reached[n] = i;
        n += counter[i] >= least;
    }
    return n;
}

/* The pairs of products[row] with a positive weight that enough companies share, as candidates, by product. */
static int64_t list_candidates(worker *w, const fitting *f, size_t row)
{
    const int64_t n_products = f->shop->products.ids.n_warm;
    const int32_t past = f->products[row];
    pv_company_pairs_count(w->counter, &f->pairs, past);
    const int64_t n_reached = list_reached(w->reached, w->counter, n_products, f->least);
    int64_t n = 0;
    for (int64_t k = 0; k < n_reached; k++) {
        const int32_t i = w->reached[k], both = w->counter[i];
        if (i == past) continue;
        const float weight = w->panel ? w->panel[(size_t)f->row_of[i] * PV_WEIGHTS_PANEL + row % PV_WEIGHTS_PANEL]
                                      : (float)pv_smoothed_lift_of(&f->lift, past, i, both);
        if (weight > 0) w->candidates[n++] = (neighbour){i, both, weight};
    }
    memset(w->counter, 0, (size_t)n_products * sizeof *w->counter);
    return n;
}

/* The value at `rank` from the largest (0) on, by Hoare's selection; the values change places. */
static float select_largest(float *values, int64_t n, int64_t rank)
{
    for (int64_t low = 0, high = n - 1; low < high;) {
        const float pivot = values[low + (high - low) / 2];
        int64_t left = low, right = high;
        while (left <= right) {
            while (values[left] > pivot) left++;
            while (values[right] < pivot) right--;
            if (left > right) break;
            const float swapped = values[left];
            values[left++] = values[right];
            values[right--] = swapped;
        }
        if (rank > right && rank < left) break;
        if (rank <= right) high = right;
        if (rank >= left) low = left;
    }
    return values[rank];
}

/* The strongest PV_NEIGHBOURS_MAX of more than that, still by product; of equal ones the first. */
static int64_t keep_strongest(neighbour *candidates, int64_t n, float *strengths)
{
    int64_t n_equal = PV_NEIGHBOURS_MAX, kept = 0;
    for (int64_t i = 0; i < n; i++) strengths[i] = candidates[i].weight;
    const float least = select_largest(strengths, n, PV_NEIGHBOURS_MAX - 1);
    for (int64_t i = 0; i < n; i++) n_equal -= candidates[i].weight > least;
    for (int64_t i = 0; i < n; i++) {
        if (candidates[i].weight < least || (candidates[i].weight == least && n_equal-- <= 0)) continue;
        candidates[kept++] = candidates[i];
    }
    return kept;
}

static void keep_row(kept_row *kept, worker *w, const fitting *f, size_t row)
{
    int64_t n = list_candidates(w, f, row);
    if (n > PV_NEIGHBOURS_MAX) n = keep_strongest(w->candidates, n, w->strengths);
    if (!n) return;
    kept->items = malloc((size_t)n * sizeof *kept->items);
    kept->has_failed = !kept->items;
    if (!kept->items) return;
    kept->n = (int32_t)n;
    memcpy(kept->items, w->candidates, (size_t)n * sizeof *kept->items);
}

static void keep_panel(void *context, size_t task, unsigned thread)
{
    fitting *f = context;
    worker *w = &f->workers[thread];
    const size_t first = task * PV_WEIGHTS_PANEL;
    const size_t end = f->n_rows - first < PV_WEIGHTS_PANEL ? f->n_rows : first + PV_WEIGHTS_PANEL;
    if (w->panel) pv_item_weights_panel(w->panel, f->weights, task);
    for (size_t row = first; row < end; row++) keep_row(&f->kept[f->products[row]], w, f, row);
}

/* --- all products ------------------------------------------------------------------------------------------------- */

static void list_products(fitting *f)
{
    for (int32_t i = 0; i < (int32_t)f->shop->products.ids.n_warm; i++) {
        if (f->shop->products.buyers[i] < f->least) continue;
        f->row_of[i] = (int32_t)f->n_rows;
        f->products[f->n_rows++] = i;
    }
}

static bool make_worker(worker *w, const fitting *f)
{
    const size_t n = (size_t)f->shop->products.ids.n_warm;
    *w = (worker){.counter = pv_allocate(n, sizeof *w->counter),
                  .reached = pv_allocate(n, sizeof *w->reached),
                  .candidates = pv_allocate(n, sizeof *w->candidates),
                  .strengths = pv_allocate(n, sizeof *w->strengths)};
    if (f->weights) w->panel = pv_allocate(pv_item_weights_panel_size(f->weights), sizeof *w->panel);
    return w->counter && w->reached && w->candidates && w->strengths && (w->panel || !f->weights);
}

static pv_status make_weights(fitting *f, size_t most_products, pv_threads *threads, pv_error *error)
{
    if (f->n_rows > most_products) return pv_smoothed_lift_init(&f->lift, f->shop, error);
    return pv_item_weights_create(&f->weights, f->shop, f->products, f->n_rows, threads, error);
}

static pv_status fitting_init(fitting *f, const pv_fit_settings *settings, size_t most_products, pv_error *error)
{
    pv_status status;
    const size_t n = (size_t)f->shop->products.ids.n_warm, n_threads = pv_threads_count(settings->threads);
    f->products = pv_allocate(n, sizeof *f->products);
    f->row_of = pv_allocate(n, sizeof *f->row_of);
    f->kept = pv_allocate(n, sizeof *f->kept);
    f->workers = pv_allocate(n_threads, sizeof *f->workers);
    PV_TRY(pv_check_memory(f->products && f->row_of && f->kept && f->workers, "pairs of products", error));
    list_products(f);
    PV_TRY(pv_company_pairs_init(&f->pairs, f->shop, error));
    PV_TRY(make_weights(f, most_products, settings->threads, error));
    for (size_t t = 0; t < n_threads; t++)
        PV_TRY(pv_check_memory(make_worker(&f->workers[t], f), "pairs of products", error));
cleanup:
    return status;
}

static void fitting_deinit(fitting *f, size_t n_threads)
{
    for (size_t t = 0; f->workers && t < n_threads; t++) {
        pv_release(f->workers[t].counter);
        pv_release(f->workers[t].reached);
        pv_release(f->workers[t].candidates);
        pv_release(f->workers[t].strengths);
        pv_release(f->workers[t].panel);
    }
    for (int64_t j = 0; f->kept && j < f->shop->products.ids.n_warm; j++) free(f->kept[j].items);
    pv_item_weights_free(f->weights);
    pv_smoothed_lift_deinit(&f->lift);
    pv_company_pairs_deinit(&f->pairs);
    pv_release(f->products);
    pv_release(f->row_of);
    pv_release(f->workers);
    pv_release(f->kept);
}

static pv_status add_table(pv_tensors *tensors, const fitting *f, pv_error *error)
{
    pv_status status;
    const int64_t n_products = f->shop->products.ids.n_warm;
    int64_t total = 0, *offsets = NULL;
    int32_t *products = NULL, *companies = NULL;
    float *weights = NULL;
    for (int64_t j = 0; j < n_products; j++) {
        total += f->kept[j].n;
        if (f->kept[j].has_failed) return pv_fail_memory(error, "the table of products bought together", 0);
    }
    PV_TRY(pv_tensors_add(&offsets, tensors, "bought_together.offset", PV_I64, n_products + 1, 0, error));
    PV_TRY(pv_tensors_add(&products, tensors, "bought_together.product", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_add(&companies, tensors, "bought_together.companies", PV_I32, total, 0, error));
    PV_TRY(pv_tensors_add(&weights, tensors, "bought_together.weight", PV_F32, total, 0, error));
    for (int64_t j = 0, next = 0; j < n_products; j++) {
        for (int32_t k = 0; k < f->kept[j].n; k++, next++) {
            products[next] = f->kept[j].items[k].product;
            companies[next] = f->kept[j].items[k].companies;
            weights[next] = f->kept[j].items[k].weight;
        }
        offsets[j + 1] = next;
    }
cleanup:
    return status;
}

pv_status pv_bought_together_fit_up_to(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                                       size_t most_products, pv_error *error)
{
    pv_status status;
    fitting f = {.shop = shop, .least = settings->min_companies > 1 ? settings->min_companies : 1};
    PV_TRY(fitting_init(&f, settings, most_products, error));
    pv_threads_run(settings->threads, (f.n_rows + PV_WEIGHTS_PANEL - 1) / PV_WEIGHTS_PANEL, keep_panel, &f);
    PV_TRY(add_table(tensors, &f, error));
cleanup:
    fitting_deinit(&f, pv_threads_count(settings->threads));
    return status;
}

pv_status pv_bought_together_fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings,
                                 pv_error *error)
{
    return pv_bought_together_fit_up_to(tensors, shop, settings, PV_ITEM_WEIGHTS_MAX, error);
}
