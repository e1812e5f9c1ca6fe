/* substitute.c - which products stand for one another, and which of them a customer has just bought. */
#include "signals/substitute.h"

#include "base/failure.h"
#include "signals/als_signal.h"
#include "signals/bought_together.h"
#include "signals/statement.h"
#include <math.h>
#include <stdlib.h>

#define LEAST_SIMILARITY 0.8
#define MOST_IN_CATEGORY 4096 /* pairs are compared one by one: 2 seconds of one core at 64 factors */
#define GAP_DAYS_UNKNOWN 28.0

/* --- fit --------------------------------------------------------------------------------------------------------- */

/* Warm products grouped by leaf category: those of category c are members[offsets[c] .. offsets[c + 1]), rising. */
typedef struct category_members {
    int64_t *offsets;
    int32_t *members;
} category_members;

static bool group_by_category(category_members *groups, const pv_shop *shop, pv_arena *arena)
{
    const int32_t *category = shop->products.category;
    const int64_t n_categories = shop->products.categories.n, n = shop->products.ids.n_warm;
    groups->offsets = pv_arena_allocate(arena, (size_t)n_categories + 2, sizeof *groups->offsets);
    groups->members = pv_arena_allocate(arena, (size_t)n, sizeof *groups->members);
    if (!groups->offsets || !groups->members) return false;
    int64_t *next = groups->offsets + 1;
    for (int64_t i = 0; i < n; i++)
        if (category[i] >= 0) next[category[i] + 1]++;
    for (int64_t c = 1; c <= n_categories; c++) next[c] += next[c - 1];
    for (int64_t i = 0; i < n; i++)
        if (category[i] >= 0) groups->members[next[category[i]]++] = (int32_t)i;
    return true;
}

typedef struct substitute_fit {
    const pv_shop *shop;
    const pv_als_bound *als;
    const void *bought_together;
    category_members groups;
    int32_t *best;   /* [n_warm x PV_SUBSTITUTES_MAX], the most alike first */
    int32_t *n_best; /* [n_warm] */
} substitute_fit;

static bool is_substitute(const substitute_fit *fit, int32_t product, int32_t other, double similarity)
{
    return product != other && similarity >= LEAST_SIMILARITY &&
           pv_bought_together_companies(fit->bought_together, product, other) < 0 &&
           pv_bought_together_companies(fit->bought_together, other, product) < 0;
}

/* Keep the PV_SUBSTITUTES_MAX most alike, falling; of equals the one that came first. Returns how many there are. */
static int32_t keep_best(int32_t *best, double *similarities, int32_t n, int32_t other, double similarity)
{
    int32_t place = n;
    while (place > 0 && similarities[place - 1] < similarity) place--;
    if (place == PV_SUBSTITUTES_MAX) return n;
    const int32_t kept = n < PV_SUBSTITUTES_MAX ? n + 1 : n;
    for (int32_t p = kept - 1; p > place; p--) {
        similarities[p] = similarities[p - 1];
        best[p] = best[p - 1];
    }
    similarities[place] = similarity;
    best[place] = other;
    return kept;
}

/* One product a task: compare it with the others of its category. */
static void find_substitutes(void *context, size_t task, unsigned thread)
{
    (void)thread;
    const substitute_fit *fit = context;
    const int32_t product = (int32_t)task, category = fit->shop->products.category[task];
    double similarities[PV_SUBSTITUTES_MAX];
    int32_t *best = fit->best + task * PV_SUBSTITUTES_MAX, n = 0;
    if (category < 0) return;
    const int64_t first = fit->groups.offsets[category], end = fit->groups.offsets[category + 1];
    if (end - first > MOST_IN_CATEGORY) return;
    for (int64_t m = first; m < end; m++) {
        const int32_t other = fit->groups.members[m];
        const double similarity = pv_als_similarity(fit->als, product, other);
        if (is_substitute(fit, product, other, similarity)) n = keep_best(best, similarities, n, other, similarity);
    }
    fit->n_best[task] = n;
}

static pv_status add_table(pv_tensors *tensors, const substitute_fit *fit, int64_t n, pv_error *error)
{
    pv_status status;
    int64_t *offsets = NULL, total = 0;
    int32_t *products = NULL;
    for (int64_t i = 0; i < n; i++) total += fit->n_best[i];
    PV_TRY(pv_tensors_add(&offsets, tensors, "substitute.offset", PV_I64, n + 1, 0, error));
    PV_TRY(pv_tensors_add(&products, tensors, "substitute.product", PV_I32, total, 0, error));
    for (int64_t i = 0; i < n; i++) {
        for (int32_t k = 0; k < fit->n_best[i]; k++) products[offsets[i] + k] = fit->best[i * PV_SUBSTITUTES_MAX + k];
        offsets[i + 1] = offsets[i] + fit->n_best[i];
    }
cleanup:
    return status;
}

static pv_status find_all(substitute_fit *fit, const pv_tensors *tensors, pv_threads *threads, pv_arena *arena,
                          pv_error *error)
{
    pv_status status = PV_OK;
    void *als = NULL, *bought_together = NULL;
    if (!pv_tensors_find(tensors, "product_factors") || !pv_tensors_find(tensors, "bought_together.product") ||
        fit->shop->products.categories.n == 0)
        return PV_OK;
    PV_TRY(pv_als_signal.bind(&als, tensors, fit->shop, error));
    PV_TRY(pv_bought_together_signal.bind(&bought_together, tensors, fit->shop, error));
    PV_TRY(pv_check_memory(group_by_category(&fit->groups, fit->shop, arena), "substitutes", error));
    fit->als = als;
    fit->bought_together = bought_together;
    pv_threads_run(threads, (size_t)fit->shop->products.ids.n_warm, find_substitutes, fit);
cleanup:
    pv_release(als);
    pv_release(bought_together);
    return status;
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    pv_status status;
    const size_t n = (size_t)shop->products.ids.n_warm;
    substitute_fit fit = {.shop = shop};
    pv_arena *arena = pv_arena_create();
    PV_TRY(pv_check_memory(arena != NULL, "substitutes", error));
    fit.n_best = pv_arena_allocate(arena, n, sizeof *fit.n_best);
    fit.best = pv_arena_allocate(arena, n, PV_SUBSTITUTES_MAX * sizeof *fit.best);
    PV_TRY(pv_check_memory(fit.n_best && fit.best, "substitutes", error));
    PV_TRY(find_all(&fit, tensors, settings->threads, arena, error));
    PV_TRY(add_table(tensors, &fit, (int64_t)n, error));
cleanup:
    pv_arena_free(arena);
    return status;
}

/* --- bind -------------------------------------------------------------------------------------------------------- */

typedef struct bound_substitutes {
    const int64_t *offsets; /* [n_warm products + 1] */
    const int32_t *products;
} bound_substitutes;

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n = shop->products.ids.n_warm;
    const pv_tensor *products = pv_tensors_find(tensors, "substitute.product");
    const int64_t total = products ? products->shape[0] : 0;
    bound_substitutes *bound = pv_allocate(1, sizeof *bound);
    if (!bound) return pv_fail_memory(error, "substitutes", sizeof *bound);
    PV_TRY(pv_tensors_get(&bound->offsets, tensors, "substitute.offset", PV_I64, n + 1, 0, error));
    PV_TRY(pv_tensors_get(&bound->products, tensors, "substitute.product", PV_I32, total, 0, error));
    bool is_sound = bound->offsets[0] == 0 && bound->offsets[n] == total;
    for (int64_t i = 0; is_sound && i < n; i++) {
        const int64_t first = bound->offsets[i], end = bound->offsets[i + 1];
        is_sound = first <= end && end <= total && end - first <= PV_SUBSTITUTES_MAX;
        for (int64_t k = first; is_sound && k < end; k++)
            is_sound = bound->products[k] >= 0 && bound->products[k] < n && bound->products[k] != i;
    }
    if (!is_sound) PV_TRY(pv_fail(error, PV_E_INPUT, "model: the table substitute is not in order"));
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

void pv_substitute_row(const int32_t **products, int64_t *n, const void *bound, int32_t product)
{
    const bound_substitutes *substitutes = bound;
    *products = substitutes->products + substitutes->offsets[product];
    *n = substitutes->offsets[product + 1] - substitutes->offsets[product];
}

/* --- question ---------------------------------------------------------------------------------------------------- */

/* `past` was bought lately and stands for `product`. */
typedef struct recent_substitute {
    int32_t product, past;
    int64_t time;
} recent_substitute;

typedef struct prepared_substitute {
    const pv_question *question;
    recent_substitute *items; /* rising by product, the latest purchase first */
    int64_t n;
} prepared_substitute;

static int compare_recent(const void *left, const void *right)
{
    const recent_substitute *a = left, *b = right;
    if (a->product != b->product) return a->product < b->product ? -1 : 1;
    if (a->time != b->time) return a->time > b->time ? -1 : 1;
    return a->past < b->past ? -1 : a->past > b->past;
}

/* Seconds: half the mean distance of the customer's orders. */
static double window_of(const pv_history *history)
{
    const pv_lines *lines = &history->lines;
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (int64_t l = 0; l < lines->n; l++) {
        if (lines->time[l] < first) first = lines->time[l];
        if (lines->time[l] > last) last = lines->time[l];
    }
    if (!(history->n_orders > 1 && last > first)) return GAP_DAYS_UNKNOWN / 2 * PV_SECONDS_PER_DAY;
    return (double)(last - first) / (history->n_orders - 1) / 2;
}

static void find_recent(prepared_substitute *p, const bound_substitutes *bound)
{
    const pv_history *history = p->question->history;
    const double window = window_of(history);
    for (int64_t k = 0; k < history->n_products; k++) {
        const int32_t past = history->products[k];
        const int64_t last = pv_history_last_time(history, k);
        if (past >= p->question->shop->products.ids.n_warm || (double)(history->as_of - last) > window) continue;
        for (int64_t s = bound->offsets[past]; s < bound->offsets[past + 1]; s++)
            p->items[p->n++] = (recent_substitute){bound->products[s], past, last};
    }
    qsort(p->items, (size_t)p->n, sizeof *p->items, compare_recent);
}

static pv_status prepare(void **out, const void *bound, const pv_question *question, pv_error *error)
{
    const size_t most = (size_t)question->history->n_products * PV_SUBSTITUTES_MAX;
    prepared_substitute *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    recent_substitute *items = pv_arena_allocate(question->arena, most, sizeof *items);
    if (!p || !items) return pv_fail_memory(error, "a question", most * sizeof *items);
    *p = (prepared_substitute){question, items, 0};
    if (question->shop->has_time && question->history->n_products > 0) find_recent(p, bound);
    *out = p;
    return PV_OK;
}

/* The latest purchase that stands for a product, NULL: none. */
static const recent_substitute *find_item(const prepared_substitute *p, int32_t product)
{
    int64_t low = 0, high = p->n;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (p->items[middle].product < product)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->n && p->items[low].product == product ? &p->items[low] : NULL;
}

static double score_one(const void *prepared, int32_t product)
{
    return find_item(prepared, product) ? -1 : 0;
}

static void score(double *phi, const void *prepared)
{
    const prepared_substitute *p = prepared;
    for (int64_t s = 0; s < p->n; s++) phi[p->items[s].product] = -1;
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    const prepared_substitute *p = prepared;
    const recent_substitute *item = find_item(p, product);
    *pieces = (pv_pieces){0};
    if (!item) return PV_OK;
    *pieces = (pv_pieces){pv_arena_allocate(p->question->arena, 1, sizeof *pieces->items), 1};
    if (!pieces->items) return pv_fail_memory(error, "evidence", sizeof *pieces->items);
    pieces->items[0] = pv_piece_of_purchase(item->past, item->time, -1);
    return PV_OK;
}

/* "You bought NAME, a similar product of the same category, on DATE." */
static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    (void)is_reason;
    const prepared_substitute *p = prepared;
    pv_arena *arena = p->question->arena;
    const recent_substitute *item = find_item(p, product);
    *statement = (pv_statement){0};
    if (!item) return PV_OK;
    if (!pv_statement_begin(statement, 3, arena)) return pv_fail_memory(error, "a reason", 0);
    pv_statement_product(statement, p->question->shop, item->past);
    if (!pv_statement_date(statement, "date", item->time, arena)) return pv_fail_memory(error, "a reason", 0);
    const pv_text parts[] = {pv_shop_product_label(p->question->shop, item->past), statement->facts[2].text};
    const bool said =
        pv_statement_say(statement, arena, "You bought {}, a similar product of the same category, on {}.", parts);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    if (!shop->has_time) return "the purchases have no time";
    return shop->products.categories.n ? NULL : "no product has a category";
}

const pv_signal pv_substitute_signal = {.code = "substitute",
                                        .form = PV_FORM_LINEAR,
                                        .level = PV_LEVEL_PRODUCT,
                                        .kinds = PV_SPEAKS_FOR_ALL,
                                        .fit = fit,
                                        .bind = bind,
                                        .prepare = prepare,
                                        .score = score,
                                        .score_one = score_one,
                                        .evidence = evidence,
                                        .state = state,
                                        .silent = silent};
