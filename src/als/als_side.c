/* als_side.c - see als_side.h. */
#include "als/als_side.h"
#include "base/failure.h"

pv_status pv_als_side_init(pv_als_side *side, const char *name, const pv_pairs *pairs, float *storage, size_t n_factors,
                           pv_error *error)
{
    pv_status status = PV_OK;
    *side = (pv_als_side){.name = name, .pairs = pairs};
    PV_TRY(pv_als_chunks_init(&side->chunks, pairs, error));
    PV_TRY(pv_als_factors_init_in(&side->factors, storage, pairs->n_rows, n_factors, error));
cleanup:
    return status;
}

void pv_als_side_deinit(pv_als_side *side)
{
    pv_als_chunks_deinit(&side->chunks);
    pv_als_factors_deinit(&side->factors);
}

const pv_als_factors *pv_als_side_learn(pv_als_side *side, int32_t iteration, bool is_last, pv_threads *threads)
{
    if (!side->prior || iteration <= PV_ALS_PRIOR_WARM_UP) return NULL;
    pv_als_prior_learn(side->prior, &side->factors, is_last, threads);
    return &side->prior->means;
}

double pv_als_side_prior_loss(const pv_als_side *side)
{
    return side->prior && side->prior->is_learned ? pv_als_prior_loss(side->prior) : 0.0;
}

pv_status pv_als_side_fail(const pv_als_side *side, int64_t row, pv_error *error)
{
    return pv_fail_at(error, PV_E_INPUT, row,
                      "the factors of %s row %lld are not finite: weights or regularization too large", side->name,
                      (long long)row);
}
