/* side_information.c - see side_information.h. */
#include "als/side_information.h"

#include "base/failure.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 64 };

static const char *tensor_name(char name[NAME_SIZE], const char *part, const char *what)
{
    snprintf(name, NAME_SIZE, "side.%s_%s", part, what);
    return name;
}

/* --- adding ------------------------------------------------------------------------------------------------------ */

pv_status pv_side_information_add(pv_als_features *out, pv_tensors *tensors, const char *part,
                                  const pv_side_features *features, int64_t n_warm, int32_t n_factors, pv_error *error)
{
    pv_status status = PV_OK;
    char name[NAME_SIZE];
    int64_t *offsets = NULL;
    int32_t *codes = NULL;
    float *values = NULL, *weights = NULL;
    *out = (pv_als_features){0};
    if (features->n_features == 0) return PV_OK;
    const int64_t n_values = features->offsets[features->n_rows];
    PV_TRY(pv_tensors_add_texts(tensors, tensor_name(name, part, "feature"), features->names, features->n_features,
                                error));
    PV_TRY(
        pv_tensors_add(&offsets, tensors, tensor_name(name, part, "offset"), PV_I64, features->n_rows + 1, 0, error));
    PV_TRY(pv_tensors_add(&codes, tensors, tensor_name(name, part, "code"), PV_I32, n_values, 0, error));
    PV_TRY(pv_tensors_add(&values, tensors, tensor_name(name, part, "value"), PV_F32, n_values, 0, error));
    PV_TRY(pv_tensors_add(&weights, tensors, tensor_name(name, part, "weights"), PV_F32, features->n_features,
                          n_factors, error));
    memcpy(offsets, features->offsets, ((size_t)features->n_rows + 1) * sizeof *offsets);
    memcpy(codes, features->features, (size_t)n_values * sizeof *codes);
    memcpy(values, features->values, (size_t)n_values * sizeof *values);
    *out = (pv_als_features){{n_warm, features->n_features, offsets, codes, values}, weights};
cleanup:
    return status;
}

/* --- binding ----------------------------------------------------------------------------------------------------- */

static pv_status fail_tensor(const char *part, const char *what, pv_error *error)
{
    char name[NAME_SIZE];
    return pv_fail(error, PV_E_INPUT, "model: tensor %s: out of range", tensor_name(name, part, what));
}

static pv_status check_rows(const pv_side_information *side, int64_t n_values, const char *part, pv_error *error)
{
    bool is_good = side->offsets[0] == 0 && side->offsets[side->n_rows] == n_values;
    for (int64_t row = 0; is_good && row < side->n_rows; row++) is_good = side->offsets[row] <= side->offsets[row + 1];
    if (!is_good) return fail_tensor(part, "offset", error);
    for (int64_t k = 0; k < n_values; k++)
        if (side->features[k] < 0 || side->features[k] >= side->n_features) return fail_tensor(part, "code", error);
    return PV_OK;
}

static pv_status check_finite(const float *numbers, int64_t n, const char *part, const char *what, pv_error *error)
{
    for (int64_t k = 0; k < n; k++)
        if (!isfinite(numbers[k])) return fail_tensor(part, what, error);
    return PV_OK;
}

pv_status pv_side_information_bind(pv_side_information *side, const pv_tensors *tensors, const char *part,
                                   int64_t n_rows, int64_t n_factors, pv_error *error)
{
    pv_status status = PV_OK;
    char name[NAME_SIZE];
    *side = (pv_side_information){0};
    const pv_tensor *weights = pv_tensors_find(tensors, tensor_name(name, part, "weights"));
    if (!weights) return PV_OK;
    const int64_t n_features = weights->shape[0];
    const pv_tensor *codes = pv_tensors_find(tensors, tensor_name(name, part, "code"));
    const int64_t n_values = codes ? codes->shape[0] : 0;
    PV_TRY(pv_tensors_get(&side->weights, tensors, tensor_name(name, part, "weights"), PV_F32, n_features, n_factors,
                          error));
    PV_TRY(pv_tensors_get_texts(&side->names, tensors, tensor_name(name, part, "feature"), n_features, error));
    PV_TRY(pv_tensors_get(&side->offsets, tensors, tensor_name(name, part, "offset"), PV_I64, n_rows + 1, 0, error));
    PV_TRY(pv_tensors_get(&side->features, tensors, tensor_name(name, part, "code"), PV_I32, n_values, 0, error));
    PV_TRY(pv_tensors_get(&side->values, tensors, tensor_name(name, part, "value"), PV_F32, n_values, 0, error));
    side->n_features = n_features;
    side->n_rows = n_rows;
    PV_TRY(check_rows(side, n_values, part, error));
    PV_TRY(check_finite(side->values, n_values, part, "value", error));
    PV_TRY(check_finite(side->weights, n_features * n_factors, part, "weights", error));
cleanup:
    return status;
}

/* --- prior means ------------------------------------------------------------------------------------------------- */

pv_side_row pv_side_row_of(const pv_side_information *side, int64_t row)
{
    if (side->n_features == 0 || row < 0) return (pv_side_row){0};
    const int64_t first = side->offsets[row];
    return (pv_side_row){side->offsets[row + 1] - first, side->features + first, side->values + first};
}

pv_status pv_side_row_of_values(pv_side_row *row, const pv_side_information *side, const pv_side_value *values,
                                int64_t n, pv_arena *arena, pv_error *error)
{
    int32_t *features = pv_arena_allocate(arena, (size_t)n, sizeof *features);
    float *ones = pv_arena_allocate(arena, (size_t)n, sizeof *ones);
    *row = (pv_side_row){0, features, ones};
    if (!features || !ones) return pv_fail_memory(error, "features", (uint64_t)n * sizeof *ones);
    for (int64_t k = 0; k < n && side->n_features > 0; k++) {
        const pv_text name = pv_side_feature_name(values[k].column, values[k].value, arena);
        if (!name.data) return pv_fail_memory(error, "features", 0);
        const int64_t found = pv_texts_search(&side->names, name);
        if (found < 0) continue;
        features[row->n] = (int32_t)found;
        ones[row->n++] = 1.0f;
    }
    return PV_OK;
}

void pv_side_mean(double *mean, const pv_side_information *side, const pv_side_row *row, int32_t n_factors)
{
    for (int32_t i = 0; i < n_factors; i++) mean[i] = 0.0;
    for (int64_t k = 0; k < row->n; k++) {
        const float *weights = side->weights + (int64_t)row->features[k] * n_factors;
        for (int32_t i = 0; i < n_factors; i++) mean[i] += (double)row->values[k] * (double)weights[i];
    }
}
