/* als_signal.c - questioning the factor model. */
#include "signals/als_signal.h"

#include "als/history_pairs.h"
#include "base/failure.h"
#include "kernels/scan_kernels.h"
#include "signals/als_signal_fit.h"
#include "signals/statement.h"
#include <math.h>
#include <string.h>

/* --- question ----------------------------------------------------------------------------------------------------- */

typedef struct prepared_als {
    const pv_als_bound *bound;
    const pv_question *question;
    pv_als_row *row; /* scratch of the session */
    const double *x; /* [n_factors] */
    int32_t *items;  /* the row system of the history */
    double *weights;
    int64_t n_items;
    pv_side_row features;   /* of the user */
    const double *mean;     /* their prior mean [n_factors]; NULL: no features */
    bool is_solved;         /* row holds this history's system */
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
    const pv_status status = pv_als_row_solve(p->row, p->items, p->weights, p->n_items, p->mean, error);
    p->is_solved = status == PV_OK;
    return status;
}

pv_status pv_als_user_features(pv_side_row *features, const pv_als_bound *bound, const pv_question *question,
                               pv_error *error)
{
    *features = pv_side_row_of(&bound->users, question->user);
    if (question->n_metadata == 0 || bound->users.n_features == 0) return PV_OK;
    return pv_side_row_of_values(features, &bound->users, question->metadata, question->n_metadata, question->arena,
                                 error);
}

static pv_status prepare_features(prepared_als *p, pv_error *error)
{
    const int32_t d = p->bound->model.settings.n_factors;
    const pv_status status = pv_als_user_features(&p->features, p->bound, p->question, error);
    if (status != PV_OK) return status;
    if (p->features.n == 0) return PV_OK;
    double *mean = pv_arena_allocate(p->question->arena, (size_t)d, sizeof *mean);
    if (!mean) return pv_fail_memory(error, "features", (uint64_t)d * sizeof *mean);
    pv_side_mean(mean, &p->bound->users, &p->features, d);
    p->mean = mean;
    return PV_OK;
}

/* half_life_days: of the orders (NaN: none). */
static pv_status prepare_decayed(void **out, const pv_als_bound *bound, const pv_question *question, pv_als_row *row,
                                 double half_life_days, bool is_stored, pv_error *error)
{
    pv_status status;
    const int64_t d = bound->model.settings.n_factors;
    prepared_als *p = pv_arena_allocate(question->arena, 1, sizeof *p);
    double *x = pv_arena_allocate(question->arena, (size_t)d, sizeof *x);
    if (!p || !x) return pv_fail_memory(error, "a question", (uint64_t)d * sizeof *x);
    *p = (prepared_als){.bound = bound, .question = question, .row = row};
    p->n_with_factors = count_with_factors(question->history, bound->model.n_products);
    const pv_pair_rules rules = {bound->alpha, half_life_days, question->shop->purchase_weight, bound->weighting,
                                 bound->model.n_products};
    PV_TRY(
        pv_history_pairs_row(&p->items, &p->weights, &p->n_items, question->history, &rules, question->arena, error));
    PV_TRY(prepare_features(p, error));
    if (is_stored) {
        const float *stored = bound->model.user_factors + question->user * d;
        for (int64_t f = 0; f < d; f++) x[f] = (double)stored[f];
    } else {
        PV_TRY(solve(p, error));
        memcpy(x, pv_als_row_factors(row), (size_t)d * sizeof *x);
    }
    p->x = x;
    *out = p;
cleanup:
    return status;
}

static pv_status prepare(void **out, const void *state, const pv_question *question, pv_error *error)
{
    const pv_als_bound *bound = state;
    return prepare_decayed(out, bound, question, question->als_rows.plain, bound->half_life_days,
                           question->is_stored_history, error);
}

static pv_status prepare_recent(void **out, const void *state, const pv_question *question, pv_error *error)
{
    return prepare_decayed(out, state, question, question->als_rows.recent, PV_RECENT_HALF_LIFE_DAYS, false, error);
}

/* NULL for a product without factors. */
static const float *factors_of(const prepared_als *p, int32_t product)
{
    const pv_als_model *model = &p->bound->model;
    return product < p->bound->n_scored ? model->product_factors + (int64_t)product * model->settings.n_factors : NULL;
}

static double score_one(const void *prepared, int32_t product)
{
    const prepared_als *p = prepared;
    const float *y = factors_of(p, product);
    return y ? pv_als_score(p->x, y, p->bound->model.settings.n_factors) : 0;
}

static void score(double *phi, const void *prepared)
{
    const prepared_als *p = prepared;
    pv_dense_scores(phi, &p->bound->dense, p->x);
}

void pv_als_signal_score_both(double *phi, double *phi_recent, const void *prepared, const void *prepared_recent,
                              int64_t first, int64_t n)
{
    const prepared_als *p = prepared, *recent = prepared_recent;
    pv_dense_scores_two(phi, phi_recent, &p->bound->dense, p->x, recent->x, first, n);
}

/* Add the pieces that the user's features are, with room behind those of the purchases; shares [features.n]. */
static void add_features_as_pieces(pv_pieces *pieces, double *shares, const prepared_als *p, const float *y)
{
    const pv_side_information *users = &p->bound->users;
    const pv_side_row *row = &p->features;
    pv_als_row_feature_shares(shares, p->row, y, users->weights, row->features, row->values, row->n);
    for (int64_t k = 0; k < row->n; k++)
        pieces->items[pieces->n++] = (pv_piece){
            .product = -1, .time = PV_NO_TIME, .phi = shares[k], .label = pv_texts_at(&users->names, row->features[k])};
}

static pv_status evidence(pv_pieces *pieces, const void *prepared, int32_t product, pv_error *error)
{
    pv_status status;
    prepared_als *p = (prepared_als *)(uintptr_t)prepared; /* solving on first use does not change any answer */
    const float *y = factors_of(p, product);
    const size_t n = (size_t)(p->n_items + p->features.n);
    *pieces = (pv_pieces){0};
    if (!y || n == 0) return PV_OK;
    double score_exact = 0, *shares = pv_arena_allocate(p->question->arena, n, sizeof *shares);
    pieces->items = pv_arena_allocate(p->question->arena, n, sizeof *pieces->items);
    if (!shares || !pieces->items) return pv_fail_memory(error, "evidence", n * sizeof *pieces->items);
    PV_TRY(solve(p, error));
    PV_TRY(pv_als_row_effects(&score_exact, shares, NULL, p->row, y, error));
    for (int64_t k = 0; k < p->n_items; k++)
        if (p->weights[k] > 0) pieces->items[pieces->n++] = pv_piece_of_purchase(p->items[k], PV_NO_TIME, shares[k]);
    if (p->features.n > 0) add_features_as_pieces(pieces, shares + p->n_items, p, y);
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
    const float *y = factors_of(p, target);
    if (!y || (p->n_items == 0 && !p->mean)) return PV_OK;
    double *effects = pv_arena_allocate(p->question->arena, (size_t)p->n_items, sizeof *effects);
    if (!effects) return pv_fail_memory(error, "removals", (uint64_t)p->n_items * sizeof *effects);
    PV_TRY(solve(p, error));
    PV_TRY(pv_als_row_effects(score_exact, NULL, effects, p->row, y, error));
    for (int64_t k = 0; k < history->n_products; k++) without[k] = *score_exact; /* of a product without factors */
    for (int64_t k = 0; k < p->n_items; k++) {
        const int64_t place = p->weights[k] < 0 ? -1 : pv_history_find(history, p->items[k]);
        if (place >= 0) without[place] = effects[k];
    }
cleanup:
    return status;
}

/* --- what it says ------------------------------------------------------------------------------------------------- */

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
    if (product >= p->bound->n_scored) return PV_OK;
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

/* The sentence about no, one or two past products; {} stands for each. */
static const char *sentence_about(const prepared_als *p, int32_t product, int64_t n, bool is_against)
{
    if (n == 0 && p->question->history->n_products == 0)
        return is_against ? "It is not what companies that have in common with you what is known of you buy."
                          : "It is what companies that have in common with you what is known of you buy.";
    if (product >= p->bound->model.n_products) /* it has no buyers */
        return n == 0 ? is_against
                            ? "Nobody bought it yet; products like it have buyers unlike those of what you bought."
                            : "Nobody bought it yet; products like it have buyers like those of what you bought."
               : n == 1
                   ? "Nobody bought it yet; the buyers of products like it are most like those of {}, which you "
                     "bought."
                   : "Nobody bought it yet; the buyers of products like it are most like those of {} and {}, which "
                     "you bought.";
    if (is_against)
        return n == 0 ? "Its buyers are unlike the buyers of what you bought."
                      : "Its buyers are unlike the buyers of what you bought; {} comes closest.";
    if (p->row == p->question->als_rows.recent)
        return n == 0   ? "Its buyers are like the buyers of what you bought lately."
               : n == 1 ? "Going by what you bought lately, its buyers are most like those of {}."
                        : "Going by what you bought lately, its buyers are most like those of {} and {}.";
    return n == 0   ? "Its buyers are like the buyers of what you bought."
           : n == 1 ? "Its buyers are most like those of {}, which you bought."
                    : "Its buyers are most like those of {} and {}, which you bought.";
}

static bool say_nearest(pv_statement *statement, const prepared_als *p, int32_t product, const near_product *nearest,
                        int64_t n, bool is_against)
{
    const pv_shop *shop = p->question->shop;
    pv_text labels[2] = {{NULL, 0}, {NULL, 0}};
    for (int64_t k = 0; k < n && k < 2; k++) labels[k] = pv_shop_product_label(shop, nearest[k].product);
    return pv_statement_say(statement, p->question->arena, sentence_about(p, product, n, is_against), labels);
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
                      say_nearest(statement, p, product, nearest, n, is_against);
    return said ? PV_OK : pv_fail_memory(error, "a reason", 0);
}

const pv_signal pv_als_signal = {.code = "als",
                                 .form = PV_FORM_LINEAR,
                                 .level = PV_LEVEL_HISTORY,
                                 .kinds = PV_SPEAKS_FOR_ALL,
                                 .fit = pv_als_signal_fit,
                                 .bind = pv_als_signal_bind,
                                 .prepare = prepare,
                                 .score = score,
                                 .score_one = score_one,
                                 .evidence = evidence,
                                 .state = state,
                                 .silent = pv_signal_never_silent};

const pv_signal pv_als_recent_signal = {.code = "als_recent",
                                        .form = PV_FORM_ROOT,
                                        .level = PV_LEVEL_HISTORY,
                                        .kinds = PV_SPEAKS_FOR_ALL,
                                        .bound_by = &pv_als_signal,
                                        .prepare = prepare_recent,
                                        .score = score,
                                        .score_one = score_one,
                                        .evidence = evidence,
                                        .state = state,
                                        .silent = pv_signal_silent_without_time};

pv_status pv_als_rows_create(pv_als_rows *rows, const pv_als_bound *bound, pv_error *error)
{
    pv_status status;
    *rows = (pv_als_rows){0};
    PV_TRY(pv_als_row_create(&rows->plain, &bound->model, error));
    PV_TRY(pv_als_row_create(&rows->recent, &bound->model, error));
    return PV_OK;
cleanup:
    pv_als_rows_free(rows);
    return status;
}

void pv_als_rows_free(pv_als_rows *rows)
{
    pv_als_row_free(rows->plain);
    pv_als_row_free(rows->recent);
    *rows = (pv_als_rows){0};
}
