/* learned_weights.c - see learned_weights.h. */
#include "train/learned_weights.h"

#include "base/failure.h"
#include "base/memory.h"
#include "train/choice_data.h"
#include "train/window_scores.h"
#include <math.h>
#include <string.h>

#define RIDGE_NEW 1e-3
#define RIDGE_REORDER 1e-2
#define RIDGE_JOINT 1e-5

/* Features of the joint fit: the score of a new product, that of a reorder, the constant of reorders, and for reorders
 * what `rebuy` knows of the customer. */
enum { JOINT_NEW, JOINT_REORDER, JOINT_BASE, JOINT_REBUY, JOINT_COUNT = JOINT_REBUY + PV_REBUY_FEATURE_COUNT };

/* Signals that are not learned for a kind. A rule is no matter of learning. Popularity of a past season does not carry
 * over to new products (docs/signals.md); rebuy is the same for all of a customer's products. */
static bool is_left_out(const pv_ranker *ranker, pv_kind kind, int signal)
{
    if (!ranker->weights.is_used[signal] || !(pv_signals[signal]->kinds & (1 << kind))) return true;
    if (pv_signals[signal]->is_rule) return true;
    return signal == PV_SIGNAL_REBUY || (kind == PV_KIND_NEW && signal == PV_SIGNAL_POPULARITY);
}

static double count_choices(const pv_choice_data *data)
{
    double n = 0;
    for (int64_t k = 0; k < data->offsets[data->sets.n_sets]; k++) n += data->is_chosen[k];
    return n;
}

/* Correlation of the columns over all alternatives. */
static void correlate(double correlation[PV_SIGNAL_COUNT][PV_SIGNAL_COUNT], const pv_choice_sets *sets)
{
    const int64_t n = sets->offsets[sets->n_sets];
    double mean[PV_SIGNAL_COUNT] = {0}, moment[PV_SIGNAL_COUNT][PV_SIGNAL_COUNT] = {{0}};
    for (int64_t k = 0; k < n; k++)
        for (int s = 0; s < PV_SIGNAL_COUNT; s++) mean[s] += (double)sets->features[k * PV_SIGNAL_COUNT + s];
    for (int s = 0; s < PV_SIGNAL_COUNT && n > 0; s++) mean[s] /= (double)n;
    for (int64_t k = 0; k < n; k++) {
        const float *x = sets->features + k * PV_SIGNAL_COUNT;
        for (int s = 0; s < PV_SIGNAL_COUNT; s++)
            for (int t = 0; t <= s; t++) moment[s][t] += ((double)x[s] - mean[s]) * ((double)x[t] - mean[t]);
    }
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        for (int t = 0; t <= s; t++) {
            const double size = sqrt(moment[s][s] * moment[t][t]);
            correlation[s][t] = correlation[t][s] = size > 0 ? moment[s][t] / size : (double)NAN;
        }
}

/* The largest z of each signal among all alternatives. */
static void fill_most(double most[PV_SIGNAL_COUNT], const pv_choice_sets *sets)
{
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) most[s] = 0;
    for (int64_t k = 0; k < sets->offsets[sets->n_sets]; k++)
        for (int s = 0; s < PV_SIGNAL_COUNT; s++)
            most[s] = fmax(most[s], (double)sets->features[k * PV_SIGNAL_COUNT + s]);
}

static bool is_all_zero(const double weights[PV_SIGNAL_COUNT])
{
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (weights[s] > 0) return false;
    return true;
}

/* Learn one kind; its weights, intervals and losses go to the report's and the weights' columns of that kind. */
static pv_status learn_kind(pv_weights *weights, pv_weights_report *report, const pv_choice_data *data,
                            const pv_ranker *earlier, pv_kind kind, uint64_t seed, pv_threads *threads, pv_error *error)
{
    pv_status status = PV_OK;
    bool left_out[PV_SIGNAL_COUNT];
    pv_logit_fit fit;
    const pv_logit_settings settings = {.ridge = kind == PV_KIND_NEW ? RIDGE_NEW : RIDGE_REORDER,
                                        .is_left_out = left_out};
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) left_out[s] = is_left_out(earlier, kind, s);
    report->choices[kind] = (int64_t)count_choices(data);
    if (report->choices[kind] == 0) return PV_OK; /* the documented weights of the kind stay */
    PV_TRY(pv_conditional_logit(&fit, &data->sets, &settings, threads, error));
    PV_TRY(pv_conditional_logit_infer(&fit, &data->sets, &settings, seed, threads, error));
    if (is_all_zero(fit.weights)) return PV_OK; /* nothing was told apart: documented weights make a better list */
    report->loss[kind] = fit.objective;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        weights->weight[kind][s] = fit.weights[s];
        report->low[kind][s] = fit.low[s];
        report->high[kind][s] = fit.high[s];
        report->loss_without[kind][s] = fit.loss_without[s];
    }
    correlate(report->correlation[kind], &data->sets);
    fill_most(weights->most[kind], &data->sets);
cleanup:
    return status;
}

/* --- both kinds at once ------------------------------------------------------------------------------------------ */

static float score_of(const float *z, const double *weights)
{
    double score = 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) score += weights[s] * (double)z[s];
    return (float)score;
}

/* Append the alternatives of one kind of customer `set`; returns how many of them were chosen. */
static int64_t append_alternatives(float *features, uint8_t *is_chosen, int64_t *n, const pv_choice_data *data,
                                   int64_t set, const pv_weights *weights, pv_kind kind)
{
    int64_t n_chosen = 0;
    for (int64_t k = data->offsets[set]; k < data->offsets[set + 1]; k++, (*n)++) {
        float *x = features + *n * JOINT_COUNT;
        x[kind == PV_KIND_NEW ? JOINT_NEW : JOINT_REORDER] =
            score_of(data->features + k * PV_SIGNAL_COUNT, weights->weight[kind]);
        is_chosen[*n] = data->is_chosen[k];
        n_chosen += data->is_chosen[k];
        if (kind == PV_KIND_NEW) continue;
        x[JOINT_BASE] = 1;
        for (int f = 0; f < PV_REBUY_FEATURE_COUNT; f++)
            x[JOINT_REBUY + f] = (float)data->customer_features[set * PV_REBUY_FEATURE_COUNT + f];
    }
    return n_chosen;
}

static pv_status learn_joint(double joint[JOINT_COUNT], const pv_choice_data *own, const pv_choice_data *best,
                             const pv_weights *weights, pv_threads *threads, pv_error *error)
{
    pv_status status = PV_OK;
    const int64_t n_sets = own->sets.n_sets, room = own->offsets[n_sets] + best->offsets[n_sets];
    int64_t *offsets = pv_allocate((size_t)n_sets + 1, sizeof *offsets), n = 0;
    float *features = pv_allocate((size_t)room * JOINT_COUNT, sizeof *features);
    uint8_t *is_chosen = pv_allocate((size_t)room, sizeof *is_chosen);
    double *customer_weight = pv_allocate((size_t)n_sets, sizeof *customer_weight);
    bool is_free[JOINT_COUNT];
    pv_logit_fit fit;
    if (!offsets || !features || !is_chosen || !customer_weight) PV_TRY(pv_fail_memory(error, "examples", 0));
    for (int64_t set = 0; set < n_sets; set++) {
        int64_t chosen = append_alternatives(features, is_chosen, &n, own, set, weights, PV_KIND_REORDER);
        chosen += append_alternatives(features, is_chosen, &n, best, set, weights, PV_KIND_NEW);
        offsets[set + 1] = n;
        customer_weight[set] = chosen ? 1.0 / (double)chosen : 1;
    }
    for (int f = 0; f < JOINT_COUNT; f++) is_free[f] = f >= JOINT_BASE;
    const pv_choice_sets sets = {.n_sets = n_sets,
                                 .offsets = offsets,
                                 .n_features = JOINT_COUNT,
                                 .features = features,
                                 .is_chosen = is_chosen,
                                 .customer_weight = customer_weight,
                                 .group = own->group};
    const pv_logit_settings settings = {.ridge = RIDGE_JOINT, .is_free = is_free};
    PV_TRY(pv_conditional_logit(&fit, &sets, &settings, threads, error));
    memcpy(joint, fit.weights, JOINT_COUNT * sizeof *joint);
cleanup:
    pv_release(offsets);
    pv_release(features);
    pv_release(is_chosen);
    pv_release(customer_weight);
    return status;
}

/* One factor for all weights of a kind; 0 would take the order within the kind away. */
static void stretch(pv_weights *weights, pv_weights_report *report, pv_kind kind, double factor)
{
    if (!(factor > 0)) return;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        weights->weight[kind][s] *= factor;
        report->low[kind][s] *= factor;
        report->high[kind][s] *= factor;
    }
}

/* The mean customer's constant goes into the base: `rebuy` tells how this customer differs from it. */
static void use_rebuy(pv_learned_weights *found, const double joint[JOINT_COUNT], const pv_choice_data *own)
{
    pv_weights *weights = &found->weights;
    if (!weights->is_used[PV_SIGNAL_REBUY]) return;
    weights->weight[PV_KIND_REORDER][PV_SIGNAL_REBUY] = 1; /* its coefficients carry the weight */
    weights->scale[PV_SIGNAL_REBUY] = 1;
    weights->power[PV_SIGNAL_REBUY] = 0;
    weights->most[PV_KIND_REORDER][PV_SIGNAL_REBUY] = PV_NO_MOST;
    for (int f = 0; f < PV_REBUY_FEATURE_COUNT; f++) {
        double sum = 0;
        for (int64_t set = 0; set < own->sets.n_sets; set++)
            sum += own->customer_features[set * PV_REBUY_FEATURE_COUNT + f];
        found->rebuy[f] = joint[JOINT_REBUY + f];
        found->means[f] = sum / (double)own->sets.n_sets;
        weights->base[PV_KIND_REORDER] += found->rebuy[f] * found->means[f];
    }
}

static void use_joint(pv_learned_weights *found, pv_weights_report *report, const double joint[JOINT_COUNT],
                      const pv_choice_data *own)
{
    pv_weights *weights = &found->weights;
    stretch(weights, report, PV_KIND_NEW, joint[JOINT_NEW]);
    stretch(weights, report, PV_KIND_REORDER, joint[JOINT_REORDER]);
    weights->base[PV_KIND_REORDER] = joint[JOINT_BASE];
    weights->is_learned = true;
    use_rebuy(found, joint, own);
}

/* What is a rule stands as documented, in points of the score, whatever the other weights have become. */
static void keep_rules(pv_weights *weights, const pv_weights *documented)
{
    for (int kind = 0; kind < PV_KIND_COUNT; kind++)
        for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
            if (!pv_signals[s]->is_rule) continue;
            weights->weight[kind][s] = documented->weight[kind][s];
            weights->most[kind][s] = documented->most[kind][s];
        }
}

/* Give the earlier model the learned weights. */
static void install(pv_trained *earlier, const pv_learned_weights *learned)
{
    earlier->ranker->weights = learned->weights;
    const pv_tensor *coefficients = pv_tensors_find(&earlier->tensors, "rebuy.coefficient");
    const pv_tensor *means = pv_tensors_find(&earlier->tensors, "rebuy.mean");
    if (coefficients) memcpy(coefficients->owned, learned->rebuy, sizeof learned->rebuy);
    if (means) memcpy(means->owned, learned->means, sizeof learned->means);
}

/* Everything that is learned from, of all earlier dates. */
typedef struct learning {
    const pv_earlier *earlier;
    pv_window_purchases *windows; /* [earlier->n] */
    pv_choice_data own, sampled, best;
} learning;

/* One unit for the examples of all dates: that of the latest date at which the signal said anything. */
static void share_scales(const pv_earlier *earlier)
{
    pv_weights *latest = &earlier->models[0]->ranker->weights;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        for (int32_t e = 1; e < earlier->n && latest->scale[s] == 1 && latest->power[s] == 0; e++) {
            latest->scale[s] = earlier->models[e]->ranker->weights.scale[s];
            latest->power[s] = earlier->models[e]->ranker->weights.power[s];
        }
        for (int32_t e = 1; e < earlier->n; e++) {
            earlier->models[e]->ranker->weights.scale[s] = latest->scale[s];
            earlier->models[e]->ranker->weights.power[s] = latest->power[s];
        }
    }
}

static pv_status collect_windows(learning *l, pv_weights_report *report, const pv_shop *later, pv_error *error)
{
    pv_status status = PV_OK;
    const pv_earlier *earlier = l->earlier;
    l->windows = pv_allocate((size_t)earlier->n, sizeof *l->windows);
    if (!l->windows) return pv_fail_memory(error, "windows", 0);
    report->windows = earlier->n;
    report->customers = 0;
    for (int32_t e = 0; e < earlier->n; e++) {
        const pv_shop *shop = &earlier->models[e]->ranker->shop;
        const int64_t end = shop->as_of + earlier->horizon_days * 86400;
        PV_TRY(pv_window_purchases_make(&l->windows[e], shop, later, end, error));
        report->customers += l->windows[e].n_buying;
        report->cutoff = shop->as_of;
        if (e == 0) report->end = end;
    }
cleanup:
    return status;
}

/* Append one kind of alternatives of every date. */
static pv_status collect(pv_choice_data *data, const learning *l, pv_choice_request request, pv_threads *threads,
                         pv_error *error)
{
    pv_status status = PV_OK;
    for (int32_t e = 0; e < l->earlier->n; e++) {
        request.ranker = l->earlier->models[e]->ranker;
        request.window = &l->windows[e];
        PV_TRY(pv_choice_data_append(data, &request, threads, error));
    }
cleanup:
    return status;
}

static void learning_deinit(learning *l)
{
    for (int32_t e = 0; l->windows && e < l->earlier->n; e++) pv_window_purchases_deinit(&l->windows[e]);
    pv_release(l->windows);
    pv_choice_data_deinit(&l->own);
    pv_choice_data_deinit(&l->sampled);
    pv_choice_data_deinit(&l->best);
}

static pv_status learn_all(pv_learned_weights *found, pv_weights_report *report, learning *l, const pv_shop *later,
                           uint64_t seed, pv_threads *threads, pv_error *error)
{
    pv_status status;
    const pv_ranker *latest = l->earlier->models[0]->ranker;
    double joint[JOINT_COUNT];
    pv_choice_request request = {
        .later = later, .alternatives = PV_ALTERNATIVES_OWN, .weight_power = 0.5, .seed = seed};
    PV_TRY(collect(&l->own, l, request, threads, error));
    PV_TRY(learn_kind(&found->weights, report, &l->own, latest, PV_KIND_REORDER, seed, threads, error));
    request.alternatives = PV_ALTERNATIVES_SAMPLED;
    request.weight_power = 1;
    PV_TRY(collect(&l->sampled, l, request, threads, error));
    PV_TRY(learn_kind(&found->weights, report, &l->sampled, latest, PV_KIND_NEW, seed, threads, error));
    request.alternatives = PV_ALTERNATIVES_BEST;
    request.weights = found->weights.weight[PV_KIND_NEW];
    PV_TRY(collect(&l->best, l, request, threads, error));
    PV_TRY(learn_joint(joint, &l->own, &l->best, &found->weights, threads, error));
    use_joint(found, report, joint, &l->own);
    keep_rules(&found->weights, &latest->weights);
cleanup:
    return status;
}

pv_status pv_weights_learn(pv_learned_weights *learned, pv_weights_report *report, const pv_earlier *earlier,
                           const pv_shop *later, uint64_t seed, pv_threads *threads, pv_error *error)
{
    pv_status status;
    learning l = {.earlier = earlier};
    pv_trained *latest = earlier->models[0];
    share_scales(earlier);
    pv_learned_weights found = {.weights = latest->ranker->weights, .horizon_days = earlier->horizon_days};
    PV_TRY(collect_windows(&l, report, later, error));
    if (report->customers < PV_CUSTOMERS_TO_LEARN) {
        report->why_documented = "fewer than 50 customers bought again in the window";
        goto cleanup;
    }
    PV_TRY(learn_all(&found, report, &l, later, seed, threads, error));
    install(latest, &found);
    PV_TRY(pv_window_scores_count(&found.scores, latest->ranker, &l.windows[0], threads, error));
    *learned = found;
cleanup:
    learning_deinit(&l);
    return status;
}
