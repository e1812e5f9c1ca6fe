/* als_signal.c - fitting, binding and questioning the factor model. */
#include "signals/als_signal.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "kernels/scan_kernels.h"
#include "signals/statement.h"
#include <math.h>
#include <string.h>

/* w = alpha log2(1 + s) or alpha s for s orders (contract section 2). */
static double pair_weight(double orders, double alpha, pv_weighting weighting)
{
    return alpha * (weighting == PV_WEIGHT_LOG ? pv_log2(1.0 + orders) : orders);
}

/* --- fit --------------------------------------------------------------------------------------------------------- */

/* How a history becomes a row of pair weights. */
typedef struct weight_rules {
    double alpha, half_life_days, purchase_weight;
    pv_weighting weighting;
    int64_t n_products; /* products from this number on have no factors */
} weight_rules;

/* Merge purchases and dislikes, both rising by product, into a row of the factor model; room for all of them. A product
 * never is in both: what is disliked more than bought has no lines left, and what is bought more has no dislike left.
 */
static int64_t merge_row(int32_t *items, double *weights, const pv_history *history, const weight_rules *rules)
{
    const pv_dislikes *dislikes = &history->dislikes;
    int64_t n = 0;
    for (int64_t k = 0, l = 0; k < history->n_products || l < dislikes->n;) {
        const bool is_dislike =
            l < dislikes->n && (k == history->n_products || dislikes->product[l] < history->products[k]);
        const double orders =
            is_dislike ? dislikes->count[l] : pv_history_orders_with(history, k, rules->half_life_days);
        const double weight = pair_weight(orders * rules->purchase_weight, rules->alpha, rules->weighting);
        const int32_t product = is_dislike ? dislikes->product[l++] : history->products[k++];
        if (product >= rules->n_products) continue;
        items[n] = product;
        weights[n++] = is_dislike ? -weight : weight;
    }
    return n;
}

/* The row in arrays of the arena. */
static pv_status make_row(int32_t **items, double **weights, int64_t *n, const pv_history *history,
                          const weight_rules *rules, pv_arena *arena, pv_error *error)
{
    const size_t room = (size_t)(history->n_products + history->dislikes.n);
    *items = pv_arena_allocate(arena, room, sizeof **items);
    *weights = pv_arena_allocate(arena, room, sizeof **weights);
    if (!*items || !*weights) return pv_fail_memory(error, "a row", room * 12);
    *n = merge_row(*items, *weights, history, rules);
    return PV_OK;
}

typedef struct pair_arrays {
    int64_t *offsets;
    int32_t *columns;
    float *weights;
} pair_arrays;

static pv_status make_pairs(pair_arrays *pairs, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t n_users = shop->users.ids.n_warm, room = pv_shop_count_pairs(shop) + shop->dislikes.n;
    const weight_rules rules = {settings->alpha, settings->half_life_days, shop->purchase_weight, settings->weighting,
                                shop->products.ids.n_warm};
    pv_arena *arena = pv_arena_create();
    pairs->offsets = pv_allocate((size_t)n_users + 1, sizeof *pairs->offsets);
    pairs->columns = pv_allocate((size_t)room, sizeof *pairs->columns);
    pairs->weights = pv_allocate((size_t)room, sizeof *pairs->weights);
    if (!arena || !pairs->offsets || !pairs->columns || !pairs->weights)
        PV_TRY(pv_fail_memory(error, "purchase pairs", (uint64_t)room * 8));
    for (int64_t u = 0; u < n_users; u++) {
        pv_history history;
        int32_t *items = NULL;
        double *weights = NULL;
        int64_t n = 0;
        const int64_t first = pairs->offsets[u];
        pv_arena_reset(arena);
        PV_TRY(pv_history_of_user(&history, shop, u, shop->as_of, arena, error));
        PV_TRY(make_row(&items, &weights, &n, &history, &rules, arena, error));
        for (int64_t k = 0; k < n; k++) {
            pairs->columns[first + k] = items[k];
            pairs->weights[first + k] = (float)weights[k];
        }
        pairs->offsets[u + 1] = first + n;
    }
cleanup:
    pv_arena_free(arena);
    return status;
}

static pv_status add_number(pv_tensors *tensors, const char *name, double value, pv_error *error)
{
    double *data = NULL;
    const pv_status status = pv_tensors_add(&data, tensors, name, PV_F64, 1, 0, error);
    if (status == PV_OK) *data = value;
    return status;
}

static pv_status add_settings(pv_tensors *tensors, const pv_fit_settings *settings, pv_error *error)
{
    pv_status status;
    PV_TRY(add_number(tensors, "als.loss", settings->als.loss, error));
    PV_TRY(add_number(tensors, "als.regularization", settings->als.regularization, error));
    PV_TRY(add_number(tensors, "als.unobserved_weight", settings->als.unobserved_weight, error));
    PV_TRY(add_number(tensors, "als.alpha", settings->alpha, error));
    PV_TRY(add_number(tensors, "als.half_life_days", settings->half_life_days, error));
    PV_TRY(add_number(tensors, "als.weighting", settings->weighting, error));
cleanup:
    return status;
}

static pv_status fit(pv_tensors *tensors, const pv_shop *shop, const pv_fit_settings *settings, pv_error *error)
{
    pv_status status;
    const int64_t n_users = shop->users.ids.n_warm, n_products = shop->products.ids.n_warm;
    const int32_t d = settings->als.n_factors;
    pair_arrays arrays = {0};
    float *X = NULL, *Y = NULL;
    double *gram = NULL;
    PV_TRY(make_pairs(&arrays, shop, settings, error));
    const pv_pairs pairs = {n_users, n_products, arrays.offsets, arrays.columns, arrays.weights};
    PV_TRY(pv_tensors_add(&X, tensors, "user_factors", PV_F32, n_users, d, error));
    PV_TRY(pv_tensors_add(&Y, tensors, "product_factors", PV_F32, n_products, d, error));
    PV_TRY(pv_tensors_add(&gram, tensors, "als.gram", PV_F64, d, d, error));
    PV_TRY(add_settings(tensors, settings, error));
    PV_TRY(pv_als_fit(X, Y, &pairs, &settings->als, settings->threads, settings->iteration_done, settings->context,
                      error));
    PV_TRY(pv_als_gram(gram, Y, n_products, d, settings->threads, error));
cleanup:
    pv_release(arrays.offsets);
    pv_release(arrays.columns);
    pv_release(arrays.weights);
    return status;
}

/* --- bind -------------------------------------------------------------------------------------------------------- */

static pv_status get_number(double *value, const pv_tensors *tensors, const char *name, double low, double high,
                            pv_error *error)
{
    const double *data = NULL;
    const pv_status status = pv_tensors_get(&data, tensors, name, PV_F64, 1, 0, error);
    if (status != PV_OK) return status;
    if (!(data[0] >= low && data[0] <= high)) return pv_fail(error, PV_E_INPUT, "model: tensor %s: out of range", name);
    *value = data[0];
    return PV_OK;
}

static pv_status bind_settings(pv_als_bound *bound, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    double loss = 0, weighting = 0;
    const double *half_life = NULL;
    PV_TRY(get_number(&loss, tensors, "als.loss", PV_LOSS_IALSPP, PV_LOSS_HKV, error));
    PV_TRY(get_number(&bound->model.settings.regularization, tensors, "als.regularization", 0, 1e300, error));
    PV_TRY(get_number(&bound->model.settings.unobserved_weight, tensors, "als.unobserved_weight", 0, 1e300, error));
    PV_TRY(get_number(&bound->alpha, tensors, "als.alpha", 0, 1e300, error));
    PV_TRY(get_number(&weighting, tensors, "als.weighting", PV_WEIGHT_LOG, PV_WEIGHT_LINEAR, error));
    PV_TRY(pv_tensors_get(&half_life, tensors, "als.half_life_days", PV_F64, 1, 0, error));
    if (half_life[0] <= 0) PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor als.half_life_days: out of range"));
    bound->half_life_days = half_life[0];
    bound->model.settings.loss = loss < 0.5 ? PV_LOSS_IALSPP : PV_LOSS_HKV;
    bound->weighting = weighting < 0.5 ? PV_WEIGHT_LOG : PV_WEIGHT_LINEAR;
cleanup:
    return status;
}

static pv_status check_finite(const float *values, int64_t n, const char *name, pv_error *error)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return pv_fail_at(error, PV_E_INPUT, i, "model: tensor %s: value at %lld is not finite", name,
                              (long long)i);
    return PV_OK;
}

/* The bound model with room behind it for the norms and the blocks of factors. */
static pv_als_bound *allocate_bound(int64_t n_products, int64_t n_factors)
{
    const size_t n_blocks = pv_dense_blocks_size(n_products, (size_t)n_factors);
    const size_t size = (size_t)n_products * sizeof(double) + n_blocks * sizeof(float);
    pv_als_bound *bound = pv_allocate(1, sizeof *bound + size);
    if (!bound) return NULL;
    double *norms = (double *)(bound + 1);
    bound->norms = norms;
    bound->dense = (pv_dense_index){(float *)(norms + n_products), n_products, (size_t)n_factors, NULL};
    return bound;
}

static void fill_derived(pv_als_bound *bound)
{
    const pv_als_model *model = &bound->model;
    const int32_t d = model->settings.n_factors;
    double *norms = (double *)(bound + 1);
    float *block = (float *)(norms + model->n_products);
    pv_dense_blocks_fill(block, model->product_factors, model->n_products, (size_t)d);
    for (int64_t first = 0; first < model->n_products; first += PV_DENSE_WIDTH) {
        const int64_t left = model->n_products - first;
        double squares[PV_DENSE_WIDTH] = {0}; /* each summed over the factors in order, as a score is */
        for (int32_t f = 0; f < d; f++, block += PV_DENSE_WIDTH)
            for (int lane = 0; lane < PV_DENSE_WIDTH; lane++)
                squares[lane] += (double)block[lane] * (double)block[lane];
        for (int64_t lane = 0; lane < PV_DENSE_WIDTH && lane < left; lane++) norms[first + lane] = sqrt(squares[lane]);
    }
}

static pv_status bind(void **out, const pv_tensors *tensors, const pv_shop *shop, pv_error *error)
{
    pv_status status;
    const int64_t n_users = shop->users.ids.n_warm, n_products = shop->products.ids.n_warm;
    const pv_tensor *factors = pv_tensors_find(tensors, "product_factors");
    const int64_t d = factors && factors->rank == 2 ? factors->shape[1] : 0;
    if (d < 1 || d > 1024) return pv_fail(error, PV_E_INPUT, "model: tensor product_factors: no 1 to 1024 factors");
    pv_als_bound *bound = allocate_bound(n_products, d);
    if (!bound) return pv_fail_memory(error, "the factor model", 0);
    pv_als_model *model = &bound->model;
    PV_TRY(pv_tensors_get(&model->user_factors, tensors, "user_factors", PV_F32, n_users, d, error));
    PV_TRY(pv_tensors_get(&model->product_factors, tensors, "product_factors", PV_F32, n_products, d, error));
    PV_TRY(pv_tensors_get(&model->gram, tensors, "als.gram", PV_F64, d, d, error));
    PV_TRY(check_finite(model->user_factors, n_users * d, "user_factors", error));
    PV_TRY(check_finite(model->product_factors, n_products * d, "product_factors", error));
    for (int64_t i = 0; i < d * d; i++)
        if (!isfinite(model->gram[i])) PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor als.gram: not finite"));
    model->n_users = n_users;
    model->n_products = n_products;
    model->settings.n_factors = (int32_t)d;
    PV_TRY(bind_settings(bound, tensors, error));
    fill_derived(bound);
    *out = bound;
    bound = NULL;
cleanup:
    pv_release(bound);
    return status;
}

double pv_als_similarity(const pv_als_bound *bound, int32_t a, int32_t b)
{
    const pv_als_model *model = &bound->model;
    const int64_t d = model->settings.n_factors;
    if (a >= model->n_products || b >= model->n_products) return (double)NAN;
    if (!(bound->norms[a] > 0 && bound->norms[b] > 0)) return (double)NAN;
    const double dot = pv_als_score_stored(model->product_factors + a * d, model->product_factors + b * d, (int32_t)d);
    return dot / (bound->norms[a] * bound->norms[b]);
}

/* --- question ---------------------------------------------------------------------------------------------------- */

typedef struct prepared_als {
    const pv_als_bound *bound;
    const pv_question *question;
    const double *x; /* [n_factors]; NULL: 0 */
    int32_t *items;  /* the row system of the history */
    double *weights;
    int64_t n_items;
    bool is_solved;         /* question->als_row holds this history's system */
    int64_t n_with_factors; /* the first products of the history */
} prepared_als;

static int64_t count_with_factors(const pv_history *history, int64_t n_products)
{
    int64_t n = history->n_products;
    while (n > 0 && history->products[n - 1] >= n_products) n--;
    return n;
}

/* The row of a history is solved only when somebody needs it: a known user's score does not. */
static pv_status solve(prepared_als *p, pv_error *error)
{
    if (p->is_solved) return PV_OK;
    const pv_status status = pv_als_row_solve(p->question->als_row, p->items, p->weights, p->n_items, error);
    p->is_solved = status == PV_OK;
    return status;
}

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    pv_status status;
    const pv_als_bound *bound = state;
    const int64_t d = bound->model.settings.n_factors;
    prepared_als *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    double *x = pv_arena_allocate(question->arena, (size_t)d, sizeof *x);
    if (!p || !x) return pv_fail_memory(error, "a question", (uint64_t)d * sizeof *x);
    *p = (prepared_als){.bound = bound, .question = question};
    p->n_with_factors = count_with_factors(question->history, bound->model.n_products);
    const weight_rules rules = {bound->alpha, bound->half_life_days, question->shop->purchase_weight, bound->weighting,
                                bound->model.n_products};
    PV_TRY(make_row(&p->items, &p->weights, &p->n_items, question->history, &rules, question->arena, error));
    if (question->is_stored_history) {
        const float *row = bound->model.user_factors + question->user * d;
        for (int64_t f = 0; f < d; f++) x[f] = (double)row[f];
    } else {
        PV_TRY(solve(p, error));
        memcpy(x, pv_als_row_factors(question->als_row), (size_t)d * sizeof *x);
    }
    p->x = x;
    *out = p;
cleanup:
    return status;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_als *p = prepared;
    const pv_als_model *model = &p->bound->model;
    if (product >= model->n_products) return 0;
    const int32_t d = model->settings.n_factors;
    return pv_als_score(p->x, model->product_factors + (int64_t)product * d, d);
}

static void score(double *phi, const void *prepared)
{
    const prepared_als *p = prepared;
    pv_dense_scores(phi, &p->bound->dense, p->x);
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    pv_status status;
    prepared_als *p = (prepared_als *)(uintptr_t)prepared; /* solving on first use does not change any answer */
    *pieces = (pv_pieces){0};
    if (product >= p->bound->model.n_products || p->n_items == 0) return PV_OK;
    double score_exact = 0, *shares = pv_arena_allocate(p->question->arena, (size_t)p->n_items, sizeof *shares);
    pieces->items = pv_arena_allocate(p->question->arena, (size_t)p->n_items, sizeof *pieces->items);
    if (!shares || !pieces->items) return pv_fail_memory(error, "evidence", (uint64_t)p->n_items * 32);
    PV_TRY(solve(p, error));
    PV_TRY(pv_als_row_effects(&score_exact, shares, NULL, p->question->als_row, product, error));
    for (int64_t k = 0; k < p->n_items; k++)
        if (p->weights[k] > 0) pieces->items[pieces->n++] = (pv_piece){p->items[k], PV_NO_TIME, shares[k]};
cleanup:
    return status;
}

pv_status pv_als_signal_without(double *score_exact, double *without, const void *prepared, int32_t target,
                                pv_error *error)
{
    pv_status status;
    prepared_als *p = (prepared_als *)(uintptr_t)prepared;
    const pv_history *history = p->question->history;
    *score_exact = 0;
    for (int64_t k = 0; k < history->n_products; k++) without[k] = 0;
    if (target >= p->bound->model.n_products || p->n_items == 0) return PV_OK;
    double *effects = pv_arena_allocate(p->question->arena, (size_t)p->n_items, sizeof *effects);
    if (!effects) return pv_fail_memory(error, "removals", (uint64_t)p->n_items * sizeof *effects);
    PV_TRY(solve(p, error));
    PV_TRY(pv_als_row_effects(score_exact, NULL, effects, p->question->als_row, target, error));
    for (int64_t k = 0; k < history->n_products; k++) without[k] = *score_exact; /* of a product without factors */
    for (int64_t k = 0; k < p->n_items; k++) {
        const int64_t place = p->weights[k] < 0 ? -1 : pv_history_find(history, p->items[k]);
        if (place >= 0) without[place] = effects[k];
    }
cleanup:
    return status;
}

/* --- what it says ------------------------------------------------------------------------------------------------ */

typedef struct near_product {
    int32_t product;
    double similarity;
} near_product;

/* Cosine of the factors of `product` and of each past product that has any, NaN where one is zero; the numbers of
 * pv_als_similarity(). False on no memory. */
static bool make_similarities(double **similarities, const prepared_als *p, int32_t product)
{
    const pv_als_model *model = &p->bound->model;
    const int32_t d = model->settings.n_factors, *past = p->question->history->products;
    const double *norms = p->bound->norms;
    double *x = pv_arena_allocate(p->question->arena, (size_t)d, sizeof *x);
    double *out = pv_arena_allocate(p->question->arena, (size_t)p->n_with_factors, sizeof *out);
    if (!x || !out) return false;
    const float *y = model->product_factors + (int64_t)product * d;
    for (int32_t f = 0; f < d; f++) x[f] = (double)y[f];
    pv_scan_kernels_get()->score_rows(out, model->product_factors, past, (size_t)p->n_with_factors, x, (size_t)d);
    for (int64_t k = 0; k < p->n_with_factors; k++) out[k] /= norms[product] * norms[past[k]];
    *similarities = out;
    return true;
}

/* The past products whose factors point most in the direction of `product`, best first; ties bytewise. */
static pv_status find_nearest(near_product nearest[PV_NEAREST_COUNT + 1], int64_t *n, const prepared_als *p,
                              int32_t product, pv_error *error)
{
    const int32_t *past = p->question->history->products;
    double *similarities = NULL;
    *n = 0;
    if (product >= p->bound->model.n_products) return PV_OK;
    if (!make_similarities(&similarities, p, product)) return pv_fail_memory(error, "a reason", 0);
    for (int64_t k = 0; k < p->n_with_factors; k++) {
        if (past[k] == product || !(similarities[k] > 0)) continue;
        int64_t place = *n;
        while (place > 0 && nearest[place - 1].similarity < similarities[k]) place--;
        if (place == PV_NEAREST_COUNT) continue;
        if (*n < PV_NEAREST_COUNT) ++*n;
        memmove(nearest + place + 1, nearest + place, (size_t)(*n - 1 - place) * sizeof *nearest);
        nearest[place] = (near_product){past[k], similarities[k]};
    }
    return PV_OK;
}

static bool say_nearest(pv_statement *statement, const prepared_als *p, const near_product *nearest, int64_t n,
                        bool is_against)
{
    const pv_shop *shop = p->question->shop;
    pv_arena *arena = p->question->arena;
    if (n == 0)
        return pv_statement_say(statement, arena,
                                is_against ? "Its buyers are unlike the buyers of what you bought."
                                           : "Its buyers are like the buyers of what you bought.",
                                NULL);
    const pv_text labels[] = {pv_shop_product_label(shop, nearest[0].product),
                              pv_shop_product_label(shop, nearest[n > 1].product)};
    if (is_against)
        return pv_statement_say(statement, arena,
                                "Its buyers are unlike the buyers of what you bought; {} comes closest.", labels);
    return pv_statement_say(statement, arena,
                            n == 1 ? "Its buyers are most like those of {}, which you bought."
                                   : "Its buyers are most like those of {} and {}, which you bought.",
                            labels);
}

/* The nearest past products as a fact. False on no memory. */
static bool state_nearest(pv_statement *statement, const prepared_als *p, const near_product *nearest, int64_t n)
{
    const pv_shop *shop = p->question->shop;
    pv_nearest *list = pv_arena_allocate(p->question->arena, (size_t)n, sizeof *list);
    if (!list) return false;
    for (int64_t k = 0; k < n; k++)
        list[k] = (pv_nearest){.product = pv_ids_at(&shop->products.ids, nearest[k].product),
                               .name = pv_shop_product_name(shop, nearest[k].product),
                               .similarity = nearest[k].similarity,
                               .if_removed = (double)NAN};
    pv_statement_text(statement, "product", n ? list->product : (pv_text){NULL, 0});
    pv_statement_text(statement, "name", n ? list->name : (pv_text){NULL, 0});
    statement->facts[statement->n_facts++] =
        (pv_fact){.name = "nearest", .kind = PV_FACT_NEAREST, .integer = n, .nearest = list};
    return true;
}

static pv_status state(pv_statement *statement, const void *prepared, int32_t product, bool is_reason, pv_error *error)
{
    const prepared_als *p = prepared;
    near_product nearest[PV_NEAREST_COUNT + 1];
    int64_t n = 0;
    *statement = (pv_statement){0};
    const pv_status status = find_nearest(nearest, &n, p, product, error);
    if (status != PV_OK || (n == 0 && !is_reason)) return status;
    const bool is_against = is_reason && score_one(prepared, product) < 0;
    const bool said = pv_statement_begin(statement, 3, p->question->arena) && state_nearest(statement, p, nearest, n) &&
                      say_nearest(statement, p, nearest, n, is_against);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

static const char *silent(const pv_shop *shop)
{
    (void)shop;
    return NULL;
}

const pv_signal pv_als_signal = {"als", fit, bind, prepare, score, NULL, score_one, evidence, state, silent};
