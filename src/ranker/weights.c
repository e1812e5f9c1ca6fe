/* weights.c - the documented weights, and weights in a model. */
#include "ranker/weights.h"

#include "base/failure.h"
#include <math.h>
#include <string.h>

/* Weights {new, reorder} in units of z where a shop's own cannot be learned, checked on shops whose purchases follow
 * one cause alone (tests/contract/test_planted_shops.py). rebuy has no weight of its own: its coefficients are learned.
 */
static const double defaults[PV_SIGNAL_COUNT][PV_KIND_COUNT] = {
    [PV_SIGNAL_ALS] = {0.5, 0.3},
    [PV_SIGNAL_ALS_RECENT] = {0.3, 0.3},
    [PV_SIGNAL_BOUGHT_TOGETHER] = {0.5, 0.05},
    [PV_SIGNAL_TEXT] = {0.3, 0},
    [PV_SIGNAL_PEERS] = {0.4, 0.1},
    [PV_SIGNAL_SEGMENT] = {0.25, 0.02},
    [PV_SIGNAL_CATEGORY] = {0.4, 0.05},
    [PV_SIGNAL_BRAND] = {0.4, 0.05},
    [PV_SIGNAL_DISCOUNT] = {0.3, 0.1},
    [PV_SIGNAL_PRICE_FIT] = {0.2, 0.05},
    [PV_SIGNAL_POPULARITY] = {0.05, 0.1},
    [PV_SIGNAL_TREND] = {0.2, 0.2},
    [PV_SIGNAL_AGE] = {0.1, 0},
    [PV_SIGNAL_SEASON] = {0.15, 0.1},
    [PV_SIGNAL_LAST_SOLD] = {0, 0.3},
    [PV_SIGNAL_HABIT] = {0, 0.6},
    [PV_SIGNAL_REBUY_RATE] = {0, 0.1},
    [PV_SIGNAL_REORDER_DUE] = {0, 0.4},
    [PV_SIGNAL_SUBSTITUTE] = {0.1, 0.05},
    [PV_SIGNAL_FATIGUE] = {0.1, 0.1}, /* a rule: in learned models too */
};

static pv_status fail_unknown(pv_text code, pv_error *error)
{
    char list[512] = "";
    size_t n = 0;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        const size_t size = strlen(pv_signals[s]->code);
        if (n + size + 3 > sizeof list) break;
        if (s) n = (memcpy(list + n, ", ", 2), n + 2);
        n = (memcpy(list + n, pv_signals[s]->code, size + 1), n + size);
    }
    return pv_fail_field(error, PV_E_USAGE, "/signals", "--signals: no signal \"%.*s\" (%s)",
                         (int)(code.size < 60 ? code.size : 60), code.data, list);
}

static pv_status use_signal(pv_weights *weights, pv_text code, pv_error *error)
{
    const int signal = pv_signal_find(code);
    if (signal < 0) return fail_unknown(code, error);
    if (weights->is_used[signal])
        return pv_fail_field(error, PV_E_USAGE, "/signals", "--signals: %s is named twice", pv_signals[signal]->code);
    weights->is_used[signal] = true;
    return PV_OK;
}

bool pv_weights_is_als_alone(const pv_weights *weights)
{
    for (int s = 0; s < PV_SIGNAL_COUNT; s++)
        if (weights->is_used[s] != (s == PV_SIGNAL_ALS)) return false;
    return true;
}

pv_status pv_weights_default(pv_weights *weights, const char *signals, pv_error *error)
{
    pv_weights chosen = {0};
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) chosen.weight[kind][s] = defaults[s][kind];
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) chosen.most[kind][s] = PV_NO_MOST;
        chosen.scale[s] = 1;
        chosen.is_used[s] = signals == NULL;
    }
    for (const char *code = signals; code;) {
        const size_t size = strcspn(code, ",");
        const pv_status status = use_signal(&chosen, (pv_text){code, size}, error);
        if (status != PV_OK) return status;
        code = code[size] ? code + size + 1 : NULL;
    }
    if (pv_weights_is_als_alone(&chosen))
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) chosen.weight[kind][PV_SIGNAL_ALS] = 1;
    *weights = chosen;
    return PV_OK;
}

/* --- in a model -------------------------------------------------------------------------------------------------- */

/* The array `name` of [rows x columns], new or the one that is there. */
static pv_status writable(double **out, pv_tensors *tensors, const char *name, int64_t rows, int64_t columns,
                          pv_error *error)
{
    const pv_tensor *there = pv_tensors_find(tensors, name);
    if (!there) return pv_tensors_add(out, tensors, name, PV_F64, rows, columns, error);
    *out = there->owned;
    return PV_OK;
}

pv_status pv_weights_put(pv_tensors *tensors, const pv_weights *weights, pv_error *error)
{
    pv_status status = PV_OK;
    pv_text codes[PV_SIGNAL_COUNT];
    int signals[PV_SIGNAL_COUNT];
    int n = 0;
    double *weight = NULL, *most = NULL, *scale = NULL, *base = NULL;
    for (int s = 0; s < PV_SIGNAL_COUNT; s++) {
        if (!weights->is_used[s]) continue;
        codes[n] = pv_text_of(pv_signals[s]->code);
        signals[n++] = s;
    }
    if (!pv_tensors_find(tensors, "weights.weight"))
        PV_TRY(pv_tensors_add_texts(tensors, "weights.code", codes, n, error));
    PV_TRY(writable(&weight, tensors, "weights.weight", PV_KIND_COUNT, n, error));
    PV_TRY(writable(&most, tensors, "weights.most", PV_KIND_COUNT, n, error));
    PV_TRY(writable(&scale, tensors, "weights.scale", 2, n, error));
    PV_TRY(writable(&base, tensors, "weights.base", PV_KIND_COUNT + 1, 0, error));
    for (int k = 0; k < n; k++) {
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) weight[kind * n + k] = weights->weight[kind][signals[k]];
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) most[kind * n + k] = weights->most[kind][signals[k]];
        scale[k] = weights->scale[signals[k]];
        scale[n + k] = weights->power[signals[k]];
    }
    for (int kind = 0; kind < PV_KIND_COUNT; kind++) base[kind] = weights->base[kind];
    base[PV_KIND_COUNT] = weights->is_learned;
cleanup:
    return status;
}

static bool is_sound(const pv_weights *weights, int signal)
{
    bool good = weights->scale[signal] > 0 && weights->scale[signal] <= 1e300 && fabs(weights->power[signal]) <= 100;
    for (int kind = 0; good && kind < PV_KIND_COUNT; kind++)
        good = weights->weight[kind][signal] >= 0 && weights->weight[kind][signal] <= 1e9 &&
               weights->most[kind][signal] >= 0 && weights->most[kind][signal] <= PV_NO_MOST;
    return good;
}

pv_status pv_weights_bind(pv_weights *weights, const pv_tensors *tensors, pv_error *error)
{
    pv_status status;
    pv_weights bound = {0};
    pv_texts codes;
    const double *weight = NULL, *most = NULL, *scale = NULL, *base = NULL;
    PV_TRY(pv_tensors_get_texts(&codes, tensors, "weights.code", -1, error));
    const int64_t n = codes.count;
    PV_TRY(pv_tensors_get(&weight, tensors, "weights.weight", PV_F64, PV_KIND_COUNT, n, error));
    PV_TRY(pv_tensors_get(&most, tensors, "weights.most", PV_F64, PV_KIND_COUNT, n, error));
    PV_TRY(pv_tensors_get(&scale, tensors, "weights.scale", PV_F64, 2, n, error));
    PV_TRY(pv_tensors_get(&base, tensors, "weights.base", PV_F64, PV_KIND_COUNT + 1, 0, error));
    for (int64_t k = 0; k < n; k++) {
        const int signal = pv_signal_find(pv_texts_at(&codes, k));
        if (signal < 0 || bound.is_used[signal])
            PV_TRY(pv_fail(error, PV_E_INPUT, "model: weights of a signal that this version does not know"));
        bound.is_used[signal] = true;
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) bound.weight[kind][signal] = weight[kind * n + k];
        for (int kind = 0; kind < PV_KIND_COUNT; kind++) bound.most[kind][signal] = most[kind * n + k];
        bound.scale[signal] = scale[k];
        bound.power[signal] = scale[n + k];
        if (!is_sound(&bound, signal))
            PV_TRY(pv_fail(error, PV_E_INPUT, "model: the weight of %s is out of range", pv_signals[signal]->code));
    }
    for (int kind = 0; kind < PV_KIND_COUNT; kind++) bound.base[kind] = base[kind] + 0.0; /* no score is -0 */
    bound.is_learned = base[PV_KIND_COUNT] != 0;
    if (!(fabs(base[0]) <= 1e9 && fabs(base[1]) <= 1e9))
        PV_TRY(pv_fail(error, PV_E_INPUT, "model: tensor weights.base is out of range"));
    *weights = bound;
cleanup:
    return status;
}
