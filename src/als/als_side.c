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

pv_status pv_als_side_fail(const pv_als_side *side, int64_t row, pv_error *error)
{
    return pv_fail_at(error, PV_E_INPUT, row,
                      "the factors of %s row %lld are not finite: weights or regularization too large", side->name,
                      (long long)row);
}
