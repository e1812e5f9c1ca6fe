/* conditional_logit.c - see conditional_logit.h. */
#include "train/conditional_logit.h"

#include "base/elementary.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/random.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES = 64, MOST_STEPS = 40, MOST_HALVINGS = 30, SWEEPS = 200, DRAWS = 400 };
#define LOG2_E 1.4426950408889634

/* Sums over the sets of a piece. */
typedef struct piece_sums {
    double loss, chosen; /* weighted by omega */
    double gradient[PV_LOGIT_FEATURES_MAX];
    double *hessian; /* [n x n], lower triangle */
} piece_sums;

typedef struct logit_pass {
    const pv_choice_sets *sets;
    const double *weights;
    bool wants_hessian;
    piece_sums *pieces;    /* [PIECES] */
    double **probability;  /* [thread][largest set] */
    double *set_gradients; /* nullable: [n_sets x n_features], not divided by Omega */
} logit_pass;

static double score_of(const float *x, const double *w, int32_t n)
{
    double s = 0;
    for (int32_t f = 0; f < n; f++) s += (double)x[f] * w[f];
    return s;
}

/* exp(s_j + o_j) / sum into p; returns the logarithm of the sum. */
static double fill_probability(double *p, const pv_choice_sets *sets, const double *w, int64_t set)
{
    const int64_t first = sets->offsets[set], n = sets->offsets[set + 1] - first;
    double most = -(double)INFINITY, sum = 0;
    for (int64_t k = 0; k < n; k++) {
        p[k] = score_of(sets->features + (first + k) * sets->n_features, w, sets->n_features);
        if (sets->log_sampled) p[k] += (double)sets->log_sampled[first + k];
        if (p[k] > most) most = p[k];
    }
    for (int64_t k = 0; k < n; k++) sum += p[k] = pv_exp2((p[k] - most) * LOG2_E);
    for (int64_t k = 0; k < n; k++) p[k] /= sum;
    return most + pv_log(sum);
}

/* hessian += weight sum_k p_k (x_k - mean)(x_k - mean)', lower triangle. */
static void add_covariance(double *hessian, const pv_choice_sets *sets, int64_t set, const double *p,
                           const double *mean, double weight)
{
    const int32_t n = sets->n_features;
    double centred[PV_LOGIT_FEATURES_MAX];
    for (int64_t k = sets->offsets[set]; k < sets->offsets[set + 1]; k++) {
        const double share = weight * p[k - sets->offsets[set]];
        if (share < 1e-12 * weight) continue; /* far behind: nothing that a step could notice */
        const float *x = sets->features + k * n;
        for (int32_t f = 0; f < n; f++) centred[f] = (double)x[f] - mean[f];
        for (int32_t f = 0; f < n; f++) {
            const double scaled = share * centred[f];
            if (scaled == 0) continue;
            for (int32_t g = 0; g <= f; g++) hessian[f * n + g] += scaled * centred[g];
        }
    }
}

static void add_set(piece_sums *sums, const logit_pass *pass, double *p, int64_t set)
{
    const pv_choice_sets *sets = pass->sets;
    const int32_t n = sets->n_features;
    const double omega = sets->customer_weight[set], log_sum = fill_probability(p, sets, pass->weights, set);
    double mean[PV_LOGIT_FEATURES_MAX] = {0}, chosen_sum[PV_LOGIT_FEATURES_MAX] = {0};
    double n_chosen = 0;
    for (int64_t k = sets->offsets[set]; k < sets->offsets[set + 1]; k++) {
        const float *x = sets->features + k * n;
        const double share = p[k - sets->offsets[set]];
        for (int32_t f = 0; f < n; f++) mean[f] += share * (double)x[f];
        if (!sets->is_chosen[k]) continue;
        n_chosen++;
        for (int32_t f = 0; f < n; f++) chosen_sum[f] += (double)x[f];
        sums->loss += omega * (log_sum - score_of(x, pass->weights, n));
    }
    sums->chosen += omega * n_chosen;
    for (int32_t f = 0; f < n; f++) {
        const double gradient = omega * (n_chosen * mean[f] - chosen_sum[f]);
        sums->gradient[f] += gradient;
        if (pass->set_gradients) pass->set_gradients[set * n + f] = gradient;
    }
    if (pass->wants_hessian) add_covariance(sums->hessian, sets, set, p, mean, omega * n_chosen);
}

static void sum_piece(void *context, size_t task, unsigned thread)
{
    const logit_pass *pass = context;
    const int64_t n_sets = pass->sets->n_sets, n = pass->sets->n_features;
    piece_sums *sums = &pass->pieces[task];
    double *hessian = sums->hessian;
    *sums = (piece_sums){.hessian = hessian};
    memset(hessian, 0, (size_t)(n * n) * sizeof *hessian);
    const int64_t first = (int64_t)task * n_sets / PIECES, end = ((int64_t)task + 1) * n_sets / PIECES;
    for (int64_t set = first; set < end; set++) add_set(sums, pass, pass->probability[thread], set);
}

/* Value, gradient and Hessian of the objective, divided by Omega, the ridge included but in `loss`. */
typedef struct objective {
    double loss, value, chosen;
    double gradient[PV_LOGIT_FEATURES_MAX];
    double *hessian; /* [n x n] full */
} objective;

static void evaluate(objective *o, logit_pass *pass, const double *weights, bool wants_hessian, double ridge,
                     pv_threads *threads)
{
    const int32_t n = pass->sets->n_features;
    double *hessian = o->hessian;
    pass->weights = weights;
    pass->wants_hessian = wants_hessian;
    pv_threads_run(threads, PIECES, sum_piece, pass);
    *o = (objective){.hessian = hessian};
    if (wants_hessian) memset(hessian, 0, (size_t)n * (size_t)n * sizeof *hessian);
    for (int p = 0; p < PIECES; p++) {
        const piece_sums *sums = &pass->pieces[p];
        o->loss += sums->loss;
        o->chosen += sums->chosen;
        for (int32_t f = 0; f < n; f++) o->gradient[f] += sums->gradient[f];
        for (int32_t f = 0; wants_hessian && f < n * n; f++) hessian[f] += sums->hessian[f];
    }
    o->loss /= o->chosen;
    o->value = o->loss;
    for (int32_t f = 0; f < n; f++) {
        o->gradient[f] = o->gradient[f] / o->chosen + ridge * weights[f];
        o->value += ridge / 2 * weights[f] * weights[f];
    }
    for (int32_t f = 0; wants_hessian && f < n; f++)
        for (int32_t g = 0; g <= f; g++)
            hessian[f * n + g] = hessian[g * n + f] = hessian[f * n + g] / o->chosen + (f == g ? ridge : 0);
}

static bool is_bounded(const pv_logit_settings *settings, int32_t f)
{
    return !settings->is_free || !settings->is_free[f];
}

/* Minimise gradient . d + d' H d / 2 with weights + d inside the bounds, by coordinate descent; feature `zero` (-1:
 * none) goes to weight 0. */
static void quadratic_step(double *step, const objective *o, const double *weights, const pv_logit_settings *settings,
                           int32_t n, int32_t zero)
{
    double slope[PV_LOGIT_FEATURES_MAX];
    for (int32_t f = 0; f < n; f++) step[f] = f == zero ? -weights[f] : 0;
    for (int32_t f = 0; f < n; f++) slope[f] = o->gradient[f] + (zero < 0 ? 0 : step[zero] * o->hessian[f * n + zero]);
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double moved = 0;
        for (int32_t f = 0; f < n; f++) {
            if (f == zero || (settings->is_left_out && settings->is_left_out[f])) continue;
            const double curvature = o->hessian[f * n + f];
            double change = -slope[f] / curvature;
            if (is_bounded(settings, f) && weights[f] + step[f] + change < 0) change = -(weights[f] + step[f]);
            if (change == 0) continue;
            step[f] += change;
            for (int32_t g = 0; g < n; g++) slope[g] += change * o->hessian[f * n + g];
            moved = fmax(moved, change * change * curvature);
        }
        if (moved < 1e-18) return;
    }
}

static void pass_deinit(logit_pass *pass, unsigned n_threads)
{
    for (int p = 0; pass->pieces && p < PIECES; p++) pv_release(pass->pieces[p].hessian);
    for (unsigned t = 0; pass->probability && t < n_threads; t++) pv_release(pass->probability[t]);
    pv_release(pass->pieces);
    pv_release(pass->probability);
    pv_release(pass->set_gradients);
}

static pv_status pass_init(logit_pass *pass, objective *o, const pv_choice_sets *sets, unsigned n_threads,
                           pv_error *error)
{
    const size_t n = (size_t)sets->n_features;
    int64_t largest = 0;
    *pass = (logit_pass){.sets = sets};
    for (int64_t s = 0; s < sets->n_sets; s++)
        if (sets->offsets[s + 1] - sets->offsets[s] > largest) largest = sets->offsets[s + 1] - sets->offsets[s];
    o->hessian = pv_allocate(n * n, sizeof *o->hessian);
    pass->pieces = pv_allocate(PIECES, sizeof *pass->pieces);
    pass->probability = pv_allocate(n_threads, sizeof *pass->probability);
    bool good = o->hessian && pass->pieces && pass->probability;
    for (int p = 0; good && p < PIECES; p++)
        good = (pass->pieces[p].hessian = pv_allocate(n * n, sizeof *o->hessian)) != NULL;
    for (unsigned t = 0; good && t < n_threads; t++)
        good = (pass->probability[t] = pv_allocate((size_t)largest, sizeof **pass->probability)) != NULL;
    return good ? PV_OK : pv_fail_memory(error, "weights", n * n * PIECES * sizeof(double));
}

/* Halve the step until the objective does not rise. False when no step lowers it. */
static bool take_step(double *weights, objective *o, logit_pass *pass, const double *step,
                      const pv_logit_settings *settings, pv_threads *threads)
{
    const int32_t n = pass->sets->n_features;
    double tried[PV_LOGIT_FEATURES_MAX];
    const double before = o->value;
    double length = 1;
    for (int halvings = 0; halvings < MOST_HALVINGS; halvings++, length /= 2) {
        for (int32_t f = 0; f < n; f++) {
            tried[f] = weights[f] + length * step[f];
            if (is_bounded(settings, f) && tried[f] < 0) tried[f] = 0;
        }
        evaluate(o, pass, tried, true, settings->ridge, threads);
        if (!(o->value < before)) continue;
        memcpy(weights, tried, (size_t)n * sizeof *weights);
        return true;
    }
    evaluate(o, pass, weights, true, settings->ridge, threads);
    return false;
}

pv_status pv_conditional_logit(pv_logit_fit *fit, const pv_choice_sets *sets, const pv_logit_settings *settings,
                               pv_threads *threads, pv_error *error)
{
    pv_status status;
    logit_pass pass = {0};
    objective o = {0};
    double step[PV_LOGIT_FEATURES_MAX];
    *fit = (pv_logit_fit){0};
    PV_TRY(pass_init(&pass, &o, sets, pv_threads_count(threads), error));
    evaluate(&o, &pass, fit->weights, true, settings->ridge, threads);
    while (fit->steps < MOST_STEPS) {
        const double before = o.value;
        quadratic_step(step, &o, fit->weights, settings, sets->n_features, -1);
        const bool moved = take_step(fit->weights, &o, &pass, step, settings, threads);
        fit->steps++;
        if (!moved || before - o.value < 1e-10 * (1 + fabs(before))) break;
    }
    fit->objective = o.loss;
cleanup:
    pass_deinit(&pass, pv_threads_count(threads));
    pv_release(o.hessian);
    return status;
}

/* --- intervals --------------------------------------------------------------------------------------------------- */

static int compare_numbers(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The gradient of draw `draw`: groups drawn with replacement, divided by what they chose is left at Omega. */
static void draw_gradient(double *gradient, const double *group_gradients, int64_t n_groups, int32_t n, uint64_t seed,
                          uint64_t draw)
{
    for (int32_t f = 0; f < n; f++) gradient[f] = 0;
    for (int64_t k = 0; k < n_groups; k++) {
        const int64_t drawn = (int64_t)(pv_random_uniform(seed, draw, (uint64_t)k) * (double)n_groups);
        for (int32_t f = 0; f < n; f++) gradient[f] += group_gradients[drawn * n + f];
    }
}

/* Gradients of the sets of each group into sums [n_groups x n]; returns the number of groups. `number` [largest group
 * + 1] is zero before. */
static int64_t sum_groups(double *sums, int32_t *number, const double *gradients, const pv_choice_sets *sets)
{
    const int32_t n = sets->n_features;
    int32_t n_groups = 0;
    for (int64_t s = 0; s < sets->n_sets; s++) {
        int32_t *of_group = &number[sets->group[s]];
        if (*of_group == 0) *of_group = ++n_groups;
        for (int32_t f = 0; f < n; f++) sums[(*of_group - 1) * n + f] += gradients[s * n + f];
    }
    return n_groups;
}

/* gradient . d + d' H d / 2 of leaving each feature out. */
static void leave_out(pv_logit_fit *fit, const objective *o, const pv_logit_settings *settings, int32_t n)
{
    double step[PV_LOGIT_FEATURES_MAX];
    for (int32_t f = 0; f < n; f++) {
        fit->loss_without[f] = 0;
        if (fit->weights[f] == 0) continue;
        quadratic_step(step, o, fit->weights, settings, n, f);
        double rise = 0;
        for (int32_t g = 0; g < n; g++) {
            double slope = o->gradient[g];
            for (int32_t h = 0; h < n; h++) slope += step[h] * o->hessian[g * n + h] / 2;
            rise += step[g] * slope;
        }
        fit->loss_without[f] = rise;
    }
}

pv_status pv_conditional_logit_infer(pv_logit_fit *fit, const pv_choice_sets *sets, const pv_logit_settings *settings,
                                     uint64_t seed, pv_threads *threads, pv_error *error)
{
    pv_status status;
    logit_pass pass = {0};
    objective o = {0}, drawn = {0};
    const int32_t n = sets->n_features;
    double step[PV_LOGIT_FEATURES_MAX];
    double *draws = pv_allocate((size_t)n * DRAWS, sizeof *draws);
    double *sums = pv_allocate((size_t)sets->n_sets * (size_t)n, sizeof *sums);
    int32_t largest = 0;
    for (int64_t s = 0; s < sets->n_sets; s++)
        if (sets->group[s] > largest) largest = sets->group[s];
    int32_t *number = pv_allocate((size_t)largest + 1, sizeof *number);
    PV_TRY(pass_init(&pass, &o, sets, pv_threads_count(threads), error));
    pass.set_gradients = pv_allocate((size_t)sets->n_sets * (size_t)n, sizeof *pass.set_gradients);
    if (!draws || !sums || !number || !pass.set_gradients) PV_TRY(pv_fail_memory(error, "intervals of weights", 0));
    evaluate(&o, &pass, fit->weights, true, settings->ridge, threads);
    leave_out(fit, &o, settings, n);
    const int64_t n_groups = sum_groups(sums, number, pass.set_gradients, sets);
    drawn.hessian = o.hessian;
    for (uint64_t d = 0; d < DRAWS; d++) {
        draw_gradient(drawn.gradient, sums, n_groups, n, seed, d);
        for (int32_t f = 0; f < n; f++)
            drawn.gradient[f] = drawn.gradient[f] / o.chosen + settings->ridge * fit->weights[f];
        quadratic_step(step, &drawn, fit->weights, settings, n, -1);
        for (int32_t f = 0; f < n; f++) draws[(size_t)f * DRAWS + d] = fit->weights[f] + step[f];
    }
    for (int32_t f = 0; f < n; f++) {
        qsort(draws + (size_t)f * DRAWS, DRAWS, sizeof *draws, compare_numbers);
        fit->low[f] = draws[(size_t)f * DRAWS + DRAWS / 40];
        fit->high[f] = draws[(size_t)f * DRAWS + DRAWS - 1 - DRAWS / 40];
    }
cleanup:
    pass_deinit(&pass, pv_threads_count(threads));
    pv_release(o.hessian);
    pv_release(draws);
    pv_release(sums);
    pv_release(number);
    return status;
}
