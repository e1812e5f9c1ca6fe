/* weights.c - the default weights, and weights in a model. */
#include "ranker/weights.h"

#include "base/failure.h"
#include <math.h>
#include <string.h>

/* scale: what phi reaches in a clear case, so that z = phi / scale is about 1 there and weights compare signals.
 * weight: chosen once so that in shops whose purchases follow one cause alone that cause leads
 * (tests/contract/test_planted_shops.py). bench/default_weights.py measures the set against each signal alone. */
static const struct {
    double weight, scale;
} defaults[PV_SIGNAL_COUNT] = {
    [PV_SIGNAL_ALS] = {1.0, 1.0},      [PV_SIGNAL_BOUGHT_TOGETHER] = {1.0, 1.0}, [PV_SIGNAL_CATEGORY] = {0.45, 0.3},
    [PV_SIGNAL_DISCOUNT] = {0.5, 0.1}, [PV_SIGNAL_HABIT] = {1.5, 0.5},           [PV_SIGNAL_POPULARITY] = {0.1, 1.0},
};

double pv_weights_default_factor(int signal)
{
    return defaults[signal].weight / defaults[signal].scale;
}

static pv_status use_signal(pv_weights *weights, pv_text code, pv_error *error)
{
    const int signal = pv_signal_find(code);
    if (signal < 0)
        return pv_fail_field(
            error, PV_E_USAGE, "/signals",
            "--signals: no signal \"%.*s\" (als, bought_together, category, discount, habit, popularity)",
            (int)(code.size < 60 ? code.size : 60), code.data);
    if (weights->is_used[signal])
        return pv_fail_field(error, PV_E_USAGE, "/signals", "--signals: %s is named twice", pv_signals[signal]->code);
    weights->is_used[signal] = true;
    return PV_OK;
}

pv_status pv_weights_default(pv_weights *weights, const char *signals, pv_error *error)
{
    pv_weights chosen = {0};
    int n_used = 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        chosen.weight[s] = defaults[s].weight;
        chosen.scale[s] = defaults[s].scale;
        chosen.is_used[s] = signals == NULL;
    }
    for (const char *code = signals; code;) {
        const size_t size = strcspn(code, ",");
        const pv_status status = use_signal(&chosen, (pv_text){code, size}, error);
        if (status != PV_OK) return status;
        code = code[size] ? code + size + 1 : NULL;
        n_used++;
    }
    if (n_used == 1 && chosen.is_used[PV_SIGNAL_ALS]) chosen.weight[PV_SIGNAL_ALS] = chosen.scale[PV_SIGNAL_ALS] = 1.0;
    *weights = chosen;
    return PV_OK;
}

pv_status pv_weights_add(pv_tensors *tensors, const pv_weights *weights, pv_error *error)
{
    pv_status status;
    pv_text codes[PV_SIGNAL_COUNT];
    int signals[PV_SIGNAL_COUNT];
    int n = 0;
    double *weight = NULL, *scale = NULL;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!weights->is_used[s]) continue;
        codes[n] = pv_text_of(pv_signals[s]->code);
        signals[n++] = s;
    }
    PV_TRY(pv_tensors_add_texts(tensors, "weights.code", codes, n, error));
    PV_TRY(pv_tensors_add(&weight, tensors, "weights.weight", PV_F64, n, 0, error));
    PV_TRY(pv_tensors_add(&scale, tensors, "weights.scale", PV_F64, n, 0, error));
    for (int k = 0; k < n; k++) {
        weight[k] = weights->weight[signals[k]];
        scale[k] = weights->scale[signals[k]];
    }
cleanup:
    return status;
}

pv_status pv_weights_bind(pv_weights *weights, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    pv_weights bound = {0};
    pv_texts codes;
    const double *weight = NULL, *scale = NULL;
    PV_TRY(pv_tensors_get_texts(&codes, tensors, "weights.code", -1, error));
    PV_TRY(pv_tensors_get(&weight, tensors, "weights.weight", PV_F64, codes.count, 0, error));
    PV_TRY(pv_tensors_get(&scale, tensors, "weights.scale", PV_F64, codes.count, 0, error));
    for (int64_t k = 0; k < codes.count; k++) {
        const pv_text code = pv_texts_at(&codes, k);
        const int signal = pv_signal_find(code);
        if (signal < 0 || bound.is_used[signal])
            PV_TRY(pv_fail(error, PV_E_INPUT, "model: weights of a signal that this version does not know"));
        if (!(weight[k] >= 0 && weight[k] <= 1e9 && scale[k] > 0 && scale[k] <= 1e9))
            PV_TRY(pv_fail(error, PV_E_INPUT, "model: the weight of %s is out of range", pv_signals[signal]->code));
        bound.is_used[signal] = true;
        bound.weight[signal] = weight[k];
        bound.scale[signal] = scale[k];
    }
    *weights = bound;
cleanup:
    return status;
}
