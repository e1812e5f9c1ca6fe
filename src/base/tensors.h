/* tensors.h - a set of named, typed arrays: the one form of everything that is learned or looked up.
 *
 * Training adds tensors, the model file stores them, a loaded model is the same set with its data in the mapped file.
 * Whoever serves (shop, als, signals) binds to a set by name and so runs the same code on both.
 *
 * Names:    `<part>.<name>`, at most 63 bytes. Rank 1 or 2, row-major.
 * Threads:  read-only after it is filled.
 */
#ifndef PV_TENSORS_H
#define PV_TENSORS_H

#include "base/text.h"
#include <purvey/status.h>
#include <stdint.h>

typedef enum pv_dtype {
    PV_BOOL,
    PV_U8,
    PV_I8,
    PV_U16,
    PV_I16,
    PV_U32,
    PV_I32,
    PV_U64,
    PV_I64,
    PV_F32,
    PV_F64
} pv_dtype;

typedef struct pv_tensor {
    char name[64];
    pv_dtype dtype;
    int rank;
    int64_t shape[2]; /* shape[1] is 1 for rank 1 */
    const void *data; /* 64-byte aligned */
    void *owned;      /* data when the set owns it, else NULL (mapped file) */
} pv_tensor;

typedef struct pv_tensors {
    pv_tensor *items; /* in the order added */
    size_t count, capacity;
} pv_tensors; /* init with {0} */

void pv_tensors_deinit(pv_tensors *tensors);
size_t pv_dtype_size(pv_dtype dtype);
const char *pv_dtype_name(pv_dtype dtype); /* "F32", ... as safetensors spells them */

/* Allocate a zeroed tensor owned by the set. rows x columns, columns 0 = rank 1. `data` is the address of the caller's
 * pointer (T **), which receives the array for filling. */
pv_status pv_tensors_add(void *data, pv_tensors *tensors, const char *name, pv_dtype dtype, int64_t rows,
                         int64_t columns, pv_error *error) PV_CHECKED;
/* Add a borrowed tensor (mapped file). `tensor` is copied. */
pv_status pv_tensors_add_view(pv_tensors *tensors, const pv_tensor *tensor, pv_error *error) PV_CHECKED;
/* NULL when absent. */
const pv_tensor *pv_tensors_find(const pv_tensors *tensors, const char *name);
/* Look up with all checks: the pointer at `data` (const T **) is set when name, dtype, rank (columns 0 = rank 1) and
 * shape fit; rows or columns -1 accept any size and report nothing (use pv_tensors_find for it). Errors: PV_E_INPUT
 * "model: tensor NAME ...". */
pv_status pv_tensors_get(void *data, const pv_tensors *tensors, const char *name, pv_dtype dtype, int64_t rows,
                         int64_t columns, pv_error *error) PV_CHECKED;

/* A list of texts as two tensors, NAME.bytes U8 and NAME.offsets I64 [count + 1] (for NAME without a dot), or
 * NAME_bytes and NAME_offsets (for `part.name`). */
typedef struct pv_texts {
    int64_t count;
    const int64_t *offsets; /* [count + 1], offsets[0] == 0, not falling */
    const char *bytes;
} pv_texts;
static inline pv_text pv_texts_at(const pv_texts *texts, int64_t index)
{
    return (pv_text){texts->bytes + texts->offsets[index], (size_t)(texts->offsets[index + 1] - texts->offsets[index])};
}
/* Copy `texts[0 .. count)` into the set. */
pv_status pv_tensors_add_texts(pv_tensors *tensors, const char *name, const pv_text *texts, int64_t count,
                               pv_error *error) PV_CHECKED;
/* Bind; count -1 accepts any. Every offset is checked against the bytes. Texts must be valid UTF-8. */
pv_status pv_tensors_get_texts(pv_texts *texts, const pv_tensors *tensors, const char *name, int64_t count,
                               pv_error *error) PV_CHECKED;
/* Position of `text` in texts sorted bytewise and distinct, -1 when absent. O(log count). */
int64_t pv_texts_search(const pv_texts *sorted, pv_text text);

#endif
