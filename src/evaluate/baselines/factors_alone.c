/* factors_alone.c - the factor model without any other signal. */
#include "base/failure.h"
#include "evaluate/baselines/baselines.h"
#include "evaluate/baselines/recent_buyers.h"
#include "signals/als_signal.h"

typedef struct factors_state {
    const pv_shop *shop;
    const pv_als_bound *als;
} factors_state;

static const char *absent(const pv_baseline_input *input)
{
    return input->ranker->is_bound[PV_SIGNAL_ALS] ? NULL : "the model has no factors";
}

static pv_status create(void **state, const pv_baseline_input *input, pv_error *error)
{
    factors_state *made = pv_allocate(1, sizeof *made);
    *state = made;
    if (!made) return pv_fail_memory(error, "the factor model", sizeof *made);
    *made = (factors_state){.shop = input->shop, .als = input->ranker->bound[PV_SIGNAL_ALS]};
    return PV_OK;
}

static pv_status score(double *scores, const void *state, int64_t user, const pv_history *history, pv_arena *arena,
                       pv_error *error)
{
    (void)history;
    const factors_state *factors = state;
    const pv_als_model *model = &factors->als->model;
    const int64_t d = model->settings.n_factors;
    const float *row = model->user_factors + user * d;
    double *x = pv_arena_allocate(arena, (size_t)d, sizeof *x);
    if (!x) return pv_fail_memory(error, "factors", (uint64_t)d * sizeof *x);
    for (int64_t f = 0; f < d; f++) x[f] = (double)row[f];
    pv_dense_scores(scores, &factors->als->dense, x);
    pv_unsold_fill(scores, factors->shop);
    return PV_OK;
}

const pv_baseline pv_factors_alone = {
    .code = "als", .title = "ALS alone", .absent = absent, .create = create, .free = pv_release, .score = score};
