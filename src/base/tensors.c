/* tensors.c - see tensors.h. */
#include "base/tensors.h"
#include "base/array_checks.h"
#include "base/failure.h"
#include "base/memory.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE sizeof(((pv_tensor *)0)->name)

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {
    [PV_BOOL] = {"BOOL", 1}, [PV_U8] = {"U8", 1},   [PV_I8] = {"I8", 1},   [PV_U16] = {"U16", 2},
    [PV_I16] = {"I16", 2},   [PV_U32] = {"U32", 4}, [PV_I32] = {"I32", 4}, [PV_U64] = {"U64", 8},
    [PV_I64] = {"I64", 8},   [PV_F32] = {"F32", 4}, [PV_F64] = {"F64", 8},
};

void pv_tensors_deinit(pv_tensors *tensors)
{
    for (size_t i = 0; i < tensors->count; i++) pv_release(tensors->items[i].owned);
    free(tensors->items);
    *tensors = (pv_tensors){0};
}

size_t pv_dtype_size(pv_dtype dtype)
{
    return dtypes[dtype].size;
}

const char *pv_dtype_name(pv_dtype dtype)
{
    return dtypes[dtype].name;
}

const pv_tensor *pv_tensors_find(const pv_tensors *tensors, const char *name)
{
    for (size_t i = 0; i < tensors->count; i++) {
        if (strcmp(tensors->items[i].name, name) == 0) return &tensors->items[i];
    }
    return NULL;
}

pv_status pv_tensors_add_view(pv_tensors *tensors, const pv_tensor *tensor, pv_error *error)
{
    if (pv_tensors_find(tensors, tensor->name)) {
        return pv_fail(error, PV_E_INTERNAL, "tensor %s exists twice", tensor->name);
    }
    void *items = tensors->items;
    if (!pv_reserve(&items, &tensors->capacity, tensors->count + 1, sizeof *tensors->items)) {
        return pv_fail_memory(error, "tensors", sizeof *tensors->items);
    }
    tensors->items = items;
    tensors->items[tensors->count++] = *tensor;
    return PV_OK;
}

pv_status pv_tensors_add(void *data, pv_tensors *tensors, const char *name, pv_dtype dtype, int64_t rows,
                         int64_t columns, pv_error *error)
{
    pv_tensor tensor = {.dtype = dtype, .rank = columns == 0 ? 1 : 2, .shape = {rows, columns == 0 ? 1 : columns}};
    size_t length = strlen(name), count;
    if (length == 0 || length >= NAME_SIZE || rows < 0 || columns < 0) {
        return pv_fail(error, PV_E_INTERNAL, "tensor %s has a bad name or shape", name);
    }
    memcpy(tensor.name, name, length + 1);
    if (__builtin_mul_overflow((uint64_t)tensor.shape[0], (uint64_t)tensor.shape[1], &count)) count = SIZE_MAX;
    tensor.owned = pv_allocate(count, pv_dtype_size(dtype));
    if (!tensor.owned) return pv_fail_memory(error, name, count * pv_dtype_size(dtype));
    tensor.data = tensor.owned;
    pv_status status = pv_tensors_add_view(tensors, &tensor, error);
    if (status != PV_OK) {
        pv_release(tensor.owned);
        return status;
    }
    memcpy(data, &tensor.owned, sizeof tensor.owned);
    return PV_OK;
}

/* "F32 [3, ?]"; sizes below 0 print as "?". */
static void print_type(char *out, size_t size, pv_dtype dtype, int rank, const int64_t shape[2])
{
    char sizes[2][24];
    for (int i = 0; i < 2; i++) {
        if (shape[i] < 0) {
            snprintf(sizes[i], sizeof sizes[i], "?");
        } else {
            snprintf(sizes[i], sizeof sizes[i], "%" PRId64, shape[i]);
        }
    }
    snprintf(out, size, rank == 1 ? "%s [%s]" : "%s [%s, %s]", pv_dtype_name(dtype), sizes[0], sizes[1]);
}

pv_status pv_tensors_get(void *data, const pv_tensors *tensors, const char *name, pv_dtype dtype, int64_t rows,
                         int64_t columns, pv_error *error)
{
    const pv_tensor *tensor = pv_tensors_find(tensors, name);
    if (!tensor) return pv_fail(error, PV_E_INPUT, "model: tensor %s is missing", name);
    int rank = columns == 0 ? 1 : 2;
    bool fits = tensor->dtype == dtype && tensor->rank == rank && (rows < 0 || tensor->shape[0] == rows) &&
                (columns <= 0 || tensor->shape[1] == columns);
    if (!fits) {
        char found[96], expected[96];
        print_type(found, sizeof found, tensor->dtype, tensor->rank, tensor->shape);
        print_type(expected, sizeof expected, dtype, rank, (const int64_t[2]){rows, columns});
        return pv_fail(error, PV_E_INPUT, "model: tensor %s is %s, expected %s", name, found, expected);
    }
    memcpy(data, &tensor->data, sizeof tensor->data);
    return PV_OK;
}

static pv_status texts_names(char bytes[NAME_SIZE], char offsets[NAME_SIZE], const char *name, pv_error *error)
{
    char joint = strchr(name, '.') ? '_' : '.';
    if (strlen(name) + strlen("_offsets") >= NAME_SIZE) {
        return pv_fail(error, PV_E_INTERNAL, "texts %s: the name is too long", name);
    }
    snprintf(bytes, NAME_SIZE, "%s%cbytes", name, joint);
    snprintf(offsets, NAME_SIZE, "%s%coffsets", name, joint);
    return PV_OK;
}

pv_status pv_tensors_add_texts(pv_tensors *tensors, const char *name, const pv_text *texts, int64_t count,
                               pv_error *error)
{
    char bytes_name[NAME_SIZE], offsets_name[NAME_SIZE];
    pv_status status = texts_names(bytes_name, offsets_name, name, error);
    if (status != PV_OK) return status;
    int64_t total = 0;
    for (int64_t i = 0; i < count; i++) {
        if (__builtin_add_overflow(total, texts[i].size, &total)) return pv_fail_memory(error, name, UINT64_MAX);
    }
    char *bytes;
    int64_t *offsets;
    status = pv_tensors_add(&bytes, tensors, bytes_name, PV_U8, total, 0, error);
    if (status != PV_OK) return status;
    status = pv_tensors_add(&offsets, tensors, offsets_name, PV_I64, count + 1, 0, error);
    if (status != PV_OK) return status;
    for (int64_t i = 0; i < count; i++) {
        if (texts[i].size > 0) memcpy(bytes + offsets[i], texts[i].data, texts[i].size);
        offsets[i + 1] = offsets[i] + (int64_t)texts[i].size;
    }
    return PV_OK;
}

static pv_status check_utf8(const pv_texts *texts, int64_t n_bytes, const char *name, pv_error *error)
{
    if (pv_all_ascii(texts->bytes, n_bytes)) return PV_OK;
    for (int64_t i = 0; i < texts->count; i++) {
        if (!pv_text_is_utf8(pv_texts_at(texts, i))) {
            return pv_fail_at(error, PV_E_INPUT, i, "model: text %" PRId64 " of %s is no UTF-8", i, name);
        }
    }
    return PV_OK;
}

pv_status pv_tensors_get_texts(pv_texts *texts, const pv_tensors *tensors, const char *name, int64_t count,
                               pv_error *error)
{
    char bytes_name[NAME_SIZE], offsets_name[NAME_SIZE];
    pv_status status = texts_names(bytes_name, offsets_name, name, error);
    if (status != PV_OK) return status;
    pv_texts found = {0};
    status = pv_tensors_get(&found.bytes, tensors, bytes_name, PV_U8, -1, 0, error);
    if (status != PV_OK) return status;
    status = pv_tensors_get(&found.offsets, tensors, offsets_name, PV_I64, count < 0 ? -1 : count + 1, 0, error);
    if (status != PV_OK) return status;
    found.count = pv_tensors_find(tensors, offsets_name)->shape[0] - 1;
    if (found.count < 0) return pv_fail(error, PV_E_INPUT, "model: tensor %s is empty", offsets_name);
    const int64_t n_bytes = pv_tensors_find(tensors, bytes_name)->shape[0];
    if (!pv_offsets_rise(found.offsets, found.count, n_bytes)) {
        return pv_fail(error, PV_E_INPUT, "model: tensor %s does not fit %s", offsets_name, bytes_name);
    }
    status = check_utf8(&found, n_bytes, bytes_name, error);
    if (status == PV_OK) *texts = found;
    return status;
}

int64_t pv_texts_search(const pv_texts *sorted, pv_text text)
{
    int64_t low = 0, high = sorted->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int order = pv_text_compare(pv_texts_at(sorted, middle), text);
        if (order == 0) return middle;
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return -1;
}
